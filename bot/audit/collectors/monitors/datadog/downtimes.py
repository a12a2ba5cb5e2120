"""Which monitors of Datadog are muted, by which downtime or mute, and until when.

Sources: https://docs.datadoghq.com/monitors/downtimes/ and https://docs.datadoghq.com/api/latest/downtimes/.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.audit.collectors.monitors.datadog.payloads import (
    DowntimePayload,
    MatchingDowntime,
    OldDowntimePayload,
    Recurrence,
    utc,
)
from bot.audit.collectors.monitors.datadog.queries import parse_or_all
from bot.audit.collectors.monitors.datadog.tag_queries import Every, Query, Tags, holds, required, tags_of

_DAY = timedelta(days=1)
_PERIODS = {
    "HOURLY": timedelta(hours=1),
    "DAILY": _DAY,
    "WEEKLY": 7 * _DAY,
    "MONTHLY": 30 * _DAY,
    "YEARLY": 365 * _DAY,
}
_OLD_TYPES = {"days": "DAILY", "weeks": "WEEKLY", "months": "MONTHLY", "years": "YEARLY"}
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": _DAY,
    "w": 7 * _DAY,
    "mo": 30 * _DAY,
    "y": 365 * _DAY,
}
_DURATION = re.compile(r"(\d{1,6})\s*(mo|[mhdwy])")
_REPEATS = re.compile(r"(?:BYDAY|BYHOUR|BYMONTHDAY|BYMONTH|BYSETPOS)=([^;]*)")


@dataclass(frozen=True, slots=True)
class Downtime:
    """A downtime of either version of the API.

    `start` and `end` (UTC) are of its only period, or of the one at hand of a recurring downtime; `end` None: until somebody
    cancels it. `over`: it does not mute now, `cancelled`: nor again. `share`: the part of the time for which its rule mutes,
    1 for all of it; None: it does not recur. `wanted`: the values of tags without which its scope does not hold.
    """

    id: str
    scope: Query
    monitor: int | None = None
    monitor_tags: tuple[Query, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    over: bool = False
    cancelled: bool = False
    share: float | None = None
    wanted: Tags = field(default_factory=dict)

    def excludes(self, watched: Tags) -> bool:
        """Whether its scope holds for nothing with these tags, by the values that it asks for: quick, and never wrong."""
        return any(
            key in watched and not any("*" in had for had in watched[key]) and values.isdisjoint(watched[key])
            for key, values in self.wanted.items()
        )

    def active(self, now: datetime) -> bool:
        """Whether it mutes at this moment."""
        return not self.over and (self.start is None or self.start <= now) and (self.end is None or self.end > now)

    def meant_for(self, monitor: int, tags: Tags) -> bool:
        """Whether it is for this monitor, by its id or its own tags, all of which the downtime names."""
        if self.monitor is not None:
            return self.monitor == monitor
        return all(holds(tag, tags) is True for tag in self.monitor_tags)


@dataclass(frozen=True, slots=True)
class Muting:
    """Why alerts of a monitor are not sent now. `whole`: of all its groups. `until` None: until somebody ends it."""

    by: str
    since: datetime | None
    until: datetime | None
    whole: bool
    recurring: bool = False


def downtime(payload: DowntimePayload) -> Downtime:
    """A downtime of version 2."""
    attributes = payload.attributes
    schedule, mine = attributes.schedule, attributes.monitor_identifier
    here = schedule.current_downtime or schedule
    recurs = bool(schedule.recurrences)
    # A recurring downtime without a period at hand has none now.
    waits = recurs and schedule.current_downtime is None
    ended = attributes.canceled is not None or attributes.status in ("canceled", "ended")
    scope = parse_or_all(attributes.scope)
    return Downtime(
        payload.id,
        scope,
        mine.monitor_id,
        tuple(map(parse_or_all, mine.monitor_tags)),
        utc(here.start),
        utc(here.end),
        waits or ended,
        ended,
        min(1.0, sum(map(_share, schedule.recurrences))) if recurs else None,
        required(scope),
    )


def old_downtime(payload: OldDowntimePayload) -> Downtime:
    """A downtime of version 1."""
    ended = bool(payload.canceled or payload.disabled or payload.status in ("canceled", "disabled", "ended"))
    rule, start, end = payload.recurrence, utc(payload.start), utc(payload.end)
    share = None
    if rule is not None:
        length = end - start if start and end else timedelta()
        share = _share_of(rule.rrule or f"FREQ={_OLD_TYPES.get(rule.type, '')}", length, rule.period, rule.week_days)
    scope = Every(tuple(map(parse_or_all, payload.scope)))
    return Downtime(
        str(payload.id),
        scope,
        payload.monitor_id,
        tuple(map(parse_or_all, payload.monitor_tags)),
        start,
        end,
        ended,
        ended,
        share,
        required(scope),
    )


def _share(rule: Recurrence) -> float:
    length = sum((int(count) * _UNITS[unit] for count, unit in _DURATION.findall(rule.duration)), timedelta())
    return _share_of(rule.rrule, length)


def _share_of(rrule: str, length: timedelta, every: int | None = None, days: Sequence[str] = ()) -> float:
    """The part of the time that a rule covers, 0 where the rule says nothing that is understood."""
    frequency = re.search(r"FREQ=(\w+)", rrule)
    period = _PERIODS.get(frequency[1]) if frequency else None
    if period is None:
        return 0.0
    interval = re.search(r"INTERVAL=(\d{1,4})", rrule)
    period *= max(1, int(interval[1]) if interval else every or 1)
    times = max(1, len(days))
    for values in _REPEATS.findall(rrule):
        times *= max(1, values.count(",") + 1)
    return min(1.0, length * times / period)


def mutings(  # noqa: PLR0913 - all by keyword but the id
    monitor: int,
    *,
    own: Tags,
    watched: Tags,
    groups: Iterable[str],
    silenced: Mapping[str, object],
    matching: Iterable[MatchingDowntime],
    downtimes: Iterable[Downtime],
    now: datetime,
) -> tuple[Muting, ...]:
    """What mutes a monitor at `now`: its own mutes (`options.silenced`) and downtimes, the longest first.

    Args:
        monitor: its id.
        own: the tags of the monitor itself.
        watched: the tags that its query asks for.
        groups: the names of its groups (`host:a,env:prod`), as far as known.
        silenced: `options.silenced`: scope -> moment of the end, None without an end.
        matching: the downtimes that the API lists with the monitor.
        downtimes: all downtimes of the organisation.
        now: the present moment (UTC).
    """
    names = list(groups)
    found = [*_own(silenced, watched, names, now)]
    listed = set()
    for match in matching:
        listed.add(str(match.id))
        start, end = utc(match.start), utc(match.end)
        if (start is None or start <= now) and (end is None or end > now):
            scope = Every(tuple(map(parse_or_all, match.scope)))
            found.append(Muting(f"downtime {match.id}", start, end, _whole(scope, watched, names) is True))
    for entry in downtimes:
        if entry.id in listed or entry.excludes(watched):
            continue
        if entry.active(now) and entry.meant_for(monitor, own):
            whole = _whole(entry.scope, watched, names)
            if whole is not False:
                always = entry.share is not None and entry.share >= 1
                until = None if always else entry.end
                found.append(Muting(f"downtime {entry.id}", entry.start, until, bool(whole), entry.share is not None))
    return tuple(sorted(found, key=lambda muting: (not muting.whole, muting.until is not None, muting.by)))


def _own(silenced: Mapping[str, object], watched: Tags, groups: Sequence[str], now: datetime) -> Iterator[Muting]:
    for scope, end in silenced.items():
        until = datetime.fromtimestamp(end, UTC) if isinstance(end, int | float) and end else None
        if until is None or until > now:
            whole = _whole(parse_or_all(scope), watched, groups)
            yield Muting("mute", None, until, whole is True)


def _whole(scope: Query, watched: Tags, groups: Sequence[str]) -> bool | None:
    """Whether a scope holds for all that a monitor watches: True for all of it, False for none of it, None for a part or unknown."""
    answers = [holds(scope, {**watched, **tags_of(group.split(","))}) for group in groups or ("",)]
    if all(answer is True for answer in answers):
        return True
    return False if all(answer is False for answer in answers) else None
