"""Estimates what an incident cost each affected service, by how the dependency graph expected it to fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.incidents import Affected, Incident
from checks import Fate

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """The cost to one service, affected from `begins` to `ends` (UTC). `down_for`: how long of that it counts as down; None: unknown.

    `cost`: in the organisation's currency for `down_for`, None where either is not known.
    """

    of: Affected
    begins: datetime
    ends: datetime
    down_for: timedelta | None
    cost: float | None


def service_costs(incident: Incident, now: datetime) -> tuple[ServiceCost, ...]:
    """The cost to every affected service; of an open incident, until now. Pauses between waves count as well."""
    return tuple(_costs(incident, now))


def _costs(incident: Incident, now: datetime) -> Iterator[ServiceCost]:
    ends = incident.ended_at or now
    for affected in incident.affected:
        if affected.fate is Fate.UNAFFECTED:
            continue
        begins = min(max(affected.since or incident.onset_at, incident.onset_at), ends)
        down_for = _down_for(affected, ends - begins)
        unknown = down_for is None or affected.cost_per_hour is None
        cost = None if unknown else (affected.cost_per_hour or 0.0) * ((down_for or timedelta(0)) / _HOUR)
        yield ServiceCost(affected, begins, ends, down_for, cost)


def _down_for(affected: Affected, lasted: timedelta) -> timedelta | None:
    """A failover counts for its tested duration, and for the whole incident where it was never tested."""
    match affected.fate:
        case Fate.DOWN:
            return lasted
        case Fate.FAILS_OVER:
            if affected.rto is None or affected.proved_at is None:
                return lasted
            return min(affected.rto, lasted)
        case Fate.DEGRADED:
            return timedelta(0)
        case _:
            return None
