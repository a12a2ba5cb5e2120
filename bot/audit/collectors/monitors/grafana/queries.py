"""What the queries of a Grafana alert rule measure, by the data source that each of them is for.

A rule's `data` lists queries (`model` in the words of the data source) and expressions over them (`datasourceUid: __expr__`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.audit.collectors.monitors.alertmanager.matchers import MatcherError, parse_matchers
from bot.audit.collectors.monitors.promql.expression import UnreadableExpressionError, read_expression
from bot.audit.collectors.monitors.promql.rules import Recorded, meaning_of
from bot.audit.collectors.monitors.signals import ORDER, engine_of, main_signal, signal_of_name
from checks import SignalKind

_EXPRESSIONS: Final = frozenset({"__expr__", "-100"})
_SELECTOR: Final = re.compile(r"\{([^{}]{1,2000})\}")
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class QueriesMeaning:
    """What the queries of a rule are about. `values`: (label, value) that they select, where all of them agree."""

    signals: tuple[SignalKind, ...]
    metrics: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


def meaning_of_queries(title: str, data: Sequence[Any], labels: Sequence[str]) -> QueriesMeaning:
    """What a rule means. `title` decides where its queries do not tell; `labels`: those whose values are looked for."""
    kinds: set[SignalKind] = set()
    metrics: list[str] = []
    engines: list[str] = []
    told: list[dict[str, tuple[str, ...]]] = []
    for model in _models(data):
        for text in (model.get("expr"), model.get("query")):
            if isinstance(text, str) and text.strip():
                found, names, values = _of_text(title, text[:_LONGEST], labels)
                kinds |= found
                metrics += names
                engines += [engine for name in names if (engine := engine_of(name))]
                told.append(values)
        if isinstance(name := model.get("metricName"), str) and name:
            space = str(model.get("namespace", ""))
            kinds.add(signal_of_name(name))
            metrics.append(f"{space}/{name}".strip("/"))
            engines += [engine for word in (space.rpartition("/")[2],) if (engine := engine_of(word))]
            told.append(_dimensions(model.get("dimensions")))
    known: set[SignalKind] = {kind for kind in kinds if kind not in (SignalKind.OTHER, SignalKind.TRAFFIC)} or {
        signal_of_name(title)
    }
    signals = tuple(kind for kind in ORDER if kind in known) or (main_signal(kinds),)
    return QueriesMeaning(signals, tuple(dict.fromkeys(metrics)), tuple(dict.fromkeys(engines)), _agreed(told))


def models_in(query: str) -> list[Any]:
    """The models of a rule as the list of states writes them: JSON of one, or of a list; else the text as an expression."""
    try:
        found = json.loads(query)
    except (ValueError, RecursionError):
        return [{"model": {"expr": query}}] if query else []
    listed = found if isinstance(found, list) else [found]
    return [item if isinstance(item, Mapping) and "model" in item else {"model": item} for item in listed]


def _models(data: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for query in data:
        model = query.get("model") if isinstance(query, Mapping) else None
        if isinstance(model, Mapping) and str(query.get("datasourceUid", "")) not in _EXPRESSIONS:
            yield model


def _of_text(
    title: str, text: str, labels: Sequence[str]
) -> tuple[set[SignalKind], list[str], dict[str, tuple[str, ...]]]:
    try:
        read_expression(text)
    except UnreadableExpressionError:
        return set(), [], _selected(text, labels)
    meaning = meaning_of(title, text, Recorded())
    values: dict[str, tuple[str, ...]] = {}
    for label, value in meaning.values(labels):
        values[label] = (*values.get(label, ()), value)
    return set(meaning.signals), list(meaning.metrics), values


def _selected(text: str, labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What a query of logs selects: `{app="checkout"} |= "error"`."""
    match = _SELECTOR.search(text)
    try:
        matchers = parse_matchers(match[1]) if match else ()
    except MatcherError:
        return {}
    return {found.name: (found.value,) for found in matchers if found.operator == "=" and found.name in labels}


def _dimensions(found: Any) -> dict[str, tuple[str, ...]]:
    """The dimensions of a CloudWatch query: `{"DBInstanceIdentifier": ["orders"]}`; `*` selects every value."""
    told: dict[str, tuple[str, ...]] = {}
    for name, value in found.items() if isinstance(found, Mapping) else ():
        values = tuple(str(item) for item in (value if isinstance(value, list) else [value]))
        if values and "*" not in values:
            told[str(name)] = values
    return told


def _agreed(told: Sequence[Mapping[str, tuple[str, ...]]]) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(name for values in told for name in values)
    found: list[tuple[str, str]] = []
    for name in names:
        given = [values[name] for values in told if name in values]
        if all(values == given[0] for values in given):
            found += [(name, value) for value in given[0]]
    return tuple(found)
