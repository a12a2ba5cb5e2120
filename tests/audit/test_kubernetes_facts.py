"""What a cluster's objects become: every row is an object in its documented shape, and the fields of the fact made of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.harness.kubernetes_view import NODES, A, B, C, fields, made_of, only
from support.samples import kubernetes_objects as k8s

from checks import (
    AddOnKind,
    Backup,
    BackupPlan,
    Certificate,
    ClusterAddOn,
    ComputeGroup,
    ControlPlane,
    DisruptionBudget,
    LoadBalancer,
    Rehearsal,
    RehearsalResult,
    ReplicaAutoscaler,
    Unread,
    Volume,
    Workload,
    WorkloadKind,
)


def test_a_deployment_with_all_that_belongs_to_it() -> None:
    pods = [k8s.pod_of("web", 0, "n1"), k8s.pod_of("web", 1, "n2"), k8s.pod_of("web", 2, "n2", ready=False)]
    made = made_of(
        pods,
        Deployment=[k8s.deployment()],
        PodDisruptionBudget=[k8s.budget(minAvailable=2), k8s.budget("other", minAvailable=1), k8s.budget("web2")],
        HorizontalPodAutoscaler=[k8s.autoscaler()],
        Service=[k8s.service()],
    )
    assert made.gaps == []
    web = only(Workload, made)
    assert fields(web, "kind", "replicas", "autoscaled", "running", "nodes_in_use", "zones_in_use", "budgets") == (
        WorkloadKind.DEPLOYMENT, 3, True, 2, ("n1", "n2"), (A, B), ("web",),
    )  # fmt: skip
    assert fields(web, "spread_over", "readiness_probe", "same_probes", "without_requests", "priority", "stops_all") == (
        ("node", "zone"), True, (), (), "critical", False,
    )  # fmt: skip
    group = only(ComputeGroup, made)
    assert fields(group, "zones", "zones_in_use", "min_size", "max_size", "desired", "running", "traffic", "health_check") == (
        (A, B, C), (A, B), 2, 9, 3, 2, True, "httpGet",
    )  # fmt: skip
    front = only(LoadBalancer, made)
    assert fields(front, "zones", "targets", "healthy_by_zone", "listeners") == (
        (A, B, C),
        (web.resource,),
        {A: 1, B: 1},
        2,
    )
    scaler = only(ReplicaAutoscaler, made)
    assert fields(scaler, "minimum", "maximum", "target", "target_exists", "about") == (
        2, 9, "Deployment web", True, (web.resource,),
    )  # fmt: skip
    budget = next(fact for fact in made.facts if isinstance(fact, DisruptionBudget) and fact.name == "web")
    assert fields(budget, "about", "min_available", "max_unavailable", "pods") == ((web.resource,), "2", "", 2)


def test_pods_on_nodes_without_a_zone_are_healthy_all_the_same() -> None:
    bare = {"metadata": {"name": "n4"}, "spec": {}}
    pods = [k8s.pod_of("web", 0, "n1"), k8s.pod_of("web", 1, "n4")]
    made = made_of(pods, [*NODES, bare], Deployment=[k8s.deployment()], Service=[k8s.service()])
    assert fields(only(LoadBalancer, made), "healthy_by_zone", "healthy_anywhere") == ({A: 1}, 1)


@pytest.mark.parametrize(("policy", "zones"), [("Cluster", (A, B, C)), ("Local", (A,))])
def test_a_local_policy_keeps_a_load_balancer_to_the_zones_of_its_pods(policy: str, zones: tuple[str, ...]) -> None:
    front = k8s.service(externalTrafficPolicy=policy)
    made = made_of([k8s.pod_of("web", 0, "n1")], Deployment=[k8s.deployment()], Service=[front])
    assert only(LoadBalancer, made).zones == zones


@pytest.mark.parametrize(
    ("expected", "scalers", "pods"),
    [(None, [], 3), (3, [], 3), (5, [k8s.autoscaler()], 2), (1, [], 1)],
    ids=["no status", "status", "above the autoscaler's minimum", "one left"],
)
def test_a_budget_counts_the_pods_that_there_may_be(expected: int | None, scalers: list[Any], pods: int) -> None:
    budget = k8s.budget(minAvailable=2) | {"status": {} if expected is None else {"expectedPods": expected}}
    made = made_of(Deployment=[k8s.deployment()], PodDisruptionBudget=[budget], HorizontalPodAutoscaler=scalers)
    assert only(DisruptionBudget, made).pods == pods


@pytest.mark.parametrize(
    ("spec", "replicas", "stops_all"),
    [
        ({"strategy": {"type": "Recreate"}}, 3, True),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}, 3, True),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": 3}}}, 3, True),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": 2}}}, 3, False),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": "25%"}}}, 1, False),
        ({}, 1, False),
    ],
)
def test_how_a_deployment_is_updated(spec: dict[str, Any], replicas: int, stops_all: bool) -> None:
    item = k8s.deployment(replicas=replicas)
    item["spec"] |= spec
    assert only(Workload, made_of(Deployment=[item])).stops_all is stops_all


def test_volumes_bind_a_stateful_set_to_zones() -> None:
    volumes = [
        k8s.volume("pv-0", "data-db-0", A),
        k8s.volume("pv-1", "data-db-1", A),
        k8s.volume("pv-2", "data-other-0", B),
    ]
    pods = [k8s.numbered_pod("db", 0, "n1"), k8s.numbered_pod("db", 1, "n1")]
    made = made_of(pods, StatefulSet=[k8s.stateful_set(replicas=2)], PersistentVolume=volumes)
    database = only(Workload, made)
    assert fields(database, "bound_volumes", "volume_zones", "running") == (2, (A,), 2)
    first = next(fact for fact in made.facts if isinstance(fact, Volume))
    assert fields(first, "zone", "size_gib", "attached_to") == (A, 100, database.resource)
    assert isinstance(first.last_snapshot_at, Unread)


def test_what_is_unread_of_many_objects_is_told_once() -> None:
    volumes = [k8s.volume(f"pv-{number}", f"data-db-{number}", A) for number in range(3)]
    gaps = made_of(PersistentVolume=volumes).gaps
    assert [(gap.resource, gap.kinds) for gap in gaps] == [("", ())]
    assert "snapshots of persistent volumes" in gaps[0].reason


def test_a_regional_volume_is_bound_to_no_single_zone() -> None:
    volume = k8s.volume("pv", "data-db-0", A)
    volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] = [A, B]
    made = made_of(StatefulSet=[k8s.stateful_set()], PersistentVolume=[volume])
    assert only(Workload, made).volume_zones == (A, B)
    assert not any(isinstance(fact, Volume) for fact in made.facts)


def test_a_pod_without_a_controller_is_a_workload_and_a_mirror_pod_is_none() -> None:
    own = {"metadata": k8s.metadata("debug"), "spec": k8s.pod_spec("debug") | {"nodeName": "n1"}, "status": {}}
    mirror = {
        "metadata": k8s.metadata("etcd", annotations={"kubernetes.io/config.mirror": "x"}),
        "spec": {},
        "status": {},
    }
    made = made_of([own, mirror])
    assert fields(only(Workload, made), "name", "kind", "replicas", "running") == ("debug", WorkloadKind.POD, 1, 0)


def test_pods_of_controllers_that_are_not_read_are_told() -> None:
    pod = k8s.pod_of("web", 0, "n1")
    pod["metadata"]["ownerReferences"] = [{"kind": "StrimziPodSet", "name": "web", "controller": True}]
    made = made_of([pod])
    assert [gap.reason for gap in made.gaps] == ["1 pods are run by StrimziPodSet, a kind that is not read"]


@pytest.mark.parametrize(
    ("name", "labels", "kind"),
    [
        ("coredns", {"k8s-app": "kube-dns"}, AddOnKind.DNS),
        ("kube-dns", {"k8s-app": "kube-dns"}, AddOnKind.DNS),
        ("kube-dns-autoscaler", {"k8s-app": "kube-dns"}, None),
        ("ingress-nginx-controller", {"app.kubernetes.io/name": "ingress-nginx"}, AddOnKind.INGRESS),
        ("ingress-nginx-defaultbackend", {"app.kubernetes.io/name": "ingress-nginx"}, None),
        ("istio-ingressgateway", {"app": "istio-ingressgateway"}, AddOnKind.INGRESS),
        ("traefik", {"app.kubernetes.io/name": "traefik"}, AddOnKind.INGRESS),
        ("web", {"app": "web"}, None),
    ],
)
def test_add_ons_are_recognised(name: str, labels: dict[str, str], kind: AddOnKind | None) -> None:
    item = k8s.deployment(name, 1, "kube-system")
    item["spec"]["template"]["metadata"]["labels"] = labels
    made = made_of(Deployment=[item])
    assert [fact.kind for fact in made.facts if isinstance(fact, ClusterAddOn)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("nodes", "number", "votes"),
    [
        (NODES, None, ()),
        ([k8s.node("m1", A, control_plane=True), *NODES], 1, (1,)),
        ([k8s.node(f"m{at}", zone, control_plane=True) for at, zone in enumerate((A, A, B))], 3, (2, 1)),
    ],
)
def test_the_control_plane_is_seen_where_its_nodes_are(
    nodes: list[Any], number: int | None, votes: tuple[int, ...]
) -> None:
    assert fields(only(ControlPlane, made_of(nodes=nodes)), "nodes", "votes") == (number, votes)


def test_certificates_of_cert_manager() -> None:
    spec, status = {"secretName": "web-tls"}, {"notAfter": "2026-12-24T00:00:00Z"}
    ingress = {"metadata": k8s.metadata("web"), "spec": {"tls": [{"secretName": "web-tls"}], "rules": []}}
    certificate = {"metadata": k8s.metadata("web"), "spec": spec, "status": status}
    made = made_of(Certificate=[certificate], Ingress=[ingress])
    found = only(Certificate, made)
    assert fields(found, "expires_at", "renews_itself", "in_use") == (datetime(2026, 12, 24, tzinfo=UTC), True, True)


def velero(kind: str, name: str, spec: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": k8s.metadata(name, "velero"), "spec": spec, "status": status}


def test_schedules_backups_and_restores_of_velero() -> None:
    template = {"includedNamespaces": ["shop"], "ttl": "336h0m0s", "snapshotMoveData": True}
    old = velero("Backup", "old", template, phase="Completed", completionTimestamp="2026-11-21T01:05:00Z")
    new = velero("Backup", "new", template, phase="Completed", completionTimestamp="2026-11-22T01:05:00Z")
    for backup in (old, new):
        backup["metadata"]["labels"] = {"velero.io/schedule-name": "nightly"}
    failed = velero("Backup", "bad", template, phase="Failed")
    times = {"startTimestamp": "2026-10-01T10:00:00Z", "completionTimestamp": "2026-10-01T10:20:00Z"}
    restore = velero(
        "Restore", "try", {"backupName": "old", "includedNamespaces": ["shop"]}, phase="Completed", **times
    )
    location = velero("BackupStorageLocation", "default", {"config": {"region": "eu-central-1"}})
    made = made_of(
        StatefulSet=[k8s.stateful_set()],
        PersistentVolume=[k8s.volume("pv-0", "data-db-0", A)],
        Schedule=[velero("Schedule", "nightly", {"schedule": "0 1 * * *", "template": template})],
        Backup=[old, new, failed],
        Restore=[restore],
        BackupStorageLocation=[location],
    )
    volumes = ("prod/PersistentVolume/pv-0",)
    plan = only(BackupPlan, made)
    assert fields(plan, "about", "every", "keep_days", "copy_regions") == (
        volumes,
        timedelta(days=1),
        14,
        ("eu-central-1",),
    )
    backup_fact = only(Backup, made)
    assert fields(backup_fact, "name", "about", "copy_regions") == ("new", volumes, ("eu-central-1",))
    rehearsal = only(Rehearsal, made)
    assert fields(rehearsal, "result", "measured_rto", "about") == (
        RehearsalResult.SUCCEEDED, timedelta(minutes=20), ("prod/shop/StatefulSet/db",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "stack"),
    [
        ({"annotations": {"meta.helm.sh/release-name": "shop"}}, "shop"),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop-prod:apps/Deployment:shop/web"}}, "shop-prod"),
        ({"labels": {"argocd.argoproj.io/instance": "shop-prod"}}, "shop-prod"),
        ({"labels": {"app.kubernetes.io/instance": "web", "app.kubernetes.io/managed-by": "Helm"}}, "web"),
        ({"labels": {"app.kubernetes.io/instance": "web"}}, ""),
    ],
)
def test_what_created_an_object(more: dict[str, Any], stack: str) -> None:
    item = k8s.deployment()
    item["metadata"] |= more
    assert only(Workload, made_of(Deployment=[item])).stack == stack


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": 7},
        {"metadata": {"name": "web", "labels": []}, "spec": {}},
        {"metadata": k8s.metadata("web"), "spec": {"replicas": "many"}},
        {"metadata": k8s.metadata("web"), "spec": {"template": {"spec": {"containers": ["web"]}}}},
    ],
)
def test_an_odd_object_costs_no_other(odd: dict[str, Any]) -> None:
    made = made_of(Deployment=[odd, k8s.deployment("fine")])
    assert "fine" in {fact.name for fact in made.facts}
    assert len(made.gaps) == 1
