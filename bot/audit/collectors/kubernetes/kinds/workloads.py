"""Deployments, Argo Rollouts, StatefulSets, DaemonSets, Jobs, CronJobs and Pods of their own.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ and
https://argo-rollouts.readthedocs.io/en/stable/features/specification/.
"""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.kubernetes.egress import environment_facts
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.replicas import add_ons, compute_group, usage
from bot.audit.collectors.kubernetes.templates import claims, template_fields
from checks import ClusterAddOn, ComputeGroup, Fact, ObservedDependency, Unread, Workload, WorkloadKind

_ROLLING: Final = "RollingUpdate"


def _deployment(item: LinkedObject) -> Iterator[Fact]:
    strategy = item.text("spec.strategy.type", _ROLLING)
    most = item.value("spec.strategy.rollingUpdate.maxUnavailable")
    stops_all = strategy == "Recreate" or _all_at_once(most, item.number("spec.replicas"))
    yield from _templated(item, WorkloadKind.DEPLOYMENT, update=strategy, stops_all=stops_all)


def _rollout(item: LinkedObject) -> Iterator[Fact]:
    """A Rollout of Argo: a Deployment whose new version gets its traffic in steps, beside the old one."""
    strategy = "BlueGreen" if item.value("spec.strategy.blueGreen") is not None else "Canary"
    stops_all = _all_at_once(item.value("spec.strategy.canary.maxUnavailable"), item.number("spec.replicas"))
    yield from _templated(item, WorkloadKind.DEPLOYMENT, update=strategy, stops_all=stops_all)


def _stateful_set(item: LinkedObject) -> Iterator[Fact]:
    name = item.text("metadata.name")
    numbered = tuple(f"{row.text('metadata.name')}-{name}-" for row in item.rows("spec.volumeClaimTemplates"))
    update = item.text("spec.updateStrategy.type", _ROLLING)
    yield from _templated(item, WorkloadKind.STATEFUL_SET, numbered, update=update)


def _daemon_set(item: LinkedObject) -> Iterator[Fact]:
    update = item.text("spec.updateStrategy.type", _ROLLING)
    stops_all = _all_at_once(item.value("spec.updateStrategy.rollingUpdate.maxUnavailable"), None)
    yield from _templated(item, WorkloadKind.DAEMON_SET, update=update, stops_all=stops_all)


def _templated(item: LinkedObject, kind: WorkloadKind, numbered: tuple[str, ...] = (), **fields: Any) -> Iterator[Fact]:
    template = item.view.template_of(item, item.namespace)
    pod, labels = template.row("spec"), template.labels("metadata.labels")
    made = _workload(item, kind, (*claims(pod), *numbered), **fields, **template_fields(pod, labels))
    yield made
    yield compute_group(item, made, pod, labels)
    yield from add_ons(item, made, labels)
    yield from environment_facts(item, pod)


def _job(item: LinkedObject) -> Iterator[Fact]:
    """A Job that has not ended; those of a CronJob are described by it."""
    by_another = any(owner.flag("controller") for owner in item.rows("metadata.ownerReferences"))
    ended = any(c.text("type") in ("Complete", "Failed") and c.flag("status") for c in item.rows("status.conditions"))
    if by_another or ended:
        return
    pod = item.row("spec.template.spec")
    yield _workload(item, WorkloadKind.JOB, claims(pod), **template_fields(pod, {}))


def _cron_job(item: LinkedObject) -> Iterator[Fact]:
    pod = item.row("spec.jobTemplate.spec.template.spec")
    yield _workload(item, WorkloadKind.CRON_JOB, claims(pod), **template_fields(pod, {}))
    yield from environment_facts(item, pod)


def _pod(item: LinkedObject) -> Iterator[Fact]:
    pod, labels = item.row("spec"), item.labels("metadata.labels")
    made = _workload(item, WorkloadKind.POD, claims(pod), **template_fields(pod, labels))
    yield made
    yield compute_group(item, made, pod, labels)


def _workload(item: LinkedObject, kind: WorkloadKind, claimed: tuple[str, ...], **fields: Any) -> Workload:
    known = usage(item, kind) if kind not in (WorkloadKind.JOB, WorkloadKind.CRON_JOB) else {}
    zones = item.view.claimed_zones(item.namespace, claimed)
    if isinstance(zones, Unread):
        known |= {"bound_volumes": zones, "volume_zones": zones}
    else:
        names = tuple(sorted({zone for volume in zones for zone in volume}))
        known |= {"bound_volumes": len(zones), "volume_zones": names}
    return item.fact(Workload, product=item.resource_type.lower(), kind=kind, **known, **fields)


def _all_at_once(most: Any, replicas: int | None) -> bool:
    """Whether a rollout may stop every replica: `maxUnavailable` is 100 %, or not less than their number."""
    text = str(most or "")
    if text.endswith("%"):
        return text.rstrip("%").isdigit() and int(text.rstrip("%")) >= 100
    return text.isdigit() and replicas is not None and 0 < replicas <= int(text)


_FACTS = (Workload, ComputeGroup, ClusterAddOn, ObservedDependency)
KINDS = (
    Kind("Deployment", _FACTS, linked(_deployment)),
    Kind("Rollout", _FACTS, linked(_rollout)),
    Kind("StatefulSet", _FACTS, linked(_stateful_set)),
    Kind("DaemonSet", _FACTS, linked(_daemon_set)),
    Kind("Job", (Workload,), linked(_job)),
    Kind("CronJob", (Workload, ObservedDependency), linked(_cron_job)),
    Kind("Pod", (Workload, ComputeGroup), linked(_pod)),
)
