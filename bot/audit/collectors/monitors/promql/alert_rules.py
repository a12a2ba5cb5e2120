"""The alert rules of one system as they are listed, and what each of them means."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.promql.rules import Recorded, RuleMeaning, meaning_of
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.source import LabelSet

RULES: Final = "/api/v1/rules"
_COPIED: Final = re.compile(r"\s*\{\{-?\s*(?:\.Labels|\$labels)\.([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}\s*")
_LONGEST_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert rule. `fixed`: its own labels with plain values, `copied`: those that repeat a label of the series.

    `templated`: labels whose values are not known before it fires. `problem`: the error of its last evaluation.
    """

    key: str
    name: str
    meaning: RuleMeaning
    fixed: Mapping[str, str]
    copied: Mapping[str, str] = field(default_factory=dict)
    templated: frozenset[str] = frozenset()
    annotations: Mapping[str, str] = field(default_factory=dict)
    health: str = ""
    problem: str = ""
    firing: bool = False

    def labels_for(self, series: LabelSet) -> LabelSet:
        """The labels of the alert for one series, as far as they are known."""
        given = {label: series[source] for label, source in self.copied.items() if source in series}
        seen = {label: value for label, value in series.items() if label not in self.templated}
        return {**seen, **given, **self.fixed, "alertname": self.name}


def alert_rules(reader: MonitorReader, groups: Iterable[Row]) -> list[AlertRule]:
    """The alert rules of these groups; one that is odd costs no other. Takes some tens of microseconds for each."""
    listed = list(groups)
    recorded = Recorded()
    for group in listed:
        for rule in _rules_of(reader, group):
            if rule.value("type") == "recording":
                recorded.add(str(rule.value("name")), str(rule.value("query"))[: _LONGEST_TEXT * 4])
    taken: Counter[str] = Counter()
    found = []
    for group in listed:
        for rule in _rules_of(reader, group):
            if rule.value("type") in ("alerting", None):
                try:
                    found.append(_alert_rule(group, rule, recorded, taken))
                except OddFieldError as error:
                    reader.odd(error, RULES, str(rule.value("name"))[:100])
    return found


def _rules_of(reader: MonitorReader, group: Row) -> tuple[Row, ...]:
    try:
        return group.rows("rules")
    except OddFieldError as error:
        reader.odd(error, RULES, "a group of rules")
        return ()


def _alert_rule(group: Row, rule: Row, recorded: Recorded, taken: Counter[str]) -> AlertRule:
    name = rule.text("name") or "(no name)"
    key = f"{group.text('file')}/{group.text('name')}/{name}"
    taken[key] += 1
    labels = rule.labels("labels")
    copied = {label: match[1] for label, value in labels.items() if (match := _COPIED.fullmatch(value))}
    templated = frozenset(label for label, value in labels.items() if "{{" in value)
    return AlertRule(
        key=key if taken[key] == 1 else f"{key}/{taken[key]}",
        name=name,
        meaning=meaning_of(name, rule.text("query"), recorded),
        fixed={label: value for label, value in labels.items() if label not in templated and value},
        copied=copied,
        templated=templated,
        annotations={label: value[:_LONGEST_TEXT] for label, value in rule.labels("annotations").items()},
        health=rule.text("health"),
        problem=rule.text("lastError")[:_LONGEST_TEXT],
        firing=rule.text("state") == "firing",
    )
