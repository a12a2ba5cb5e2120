"""Makes the alarm facts of alert rules in PromQL: their state, what they watch, and the labels that route them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.audit.collectors.monitors.promql.alert_rules import AlertRule
from bot.audit.collectors.monitors.promql.expression import SeriesSelector
from bot.audit.collectors.monitors.promql.firings import Firings
from bot.audit.collectors.monitors.promql.series import SeriesAsked
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.signals import selects_failures, signal_of_name
from bot.audit.collectors.monitors.source import LabelSet, Routed, Series
from bot.net.plain_text import line
from checks import AlarmState, Maybe, SignalKind, Unread

RESOURCE_LABELS: Final = (
    *("instance", "server", "host", "target", "db", "dbname", "database", "datname", "cluster", "cluster_name"),
    *("dbinstance_identifier", "dbcluster_identifier", "cache_cluster_id", "replication_group_id", "table_name"),
    *("queue", "queue_name", "topic", "topic_name", "bucket", "bucket_name", "load_balancer", "function_name"),
    *("replset", "rs_nm", "stream_name", "domain_name", "database_id", "instance_id", "resource", "name"),
)
"""Labels whose value may be the name of a datastore or of another resource, as exporters of databases and clouds set them."""

_MOST_WATCHED: Final = 10_000
_MOST_VALUES: Final = 20
_ABSENT: Final = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the rules: labels that every alert gets, dropped labels, and targets that are down, by job."""

    external: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    relabelled: bool = False
    down: Mapping[str, str] = field(default_factory=dict)


def selectors_to_ask(rules: Sequence[AlertRule]) -> list[SeriesSelector]:
    """The selectors whose series tell whether the rules have data, and what they watch."""
    return [selector for rule in rules for selector in _asked(rule)]


def selectors_to_ask_again(rules: Sequence[AlertRule], series: SeriesAsked) -> list[SeriesSelector]:
    """Of rules without any series, their selectors without what selects failures: those appear with the first failure."""
    return [
        relaxed
        for rule in rules
        if not _has_data(rule, series) and not any(isinstance(series.of(s), Unread) for s in _asked(rule))
        for selector in _asked(rule)
        if (relaxed := _relaxed(selector)) != selector
    ]


def routed_of(
    reader: MonitorReader, rules: Sequence[AlertRule], series: SeriesAsked, firings: Firings, around: Surroundings
) -> list[Routed]:
    """The alarm of each rule. Takes tens of microseconds for each."""
    return [_routed(reader, rule, series, firings, around) for rule in rules]


def _routed(
    reader: MonitorReader, rule: AlertRule, series: SeriesAsked, firings: Firings, around: Surroundings
) -> Routed:
    state, problem = _state(rule, series, around)
    alarm = reader.alarm(
        rule.key,
        rule.name,
        signal=rule.meaning.signal,
        signals=rule.meaning.signals,
        metric=line(", ".join(rule.meaning.metrics[:5]), 300),
        state=state,
        problem=line(problem, 300),
        fired_at=reader.now if rule.firing else firings.last(rule.name, rule.fixed),
        fired_since=firings.since,
        engines=rule.meaning.engines,
    )
    sets = _label_sets(rule, series)
    watched = _Watched(rule, reader.access.service_labels)
    found = {}
    for alert in _alerts(rule, sets):
        kept = {label: value for label, value in alert[0].items() if _kept(rule, label)}
        one = Series(_routable(rule, kept, around), watched.services(alert), watched.resources(alert))
        found[frozenset(one.labels.items()), one.watches, one.watches_resources] = one
    return Routed(alarm, list(found.values()), _possible(rule, around, seen=bool(sets)))


def _alerts(rule: AlertRule, sets: Sequence[LabelSet]) -> list[list[LabelSet]]:
    """The series behind each alert: those that differ only in labels that the expression drops make one alert."""
    groups: dict[frozenset[tuple[str, str]], list[LabelSet]] = {}
    for labels in sets:
        key = frozenset((label, value) for label, value in labels.items() if _kept(rule, label))
        groups.setdefault(key, []).append(labels)
    return list(groups.values()) or [[{}]]


def _asked(rule: AlertRule) -> list[SeriesSelector]:
    """The selectors that a rule needs series of; what it waits to be absent is not among them."""
    if rule.meaning.expression is None:
        return []
    return [
        selector
        for selector in rule.meaning.expression.selectors
        if selector.decides and (selector.metric or selector.matchers) and _ABSENT.isdisjoint(selector.within)
    ]


def _relaxed(selector: SeriesSelector) -> SeriesSelector:
    kept = tuple(m for m in selector.matchers if not selects_failures(m.label, m.operator, m.value))
    return SeriesSelector(selector.metric, kept, selector.within, selector.decides, selector.numerator)


def _has_data(rule: AlertRule, series: SeriesAsked) -> bool:
    return any(
        found for s in _asked(rule) for found in (series.of(s), _again(s, series)) if not isinstance(found, Unread)
    )


def _again(selector: SeriesSelector, series: SeriesAsked) -> Maybe[tuple[LabelSet, ...]]:
    relaxed = _relaxed(selector)
    return series.found.get(str(relaxed), ()) if relaxed != selector else ()


def _state(rule: AlertRule, series: SeriesAsked, around: Surroundings) -> tuple[Maybe[AlarmState], str]:
    """The state of a rule, and its error."""
    evaluated: dict[str, tuple[Maybe[AlarmState], str]] = {
        "err": (AlarmState.ERROR, rule.problem or "its last evaluation failed"),
        "unknown": (Unread("it was not evaluated yet"), ""),
    }
    if rule.health in evaluated:
        return evaluated[rule.health]
    if rule.firing:
        return AlarmState.FIRING, ""
    if rule.meaning.expression is None:
        return Unread("its expression is not PromQL that backstay can parse"), ""
    asked = _asked(rule)
    return (AlarmState.OK, "") if not asked or _has_data(rule, series) else _without_data(asked, series, around)


def _without_data(
    asked: Sequence[SeriesSelector], series: SeriesAsked, around: Surroundings
) -> tuple[Maybe[AlarmState], str]:
    """The state of a rule that selects no series now."""
    found = [sets for selector in asked for sets in (series.of(selector), _again(selector, series))]
    unread = next((sets for sets in found if isinstance(sets, Unread)), None)
    if unread is not None:
        return unread, ""
    jobs = [m.value for selector in asked for m in selector.matchers if m.label == "job" and m.operator == "="]
    if down := next((around.down[job] for job in jobs if job in around.down), ""):
        return AlarmState.NO_DATA, down
    names = ", ".join(dict.fromkeys(selector.metric or str(selector) for selector in asked))
    if all(signal_of_name(selector.metric) is SignalKind.ERRORS for selector in asked):
        return Unread(f"no series of {names} now; a counter of errors may appear with the first error"), ""
    return AlarmState.NO_DATA, f"no series of {names} now"


def _label_sets(rule: AlertRule, series: SeriesAsked) -> list[LabelSet]:
    """The label sets of the series that a rule is about now, those that its expression drops left in."""
    found: dict[frozenset[tuple[str, str]], LabelSet] = {}
    for selector in _asked(rule):
        for sets in (series.of(selector), _again(selector, series)):
            for labels in () if isinstance(sets, Unread) else sets:
                found.setdefault(frozenset(labels.items()), labels)
    return list(found.values())[:_MOST_WATCHED]


def _kept(rule: AlertRule, label: str) -> bool:
    expression = rule.meaning.expression
    return expression is not None and (expression.labels is None or label in expression.labels)


class _Watched:
    """What the alerts of a rule watch: by the rule's own labels and annotations, else by its series, else by its matchers.

    A text for services lists every label with all the values that it has behind one alert, so that an alert on the sum of two
    services is seen to be about neither.
    """

    def __init__(self, rule: AlertRule, services: Sequence[str]) -> None:
        self._rule, self._services = rule, tuple(services)
        self._labels = tuple(label for label in RESOURCE_LABELS if label not in services)
        self._told = next((own for own in (_own(rule.fixed, services), _own(rule.annotations, services)) if own), "")
        self._matched: dict[str, list[str]] = {}
        for label, value in rule.meaning.values((*self._services, *self._labels)):
            self._matched.setdefault(label, []).append(value)

    def services(self, series: Sequence[LabelSet]) -> tuple[str, ...]:
        """What names the service of one alert."""
        if self._told:
            return (self._told,)
        values = {label: self._values(label, series) for label in self._services}
        told = {label: found for label, found in values.items() if found}
        several = next((label for label, found in told.items() if len(found) > 1 and _kept(self._rule, label)), None)
        if several is None:
            return tuple(filter(None, (_text(told),)))
        return tuple(_text({**told, several: [value]}) for value in told[several])  # an alert for each of them

    def resources(self, series: Sequence[LabelSet]) -> tuple[str, ...]:
        """What may name resources of one alert."""
        values = ((label, self._values(label, series)) for label in self._labels)
        return tuple(f"{label}={found[0]}" for label, found in values if len(found) == 1)

    def _values(self, label: str, series: Sequence[LabelSet]) -> list[str]:
        seen = list(dict.fromkeys(labels[label] for labels in series if label in labels))
        whole = all(label in labels for labels in series)
        return [*seen, *(() if whole else ("",))] if seen else self._matched.get(label, [])


def _own(told: Mapping[str, str], labels: Sequence[str]) -> str:
    return _text({label: [told[label]] for label in labels if told.get(label) and "{{" not in told[label]})


def _text(told: Mapping[str, Sequence[str]]) -> str:
    """As `checks.Alarm.watches` has it: `service=checkout|login, job=shop`. What has more values than are listed names none."""
    listed = {
        label: values if len(values) <= _MOST_VALUES else (*values[:_MOST_VALUES], "") for label, values in told.items()
    }
    return ", ".join(f"{label}={'|'.join(values)}" for label, values in listed.items() if not _separated(values))


def _separated(values: Sequence[str]) -> bool:
    return any("|" in value or ", " in value for value in values)


def _routable(rule: AlertRule, series: LabelSet, around: Surroundings) -> LabelSet:
    """The labels of an alert as Alertmanager gets them: of the series or the matchers, of the rule, of the whole system."""
    expression = rule.meaning.expression
    fixed = {} if expression is None else expression.fixed
    merged = {**around.external, **rule.labels_for({**fixed, **series})}
    return {label: value for label, value in merged.items() if label not in around.dropped}


def _possible(rule: AlertRule, around: Surroundings, *, seen: bool) -> frozenset[str] | None:
    """Labels that the alerts may have beside the known ones. `seen`: its series were read with every label that routes."""
    expression = rule.meaning.expression
    if around.relabelled:
        return None
    if seen:
        return rule.templated - around.dropped
    if expression is None or expression.labels is None:
        return None
    return (expression.labels | rule.templated) - around.dropped
