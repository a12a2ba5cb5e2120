"""Makes the alarm facts of Grafana's own alert rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.monitors.alertmanager.routes import AlertRoute
from bot.audit.collectors.monitors.alertmanager.routing import RouteTree
from bot.audit.collectors.monitors.grafana.queries import meaning_of_queries, models_in
from bot.audit.collectors.monitors.promql.alarms import RESOURCE_LABELS
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.routed import NoRouting, routed_alarms
from bot.audit.collectors.monitors.source import LabelSet, Routed, Routing, Series
from bot.net.plain_text import line
from checks import Alarm, AlarmState, Maybe, Unread

_MOST_INSTANCES: Final = 500
_HEALTH: Final = {"error": AlarmState.ERROR, "err": AlarmState.ERROR, "nodata": AlarmState.NO_DATA, "ok": AlarmState.OK}
_INTERNAL: Final = "__alert_rule_uid__"


@dataclass(frozen=True, slots=True)
class GrafanaRule:
    """An alert rule: `state` from the list of states, `provisioned` from the provisioning API (empty where it is not readable)."""

    uid: str
    title: str
    group: str
    folder: str
    state: Row
    provisioned: Row


@dataclass(frozen=True, slots=True)
class FiringHistory:
    """When rules last fired, by uid and by title; since when it reaches back. `unread`: why it is not known."""

    at: Mapping[str, datetime]
    since: datetime | None = None
    unread: Unread | None = None

    def last(self, rule: GrafanaRule) -> Maybe[datetime | None]:
        """When a rule last fired; None where it did not within the history."""
        found = [self.at[key] for key in (rule.uid, rule.provisioned.text("id"), rule.title) if key and key in self.at]
        return max(found) if found else self.unread


def alarms_of(
    reader: MonitorReader, rules: Sequence[GrafanaRule], tree: Maybe[RouteTree], firings: FiringHistory
) -> list[Alarm]:
    """The alarms of these rules: one for each group of instances that reaches the same receivers."""
    found: list[Alarm] = []
    for rule in rules:
        try:
            found += _alarms(reader, rule, tree, firings)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            reader.odd(ValueError(type(error).__name__), "/api/prometheus/grafana/api/v1/rules", rule.title)
    return found


def _alarms(reader: MonitorReader, rule: GrafanaRule, tree: Maybe[RouteTree], firings: FiringHistory) -> list[Alarm]:
    data = rule.provisioned.value("data") or models_in(rule.state.text("query"))
    services = reader.access.service_labels
    meaning = meaning_of_queries(rule.title, data, (*services, *RESOURCE_LABELS))
    paused = rule.provisioned.flag("isPaused") or rule.state.flag("isPaused") or False
    state, problem = _state(rule)
    alarm = reader.alarm(
        rule.uid or f"{rule.folder}/{rule.group}/{rule.title}",
        rule.title,
        signal=meaning.signals[0],
        signals=meaning.signals,
        metric=line(", ".join(meaning.metrics[:5]), 300),
        enabled=not paused,
        state=state,
        problem=line(problem, 300),
        fired_at=reader.now if state is AlarmState.FIRING else firings.last(rule),
        fired_since=firings.since,
        engines=meaning.engines,
    )
    own = rule.provisioned.labels("labels") or rule.state.labels("labels")
    annotations = rule.provisioned.labels("annotations") or rule.state.labels("annotations")
    told = next((text for text in (_pairs(own, services), _pairs(annotations, services)) if text), "")
    matched = ", ".join(f"{label}={value}" for label, value in meaning.values if label in services)
    resources = tuple(f"{label}={value}" for label, value in meaning.values if label not in services)
    series = [
        Series(
            labels,
            tuple(filter(None, (told or _pairs(labels, services) or matched,))),
            tuple(dict.fromkeys((*_resources(labels), *resources))),
        )
        for labels in _instances(rule, own)
    ]
    possible: frozenset[str] | None = frozenset() if rule.state.value("alerts") else None
    return list(routed_alarms([Routed(alarm, series, possible)], {"": _routing(rule, tree)}, ()))


def _routing(rule: GrafanaRule, tree: Maybe[RouteTree]) -> Routing:
    """The tree of policies, or the one receiver that the rule itself names."""
    if isinstance(tree, Unread):
        return NoRouting(tree.reason)
    settings: Any = rule.provisioned.value("notification_settings") or rule.state.value("notificationSettings")
    if not isinstance(settings, Mapping) or not settings.get("receiver"):
        return tree
    names = {key: settings.get(f"{key}_time_intervals") or () for key in ("mute", "active")}
    route = AlertRoute(str(settings["receiver"]), muted_in=tuple(names["mute"]), active_in=tuple(names["active"]))
    return replace(tree, root=route)


def _state(rule: GrafanaRule) -> tuple[Maybe[AlarmState], str]:
    if rule.state.text("state") == "firing":
        return AlarmState.FIRING, ""
    health = rule.state.text("health")
    if health in _HEALTH:
        problem = rule.state.text("lastError") if _HEALTH[health] is AlarmState.ERROR else ""
        return _HEALTH[health], problem
    return Unread("its state is not in the list of states"), ""


def _instances(rule: GrafanaRule, own: Mapping[str, str]) -> list[LabelSet]:
    """The labels of each alert that the rule has now, else those that it sets itself."""
    fixed = {label: value for label, value in own.items() if "{{" not in value}
    base = {
        "alertname": rule.title,
        "grafana_folder": rule.folder,
        **({_INTERNAL: rule.uid} if rule.uid else {}),
        **fixed,
    }
    seen: list[LabelSet] = [{**base, **alert.labels("labels")} for alert in rule.state.rows("alerts")[:_MOST_INSTANCES]]
    return seen or [base]


def _pairs(labels: Mapping[str, str], names: Sequence[str]) -> str:
    given = [(name, labels[name]) for name in names if labels.get(name) and "{{" not in labels[name]]
    return ", ".join(f"{name}={value}" for name, value in given if "|" not in value and ", " not in value)


def _resources(labels: LabelSet) -> tuple[str, ...]:
    return tuple(f"{label}={labels[label]}" for label in RESOURCE_LABELS if labels.get(label))
