"""Plain English in every text that people read: no phrase of the list of banned ones comes back."""

import ast
import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.limits.banned_phrases import BANNED

from bot.chat.command import commands
from checks import discover, rationale

ROOT = Path(__file__).parent.parent
Texts = Iterator[tuple[str, str]]
"""Pairs of place and text."""

_PHRASES = {phrase: r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in BANNED}
_ANY = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_PHRASES.values(), key=len, reverse=True))})(?!\w)", re.IGNORECASE)
_TAG = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]+>", re.DOTALL)
# What an outside sender wrote, or what a test feeds in, is not ours to word.
_FOREIGN = ("recorded", "payloads", "node_modules")


def checks() -> Texts:
    for check in discover():
        yield f"{check.id} title", check.title
        yield f"{check.id} lesson", check.lesson
        yield f"{check.id} remediation", check.remediation
        yield from ((f"{check.id} remediation, {cloud or 'others'}", words) for cloud, words in check.remedies.items())
        yield f"{check.id} family", rationale(check)


def cards() -> Texts:
    for folder in ("tests/cards/golden", "tests/audit/reports"):
        for path in sorted((ROOT / folder).iterdir()):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".json":
                yield from ((shown(path), string) for string in strings_of(json.loads(text)))
            elif path.suffix in (".html", ".xml"):
                yield shown(path), html.unescape(_TAG.sub(" ", text))
            else:
                yield shown(path), text


def chat_commands() -> Texts:
    for command in commands().values():
        place = f"/resilience {command.word}"
        yield place, command.summary
        yield place, command.usage
        yield place, command.example


def command_line() -> Texts:
    from typer.main import get_command  # noqa: PLC0415 - the command line is built for this test alone

    from bot.app.cli.app import app  # noqa: PLC0415

    yield from command_texts(get_command(app), "backstay")


def command_texts(command: Any, path: str) -> Texts:
    yield f"{path} --help", " ".join(filter(None, (command.help, command.short_help, command.epilog)))
    for param in command.params:
        yield f"{path} {param.opts[0]}", getattr(param, "help", None) or ""
    for name, child in getattr(command, "commands", {}).items():
        yield from command_texts(child, f"{path} {name}")


def settings() -> Texts:
    from bot.app.settings import schema  # noqa: PLC0415

    yield from descriptions_of(schema(), "settings")


def descriptions_of(schema: Any, path: str) -> Texts:
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield path, schema["description"]
        for name, value in schema.items():
            yield from descriptions_of(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from descriptions_of(value, f"{path}[{index}]")


def pages() -> Texts:
    """READMEs, manifests and examples, line by line with their place; a phrase over a line break counts for its first line."""
    found = [ROOT / "README.md", *(ROOT / "manifest").rglob("*.*"), *(ROOT / "bot").rglob("*.md")]
    found += [*(ROOT / "checks").rglob("*.md"), *(ROOT / "bot").rglob("*.yaml")]
    for path in sorted(found):
        if path.suffix in (".md", ".yaml", ".json"):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                following = lines[number] if number < len(lines) else ""
                yield f"{shown(path)}:{number}", f"{line}\n{' '.join(following.split()[:5])}"


def sentences_in_code() -> Texts:
    """Literals with a space in them: verdicts, errors, labels, help. Docstrings are a group of their own."""
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) in docstrings or id(node) in parts:
                continue
            if isinstance(node, ast.JoinedStr):
                if " " in (written := "".join(literal_of(part) for part in node.values)):
                    yield f"{shown(path)}:{node.lineno}", written
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield f"{shown(path)}:{node.lineno}", node.value


def docstrings_and_comments() -> Texts:
    for path in sources():
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield f"{shown(path)}:{node.lineno}", node.value.value
        for number, line in enumerate(text.splitlines(), 1):
            if "# " in line:
                yield f"{shown(path)}:{number}", line.partition("# ")[2]


def literal_of(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"


def strings_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from strings_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings_of(child)


def sources() -> list[Path]:
    found = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "checks").rglob("*.py")]
    return sorted(path for path in found if not set(_FOREIGN) & set(path.parts))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


GROUPS: tuple[Callable[[], Texts], ...] = (
    checks,
    cards,
    chat_commands,
    command_line,
    settings,
    pages,
    sentences_in_code,
    docstrings_and_comments,
)


def offenders(texts: Texts) -> list[str]:
    """One line per place and phrase: where, what, and what to write instead."""
    found = []
    for place, text in texts:
        for match in _ANY.finditer(text):
            phrase = " ".join(match[0].lower().split())
            found.append(f"{place}: {phrase!r}, write: {BANNED[phrase]}")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.__name__))
def test_no_banned_phrase_comes_back(group: Callable[[], Texts]) -> None:
    wrong = offenders(group())
    assert not wrong, "\n".join([f"{len(wrong)} places in {group.__name__}:", *wrong])


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.__name__))
def test_each_group_has_texts_to_hold(group: Callable[[], Texts]) -> None:
    assert sum(1 for _ in group()) > 10


def test_a_banned_phrase_is_found_as_whole_words_in_any_case_and_over_a_line_break() -> None:
    assert offenders(iter([("here", "It Stands\n in one zone")])) == ["here: 'stands in', write: runs in"]
    assert offenders(iter([("here", "a recommended amendment of winsome standings")])) == []


def test_the_list_of_phrases_is_in_lower_case_and_in_order() -> None:
    assert list(BANNED) == sorted(BANNED)
    assert [phrase for phrase, instead in BANNED.items() if phrase != phrase.lower().strip() or not instead] == []
