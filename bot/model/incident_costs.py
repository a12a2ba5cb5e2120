"""Estimates what an incident cost each affected service, by how the dependency graph expected it to fail.

Only the time in which we saw ourselves that it was down counts: not what was degraded, or only reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.incidents import Affected, Incident, OutageState
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
    """The cost to every affected service; of an open incident, until now."""
    return tuple(_costs(incident, now))


def _costs(incident: Incident, now: datetime) -> Iterator[ServiceCost]:
    ends, seen_down = incident.ended_at or now, _seen_down(incident, now)
    for affected in incident.affected:
        if affected.fate is Fate.UNAFFECTED:
            continue
        begins = min(max(affected.since or incident.onset_at, incident.onset_at), ends)
        down_for = _down_for(affected, min(ends - begins, seen_down))
        cost = _cost(affected, down_for)
        yield ServiceCost(affected, begins, ends, down_for, cost)


def _cost(affected: Affected, down_for: timedelta | None) -> float | None:
    if down_for is None or (down_for and affected.cost_per_hour is None):
        return None
    return (affected.cost_per_hour or 0.0) * (down_for / _HOUR)


def _seen_down(incident: Incident, now: datetime) -> timedelta:
    """For how long we saw it down; all of its length for one that an older version of backstay stored."""
    if incident.ours:
        return timedelta(0)
    counted = incident.down_for(now)
    return counted if counted or incident.outage is not OutageState.DOWN else incident.lasted(now)


def _down_for(affected: Affected, lasted: timedelta) -> timedelta | None:
    """A failover counts for its tested duration, and for the whole incident where it was never tested."""
    if not lasted:
        return lasted
    match affected.worst or affected.fate:
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
