"""What every alert format uses: the context of a body, the alerts read from it, and how to reject it."""

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
from bot.model.signals import Health, Signal
from checks import Scope

PROBLEMS = 20
"""Unusable alerts of a body that are described; further ones are only counted."""
_ID = 200


class HookError(Exception):
    """A body cannot be used. `status` is the HTTP status: 400 if it is not of this format, 422 if no alert in it is usable."""

    def __init__(self, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.status = status


class PayloadModel(BaseModel):
    """A model of a request body; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


W = TypeVar("W", bound=PayloadModel)


@dataclass(frozen=True, slots=True)
class ParseContext:
    """The context of a body: the webhook's name, the time (UTC), the names of our services and zones, and the default scope."""

    hook: str
    now: datetime
    names: PlacementNames = field(default_factory=PlacementNames)
    about: Scope | None = None


@dataclass(frozen=True, slots=True)
class ParsedAlerts:
    """The content of a body: signals of kind `hook`, the number of alerts without a statement on health, and problems.

    `note` describes a body that is not an alert, such as SNS's confirmation of a subscription.
    """

    signals: tuple[Signal, ...] = ()
    left_out: int = 0
    problems: tuple[str, ...] = ()
    note: str = ""


class AlertFormat(Protocol):
    """An alert format: a module in `formats/`.

    `AUTH_METHODS` are the settings of which any one authenticates a sender: `token`, `secret`, `topics`. `BODY` is the model of
    the body.
    """

    AUTH_METHODS: tuple[str, ...]
    BODY: type[BaseModel]

    def read(self, body: bytes, context: ParseContext) -> ParsedAlerts:
        """Read a body, without side effects. Raises HookError if it cannot be used."""
        ...


def parse_body(model: type[W], body: bytes) -> W:
    """Parse a body as its model.

    Raises:
        HookError: the body is not JSON or has another shape; the text names the field and repeats nothing of the body.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise HookError(describe_errors(error)) from None


def describe_errors(error: ValidationError) -> str:
    """The first five mistakes in a body, each with its field."""
    shown = error.errors(include_url=False, include_input=False)[:5]
    return "; ".join(f"{_field(mistake['loc'])}: {mistake['msg'].removeprefix('Value error, ')}" for mistake in shown)


def _field(steps: tuple[int | str, ...]) -> str:
    return one_line(".".join(map(str, steps)), 100) or "body"


class Alerts:
    """Collects the alerts of one body."""

    def __init__(self, context: ParseContext) -> None:
        self._context = context
        self._signals: list[Signal] = []
        self._problems: list[str] = []
        self._unusable = 0
        self._left_out = 0

    def add(  # noqa: PLR0913 - the fields of an alert, by keyword
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
        """Add an alert. `where` is its position in the body, for messages; `at` defaults to now; `scope` is used if known."""
        context = self._context
        known_severity = severity_of_word(severity or _severity(labels))
        if known_severity is IncidentSeverity.NONE:
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
                severity=known_severity,
                detail=one_line(title),
                url=safe_url(url),
            )
        )

    def leave_out(self) -> None:
        """Count an alert that says nothing about health: a test, a comment, information only."""
        self._left_out += 1

    def unusable(self, where: str, why: str) -> None:
        """Record an alert that cannot be used."""
        self._unusable += 1
        if len(self._problems) < PROBLEMS:
            self._problems.append(one_line(f"{where}: {why}"))

    def result(self) -> ParsedAlerts:
        """Return everything that was collected.

        Raises:
            HookError: there are unusable alerts and no other ones.
        """
        more = self._unusable - len(self._problems)
        problems = (*self._problems, f"and {more:,} more") if more else tuple(self._problems)
        if problems and not self._signals and not self._left_out:
            raise HookError("; ".join(problems[:5]), 422)
        return ParsedAlerts(tuple(self._signals), self._left_out, problems)


def _severity(labels: Mapping[str, str]) -> str:
    return next((labels[name] for name in ("severity", "priority", "level", "sev") if name in labels), "")
