"""New Relic: NRQL conditions with their policies, and the workflows, channels and destinations that notify of their issues.

Sources: https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/ (endpoints, header, errors),
https://docs.newrelic.com/docs/alerts/create-alert/condition-details/alert-event-attributes/ (NrAiIncident).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.newrelic.alarms import Incidents, NewRelicAccount, alarm_fields
from bot.audit.collectors.monitors.newrelic.payloads import (
    ChannelPayload,
    ConditionPayload,
    DestinationPayload,
    MutingRulePayload,
    PolicyPayload,
    WorkflowPayload,
)
from bot.audit.collectors.monitors.newrelic.signals import batch_errors, batch_query, batches, signal_of_results
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource
from bot.net.plain_text import line
from bot.net.read_error import ReadError
from checks import Alarm, AlarmState, Maybe, Unread

_CONDITIONS, _POLICIES, _WORKFLOWS = "list conditions", "list policies", "list workflows"
_CHANNELS, _DESTINATIONS, _MUTING, _INCIDENTS = (
    "list channels",
    "list destinations",
    "list muting rules",
    "query incidents",
)
_SIGNALS = "run queries of conditions"
_MOST_PAGES = 2_000
_FIRED_WITHIN = timedelta(days=90)
"""As the query of incidents says it."""
P = TypeVar("P", bound=BaseModel)

_LISTS: Mapping[str, tuple[str, str, str]] = {
    _CONDITIONS: (
        "alerts.nrqlConditionsSearch",
        "nrqlConditions",
        "id name enabled policyId nrql { query } terms { priority }",
    ),
    _POLICIES: ("alerts.policiesSearch", "policies", "id name"),
    _WORKFLOWS: (
        "aiWorkflows.workflows",
        "entities",
        (
            "id name workflowEnabled destinationsEnabled mutingRulesHandling issuesFilter { predicates { attribute operator "
            "values } } destinationConfigurations { channelId notificationTriggers }"
        ),
    ),
    _CHANNELS: ("aiNotifications.channels", "entities", "id name type active destinationId"),
    _DESTINATIONS: ("aiNotifications.destinations", "entities", "id name type active status"),
}
"""By action: where a list is, its member with the items, and the fields of an item."""

_MUTING_QUERY = (
    "query($account: Int!) { actor { account(id: $account) { alerts { mutingRules { id name enabled status "
    "condition { operator conditions { attribute operator values } } schedule { startTime endTime timeZone repeat } } } } } }"
)
_INCIDENTS_QUERY = "query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql, timeout: 30) { results } } } }"
_INCIDENTS_NRQL = (
    "SELECT latest(event) AS 'event', filter(latest(timestamp), WHERE event = 'open') AS 'opened' FROM NrAiIncident "
    "FACET conditionId SINCE 90 days ago LIMIT MAX"
)


async def _read(reader: MonitorReader) -> MonitorReading:
    reading = MonitorReading()
    for account in reader.access.accounts:
        try:
            reading.alarms += await _account(reader, account)
        except ReadError as error:
            reader.gap(error.action, f"account {account}: {reader.advice(error)}")
    return reading


async def _account(reader: MonitorReader, account: str) -> Sequence[Alarm]:
    conditions = await _list(reader, account, _CONDITIONS, ConditionPayload)
    policies, ways, muting, incidents, (signals, problems) = await asyncio.gather(
        reader.maybe(_list(reader, account, _POLICIES, PolicyPayload)),
        reader.maybe(_ways(reader, account)),
        reader.maybe(_muting(reader, account)),
        reader.maybe(_incidents(reader, account)),
        _signals(reader, account, conditions),
    )
    unread_ways = next((found.reason for found in (ways, policies) if isinstance(found, Unread)), "")
    workflows, channels, destinations = ((), (), ()) if isinstance(ways, Unread) else ways
    judged = NewRelicAccount(
        id=account,
        policies={} if isinstance(policies, Unread) else {policy.id: policy for policy in policies},
        workflows=workflows,
        channels={channel.id: channel for channel in channels},
        destinations={destination.id: destination for destination in destinations},
        muting=() if isinstance(muting, Unread) else muting,
        incidents={} if isinstance(incidents, Unread) else incidents,
        signals=signals,
        problems=problems,
        fired_since=reader.now - _FIRED_WITHIN,
        unread_ways=unread_ways,
        unread_muting=muting.reason if isinstance(muting, Unread) else "",
        unread_incidents=incidents.reason if isinstance(incidents, Unread) else "",
        people=frozenset(name.lower() for name in reader.access.people),
        service_labels=reader.access.service_labels,
        runs_on=reader.runs_on,
    )
    return await asyncio.to_thread(_alarms, reader, judged, conditions)


def _alarms(reader: MonitorReader, account: NewRelicAccount, conditions: Sequence[ConditionPayload]) -> list[Alarm]:
    return [
        reader.alarm(
            f"{account.id}/condition/{condition.id}",
            condition.name or f"condition {condition.id}",
            **alarm_fields(condition, account, reader.now),
        )
        for condition in conditions
    ]


async def _ways(
    reader: MonitorReader, account: str
) -> tuple[Sequence[WorkflowPayload], Sequence[ChannelPayload], Sequence[DestinationPayload]]:
    workflows = await _list(reader, account, _WORKFLOWS, WorkflowPayload)
    channels = await _list(reader, account, _CHANNELS, ChannelPayload)
    return workflows, channels, await _list(reader, account, _DESTINATIONS, DestinationPayload)


async def _muting(reader: MonitorReader, account: str) -> Sequence[MutingRulePayload]:
    found = await _query(reader, account, _MUTING, _MUTING_QUERY, {})
    return _parsed(reader, MutingRulePayload, _inside(found, "alerts.mutingRules"), _MUTING)


async def _incidents(reader: MonitorReader, account: str) -> Mapping[str, Incidents]:
    """The incidents of each condition that had any within 90 days, by its id."""
    answer = await _query(reader, account, _INCIDENTS, _INCIDENTS_QUERY, {"nrql": _INCIDENTS_NRQL})
    rows = _inside(answer, "nrql.results")
    if not isinstance(rows, list):
        raise ReadError(_INCIDENTS, f"{_INCIDENTS} answered without results", "NotUnderstood")
    found = {}
    for row in rows:
        if isinstance(row, dict) and (condition := row.get("conditionId") or row.get("facet")):
            opened = row.get("opened")
            last = (
                datetime.fromtimestamp(opened / 1000, UTC) if isinstance(opened, int | float) and opened > 0 else None
            )
            found[str(condition)] = Incidents(last, row.get("event") == "open")
    return found


async def _signals(
    reader: MonitorReader, account: str, conditions: Sequence[ConditionPayload]
) -> tuple[Mapping[str, Maybe[AlarmState]], Mapping[str, str]]:
    """Whether the query of each condition returns data, and why one fails, by its id."""
    states: dict[str, Maybe[AlarmState]] = {}
    problems: dict[str, str] = {}
    for batch in batches(conditions, reader.access.most_queries):
        query, variables = batch_query(batch)
        try:
            answer = await reader.post("/graphql", _SIGNALS, _body(account, query, variables))
        except ReadError as error:
            reader.failed(error, kinds=())
            states |= {condition.id: Unread(reader.advice(error)) for condition in batch}
            continue
        found, errors = _inside(answer, "data.actor.account"), batch_errors(_inside(answer, "errors"))
        for number, condition in enumerate(batch):
            name = f"r{number}"
            if name in errors:
                states[condition.id], problems[condition.id] = AlarmState.ERROR, errors[name]
            elif "" in errors or not isinstance(found, Mapping):
                states[condition.id] = Unread(f"{_SIGNALS} failed: {errors.get('', 'no data')}")
            else:
                states[condition.id] = signal_of_results(condition, _inside(found.get(name), "results"))
    return states, problems


async def _list(reader: MonitorReader, account: str, action: str, kind: type[P]) -> Sequence[P]:
    """All items of a list with cursors."""
    path, member, fields = _LISTS[action]
    opened, closed = path.replace(".", " { "), " }" * path.count(".")
    query = (
        "query($account: Int!, $cursor: String) { actor { account(id: $account) { "
        f"{opened}(cursor: $cursor) {{ {member} {{ {fields} }} nextCursor }}{closed} }} }} }}"
    )
    found: list[P] = []
    cursors: set[str] = set()
    cursor: str | None = None
    while len(cursors) < _MOST_PAGES:
        page = _inside(await _query(reader, account, action, query, {"cursor": cursor}), path)
        rows = page.get(member) if isinstance(page, Mapping) else None
        found += await asyncio.to_thread(_parsed, reader, kind, rows, action)
        following = page.get("nextCursor") if isinstance(page, Mapping) else None
        if not isinstance(following, str) or not following or following in cursors:
            break
        cursors.add(following)
        cursor = following
    return found


async def _query(reader: MonitorReader, account: str, action: str, query: str, variables: Mapping[str, Any]) -> Any:
    """What NerdGraph answers of an account.

    Raises:
        ReadError: it failed. NerdGraph tells errors with status 200.
    """
    answer = await reader.post("/graphql", action, _body(account, query, variables))
    errors = answer.get("errors") if isinstance(answer, dict) else None
    found = _inside(answer, "data.actor.account") if isinstance(answer, dict) else None
    if isinstance(errors, list) and errors:
        said = str(errors[0].get("message", "")) if isinstance(errors[0], dict) else ""
        denied = any(word in said.lower() for word in ("access denied", "not authorized", "permission", "capab"))
        reason = f"access denied to {action}" if denied else f"{action} failed: {line(said, 200) or 'no reason given'}"
        raise ReadError(action, reason, "GraphQL")
    if found is None:
        raise ReadError(action, f"access denied to {action}: NerdGraph knows no account {account}", "NoAccount")
    return found


def _body(account: str, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"query": query, "variables": {"account": int(account), **variables}}


def _inside(value: Any, path: str) -> Any:
    return reduce(lambda here, step: here.get(step) if isinstance(here, Mapping) else None, path.split("."), value)


def _parsed(reader: MonitorReader, kind: type[P], rows: Any, action: str) -> list[P]:
    if not isinstance(rows, list):
        raise ReadError(action, f"{action} answered without a list", "NotUnderstood")
    found = []
    for row in rows:
        try:
            found.append(kind.model_validate(row))
        except (ValidationError, TypeError) as error:
            fields = ""
            if isinstance(error, ValidationError):
                fields = ", ".join(sorted({str(part["loc"][0])[:40] for part in error.errors() if part["loc"]}))
            name = str(row.get("id", "an item"))[:80] if isinstance(row, dict) else "an item"
            kinds = (Alarm,) if action == _CONDITIONS else ()
            reader.gap(action, f"{name} has an unexpected form ({fields or 'not an object'})", kinds=kinds)
    return found


def _sign_in(access: MonitorAccess) -> Mapping[str, str]:
    return {"api-key": access.api_key.get_secret_value()}


_RIGHT = "give the user of the key the right to view alerts in this account, and check region and account ID"

SOURCE = MonitorSource(
    kind="newrelic",
    title="New Relic",
    read=_read,
    url="https://api.newrelic.com",
    sign_in=_sign_in,
    grants=dict.fromkeys((*_LISTS, _MUTING, _INCIDENTS, _SIGNALS), _RIGHT),
    least_privilege="""\
Create a user for backstay in a group with a custom role that has the *View* capabilities of alerts (conditions, policies, muting
rules, workflows, destinations) and of NRQL queries, for the listed accounts alone, and a *user key* of that user. A key of the EU
region needs `region: eu`. backstay queries `NrAiIncident`, and runs the query of each condition once for the last hour, at most
`most_queries` of them, to see whether there is data.""",
)
