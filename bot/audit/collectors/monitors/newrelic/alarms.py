"""Makes facts of New Relic's conditions: what each watches, whether it works, and whom it reaches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.audit.collectors.monitors.metric_words import engines_of
from bot.audit.collectors.monitors.newrelic.nrql import signal_of, watched, watched_resources
from bot.audit.collectors.monitors.newrelic.payloads import (
    ChannelPayload,
    ConditionPayload,
    DestinationPayload,
    MutingRulePayload,
    PolicyPayload,
    Predicate,
    WorkflowPayload,
)
from checks import AlarmState, Maybe, Unread

_PEOPLE = ("EMAIL", "SLACK", "PAGERDUTY", "MOBILE_PUSH", "MICROSOFT_TEAMS")
_TICKETS = ("JIRA", "SERVICE_NOW")
_BROKEN = (
    "AUTHENTICATION_ERROR",
    "AUTHORIZATION_ERROR",
    "CONFIGURATION_ERROR",
    "EXTERNAL_SERVER_ERROR",
    "UNKNOWN_ERROR",
)
_SAAS = {"PAGERDUTY": "pagerduty", "SLACK": "slack", "MICROSOFT_TEAMS": "teams"}
_NOT_ASKED = Unread("its query was not run: most_queries of this monitor was reached")
_SHOWS_MUTED = "NOTIFY_ALL_ISSUES"
_WEEK = {"DAILY": 7.0, "WEEKLY": 1.0, "MONTHLY": 7 / 30}


@dataclass(frozen=True, slots=True)
class Incidents:
    """The incidents of a condition. `last`: when one last opened (UTC), `open`: one is open now."""

    last: datetime | None = None
    open: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRelicAccount:
    """What conditions are judged by. `unread_*`: why a list could not be read, empty where it was read.

    `signals`: whether each condition's query returns data, by its id; `problems`: why it fails.
    """

    id: str
    policies: Mapping[str, PolicyPayload] = field(default_factory=dict)
    workflows: Sequence[WorkflowPayload] = ()
    channels: Mapping[str, ChannelPayload] = field(default_factory=dict)
    destinations: Mapping[str, DestinationPayload] = field(default_factory=dict)
    muting: Sequence[MutingRulePayload] = ()
    incidents: Mapping[str, Incidents] = field(default_factory=dict)
    signals: Mapping[str, Maybe[AlarmState]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    fired_since: datetime | None = None
    unread_ways: str = ""
    unread_muting: str = ""
    unread_incidents: str = ""
    people: frozenset[str] = frozenset()
    service_labels: Sequence[str] = ()
    runs_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    """A destination that a condition's issues go to. `certain`: whatever the issue is; `problem`: why it does not work."""

    destination: DestinationPayload
    certain: bool
    shows_muted: bool
    problem: str = ""

    @property
    def name(self) -> str:
        kind = self.destination.type.lower().replace("_", " ").removesuffix(" integration")
        return f"{kind} {self.destination.name}".strip()


def alarm_fields(condition: ConditionPayload, account: NewRelicAccount, now: datetime) -> dict[str, Any]:
    """The fields of the fact of one condition, beside its identity. `now`: UTC."""
    query = condition.nrql.query
    ways = list(_ways(condition, account))
    receivers: Maybe[tuple[str, ...]] = tuple(dict.fromkeys(way.name for way in ways))
    if account.unread_ways:
        receivers = Unread(account.unread_ways)
    incidents = account.incidents.get(condition.id, Incidents())
    return {
        "signal": signal_of(query),
        "metric": query[:200],
        "enabled": condition.enabled is not False,
        "tags": {"policy": account.policies[condition.policyId].name} if condition.policyId in account.policies else {},
        **_state(condition, incidents, account),
        **_muted(condition, account, ways, now),
        "receivers": receivers,
        "receivers_run_on": () if isinstance(receivers, Unread) else _run_on(ways, account),
        "actions": () if isinstance(receivers, Unread) else receivers,
        "reaches_someone": _reaches(ways, account),
        "watches": watched(query, account.service_labels),
        "watches_resources": watched_resources(query),
        "engines": engines_of(query),
    }


def _state(condition: ConditionPayload, incidents: Incidents, account: NewRelicAccount) -> dict[str, Any]:
    """The state by the query's own answer; a condition with an open incident fires. `fired_at` by its incidents."""
    state = account.signals.get(condition.id, _NOT_ASKED)
    if account.unread_incidents:
        return {"state": state, "fired_at": Unread(account.unread_incidents)}
    return {
        "state": AlarmState.FIRING if incidents.open else state,
        "problem": account.problems.get(condition.id, ""),
        "fired_at": incidents.last,
        "fired_since": account.fired_since,
    }


def _ways(condition: ConditionPayload, account: NewRelicAccount) -> Iterator[_Way]:
    for workflow in account.workflows:
        if workflow.workflowEnabled is False or workflow.destinationsEnabled is False:
            continue
        answers = [_holds(predicate, condition, account) for predicate in workflow.issuesFilter.predicates]
        if any(answer is False for answer in answers):
            continue
        for configuration in workflow.destinationConfigurations:
            triggers = configuration.notificationTriggers
            channel = account.channels.get(configuration.channelId)
            destination = account.destinations.get(channel.destinationId) if channel else None
            if destination is not None and (not triggers or "ACTIVATED" in triggers):
                certain = None not in answers
                yield _Way(
                    destination, certain, workflow.mutingRulesHandling == _SHOWS_MUTED, _broken(channel, destination)
                )


def _broken(channel: ChannelPayload | None, destination: DestinationPayload) -> str:
    if destination.active is False or (channel is not None and channel.active is False):
        return "it is switched off"
    return f"its status is {destination.status}" if destination.status in _BROKEN else ""


def _holds(predicate: Predicate, condition: ConditionPayload, account: NewRelicAccount) -> bool | None:
    """Whether a comparison holds for every issue of a condition; None where that depends on the issue."""
    policy = account.policies.get(condition.policyId)
    known = {
        "labels.policyids": condition.policyId,
        "accumulations.policyname": policy.name if policy else None,
        "policyid": condition.policyId,
        "policyname": policy.name if policy else None,
        "conditionid": condition.id,
        "accumulations.conditionname": condition.name,
        "conditionname": condition.name,
        "nrqlquery": condition.nrql.query,
    }
    attribute, values = predicate.attribute.lower(), predicate.values
    if attribute == "priority" and "CRITICAL" in {value.upper() for value in values}:
        critical = any(term.priority.upper() == "CRITICAL" for term in condition.terms)
        return True if critical and predicate.operator.upper() in ("EQUAL", "EQUALS") else None
    actual = known.get(attribute)
    return None if actual is None else _compared(predicate.operator.upper(), actual, values)


def _compared(operator: str, actual: str, values: Sequence[str]) -> bool | None:
    negated = operator.startswith(("NOT_", "DOES_NOT_"))
    plain = operator.removeprefix("DOES_NOT_").removeprefix("NOT_")
    if plain in ("EXACTLY_MATCHES", "EXACTLY_MATCH", "EQUAL", "EQUALS", "IN"):
        found = actual in values
    elif plain in ("CONTAINS", "CONTAIN"):
        found = any(value in actual for value in values)
    elif plain in ("STARTS_WITH", "START_WITH"):
        found = any(actual.startswith(value) for value in values)
    elif plain in ("ENDS_WITH", "END_WITH"):
        found = any(actual.endswith(value) for value in values)
    elif plain == "ANY":
        found = True
    else:
        return None
    return found != negated


def _reaches(ways: Sequence[_Way], account: NewRelicAccount) -> Maybe[bool]:
    if account.unread_ways:
        return Unread(account.unread_ways)
    working = [way for way in ways if not way.problem]
    if any(way.certain and _is_person(way.destination, account) for way in working):
        return True
    if conditional := next((way for way in working if _is_person(way.destination, account)), None):
        return Unread(f"only some of its issues go to {conditional.name}, by the filter of a workflow")
    if machine := next((way for way in working if not way.destination.type.startswith(_TICKETS)), None):
        return Unread(f"whom {machine.name} notifies cannot be read; name it under people: if it reaches a person")
    return False


def _is_person(destination: DestinationPayload, account: NewRelicAccount) -> bool:
    return destination.type.startswith(_PEOPLE) or destination.name.lower() in account.people


def _run_on(ways: Iterable[_Way], account: NewRelicAccount) -> tuple[tuple[str, ...], ...]:
    by_name = {way.name: way.destination.type for way in ways}
    saas = [next((name for begin, name in _SAAS.items() if kind.startswith(begin)), "") for kind in by_name.values()]
    return tuple(account.runs_on.get(name, ()) for name in saas)


def _muted(
    condition: ConditionPayload, account: NewRelicAccount, ways: Sequence[_Way], now: datetime
) -> dict[str, Any]:
    """What mutes a condition. A workflow that notifies of muted issues too is muted by nothing."""
    if any(way.shows_muted for way in ways):
        return {"muted": False}
    if account.unread_muting:
        return {"muted": Unread(account.unread_muting)}
    hours, found = 0.0, dict[str, Any](muted=False)
    for rule in account.muting:
        if rule.enabled is False or rule.status in ("ENDED", "INACTIVE") or not _mutes(rule, condition, account):
            continue
        start, end = _moment(rule, "startTime"), _moment(rule, "endTime")
        repeat = rule.schedule.repeat if rule.schedule else ""
        if repeat and start and end:
            hours += (end - start) / timedelta(hours=1) * _WEEK.get(repeat, 0.0)
        if rule.status == "ACTIVE" or (not repeat and (start is None or start <= now) and (end is None or end > now)):
            found = {"muted": True, "muted_since": None if repeat else start, "muted_until": None if repeat else end}
            if end is None:
                break
    return {**found, "quiet_hours": min(hours, 168.0)}


def _mutes(rule: MutingRulePayload, condition: ConditionPayload, account: NewRelicAccount) -> bool:
    """Whether a rule mutes every issue of a condition for certain."""
    answers = [_holds(predicate, condition, account) for predicate in rule.condition.conditions]
    if rule.condition.operator.upper() == "OR":
        return any(answer is True for answer in answers)
    return bool(answers) and all(answer is True for answer in answers)


def _moment(rule: MutingRulePayload, name: str) -> datetime | None:
    """A moment of a rule's schedule in UTC; None where there is none or its time zone is unknown."""
    written = getattr(rule.schedule, name) if rule.schedule else ""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        zone = ZoneInfo(rule.schedule.timeZone) if rule.schedule and rule.schedule.timeZone else UTC
    except (ValueError, OSError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
