"""Makes facts of Datadog's monitors: what each watches, whether it works, and whom it reaches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.audit.collectors.monitors.datadog.downtimes import Muting, mutings
from bot.audit.collectors.monitors.datadog.organisation import Organisation, WatchedMonitor, watched_monitor
from bot.audit.collectors.monitors.datadog.payloads import MonitorPayload, utc
from bot.audit.collectors.monitors.datadog.queries import MonitorQuery, read_query
from bot.audit.collectors.monitors.datadog.recipients import recipients, recipients_run_on
from bot.audit.collectors.monitors.datadog.tag_queries import holds, tags_of
from bot.audit.collectors.monitors.metric_words import engines_of
from checks import AlarmState, Maybe, SignalKind, Unread

_STATES = {
    "OK": AlarmState.OK,
    "Alert": AlarmState.FIRING,
    "Warn": AlarmState.FIRING,
    "No Data": AlarmState.NO_DATA,
    "Unknown": AlarmState.ERROR,
}
"""Other states (`Ignored`, `Skipped`) say nothing of the evaluation."""

_MOST_WATCHED = 200
"""Pairs of one monitor that are kept; one grouped by host can have thousands."""

_WEEK_HOURS = 168.0

_RESOURCE_TAGS = frozenset(
    (
        *("dbinstanceidentifier", "dbclusteridentifier", "db_instance_identifier", "tablename", "cacheclusterid"),
        *(
            "replicationgroupid",
            "clusteridentifier",
            "domainname",
            "streamname",
            "queuename",
            "bucketname",
            "loadbalancer",
        ),
        *("targetgroup", "database_instance", "database_hostname", "database_id", "cluster_identifier", "apiname"),
    )
)
"""Tags that Datadog's integrations set to the name of a resource."""


def alarm_fields(payload: MonitorPayload, organisation: Organisation, now: datetime) -> dict[str, Any]:
    """The fields of the fact of one monitor, beside its identity. `now`: UTC."""
    subject = watched_monitor(payload)
    muting = _worst(subject, organisation, now)
    asked = _asked(subject, organisation)
    receivers, reaches = recipients(subject, organisation)
    signal = _signal(subject.query, organisation, 0)
    state, problem = _state(payload, subject.query, organisation)
    return {
        "signal": signal,
        "metric": subject.query.metric,
        "enabled": payload.draft_status != "draft",
        "tags": _one_valued({**subject.tags, **asked}),
        "state": state,
        "problem": problem,
        **_muted(muting, payload, organisation),
        "quiet_hours": _quiet_hours(subject, organisation),
        "fired_at": _fired_at(payload),
        "receivers": receivers,
        "receivers_run_on": () if isinstance(receivers, Unread) else recipients_run_on(receivers, organisation),
        "actions": () if isinstance(receivers, Unread) else receivers,
        "reaches_someone": reaches,
        "watches": _pairs(subject, asked, organisation.service_tags),
        "watches_resources": _pairs(subject, asked, _RESOURCE_TAGS),
        "engines": engines_of(subject.query.metric),
    }


def _one_valued(tags: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """The tags that have one value; of several values a selector could match any, which would guess."""
    return {key: next(iter(values)) for key, values in tags.items() if len(values) == 1 and key}


def _signal(query: MonitorQuery, organisation: Organisation, depth: int) -> SignalKind:
    """What a monitor measures: of an objective what that does, of a composite what all of its parts do."""
    if query.slo and query.slo in organisation.slos:
        return organisation.slos[query.slo].signal
    if query.parts and depth < 3:
        parts = [organisation.monitors.get(part) for part in query.parts]
        kinds = {
            _signal(read_query(part.type, part.query, part.options), organisation, depth + 1) for part in parts if part
        }
        if len(kinds) == 1:
            return kinds.pop()
    return query.signal


def _state(payload: MonitorPayload, query: MonitorQuery, organisation: Organisation) -> tuple[Maybe[AlarmState], str]:
    if missing := [part for part in query.parts if part not in organisation.monitors]:
        return AlarmState.ERROR, f"it refers to monitor {missing[0]}, which does not exist"
    if query.slo and not organisation.unread_slos and query.slo not in organisation.slos:
        return AlarmState.ERROR, f"it refers to SLO {query.slo}, which does not exist"
    state = _STATES.get(payload.overall_state)
    if state is None:
        return Unread(f"Datadog says the state {payload.overall_state or 'of nothing'}"), ""
    if state is AlarmState.NO_DATA and payload.overall_state_modified is None:
        return state, "it never had data"
    return state, ""


def _fired_at(payload: MonitorPayload) -> Maybe[datetime | None]:
    """When one of its groups last alerted. Datadog keeps no group that is gone, so none proves nothing."""
    moments = [utc(state.last_triggered_ts) for state in payload.state.groups.values()]
    last = max((moment for moment in moments if moment is not None), default=None)
    if last is None and payload.overall_state in ("Alert", "Warn"):
        return utc(payload.overall_state_modified)
    return last if last is not None else Unread("Datadog lists no alert of a group that still exists")


def _worst(subject: WatchedMonitor, organisation: Organisation, now: datetime) -> Muting | None:
    payload = subject.payload
    silenced = payload.options.get("silenced")
    found = mutings(
        payload.id,
        own=subject.tags,
        watched=subject.watched,
        groups=subject.groups,
        silenced=silenced if isinstance(silenced, Mapping) else {},
        matching=payload.matching_downtimes,
        downtimes=organisation.downtimes_of(payload.id),
        now=now,
    )
    return next((muting for muting in found if muting.whole), None)


def _muted(muting: Muting | None, payload: MonitorPayload, organisation: Organisation) -> dict[str, Any]:
    if muting is not None:
        return {"muted": True, "muted_since": muting.since, "muted_until": muting.until}
    # A monitor that comes with its downtimes of the moment needs no list of all of them.
    if organisation.unread_downtimes and "matching_downtimes" not in payload.model_fields_set:
        return {"muted": Unread(organisation.unread_downtimes)}
    return {"muted": False}


def _quiet_hours(subject: WatchedMonitor, organisation: Organisation) -> float:
    """Hours of a week in which recurring downtimes of the whole monitor mute it."""
    shares = [
        downtime.share
        for downtime in organisation.downtimes_of(subject.payload.id)
        if downtime.share and downtime.meant_for(subject.payload.id, subject.tags)
        if holds(downtime.scope, subject.watched) is True
    ]
    return min(1.0, sum(shares)) * _WEEK_HOURS


def _pairs(subject: WatchedMonitor, asked: Mapping[str, frozenset[str]], keys: frozenset[str]) -> tuple[str, ...]:
    """What a monitor watches, by the tags with these keys: of the query and its groups, else of the monitor itself.

    What a query asks for is what is watched; a tag of the monitor that says otherwise is for people.
    """
    found: dict[str, dict[str, None]] = {key: dict.fromkeys(sorted(asked[key])) for key in asked if key in keys}
    for group in subject.groups:
        for key, values in tags_of(group.split(",")).items():
            if key in keys and key not in asked:
                found.setdefault(key, {}).update(dict.fromkeys(sorted(values)))
    for key, values in subject.tags.items():
        if key in keys and key not in found and key not in subject.query.groups:
            found[key] = dict.fromkeys(sorted(values))
    pairs = [f"{key}={value}" for key, values in found.items() for value in values if value]
    return tuple(pairs[:_MOST_WATCHED])


def _asked(subject: WatchedMonitor, organisation: Organisation) -> dict[str, frozenset[str]]:
    """The tags that a query asks for, with those of its objective, and of a composite those of its parts."""
    query, asked = subject.query, dict(subject.watched)
    if query.slo and query.slo in organisation.slos:
        asked = {**organisation.slos[query.slo].tags, **asked}
    for part in filter(None, map(organisation.monitors.get, query.parts)):
        for key, values in read_query(part.type, part.query, part.options).watched().items():
            asked[key] = asked.get(key, frozenset()) | values
    return asked
