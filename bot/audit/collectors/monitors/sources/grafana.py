"""Grafana: its own alert rules, their state, contact points, notification policies, mute timings and silences.

Shapes: https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/ (rules, contact points, policies, mute
timings), its Prometheus-compatible list of states and Alertmanager-compatible silences, and .../http_api/annotations/.
Rules that a data source manages (Mimir, Prometheus) are read from that system: list it as kind prometheus.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.access import MonitorAccess, bearer_or_basic
from bot.audit.collectors.monitors.alertmanager.contacts import Receiver, contact
from bot.audit.collectors.monitors.alertmanager.intervals import read_intervals
from bot.audit.collectors.monitors.alertmanager.matchers import (
    LabelMatcher,
    matchers_of,
    object_matchers,
)
from bot.audit.collectors.monitors.alertmanager.routes import route_tree
from bot.audit.collectors.monitors.alertmanager.routing import RouteTree
from bot.audit.collectors.monitors.alertmanager.silences import active_silences
from bot.audit.collectors.monitors.grafana.alarms import FiringHistory, GrafanaRule, alarms_of
from bot.audit.collectors.monitors.reader import MonitorReader, rows_of
from bot.audit.collectors.monitors.source import MonitorReading, MonitorSource
from bot.net.read_error import ReadError
from checks import Unread

STATES: Final = "/api/prometheus/grafana/api/v1/rules"
RULES: Final = "/api/v1/provisioning/alert-rules"
CONTACTS: Final = "/api/v1/provisioning/contact-points"
POLICIES: Final = "/api/v1/provisioning/policies"
TIMINGS: Final = "/api/v1/provisioning/mute-timings"
SILENCES: Final = "/api/alertmanager/grafana/api/v2/silences"
ANNOTATIONS: Final = "/api/annotations"
_BACK: Final = timedelta(days=90)
_PAGE, _MOST_PAGES = 1_000, 50
_GROUPS: Final = "500"


async def read(reader: MonitorReader) -> MonitorReading:
    """Read states, rules, policies and history side by side.

    Raises:
        ReadError: neither the states nor the rules can be read.
    """
    states, provisioned, tree, firings = await asyncio.gather(
        reader.attempt(_states(reader)),
        reader.attempt(reader.rows(RULES, RULES)),
        reader.maybe(_tree(reader)),
        _history(reader),
    )
    if isinstance(states, ReadError) and isinstance(provisioned, ReadError):
        raise states
    for failed in (states, provisioned):
        if isinstance(failed, ReadError):
            reader.failed(failed, kinds=())
    rules = _joined(
        reader,
        [] if isinstance(states, ReadError) else states,
        [] if isinstance(provisioned, ReadError) else provisioned,
    )
    return MonitorReading(alarms=await asyncio.to_thread(alarms_of, reader, rules, tree, firings))


async def _states(reader: MonitorReader) -> list[Row]:
    """The groups of rules with their states, page by page."""
    found: list[Row] = []
    token = ""
    for _ in range(_MOST_PAGES):
        params = {"group_limit": _GROUPS} | ({"group_next_token": token} if token else {})
        body = await reader.get(STATES, STATES, params)
        data = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(data, Mapping):
            raise ReadError(STATES, f"{STATES} answered without data", "NotUnderstood")
        found += rows_of(data.get("groups") or [], STATES)
        token = data.get("groupNextToken") or ""
        if not isinstance(token, str) or not token:
            break
    return found


def _joined(reader: MonitorReader, groups: list[Row], provisioned: list[Row]) -> list[GrafanaRule]:
    """The rules of both lists, by uid; where the list of states has none (Grafana before 11.4), by title and group."""
    by_uid = {row.text("uid"): row for row in provisioned}
    by_title = {(row.text("title"), row.text("ruleGroup")): row for row in provisioned}
    found: list[GrafanaRule] = []
    seen: set[int] = set()
    for group in groups:
        for rule in _rules_of(reader, group):
            try:
                if rule.text("type", "alerting") != "alerting":
                    continue
                title, name = rule.text("name"), group.text("name")
                other = by_uid.get(rule.text("uid")) or by_title.get((title, name)) or Row({})
                uid = rule.text("uid") or other.text("uid")
                found.append(GrafanaRule(uid, title, name, group.text("file"), rule, other))
                seen.add(id(other))
            except OddFieldError as error:
                reader.odd(error, STATES, "a rule")
    for row in provisioned:
        if id(row) not in seen and not row.value("record"):
            folder = row.text("folderUID")
            found.append(GrafanaRule(row.text("uid"), row.text("title"), row.text("ruleGroup"), folder, Row({}), row))
    return found


def _rules_of(reader: MonitorReader, group: Row) -> tuple[Row, ...]:
    try:
        return group.rows("rules")
    except OddFieldError as error:
        reader.odd(error, STATES, "a group of rules")
        return ()


async def _tree(reader: MonitorReader) -> RouteTree:
    policies, contacts, timings, silences = await asyncio.gather(
        reader.attempt(reader.get(POLICIES, POLICIES)),
        reader.attempt(reader.rows(CONTACTS, CONTACTS)),
        reader.part(reader.get(TIMINGS, TIMINGS), []),
        reader.maybe(active_silences(reader, SILENCES)),
    )
    for failed in (policies, contacts):
        if isinstance(failed, ReadError):
            raise failed
    assert not isinstance(contacts, ReadError)  # noqa: S101 - raised above
    try:
        root, receivers, intervals = (
            route_tree(policies, _matchers),
            _receivers(reader, contacts),
            read_intervals(timings),
        )
    except ValueError as error:
        raise ReadError(POLICIES, f"its notification policies cannot be understood: {error}", "NotUnderstood") from None
    return RouteTree(root, receivers, intervals, silences, (), reader.now)


def _receivers(reader: MonitorReader, contacts: list[Row]) -> dict[str, Receiver]:
    """The contact points by name: several ways may have the same one."""
    people = frozenset(reader.access.people)
    found: dict[str, Receiver] = {}
    for row in contacts:
        name = row.text("name")
        way = contact(row.text("type"), name, row.labels("settings"), reader.runs_on, person=name in people)
        found[name] = Receiver(name, (*found.get(name, Receiver(name)).contacts, way))
    return found


def _matchers(route: Mapping[str, Any]) -> tuple[LabelMatcher, ...]:
    return (*object_matchers(route.get("object_matchers") or ()), *matchers_of(route))


async def _history(reader: MonitorReader) -> FiringHistory:
    """The last firing of each rule by the annotations that Grafana writes of state changes, newest first, page by page."""
    begin, end = reader.now - _BACK, reader.now
    at: dict[str, datetime] = {}
    read = 0
    try:
        for _ in range(_MOST_PAGES):
            span = {"from": _milliseconds(begin), "to": _milliseconds(end)}
            rows = await reader.rows(ANNOTATIONS, ANNOTATIONS, {"type": "alert", "limit": str(_PAGE), **span})
            read += len(rows)
            moments = [moment for row in rows if (moment := _moment(row)) is not None]
            for row in rows:
                moment = _moment(row)
                if moment is not None and row.text("newState").lower().startswith("alerting"):
                    for key in (row.text("alertId"), row.text("alertName")):
                        if key and key != "0":
                            at[key] = max(at.get(key, moment), moment)
            if len(rows) < _PAGE or not moments or min(moments) >= end:
                break
            end = min(moments)
        else:
            begin = end  # what is older was not read
    except ReadError as error:
        reader.failed(error, kinds=())
        return FiringHistory({}, None, Unread(reader.advice(error)))
    if not read:
        return FiringHistory(
            {}, None, Unread("Grafana has no annotation of a change of state; its history may be kept in Loki")
        )
    return FiringHistory(at, begin)


def _moment(row: Row) -> datetime | None:
    value = row.value("time")
    try:
        return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def _milliseconds(at: datetime) -> str:
    return f"{at.timestamp() * 1000:.0f}"


def _sign_in(access: MonitorAccess) -> Mapping[str, str]:
    headers = {key: value for key, value in bearer_or_basic(access).items() if key != "x-scope-orgid"}
    return headers | ({"x-grafana-org-id": access.tenant} if access.tenant else {})


SOURCE = MonitorSource(
    kind="grafana",
    title="Grafana",
    read=read,
    sign_in=_sign_in,
    grants={
        STATES: "grant the service account `alert.rules:read` and `folders:read`",
        RULES: "grant the service account `alert.provisioning:read`",
        CONTACTS: "grant the service account `alert.provisioning:read`",
        POLICIES: "grant the service account `alert.provisioning:read`",
        TIMINGS: "grant the service account `alert.provisioning:read`",
        SILENCES: "grant the service account `alert.instances:read`",
        ANNOTATIONS: "grant the service account `annotations:read`",
    },
    least_privilege=(
        "A service account with the basic role None, a token of it, and a role with `alert.rules:read` and `folders:read` on all folders, "
        "`alert.provisioning:read`, `alert.instances:read` and `annotations:read` on `annotations:type:*`; none of them can write or see a "
        "secret. Without role-based access control (open source): the basic role Viewer; `backstay doctor` names each call that it is "
        "denied, and what these would tell is unknown."
    ),
)
