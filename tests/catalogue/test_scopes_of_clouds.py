"""Scopes of every cloud as people type them, and what their loss does to what runs there, in clusters too."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.resources import datastore, network
from support.builders.scorecards import sample_service
from support.harness.kubernetes_view import NOW
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.kubernetes.facts import facts_of_view
from bot.audit.collectors.kubernetes.hosts import host_of
from bot.audit.collectors.kubernetes.objects import Place
from bot.audit.collectors.kubernetes.pods import count_pods, pod_place
from bot.audit.collectors.kubernetes.view import ClusterView
from bot.audit.collectors.kubernetes.zones import node, region_of
from bot.catalogue.scope_names import ScopeNames, UnknownScopeError
from bot.incidents.engine.dependency_merge import dependencies_of
from bot.incidents.engine.places import places
from checks import ComputeGroup, Fact, Fate, Gap, Seen, impact

EKS = "arn:aws:eks:eu-west-1:123456789012:cluster/prod"


def machine(name: str, region: str, zone: str, id: str) -> dict[str, Any]:
    """A node as its cloud's controller describes it; without a region it has no labels."""
    labels = {"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone} if region else {}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"providerID": id}, "status": {}}


NODES = {
    EKS: [machine("n1", "eu-west-1", "eu-west-1a", "aws:///eu-west-1a/i-0abc")],
    "aks": [
        machine(f"n{zone}", "westeurope", f"westeurope-{zone}", f"azure:///subscriptions/s/virtualMachines/n{zone}")
        for zone in (1, 2)
    ],
    "gke": [machine("n1", "", "", "gce://shop/us-east1-b/n1")],
    "metal": [machine("n1", "", "", "metal3://n1")],
}


def cluster(name: str) -> list[Fact]:
    """The facts of a cluster that runs one pod of `web` on each node."""
    nodes = NODES[name]
    known = [found for item in nodes if (found := node(item))]
    place = Place(name, region_of(known), "kubernetes", NOW, host=host_of(n.host for n in known), live=True)
    pods = [pod_place(k8s.pod_of("web", at, item["metadata"]["name"])) for at, item in enumerate(nodes)]
    objects = {"Deployment": [k8s.deployment(replicas=len(nodes))]}
    return facts_of_view(ClusterView(place, objects, known, count_pods(pod for pod in pods if pod))).facts


GOOGLE = {"provider": "gcp", "region": "europe-west4", "product": "cloudsql"}
ALONE: dict[str, Any] = {"zone_redundant": False, "replica_regions": ()}
FACTS: dict[str, list[Fact]] = {
    "ledger": [datastore("ledger", zones=("europe-west4-a",), **GOOGLE, **ALONE)],
    "mail": [datastore("mail", provider="azure", region="northeurope", zones=("1",), **ALONE)],
    "eks": [*cluster(EKS), network(provider="aws", region="eu-west-1", zone_names={"eu-west-1a": "euw1-az3"})],
    "aks": cluster("aks"),
    "gke": cluster("gke"),
    "metal": cluster("metal"),
}
SEEN = [Seen(sample_service(name), facts) for name, facts in FACTS.items()]
NAMES = ScopeNames.of([fact for facts in FACTS.values() for fact in facts], [seen.service for seen in SEEN])
ARN = "arn:aws:eks:eu-west-1:123456789012:cluster:prod"


@pytest.mark.parametrize(
    ("typed", "scope", "hit"),
    [
        ("gcp/europe-west4", "gcp/europe-west4", {"ledger": Fate.DOWN}),
        ("europe-west4", "gcp/europe-west4", {"ledger": Fate.DOWN}),
        ("europe-west4-a", "gcp/europe-west4/europe-west4-a", {"ledger": Fate.DOWN}),
        ("gcp/europe-west4/europe-west4-a", "gcp/europe-west4/europe-west4-a", {"ledger": Fate.DOWN}),
        ("gcp", "gcp", {"ledger": Fate.DOWN, "gke": Fate.DOWN}),
        ("gcp/us-east1", "gcp/us-east1", {"gke": Fate.DOWN}),
        ("gcp/us-east1/us-east1-b", "gcp/us-east1/us-east1-b", {"gke": Fate.DOWN}),
        ("azure/westeurope", "azure/westeurope", {"aks": Fate.DOWN}),
        ("azure/West Europe", "azure/westeurope", {"aks": Fate.DOWN}),
        ("azure/westeurope/1", "azure/westeurope/1", {"aks": Fate.DEGRADED}),
        ("westeurope/2", "azure/westeurope/2", {"aks": Fate.DEGRADED}),
        ("azure/northeurope/1", "azure/northeurope/1", {"mail": Fate.DOWN}),
        ("aws/eu-west-1", "aws/eu-west-1", {"eks": Fate.DOWN}),
        ("aws/eu-west-1/ec2", "aws/eu-west-1/ec2", {"eks": Fate.DOWN}),
        ("aws/eu-west-1a", "aws/eu-west-1/eu-west-1a", {"eks": Fate.DOWN}),
        ("kubernetes/aks", "kubernetes/aks", {"aks": Fate.DOWN}),
        ("k8s/metal", "kubernetes/metal", {"metal": Fate.DOWN}),
        (f"kubernetes/{EKS}", f"kubernetes/{ARN}", {"eks": Fate.DOWN}),
        (f"kubernetes/{ARN}", f"kubernetes/{ARN}", {"eks": Fate.DOWN}),
        ("kubernetes", "kubernetes", dict.fromkeys(("eks", "aks", "gke", "metal"), Fate.DOWN)),
    ],
)
def test_what_is_typed_is_lost(typed: str, scope: str, hit: dict[str, Fate]) -> None:
    found = NAMES.find(typed)
    assert str(found) == scope
    lost = impact(found, SEEN, lasts=timedelta(hours=1), now=NOW)
    fates = {affected.service.name: affected.fate for affected in lost.services}
    assert {name: fate for name, fate in fates.items() if fate is not Fate.UNAFFECTED} == hit
    assert lost.known_scope


def test_a_zone_that_several_regions_have_is_not_guessed() -> None:
    with pytest.raises(UnknownScopeError) as refused:
        NAMES.find("azure/1")
    assert refused.value.tries == ("azure/northeurope/1", "azure/westeurope/1")


def test_pods_know_their_zone_by_a_name_and_the_cloud_by_an_id() -> None:
    scope = NAMES.find("aws/eu-west-1/euw1-az3")
    lost = impact(scope, SEEN, lasts=timedelta(hours=1), now=NOW, zone_names=["eu-west-1a"])
    assert [affected.service.name for affected in lost.services if affected.fate is Fate.DOWN] == ["eks"]


@pytest.mark.parametrize(
    ("scope", "host", "region", "fate"),
    [
        ("aws/eu-west-1", None, "", Fate.UNKNOWN),  # a cluster that nobody reached may be anywhere
        ("gcp/europe-west4", "gcp", "europe-west4", Fate.UNKNOWN),
        ("gcp/europe-west4", "azure", "westeurope", Fate.UNAFFECTED),
        ("kubernetes/gke", None, "", Fate.UNKNOWN),
        ("aws/eu-west-1", "", "", Fate.UNAFFECTED),
    ],
)
def test_an_unread_cluster_is_no_all_clear(scope: str, host: str | None, region: str, fate: Fate) -> None:
    gap = Gap("kubernetes", "kubernetes", "gke", region, "access denied", (ComputeGroup,), host=host)
    seen = [*SEEN, Seen(sample_service("front"), FACTS["metal"], [gap])]
    lost = impact(NAMES.find(scope), seen, lasts=timedelta(hours=1), now=NOW)
    assert next(affected.fate for affected in lost.services if affected.service.name == "front") is fate


@pytest.mark.parametrize(
    ("name", "place", "scope"),
    [
        ("eks", "aws/eu-west-1", "aws/eu-west-1/ec2"),
        ("aks", "azure/westeurope", "azure/westeurope/compute"),
        ("gke", "gcp/us-east1", "gcp/us-east1/compute"),
        ("ledger", "gcp/europe-west4", "gcp/europe-west4/cloudsql"),
    ],
)
def test_an_incident_of_the_cloud_below_is_one_of_its_pods(name: str, place: str, scope: str) -> None:
    seen = next(known for known in SEEN if known.service.name == name)
    assert place in dependencies_of([seen])[name]
    assert scope in {str(found) for found in places([seen])}
    assert tuple(place.split("/")) in {fact.located_in for fact in seen.facts}
