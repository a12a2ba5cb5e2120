"""Makes the facts of objects as they would be in one cluster of three nodes in three zones."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.engine.kinds import Made
from bot.audit.collectors.kubernetes.facts import facts_of_view
from bot.audit.collectors.kubernetes.hosts import host_of
from bot.audit.collectors.kubernetes.objects import Place
from bot.audit.collectors.kubernetes.pods import count_pods, of_its_own, pod_place
from bot.audit.collectors.kubernetes.view import ClusterView
from bot.audit.collectors.kubernetes.zones import node, region_of
from checks import Fact

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A, B, C = "eu-west-1a", "eu-west-1b", "eu-west-1c"
NODES = [k8s.node("n1", A), k8s.node("n2", B), k8s.node("n3", C)]


def made_of(pods: Sequence[Any] = (), nodes: Sequence[Any] = NODES, **objects: Sequence[Mapping[str, Any]]) -> Made:
    """The facts and gaps of a cluster with these pods and nodes, and other objects by kind."""
    known = [found for item in nodes if (found := node(item))]
    places = [pod for item in pods if (pod := pod_place(item))]
    host = host_of(found.host for found in known)
    place = Place("prod", region_of(known), "kubernetes", NOW, host=host, live=True)
    own = {"Pod": [item for item in pods if of_its_own(item)]}
    return facts_of_view(ClusterView(place, {**objects, **own}, known, count_pods(places)))


def only(kind: type[Fact], made: Made) -> Any:
    """The one fact of a kind."""
    found = [fact for fact in made.facts if type(fact) is kind]
    assert len(found) == 1, found
    return found[0]


def fields(fact: Fact, *names: str) -> tuple[Any, ...]:
    """The values of these fields."""
    return tuple(getattr(fact, name) for name in names)
