"""What a monitoring product is to the collector: how it signs in, what it reads, and which rights that needs."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol

from bot.audit.collectors.monitors import sources
from bot.audit.collectors.monitors.access import MonitorAccess, bearer_or_basic
from checks import Alarm, Maybe

if TYPE_CHECKING:
    from bot.audit.collectors.monitors.reader import MonitorReader

LabelSet = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ways:
    """Whom an alert with certain labels reaches. Fields as those of `checks.Alarm`; `runs_on`: of the system that decides this."""

    receivers: Maybe[tuple[str, ...]]
    receivers_run_on: tuple[tuple[str, ...], ...] = ()
    reaches_someone: Maybe[bool] = False
    muted: Maybe[bool] = False
    muted_since: datetime | None = None
    muted_until: datetime | None = None
    quiet_hours: float = 0.0
    inhibited_by: str = ""
    runs_on: Maybe[tuple[str, ...]] = ()


class Routing(Protocol):
    """A system that alerts of other systems are sent to, and that decides whom they reach (Alertmanager)."""

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its decisions depend on."""
        ...

    def ways(self, labels: LabelSet, possible: frozenset[str] | None) -> Ways:
        """Whom an alert with these labels reaches. Blocks for microseconds.

        Args:
            labels: labels with known values.
            possible: further labels that the alert may have, with values that are not known; None for any label.
        """
        ...


@dataclass(frozen=True, slots=True)
class Series:
    """One alert that a rule can raise: the labels that it is routed by, and what it watches (as in `checks.Alarm`)."""

    labels: LabelSet
    watches: tuple[str, ...] = ()
    watches_resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routed:
    """An alarm whose receivers another system decides. `series`: each alert that it can raise now, at least one.

    `possible`: labels that its alerts may have beside these, with values not known; None for any label.
    """

    alarm: Alarm
    series: Sequence[Series]
    possible: frozenset[str] | None = frozenset()


@dataclass(slots=True)
class MonitorReading:
    """What was read of one system. `alarms`: complete as they are; `routed`: alarms whose receivers `routing` decides.

    `routing`: set where this system receives the alerts of others; `routes_to`: the addresses that this one sends its alerts
    to, empty where not known.
    """

    alarms: list[Alarm] = field(default_factory=list)
    routed: list[Routed] = field(default_factory=list)
    routing: Routing | None = None
    routes_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSource:
    """A monitoring product. `kind` is its word in backstay.yaml, `title` its name for people.

    `url`: the address where none is set. `read` reads one system; what it raises as `ReadError` becomes a gap of the whole
    system. `grants`: by action (the call as an error names it), what has to be granted for it. `least_privilege`: Markdown on
    how to make a token that can do this and nothing else. `receives`: other systems send their alerts to it, so it is read first.
    """

    kind: str
    title: str
    read: "Callable[[MonitorReader], Awaitable[MonitorReading]]"
    grants: Mapping[str, str]
    least_privilege: str
    url: str = ""
    sign_in: Callable[[MonitorAccess], Mapping[str, str]] = bearer_or_basic
    receives: bool = False


@cache
def known_sources() -> Mapping[str, MonitorSource]:
    """Every product, by its kind. A file in `sources/` is all that it takes."""
    found: dict[str, MonitorSource] = {}
    for name in sorted(info.name for info in pkgutil.iter_modules(sources.__path__)):
        source: MonitorSource = importlib.import_module(f"{sources.__name__}.{name}").SOURCE
        found[source.kind] = source
    return found
