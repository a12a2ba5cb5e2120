"""PodDisruptionBudgets and HorizontalPodAutoscalers.

Source: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/ and
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/.
"""

from collections.abc import Iterator
from typing import Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.objects import resource_id
from bot.audit.collectors.kubernetes.view import Selected
from checks import DisruptionBudget, Fact, Maybe, ReplicaAutoscaler

_SCALED: Final = frozenset({"Deployment", "Rollout", "StatefulSet"})


def _budget(item: LinkedObject) -> Iterator[Fact]:
    selected = item.view.selected("PodDisruptionBudget", item.namespace, item.text("metadata.name"))
    yield item.fact(
        DisruptionBudget,
        product="poddisruptionbudget",
        about=tuple(workload.resource for workload in selected),
        min_available=_amount(item.text("spec.minAvailable")),
        max_unavailable=_amount(item.text("spec.maxUnavailable")),
        pods=_pods(item, selected),
    )


def _amount(text: str) -> str:
    """A number or a percentage; empty for anything else, which the API server refuses."""
    return text if text.removesuffix("%").isdigit() else ""


def _pods(item: LinkedObject, selected: tuple[Selected, ...]) -> int | None:
    """How many pods the budget counts: by its status, and by the replicas of the workloads that it selects.

    The smaller number decides: an autoscaler may have more pods running now than at its minimum.
    """
    if item.value("spec.selector") is None:
        return 0
    replicas = [workload.replicas for workload in selected]
    known = [number for number in replicas if number is not None]
    wanted = sum(known) if replicas and len(known) == len(replicas) else None
    counted = item.number("status.expectedPods")
    return min((number for number in (wanted, counted) if number is not None), default=None)


def _autoscaler(item: LinkedObject) -> Iterator[Fact]:
    target = item.row("spec.scaleTargetRef")
    kind, name, minimum = target.text("kind"), target.text("name"), item.number("spec.minReplicas")
    yield item.fact(
        ReplicaAutoscaler,
        product="horizontalpodautoscaler",
        about=(resource_id(item.identity.account, item.namespace, kind, name),),
        minimum=1 if minimum is None else minimum,
        maximum=item.number("spec.maxReplicas") or 0,
        target=f"{kind} {name}",
        target_exists=_exists(item, kind, name),
    )


def _exists(item: LinkedObject, kind: str, name: str) -> Maybe[bool | None]:
    if kind not in _SCALED:
        return None
    return item.view.unread(kind) or item.view.exists((item.namespace, kind, name))


KINDS = (
    Kind("PodDisruptionBudget", (DisruptionBudget,), linked(_budget)),
    Kind("HorizontalPodAutoscaler", (ReplicaAutoscaler,), linked(_autoscaler)),
)
