"""What every format of incoming alerts works with: what is known around it, what it gathers, and how it refuses a body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.detection.alerts.fields import one_line, safe_url
from bot.detection.alerts.placement import PlaceError, PlacementNames, scope_of_labels
from bot.detection.alerts.severity import severity_of_word
from bot.model import IncidentSeverity
from bot.model.external_alerts import unplaced_scope
from bot.model.incidents import Health, Signal
from checks import Scope

PROBLEMS = 20
"""So many alerts that cannot be used are told of; the rest are counted."""
_ID = 200


class HookError(Exception):
    """A body that cannot be used. `status` is the HTTP status: 400 not of this format, 422 nothing of it can be told."""

    def __init__(self, said: str, status: int = 400) -> None:
        super().__init__(said)
        self.status = status


class PayloadModel(BaseModel):
    """A body from outside: what is not asked for is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


W = TypeVar("W", bound=PayloadModel)


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a body is read with: the hook's name, the present moment (UTC), our names, and what it is about by default."""

    hook: str
    now: datetime
    names: PlacementNames = field(default_factory=PlacementNames)
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class ParsedAlerts:
    """What a body held: signals of kind `hook`, how many alerts were mere information, and what could not be used.

    `note`: what was done instead, where the body was no alert.
    """

    signals: tuple[Signal, ...] = ()
    left_out: int = 0
    problems: tuple[str, ...] = ()
    note: str = ""


class AlertFormat(Protocol):
    """A format: a module of this folder.

    `AUTH_METHODS` are the settings that let somebody in, any one of them: `token`, `secret`, `topics`. `BODY` is what comes.
    """

    AUTH_METHODS: tuple[str, ...]
    BODY: type[BaseModel]

    def read(self, body: bytes, context: ParseContext) -> ParsedAlerts:
        """Pure. Raises HookError."""
        ...


def parse_body(model: type[W], body: bytes) -> W:
    """The body as its model.

    Raises:
        HookError: it is no JSON, or of another shape; the text names the field and repeats nothing of the body.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise HookError(describe_errors(error)) from None


def describe_errors(error: ValidationError) -> str:
    """The first mistakes of a body, each with its field."""
    shown = error.errors(include_url=False, include_input=False)[:5]
    return "; ".join(f"{_field(mistake['loc'])}: {mistake['msg'].removeprefix('Value error, ')}" for mistake in shown)


def _field(steps: tuple[int | str, ...]) -> str:
    return one_line(".".join(map(str, steps)), 100) or "body"


class Alerts:
    """Gathers the alerts of one body."""

    def __init__(self, context: ParseContext) -> None:
        self._context = context
        self._signals: list[Signal] = []
        self._problems: list[str] = []
        self._unusable = 0
        self._left_out = 0

    def add(  # noqa: PLR0913 - an alert is what it says, by keyword
        self,
        where: str,
        *,
        id: str,
        firing: bool,
        labels: Mapping[str, str],
        title: str,
        severity: str = "",
        url: Any = "",
        at: datetime | None = None,
        scope: Scope | None = None,
    ) -> None:
        """One alert. `where`: its place in the body, for messages; `at`: when it was so, else now; `scope`: where that is known."""
        context = self._context
        graded = severity_of_word(severity or _severity(labels))
        if graded is IncidentSeverity.NONE:
            self._left_out += 1
            return
        try:
            found = scope or scope_of_labels(labels, context.names) or context.about or unplaced_scope(context.hook)
        except PlaceError as error:
            self.unusable(where, str(error))
            return
        self._signals.append(
            Signal(
                provider=found.provider,
                region=found.region,
                service=found.part,
                kind="hook",
                state=Health.BAD if firing else Health.GOOD,
                at=min(at or context.now, context.now),
                source=f"hook:{context.hook}/{one_line(id, _ID)}",
                severity=graded,
                detail=one_line(title),
                url=safe_url(url),
            )
        )

    def leave_out(self) -> None:
        """One that says nothing about health: a test, a comment, a mere information."""
        self._left_out += 1

    def unusable(self, where: str, why: str) -> None:
        """One that cannot be told."""
        self._unusable += 1
        if len(self._problems) < PROBLEMS:
            self._problems.append(one_line(f"{where}: {why}"))

    def result(self) -> ParsedAlerts:
        """All of them.

        Raises:
            HookError: none can be told, and at least one was meant to be.
        """
        more = self._unusable - len(self._problems)
        problems = (*self._problems, f"and {more:,} more") if more else tuple(self._problems)
        if problems and not self._signals and not self._left_out:
            raise HookError("; ".join(problems[:5]), 422)
        return ParsedAlerts(tuple(self._signals), self._left_out, problems)


def _severity(labels: Mapping[str, str]) -> str:
    return next((labels[name] for name in ("severity", "priority", "level", "sev") if name in labels), "")
