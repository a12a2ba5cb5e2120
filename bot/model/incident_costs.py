"""An incident that is over -> what it took from each service, as far as the graph expected it to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.incidents import Affected, Incident
from checks import Fate

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """One service: hit from `begins` to `ends` (UTC). `down_for`: how long it counts as down within; None: it is not known.

    `cost`: in the organisation's currency for `down_for`, None where either is not known.
    """

    of: Affected
    begins: datetime
    ends: datetime
    down_for: timedelta | None
    cost: float | None


def service_costs(incident: Incident, now: datetime) -> tuple[ServiceCost, ...]:
    """Of every service that was hit; of one that goes on, until now. Calm between waves is counted as well."""
    return tuple(_each(incident, now))


def _each(incident: Incident, now: datetime) -> Iterator[ServiceCost]:
    ends = incident.ended_at or now
    for one in incident.affected:
        if one.fate is Fate.UNAFFECTED:
            continue
        begins = min(max(one.since or incident.onset_at, incident.onset_at), ends)
        down_for = _down_for(one, ends - begins)
        unknown = down_for is None or one.cost_per_hour is None
        cost = None if unknown else (one.cost_per_hour or 0.0) * ((down_for or timedelta(0)) / _HOUR)
        yield ServiceCost(one, begins, ends, down_for, cost)


def _down_for(one: Affected, lasted: timedelta) -> timedelta | None:
    """A failover counts for the time that it was proved to take, and in full where that was never proved."""
    match one.fate:
        case Fate.DOWN:
            return lasted
        case Fate.FAILS_OVER:
            return min(one.rto, lasted) if one.rto is not None and one.proved_at is not None else lasted
        case Fate.DEGRADED:
            return timedelta(0)
        case _:
            return None
