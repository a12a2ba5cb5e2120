"""Reads the NRQL of a condition: what it measures, and of which services and datastores.

Source: https://docs.newrelic.com/docs/nrql/nrql-syntax-clauses-functions/ (WHERE with =, IN, AND, OR; names in backticks).
"""

import re
from collections.abc import Iterable

from bot.audit.collectors.monitors.metric_words import signal_of_words
from checks import SignalKind

_MOST = 20_000
_COMPARISON = re.compile(
    r"`?(?P<name>[\w.]+)`?\s*(?P<not>\bNOT\s+)?(?:(?P<sign>!=|=)\s*'(?P<value>(?:[^'\\]|\\.)*)'|\bIN\s*\((?P<values>[^()]*)\))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_FROM = re.compile(
    r"\bFROM\s+([\w`, ]+?)(?=\s+(?:SELECT|WHERE|FACET|SINCE|WITH|LIMIT|EXTRAPOLATE|TIMESERIES|JOIN)\b|$|\s*\()",
    re.IGNORECASE,
)
_SERVICE = frozenset(("appname", "app.name", "service.name", "servicename", "entity.name", "entityname", "service"))
_RESOURCE = re.compile(
    r"(?:dbinstanceidentifier|dbclusteridentifier|tablename|cacheclusterid|clusteridentifier|queuename|loadbalancername|"
    r"domainname|streamname|bucketname|databasename)$",
    re.IGNORECASE,
)
_SYNTHETIC = ("syntheticcheck", "syntheticrequest")


def signal_of(query: str) -> SignalKind:
    """What a query measures."""
    text = query[:_MOST]
    events = " ".join(match[1].lower() for match in _FROM.finditer(text))
    if any(kind in events for kind in _SYNTHETIC):
        return SignalKind.LATENCY if "duration" in text.lower() else SignalKind.AVAILABILITY
    measured = re.sub(r"\b(?:FACET|SINCE|LIMIT|TIMESERIES)\b.*", "", text, flags=re.IGNORECASE | re.DOTALL)
    if re.search(r"\berror\b\s+is\s+true|httpResponseCode|http\.statusCode", measured, re.IGNORECASE):
        return SignalKind.ERRORS
    return signal_of_words(_QUOTED.sub(" ", measured) if "log" not in events else measured)


def watched(query: str, service_labels: Iterable[str]) -> tuple[str, ...]:
    """`service=NAME` of the services that a query names, and `tag=value` of others of these labels."""
    labels = {label.lower() for label in service_labels}
    found: dict[str, None] = {}
    for name, value in _equalities(query):
        plain = name.lower().removeprefix("tags.").removeprefix("label.").removeprefix("labels.")
        if plain in _SERVICE or plain.replace(".", "_") in labels:
            found[f"service={value}"] = None
    return tuple(found)


def watched_resources(query: str) -> tuple[str, ...]:
    """`label=value` of the datastores, queues and the like that a query names."""
    found = {f"{name.rpartition('.')[2]}={value}": None for name, value in _equalities(query) if _RESOURCE.search(name)}
    return tuple(found)


def _equalities(query: str) -> Iterable[tuple[str, str]]:
    for match in _COMPARISON.finditer(query[:_MOST]):
        if match["not"] or match["sign"] == "!=":
            continue
        values = [match["value"]] if match["sign"] else _QUOTED.findall(match["values"])
        for value in values:
            if value and "%" not in value:
                yield match["name"], re.sub(r"\\(.)", r"\1", value)[:200]
