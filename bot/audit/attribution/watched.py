"""Finds what an alert of a monitoring system watches: services by its labels, and resources by the names that it gives.

A label proves a service only by that service's whole name (`service="checkout"`, `job="shop/checkout"`) or by the tags that its
selector asks for. What fits two resources fits neither: an ambiguous alert is no evidence for any service.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.model.entries import CatalogueEntry
from checks import Alarm, Datastore, Distribution, Fact, Gateway, LoadBalancer, ObjectStore, Queue

_NAMED: Final = (Datastore, ObjectStore, Queue, LoadBalancer, Gateway, Distribution)
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://")
_PORT: Final = re.compile(r":\d+$")
Pair = tuple[str, str]


class WatchedServices:
    """The services that labels name. A service is given as its position in `entries`."""

    def __init__(self, entries: Sequence[CatalogueEntry]) -> None:
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_pair: dict[Pair, list[tuple[Mapping[str, frozenset[str]], int]]] = defaultdict(list)
        for at, entry in enumerate(entries):
            self._by_name[_name(entry.service.name)].add(at)
            wanted = {
                _label(key): frozenset(map(_name, values)) for key, values in entry.selector.tags.items() if values
            }
            if wanted:
                key = min(wanted, key=lambda key: len(wanted[key]))
                for value in wanted[key]:
                    self._by_pair[key, value].append((wanted, at))

    def owners(self, alarm: Alarm) -> set[int]:
        """The services that this alarm watches."""
        found: set[int] = set()
        for text in alarm.watches:
            told = watched_values(text)
            found |= self._by_name_of(told) or self._by_tags_of(told)
        return found

    def _by_name_of(self, told: Mapping[str, tuple[str, ...]]) -> set[int]:
        """The service that the first label with a service's name gives, if that is the same for all of its values."""
        for values in told.values():
            each = [self._named(value) for value in values]
            if any(each):
                return each[0] if all(services == each[0] and len(services) == 1 for services in each) else set()
        return set()

    def _named(self, value: str) -> set[int]:
        return self._by_name.get(_name(value)) or self._by_name.get(_name(value.rpartition("/")[2])) or set()

    def _by_tags_of(self, told: Mapping[str, tuple[str, ...]]) -> set[int]:
        single = {_label(label): _name(values[0]) for label, values in told.items() if len(values) == 1}
        found = {
            at
            for pair in single.items()
            for wanted, at in self._by_pair.get(pair, ())
            if all(single.get(key) in any_of for key, any_of in wanted.items())
        }
        return found if len(found) == 1 else set()


def watched_values(text: str) -> dict[str, tuple[str, ...]]:
    """What an entry of `Alarm.watches` says: `service=checkout|login, job=shop` by label, in its order."""
    pairs = (pair.partition("=") for pair in text.split(", "))
    return {label: tuple(values.split("|")) for label, _, values in pairs if label}


def with_watched_resources(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The facts, with the resources that alerts of monitoring systems name in `about`; a name that two resources have counts for none."""
    if not any(isinstance(fact, Alarm) and fact.watches_resources for fact in facts):
        return facts
    by_name: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if isinstance(fact, _NAMED):
            by_name[fact.name.lower()].add(fact.resource)
            by_name[fact.resource.lower()].add(fact.resource)
    return [
        _about_resources(fact, by_name) if isinstance(fact, Alarm) and fact.watches_resources else fact
        for fact in facts
    ]


def _about_resources(alarm: Alarm, by_name: Mapping[str, set[str]]) -> Alarm:
    found: dict[str, None] = dict.fromkeys(alarm.about)
    for pair in alarm.watches_resources:
        for name in _names_in(pair.partition("=")[2]):
            resources = by_name.get(name, set())
            if resources:
                if len(resources) == 1:
                    found |= dict.fromkeys(resources)
                break
    return replace(alarm, about=tuple(found)) if len(found) > len(alarm.about) else alarm


def _names_in(value: str) -> tuple[str, ...]:
    """The names that a value may be, the most exact first: `redis://orders.abc.cache.amazonaws.com:6379` is also `orders`."""
    whole = value.lower()
    host = _PORT.sub("", _SCHEME.sub("", whole).partition("/")[0])
    first = host.partition(".")[0]
    return tuple(dict.fromkeys((whole, host, first)))


def _name(value: str) -> str:
    return value.strip().lower().replace("_", "-")


def _label(key: str) -> str:
    """A label as Prometheus writes it, without the prefix that exporters of cloud tags set: `tag_Service` is `service`."""
    plain = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
    return plain.removeprefix("tag_").removeprefix("label_")
