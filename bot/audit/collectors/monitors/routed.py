"""Joins the alarms of one monitoring system with the system that decides whom they reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.audit.collectors.monitors.source import LabelSet, Routed, Routing, Series, Ways
from checks import Alarm, Unread

_NOWHERE = "no system that receives its alerts is listed under monitors: (kind: alertmanager)"


@dataclass(frozen=True, slots=True)
class NoRouting:
    """Stands for a system that could not be read. `reason`: why."""

    reason: str

    @property
    def labels(self) -> frozenset[str]:
        """None: nothing is decided."""
        return frozenset()

    def ways(self, labels: LabelSet, possible: frozenset[str] | None) -> Ways:  # noqa: ARG002 - whatever they are
        """Whom it reaches is not known."""
        unread = Unread(self.reason)
        return Ways(unread, reaches_someone=unread, muted=unread)


def routed_alarms(
    alarms: Iterable[Routed], routing: Mapping[str, Routing], routes_to: Sequence[str]
) -> Iterator[Alarm]:
    """The alarms with whom they reach: one for each group of series that reaches the same receivers.

    Args:
        alarms: what another system routes.
        routing: the systems that may do so, by address.
        routes_to: the addresses that the alarms' own system sends to; where none of them is known, every system counts.
    """
    chosen = _chosen(routing, routes_to)
    for routed in alarms:
        yield from _by_ways(routed, chosen)


def alarms_by_ways(routed: Routed, ways: Ways) -> Iterator[Alarm]:
    """The alarm with the same ways for every alert that it can raise."""
    yield _with_ways(routed.alarm, ways, routed.series, "")


def _chosen(routing: Mapping[str, Routing], routes_to: Sequence[str]) -> Sequence[Routing]:
    named = {_authority(url) for url in routes_to}
    ours = [found for url, found in routing.items() if _authority(url) in named]
    return ours or list(routing.values()) or [NoRouting(_NOWHERE)]


def _authority(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return (parts.hostname or "").lower(), port or (443 if parts.scheme == "https" else 80)


def _by_ways(routed: Routed, systems: Sequence[Routing]) -> Iterator[Alarm]:
    groups: list[tuple[Ways, list[Series]]] = []
    for series in routed.series:
        ways = _best(system.ways(series.labels, routed.possible) for system in systems)
        group = next((members for known, members in groups if known == ways), None)
        if group is None:
            groups.append((ways, [series]))
        else:
            group.append(series)
    for number, (ways, members) in enumerate(groups):
        yield _with_ways(routed.alarm, ways, members, f"#{number + 1}" if number else "")


def _with_ways(alarm: Alarm, ways: Ways, members: Sequence[Series], suffix: str) -> Alarm:
    watches = dict.fromkeys((*alarm.watches, *(pair for series in members for pair in series.watches)))
    resources = (pair for series in members for pair in series.watches_resources)
    own = alarm.muted is True
    return replace(
        alarm,
        resource=f"{alarm.resource}{suffix}",
        watches=tuple(watches),
        watches_resources=tuple(dict.fromkeys((*alarm.watches_resources, *resources))),
        receivers=ways.receivers,
        receivers_run_on=ways.receivers_run_on,
        reaches_someone=ways.reaches_someone,
        actions=() if isinstance(ways.receivers, Unread) else ways.receivers,
        muted=alarm.muted if own else ways.muted,
        muted_since=alarm.muted_since if own else ways.muted_since,
        muted_until=alarm.muted_until if own else ways.muted_until,
        quiet_hours=max(alarm.quiet_hours, ways.quiet_hours),
        inhibited_by=alarm.inhibited_by or ways.inhibited_by,
        route_runs_on=ways.runs_on,
    )


def _best(found: Iterable[Ways]) -> Ways:
    """The way that proves most: alerts go to every system, so one that notifies someone suffices."""
    return max(found, key=lambda ways: (ways.reaches_someone is True and ways.muted is False, _proof(ways)))


def _proof(ways: Ways) -> int:
    return 2 if ways.reaches_someone is True else 1 if isinstance(ways.reaches_someone, Unread) else 0
