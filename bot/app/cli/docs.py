"""`backstay docs`: writes the generated files and tables from the code, and checks that they are fresh."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app.cli.terminal import note

ROOT = Path(__file__).parents[3]


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a file is not fresh.")] = False,
) -> None:
    """Write checks/README.md, the tables in README.md and the manifests from the code."""
    stale = [path for path, text in _documents() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        note(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    if check:
        raise typer.Exit(1 if stale else 0)
    for path, text in _documents():
        path.write_text(text, encoding="utf-8")


def _documents() -> Iterator[tuple[Path, str]]:
    from bot.app.iam_policy import policy
    from bot.chat.slack.manifest import manifest
    from bot.chat.teams.manifest import manifest as teams_manifest

    yield ROOT / "checks" / "README.md", _checks()
    yield ROOT / "manifest" / "slack.yaml", _yaml(manifest())
    teams = json.dumps(teams_manifest(), indent=2, ensure_ascii=False)
    yield ROOT / "manifest" / "teams" / "manifest.json", teams + "\n"
    yield ROOT / "manifest" / "aws-read-only-policy.json", json.dumps(policy(), indent=2) + "\n"
    readme = ROOT / "README.md"
    yield readme, _filled(readme.read_text(encoding="utf-8"))


def _checks() -> str:
    from checks import discover, rationale

    lines = [
        "# What backstay checks",
        "",
        "Written by `backstay docs` from the checks themselves. `backstay explain ID` prints the lesson behind a check and its fix.",
    ]
    by_family = sorted(discover(), key=lambda check: (check.family, check.id))
    for family, members in groupby(by_family, key=lambda check: check.family):
        listed = list(members)
        lines += [
            "",
            f"## {family}",
            "",
            rationale(listed[0]),
            "",
            "| Check | Severity | Good condition |",
            "| --- | --- | --- |",
        ]
        lines += [f"| [{check.id}]({check.docs}) | {check.severity} | {_cell(check.title)} |" for check in listed]
    return "\n".join(lines) + "\n"


def _filled(readme: str) -> str:
    for name, rows in (("commands", _commands()), ("chat", _chat()), ("settings", _settings())):
        opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = readme.partition(opening)
        _, _, after = rest.partition(closing)
        readme = before + opening + "\n".join(rows) + "\n" + closing + after
    return readme


def _commands() -> list[str]:
    from typer.main import get_command

    from bot.app.cli.app import app
    from bot.app.cli.help import command_summaries

    rows = ["| Command | What it does |", "| --- | --- |"]
    rows += [f"| `backstay {name}` | {_cell(summary)} |" for name, summary in command_summaries(get_command(app))]
    return rows


def _chat() -> list[str]:
    from bot.chat.command import commands

    rows = ["| In chat | What it does | Example |", "| --- | --- | --- |"]
    for command in commands().values():
        usage = f"{command.word} {command.usage}".strip()
        rows.append(f"| `/resilience {usage}` | {_cell(command.summary)} | `/resilience {command.example}` |")
    return rows


def _settings() -> list[str]:
    from bot.app.settings import schema

    made = schema()
    rows = ["| Setting | Default | Meaning |", "| --- | --- | --- |"]
    for name, of in made["properties"].items():
        section = _section(made, of)
        if section is None:
            rows.append(f"| `{name}` | {_default(of)} | {_cell(of.get('description', ''))} |")
            continue
        for key, inner in section["properties"].items():
            rows.append(f"| `{name}.{key}` | {_default(inner)} | {_cell(inner.get('description', ''))} |")
    return rows


def _section(made: Mapping[str, Any], of: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The mapping that a setting is, None where it is a value or a list."""
    name = of.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = made.get("$defs", {}).get(name, {})
    return found if "properties" in found else None


def _default(of: Mapping[str, Any]) -> str:
    value = of.get("default")
    return f"`{json.dumps(value)}`" if value not in (None, "", [], {}) and not isinstance(value, dict) else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _yaml(data: Mapping[str, Any]) -> str:
    import yaml

    head = "# Slack app manifest, written by `backstay docs`: create an app from it at https://api.slack.com/apps\n"
    return head + yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=100)
