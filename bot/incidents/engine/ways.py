"""Compares the ways to one server: a path of it that fails alone, and IPv6 beside IPv4."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.incidents.engine.known_records import ObserverKey
from bot.incidents.engine.target_health import Level, TargetHealth, View
from bot.model.incidents import OutageState
from bot.model.signals import IPV6, Health

_OVER_IPV6 = " over IPv6"
_OF_DNS = re.compile(
    r"DNS [a-z ]+ [0-9a-f.:]+, (which is no address of a host|which is not on the public internet|in a network never seen for this host)"
)
_BY_RESOLVER = re.compile(r"\(resolver [^()]{1,60}\)")


def view_of(key: ObserverKey) -> str:
    """The view that an observer belongs to. What fails over IPv6 alone is a failure of its own, and no vote on the rest."""
    return f"{key.source}{_OVER_IPV6}" if key.via == IPV6 else key.source


def without_early_ipv6(judged: Mapping[str, TargetHealth], views: Mapping[str, View]) -> dict[str, TargetHealth]:
    """The health of the targets, where IPv6 alone is certain to fail only once the same request over IPv4 was seen to succeed.

    Both fail in most outages, and whichever happens to be probed first must not make them a failure of IPv6 alone.
    """
    return {
        source: replace(target, level=Level.SUSPECTED)
        if target.level is Level.CONFIRMED and source.endswith(_OVER_IPV6) and _waits(source, judged, views)
        else target
        for source, target in judged.items()
    }


def _waits(source: str, judged: Mapping[str, TargetHealth], views: Mapping[str, View]) -> bool:
    """Whether IPv4 was not probed since IPv6 fails, or fails too but not yet for certain.

    What IPv4 answers once IPv6 is well again says nothing of the time when it was not: both may have failed.
    """
    main = source.removesuffix(_OVER_IPV6)
    if main not in views:
        return False
    if all(observer.state is Health.GOOD for paths in views[source].values() for observer in paths):
        return True
    target = judged.get(main, TargetHealth())
    if target.level is Level.SUSPECTED and target.outage is OutageState.DOWN:
        return True
    began = _began(views[source])
    return target.level is Level.NONE and not _observed_since(views[main], views[source], began)


def is_one_path(source: str, failing: Mapping[str, TargetHealth], views: Mapping[str, View]) -> bool:
    """Whether one path of a web server fails while another one has answered well since, from the same vantage points."""
    kind, address = _address(source)
    began = _began(views[source])
    return kind == "http" and any(
        _address(other) == (kind, address) and other not in failing and _observed_since(view, views[source], began)
        for other, view in views.items()
    )


def _began(view: View) -> datetime:
    """Since when a target that is in doubt has not been good."""
    return min(observer.bad_since for paths in view.values() for observer in paths if observer.in_doubt)


def _observed_since(view: View, failing: View, began: datetime) -> bool:
    """Whether a target was probed since then from everywhere where the other one fails."""
    places = [place for place, paths in failing.items() if any(observer.in_doubt for observer in paths)]
    return all(any(observer.own and observer.at > began for observer in view.get(place, ())) for place in places)


def by_several_resolvers(symptom: str, view: View) -> str:
    """A symptom that names one resolver, with the number of those instead that see the target fail."""
    failing = max(sum(observer.in_doubt for observer in paths) for paths in view.values())
    return _BY_RESOLVER.sub(f"({failing} resolvers)", symptom, count=1) if failing > 1 else symptom


def said_once(symptoms: Iterable[str]) -> tuple[str, ...]:
    """Symptoms without repetition: the others leave out what one of them tells about the DNS of a host."""
    said: list[str] = []
    known: set[str] = set()
    for symptom in symptoms:
        host = symptom.partition(":")[0].partition("/")[0]
        for what in _OF_DNS.findall(symptom):
            if f"{host} {what}" in known:
                symptom = re.sub(rf"; DNS [^;]*{re.escape(what)}", "", symptom)  # noqa: PLW2901 - it is shortened
            known.add(f"{host} {what}")
        said.append(symptom)
    return tuple(dict.fromkeys(said))


def _address(source: str) -> tuple[str, str]:
    """The kind of a probe, and the host and port that it probes: `http:api.stripe.com:443/v1` -> http, api.stripe.com:443."""
    kind, _, rest = source.partition(":")
    return kind, rest.partition("/")[0]


def target_of(source: str) -> str:
    """The host that an observer probes: `http:api.stripe.com:443/v1` -> `api.stripe.com`."""
    _, address = _address(source)
    return address.rpartition(":")[0] or address or source
