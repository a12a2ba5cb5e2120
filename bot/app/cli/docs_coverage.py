"""The generated parts of checks/COVERAGE.md: what is read, which checks judge it, and what none judges and why, by cloud."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.app.cli.docs_tables import table
from bot.audit.collectors.aws.source import Source, sources
from checks import Fact, discover

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Coverage:
    """The contents of a file such as aws_coverage.yaml.

    `not_judged`: (part of a cloud, reason). `others`: by the name of a condition that other tools check, the ids of the checks
    that judge it here, or the reason why none does. `files`: by the name of a test file of such a tool, the verdicts here, by
    check. `left_out`: by the name of a test file, or a pattern, why we differ from the tool or judge nothing.
    """

    not_judged: Sequence[tuple[str, str]]
    others: Mapping[str, Sequence[str] | str]
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


@cache
def coverage(cloud: str = "aws") -> Coverage:
    """Read the file of a cloud; nothing is covered where it has none.

    Raises:
        KeyError: a row names a shared reason that the file does not have.
    """
    path = _FOLDER / f"{cloud}_coverage.yaml"
    if not path.exists():
        return Coverage((), {})
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    reasons: Mapping[str, str] = found.get("reasons", {})

    def why(text: str) -> str:
        said = text if " " in text else reasons[text]
        return said if said.endswith(".") else f"{said}."

    others: dict[str, Sequence[str] | str] = {}
    for name, judged in found.get("others", {}).items():
        others[str(name)] = tuple(judged) if isinstance(judged, list) else why(judged)
    return Coverage(
        [(row["part"], row["why"]) for row in found.get("not_judged", ())],
        others,
        found.get("files", {}),
        {
            name: why(text)
            for part in ("other_verdicts", "not_about_availability")
            for name, text in found.get(part, {}).items()
        },
    )


def read_from_aws() -> list[str]:
    """One row per source: what it reads, the kinds of facts that it gives, and the checks that need these."""
    rows = []
    for source, about in _described():
        kinds = ", ".join(kind.__name__ for kind in source.facts)
        rows.append((f"`{source.name}`", about, kinds, ", ".join(_checks_of(source.facts)) or "simulations only"))
    return list(table(("Source", "What it reads", "Facts", "Checks"), rows))


def _described() -> list[tuple[Source, str]]:
    """Each source with the first line of its module's docstring."""
    found = []
    for source in sources():
        module = importlib.import_module(source.read.__module__)
        found.append((source, (module.__doc__ or "").strip().split("\n")[0]))
    return found


def _checks_of(kinds: Sequence[type[Fact]]) -> list[str]:
    """The ids of the checks that need one of these kinds of facts."""
    return [check.id for check in discover() if any(need.kind in kinds for need in check.needs)]


def not_judged(cloud: str = "aws") -> list[str]:
    """The parts of a cloud that no check judges, each with its reason."""
    return list(table(("Part", "Why no check judges it"), coverage(cloud).not_judged))


def others(cloud: str = "aws") -> list[str]:
    """The conditions that other tools check on a cloud, each with our checks or the reason why there is none."""
    rows = []
    for name, judged in sorted(coverage(cloud).others.items()):
        rows.append((f"`{name}`", "", judged) if isinstance(judged, str) else (f"`{name}`", ", ".join(judged), ""))
    return list(table(("Condition", "Checks", "Why none"), rows))


def files(cloud: str) -> list[str]:
    """The test files of other tools, each with the verdicts that it gets here, or the reason why we differ or judge nothing."""
    known = coverage(cloud)
    rows = [(f"`{name}`", _verdicts(verdicts), "") for name, verdicts in known.files.items()]
    rows += [(f"`{name}`", "", reason) for name, reason in known.left_out.items()]
    return list(table(("Test file", "Verdicts", "Why others, or none"), sorted(rows)))


def _verdicts(verdicts: Mapping[str, str]) -> str:
    return ", ".join(f"{check}: {outcome.replace('_', ' ')}" for check, outcome in verdicts.items())
