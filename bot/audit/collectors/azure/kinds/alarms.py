"""Alert rules of Azure Monitor: on metrics, on queries of logs, on the activity log and service health."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_signals import signal_of
from bot.audit.collectors.engine.row import Row
from checks import Alarm, Fact, Maybe, SignalKind, Unread

_GROUP: Final = "microsoft.insights/actiongroups"
_ACTIONS: Final = (
    "properties.actions[].actionGroupId",
    "properties.actions.actionGroups[].actionGroupId",
    "properties.actions.actionGroups",
    "properties.action.aznsAction.actionGroup",
)


def _metric(rule: AzureResource) -> Iterable[Fact]:
    """A rule on metrics; one of several metrics is a composite."""
    names = [row.text("metricName") for path in ("allOf", "anyOf") for row in rule.rows(f"properties.criteria.{path}")]
    names = [name for name in (*names, rule.text("properties.criteria.metricName")) if name]
    web_test = rule.ids("properties.criteria.webTestId")
    metric = names[0] if names else "availability" if web_test else ""
    signal = SignalKind.COMPOSITE if len(set(names)) > 1 else signal_of(metric)
    yield _alarm(rule, signal, metric, rule.ids("properties.scopes"))


def _logs(rule: AzureResource) -> Iterable[Fact]:
    """A rule on a query of logs. What it measures is in the words of the query."""
    queries = [row.text("query") for row in rule.rows("properties.criteria.allOf")] or [
        rule.text("properties.source.query")
    ]
    about = rule.ids("properties.scopes") or rule.ids("properties.source.dataSourceId")
    names = [row.text("metricMeasureColumn") for row in rule.rows("properties.criteria.allOf")]
    yield _alarm(rule, signal_of(" ".join((rule.identity.name, *queries))), names[0] if names else "", about)


def _activity(rule: AzureResource) -> Iterable[Fact]:
    """A rule on the activity log; those on service health and resource health report an outage."""
    category = next((row.text("equals") for row in _conditions(rule) if row.text("field").lower() == "category"), "")
    health = category.lower() in ("servicehealth", "resourcehealth")
    scopes = rule.ids("properties.scopes")
    yield _alarm(rule, SignalKind.AVAILABILITY if health else SignalKind.OTHER, category, scopes)


def _conditions(rule: AzureResource) -> Iterator[Row]:
    yield from rule.rows("properties.condition.allOf")


def _alarm(rule: AzureResource, signal: SignalKind, metric: str, about: tuple[str, ...]) -> Alarm:
    actions = _actions(rule)
    enabled = rule.flag("properties.enabled")
    return rule.fact(
        Alarm,
        product="monitor",
        about=about,
        signal=signal,
        metric=metric,
        enabled=enabled is not False,
        actions=actions,
        reaches_someone=_reaches(rule, actions),
    )


def _actions(rule: AzureResource) -> tuple[str, ...]:
    """The action groups of a rule: a list of objects or ids, by type of rule and version of its API."""
    found: list[str] = []
    actions = rule.value("properties.actions")
    for path in _ACTIONS[:1] if isinstance(actions, list) else _ACTIONS[1:]:
        listed = rule.value(path.partition("[]")[0])
        plain = isinstance(listed, str) or (isinstance(listed, list) and all(isinstance(item, str) for item in listed))
        if listed and plain is ("[]" not in path):
            found += rule.ids(path)
    return tuple(dict.fromkeys(found))


def _reaches(rule: AzureResource, actions: tuple[str, ...]) -> Maybe[bool]:
    """Whether one of its action groups is on and has a receiver."""
    groups = [rule.estate.by_id.get(arm) for arm in actions]
    if any(group is not None and _has_receiver(group) for group in groups):
        return True
    return Unread("its action group was not read") if None in groups else False


def _has_receiver(group: AzureResource) -> bool:
    own = group.row("properties")
    named = any(name.endswith("Receivers") and bool(own.value(name)) for name in own)
    return named and group.flag("properties.enabled") is not False


KINDS = (
    kind("Microsoft.Insights/metricAlerts", (Alarm,), _metric),
    kind("Microsoft.Insights/scheduledQueryRules", (Alarm,), _logs),
    kind("Microsoft.Insights/activityLogAlerts", (Alarm,), _activity),
)
