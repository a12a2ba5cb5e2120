"""One line of `backstay doctor`, and the verdict over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "warning", "problem"]
_VERDICT: Final = 100
"""Characters of the first problem in the verdict."""


@dataclass(frozen=True, slots=True)
class Line:
    """One result: what was checked, and what was found. `late`: time was up before it could be checked."""

    state: State
    about: str
    detail: str
    late: bool = False


def verdict(lines: Sequence[Line]) -> str:
    """All lines as one: whether there is something to fix, what comes first, and whether everything was tried."""
    problems = [line for line in lines if line.state == "problem"]
    warnings = sum(line.state == "warning" for line in lines)
    late = any(line.late for line in lines)
    words = [f"{len(problems)} to fix" if problems else f"nothing to fix{' so far' if late else ''}"]
    if warnings:
        words.append(f"{warnings} {'warning' if warnings == 1 else 'warnings'}")
    if late:
        words.append("not everything was tried in time")
    first = f". First: {_short(f'{problems[0].about}: {problems[0].detail}')}" if problems else ""
    return f"Verdict: {', '.join(words)}{first}"


def _short(text: str) -> str:
    return text if len(text) <= _VERDICT else f"{text[: _VERDICT - 1].rstrip()}…"
