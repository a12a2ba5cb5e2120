"""Argo Rollouts, Jobs and VolumeSnapshots: each as what it is, in documented shapes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.harness.kubernetes_view import A, fields, made_of, only
from support.samples import kubernetes_objects as k8s

from checks import ComputeGroup, ReplicaAutoscaler, Unread, Volume, Workload, WorkloadKind

TAKEN = "2026-11-20T03:00:00Z"


def rollout_pod(number: int, on: str) -> dict[str, Any]:
    """A pod of the Rollout `web`, whose ReplicaSets Argo names and labels."""
    made = k8s.pod_of("web", number, on)
    made["metadata"]["labels"] = {"app": "web", "rollouts-pod-template-hash": "5d4f8c7b9"}
    return made


PODS = [rollout_pod(at, f"n{at}") for at in (1, 2, 3)]
STEPS = {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}]}}


def rollout(**spec: Any) -> dict[str, Any]:
    made = k8s.deployment("web")
    return made | {"spec": made["spec"] | {"strategy": STEPS} | spec}


def test_a_rollout_is_a_workload_with_its_pods() -> None:
    made = made_of(
        PODS,
        Rollout=[rollout()],
        HorizontalPodAutoscaler=[k8s.autoscaler("web", 3, kind="Rollout")],
        PodDisruptionBudget=[k8s.budget(minAvailable=2)],
        Service=[k8s.service("web")],
    )
    workload, group = only(Workload, made), only(ComputeGroup, made)
    assert fields(workload, "product", "kind", "running", "update", "stops_all", "budgets") == (
        *("rollout", WorkloadKind.DEPLOYMENT, 3, "Canary", False),
        ("web",),
    )
    assert fields(group, "desired", "running", "min_size", "max_size", "traffic") == (3, 3, 3, 9, True)
    assert only(ReplicaAutoscaler, made).target_exists is True
    assert [gap for gap in made.gaps if "not read" in gap.reason] == []


def test_a_rollout_may_take_its_template_from_a_deployment() -> None:
    spec: dict[str, Any] = {"replicas": 3, "strategy": {"blueGreen": {}}}
    spec["workloadRef"] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-template"}
    template = k8s.deployment("web", 0)
    template["metadata"] = k8s.metadata("web-template")
    other = k8s.deployment("web", 0, namespace="elsewhere", containers=[])
    other["metadata"] = k8s.metadata("web-template", "elsewhere")
    made = made_of(PODS, Rollout=[{"metadata": k8s.metadata("web"), "spec": spec}], Deployment=[other, template])
    (workload,) = (fact for fact in made.facts if isinstance(fact, Workload) and fact.product == "rollout")
    assert fields(workload, "update", "containers", "readiness_probe", "running") == ("BlueGreen", 1, True, 3)


def job(**more: Any) -> dict[str, Any]:
    owners = [owner] if (owner := more.pop("owner", None)) else []
    meta = k8s.metadata("load") | {"ownerReferences": owners}
    return {"metadata": meta, "spec": {"template": {"spec": k8s.pod_spec("load")}}, "status": more}


@pytest.mark.parametrize(
    ("item", "count"),
    [
        (job(), 1),
        (job(active=1), 1),
        (job(conditions=[{"type": "Suspended", "status": "True"}]), 1),
        (job(conditions=[{"type": "Complete", "status": "True"}]), 0),
        (job(conditions=[{"type": "Failed", "status": "True"}]), 0),
        (job(conditions=[{"type": "Failed", "status": "False"}]), 1),
        (job(owner={"kind": "CronJob", "name": "nightly", "controller": True}), 0),
    ],
)
def test_a_job_counts_until_it_ends(item: dict[str, Any], count: int) -> None:
    found = [fact for fact in made_of(Job=[item]).facts if isinstance(fact, Workload)]
    assert [fact.kind for fact in found] == [WorkloadKind.JOB] * count
    assert [fact for fact in made_of(Job=[item]).facts if isinstance(fact, ComputeGroup)] == []


def snapshot(claim: str, taken: str = TAKEN, *, ready: bool = True, namespace: str = "shop") -> dict[str, Any]:
    """A VolumeSnapshot (snapshot.storage.k8s.io/v1)."""
    status = {"readyToUse": ready, "creationTime": taken, "restoreSize": "100Gi"}
    source = {"persistentVolumeClaimName": claim}
    return {"metadata": k8s.metadata(f"of-{claim}-{taken}", namespace), "spec": {"source": source}, "status": status}


@pytest.mark.parametrize(
    ("snapshots", "newest"),
    [
        ([snapshot("data-db-0")], datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ([snapshot("data-db-0", "2026-11-01T03:00:00Z"), snapshot("data-db-0")], datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ([snapshot("data-db-0", ready=False)], None),
        ([snapshot("data-db-1")], None),
        ([snapshot("data-db-0", namespace="other")], None),
        ([snapshot("data-db-0", "yesterday")], None),
        ([], None),
        (Unread("access denied to list volumesnapshots.snapshot.storage.k8s.io"), None),
    ],
)
def test_a_volume_has_the_newest_snapshot_of_its_claim(snapshots: Any, newest: datetime | None) -> None:
    made = made_of(PersistentVolume=[k8s.volume("pv-1", "data-db-0", A)], VolumeSnapshot=snapshots)
    taken = only(Volume, made).last_snapshot_at
    if newest is not None:
        assert taken == newest
    else:
        assert taken == snapshots if isinstance(snapshots, Unread) else "no VolumeSnapshot" in taken.reason
