"""The rules of this code base that no linter knows. Each test lists every offender at once."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bot.audit.collectors.aws.sources
import bot.audit.collectors.monitors.sources
import bot.audit.collectors.rehearsals.sources
import bot.audit.collectors.runbooks.sources
import bot.audit.portals.products
import bot.audit.tickets.trackers
import bot.chat.commands
import bot.delivery.routes
import bot.detection.alerts.formats
import bot.detection.feeds.formats
from bot.chat.command import commands

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "checks").rglob("*.py"), *(ROOT / "bot").rglob("*.py")])
EVERY = [*SOURCES, *(path for path in sorted((ROOT / "tests").rglob("*.py")) if "node_modules" not in path.parts)]
AT_MOST_LINES, AT_MOST_ROOMS = 320, 14
NAMELESS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_checks_use_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"checks"}
    foreign = [
        f"{shown(path)} imports {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "checks")
        for name in imports(path)
        if name.partition(".")[0] not in allowed
    ]
    assert not foreign


def test_checks_are_reached_through_the_facade_alone() -> None:
    inner = [
        f"{shown(path)} imports {name}: take it from `checks`"
        for path in EVERY
        if not path.is_relative_to(ROOT / "checks")
        for name in imports(path)
        if name.startswith("checks._")
    ]
    assert not inner


def test_every_file_has_one_subject_and_is_named_after_it() -> None:
    long = [f"{shown(path)}: {lines} lines" for path in EVERY if (lines := text_of(path).count("\n")) > AT_MOST_LINES]
    nameless = [shown(path) for path in EVERY if path.stem.strip("_") in NAMELESS]
    assert not long, "split it by subject"
    assert not nameless, "name it after its subject"


def test_rooms_are_few_and_say_what_they_are_for() -> None:
    rooms = [path for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists()]
    modules = [path for path in (ROOT / "bot").glob("*.py") if path.stem not in ("__init__", "__main__")]
    silent = [shown(path) for path in SOURCES if text_of(path).strip() and not ast.get_docstring(tree_of(path))]
    empty = [shown(path) for path in SOURCES if not text_of(path).strip()]
    short = [
        shown(room) for room in rooms if len((ast.get_docstring(tree_of(room / "__init__.py")) or "").split()) < 20
    ]
    assert len(rooms) + len(modules) <= AT_MOST_ROOMS
    assert not modules, "a module belongs in a room"
    assert not silent, "open it with one sentence on its place"
    assert not empty, "a package says what it is for"
    assert not short, "a room says what it takes, what it gives and what it never does"


def test_module_names_under_bot_carry_no_underscore() -> None:
    assert [shown(path) for path in (ROOT / "bot").rglob("_*.py") if not path.stem.startswith("__")] == []


def test_plug_in_folders_hold_plug_ins_alone() -> None:
    folders = {
        bot.audit.collectors.aws.sources: "SOURCE",
        bot.audit.collectors.monitors.sources: "SOURCE",
        bot.audit.collectors.rehearsals.sources: "SOURCE",
        bot.audit.collectors.runbooks.sources: "open_source",
        bot.audit.portals.products: "open_portal",
        bot.audit.tickets.trackers: "open_tracker",
        bot.delivery.routes: "build",
        bot.detection.alerts.formats: "read",
        bot.detection.feeds.formats: "recognise",
    }
    others = [
        f"{folder.__name__}.{module.name} has no {hook}"
        for folder, hook in folders.items()
        for module in pkgutil.iter_modules(folder.__path__)
        if not hasattr(importlib.import_module(f"{folder.__name__}.{module.name}"), hook)
    ]
    assert not others
    registered = {command.answer.__module__.rpartition(".")[2] for command in commands().values()}
    assert {module.name for module in pkgutil.iter_modules(bot.chat.commands.__path__)} == registered


def test_loop_variables_are_called_after_what_they_are() -> None:
    nameless = re.compile(r"\bfor one in\b|\blambda one\b")
    found = [
        f"{shown(path)}:{number}"
        for path in EVERY
        if path != Path(__file__)
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if nameless.search(line)
    ]
    assert not found


def test_nothing_unfinished_is_left() -> None:
    words = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error")
    assert [shown(path) for path in EVERY if words.search(text_of(path))] == []


def test_tests_patch_nothing() -> None:
    words = re.compile(r"monkey" + r"patch\.setattr|mock\." + r"patch|from unittest import " + "mock|Magic" + "Mock")
    assert [shown(path) for path in EVERY if words.search(text_of(path))] == []


def test_generated_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
