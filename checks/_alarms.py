"""Facts about alarms: what they measure, whether they work, and whom they reach."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks._fact import Fact, Maybe, Unread


class SignalKind(StrEnum):
    """What an alarm measures: the golden signals, and other kinds."""

    ERRORS = "errors"
    LATENCY = "latency"
    SATURATION = "saturation"
    TRAFFIC = "traffic"
    AVAILABILITY = "availability"
    COMPOSITE = "composite"
    OTHER = "other"


class AlarmState(StrEnum):
    """The state of an alarm's own evaluation. NO_DATA: its query returns nothing, so it cannot fire. ERROR: it fails."""

    OK = "ok"
    FIRING = "firing"
    NO_DATA = "no data"
    ERROR = "error"


_NOT_READ = Unread("not read from this kind of monitoring")


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm(Fact):
    """A condition on a metric. `about` lists what it watches. `reaches_someone`: an action ends at a confirmed subscriber.

    `signal`: what it mainly measures, `signals`: everything that it measures, where that is more. `state`: of its evaluation, with
    the error of its source in `problem`. `muted`: notifications are off now although it is enabled (a silence, a downtime), from
    `muted_since` until `muted_until` (None: not known, and without an end). `quiet_hours`: hours of a week in which a schedule
    mutes it. `inhibited_by`: the alerts that hold it back while they fire, in words. `fired_at`: when it last fired, None where it
    never did; `fired_since`: how far back that was looked for, None for all its life. `monitor`: the monitoring system that
    evaluates it, empty for that of its own cloud; `monitor_runs_on`: the clouds or scopes that system runs on (`aws/eu-west-1`),
    empty where not known; `route_runs_on`: the same of another system that decides whom it reaches, empty where there is none.
    `receivers`: whom it reaches (`PagerDuty (on-call)`), in the same order `receivers_run_on`: the clouds or
    scopes of each, empty where not known. `watches`: what identifies the watched services in a monitoring system, one
    text for each of its alerts: `service=checkout, job=web`, with `|` between the values that a label has at once;
    `watches_resources`: what names resources, as `label=value`. `engines`: the kinds of datastore whose metrics it reads (`postgres`).
    """

    signal: SignalKind
    signals: tuple[SignalKind, ...] = ()
    metric: str = ""
    enabled: Maybe[bool] = True
    actions: tuple[str, ...] = ()
    reaches_someone: Maybe[bool] = False
    state: Maybe[AlarmState] = _NOT_READ
    problem: str = ""
    muted: Maybe[bool] = False
    muted_since: datetime | None = None
    muted_until: datetime | None = None
    quiet_hours: float = 0.0
    inhibited_by: str = ""
    fired_at: Maybe[datetime | None] = _NOT_READ
    fired_since: datetime | None = None
    monitor: str = ""
    monitor_runs_on: tuple[str, ...] = ()
    route_runs_on: Maybe[tuple[str, ...]] = ()
    receivers: Maybe[tuple[str, ...]] = _NOT_READ
    receivers_run_on: tuple[tuple[str, ...], ...] = ()
    watches: tuple[str, ...] = ()
    watches_resources: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()

    def measures(self, *kinds: SignalKind) -> bool:
        """Whether it measures one of these."""
        return self.signal in kinds or not set(kinds).isdisjoint(self.signals)
