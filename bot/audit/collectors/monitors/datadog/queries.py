"""Reads the query of a Datadog monitor: what it measures, of which tags, by which groups, and which parts it is made of.

MonitorSource: https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor (the form of a query for each type of monitor).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.monitors.datadog.tag_queries import Every, OddQueryError, Query, parse, required
from bot.audit.collectors.monitors.metric_words import signal_of_words
from checks import SignalKind

_METRIC = re.compile(r"(?:(?P<aggregator>[a-z]\w*):)?(?P<name>[a-zA-Z][\w.]*)\{(?P<filter>[^{}]*)\}")
_BY_BRACES = re.compile(r"\bby\s*\{([^{}]*)\}")
_BY_CALL = re.compile(r"\.by\(([^()]*)\)")
_SEARCH = re.compile(r"^\s*[\w-]+\((?P<quote>[\"'])(?P<search>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\)", re.DOTALL)
_CHECK = re.compile(r"^\s*[\"'](?P<name>[\w.@-]+)[\"']")
_OVER = re.compile(r"\.over\(([^()]*)\)")
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")
_SLO = re.compile(r"(?:burn_rate|error_budget)\(\s*[\"']([0-9a-zA-Z]{1,64})[\"']\s*\)")
_MEASURE = re.compile(r"\.(?:rollup)\(([^()]*)\)")
_PART = re.compile(r"(!?)\s*(\d{1,19})")
_MOST = 50_000
"""Characters of a query that are read."""

_AVAILABILITY = frozenset(("service check", "synthetics alert", "process alert", "host alert", "network-path alert"))
_OTHER = frozenset(("ci-pipelines alert", "ci-tests alert", "audit alert", "cost alert", "data-quality alert"))


@dataclass(frozen=True, slots=True)
class MonitorQuery:
    """What a query says.

    `metric`: the metric, check or search, in short. `filters`: the tag queries of its parts, each of which must hold.
    `groups`: the keys by which it is grouped. `slo`: the id of the objective that it watches. `parts`: of a composite
    monitor, the ids of the monitors in it; `alone`: those of them that make it alert by themselves.
    """

    signal: SignalKind
    metric: str = ""
    filters: tuple[Query, ...] = ()
    groups: tuple[str, ...] = ()
    slo: str = ""
    parts: tuple[int, ...] = ()
    alone: frozenset[int] = frozenset()

    def watched(self) -> dict[str, frozenset[str]]:
        """The values of each tag of which the query watches all parts; several where it names alternatives.

        Of a ratio (errors by hits) the tags that both sides have.
        """
        each = [found for part in self.filters if (found := required(part))]
        if not each:
            return {}
        return {
            key: frozenset().union(*(part[key] for part in each)) for key in set(each[0]).intersection(*each[1:]) if key
        }


def read_query(kind: str, query: str, options: Mapping[str, Any]) -> MonitorQuery:
    """What a query says, by the monitor's type (`query alert`). An unknown type is read by the words of its query."""
    text = query[:_MOST]
    if kind == "composite":
        return _composite(text)
    if kind == "slo alert":
        found = _SLO.search(text)
        return MonitorQuery(SignalKind.ERRORS, metric="error budget", slo=found[1] if found else "")
    if kind == "synthetics alert":
        return MonitorQuery(SignalKind.AVAILABILITY, metric="synthetic test")
    if kind == "service check":
        return _service_check(text)
    variables = options.get("variables")
    inner = " ".join(_inner_queries(variables)) if isinstance(variables, list) else ""
    if found := _SEARCH.match(text):
        if found["search"] and "formula(" not in text[:12]:
            return _search(kind, text, found["search"])
        text = f"{text} {inner}"
    return _metrics(kind, text)


def _metrics(kind: str, text: str) -> MonitorQuery:
    found = list(_METRIC.finditer(text))
    names = list(dict.fromkeys(match["name"] for match in found))
    words = " ".join(f"{match['aggregator'] or ''} {match['name']}" for match in found)
    signal = signal_of_words(f"{words} {' '.join(_status_filters(text))}") if found else signal_of_words(text)
    groups = [key.strip() for match in _BY_BRACES.finditer(text) for key in match[1].split(",")]
    groups += [key.strip(" \"'") for match in _BY_CALL.finditer(text) for key in match[1].split(",")]
    return MonitorQuery(
        SignalKind.OTHER if kind in _OTHER else SignalKind.AVAILABILITY if kind in _AVAILABILITY else signal,
        metric=", ".join(names[:3]),
        filters=tuple(parse_or_all(match["filter"]) for match in found),
        groups=tuple(dict.fromkeys(filter(None, groups))),
    )


def _status_filters(text: str) -> Iterator[str]:
    """Filters on a status, which make errors of a count of requests; only where nothing is excluded by them."""
    for match in _METRIC.finditer(text):
        for part in re.split(r",|\bAND\b|\bOR\b", match["filter"]):
            if "!" not in part and "NOT" not in part and not part.strip().startswith("-"):
                yield part


def _search(kind: str, text: str, search: str) -> MonitorQuery:
    search = re.sub(r"\\(.)", r"\1", search)
    groups = [key.strip(" \"'") for match in _BY_CALL.finditer(text) for key in match[1].split(",")]
    measured = " ".join(part for match in _MEASURE.finditer(text) for part in match[1].split(",") if "@" in part)
    over = [parse_or_all(quoted) for match in _OVER.finditer(text) for quoted in _QUOTED.findall(match[1])]
    signal = signal_of_words(measured) if measured else SignalKind.OTHER
    if signal is SignalKind.OTHER:
        signal = SignalKind.ERRORS if kind == "error-tracking alert" else signal_of_words(search)
    if kind in _OTHER:
        signal = SignalKind.OTHER
    elif kind in _AVAILABILITY:
        signal = SignalKind.AVAILABILITY
    filters = (Every((parse_or_all(search), *over)),)
    return MonitorQuery(signal, search[:200], filters, tuple(dict.fromkeys(filter(None, groups))))


def _service_check(text: str) -> MonitorQuery:
    name = _CHECK.match(text)
    over = [parse_or_all(quoted) for match in _OVER.finditer(text) for quoted in _QUOTED.findall(match[1])]
    groups = [key.strip(" \"'") for match in _BY_CALL.finditer(text) for key in match[1].split(",")]
    groups = [key for key in groups if key != "*"]
    metric = name["name"] if name else ""
    return MonitorQuery(SignalKind.AVAILABILITY, metric, (Every(tuple(over)),), tuple(dict.fromkeys(groups)))


def _composite(text: str) -> MonitorQuery:
    """The parts of `1 && (2 || !3)`. Without AND and NOT, each part makes the whole alert by itself."""
    parts = [(bool(match[1]), int(match[2])) for match in _PART.finditer(text)]
    ids = tuple(dict.fromkeys(number for _, number in parts))
    simple = "&&" not in text and not any(negated for negated, _ in parts)
    return MonitorQuery(SignalKind.COMPOSITE, "composite", parts=ids, alone=frozenset(ids) if simple else frozenset())


def _inner_queries(value: object, depth: int = 0) -> Iterator[str]:
    """The queries in `options.variables`, however they are nested."""
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _inner_queries(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("query", "filter", "measure") and isinstance(item, str):
                yield item
            elif isinstance(item, dict | list):
                yield from _inner_queries(item, depth + 1)


def parse_or_all(text: str) -> Query:
    """The tag query of a text; one that cannot be read promises nothing."""
    try:
        return parse(text)
    except OddQueryError:
        return Every(())
