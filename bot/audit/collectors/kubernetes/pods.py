"""Which pods run where: pages of pods, kept as counts by the workload that runs them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from bot.audit.collectors.engine.row import Row

_HASHES: Final = {"pod-template-hash": "Deployment", "rollouts-pod-template-hash": "Rollout"}
"""The labels with the hash of a template -> what makes its ReplicaSets, which are named after it and the hash."""
Owner = tuple[str, str, str]
"""Namespace, kind and name of what runs a pod; a pod of its own runs itself."""


class PodPlace(NamedTuple):
    """A pod that has not ended: its owner, its node (empty while it waits for one), and whether it is ready."""

    owner: Owner
    node: str
    ready: bool


@dataclass(slots=True)
class PodCount:
    """The pods of one workload. `ready_on`: ready pods by node."""

    total: int = 0
    ready_on: Counter[str] = field(default_factory=Counter)

    @property
    def ready(self) -> int:
        """How many are ready."""
        return self.ready_on.total()


def pod_place(item: Mapping[str, Any]) -> PodPlace | None:
    """What is kept of a pod; None for one that has ended or has an unexpected form."""
    metadata, spec, status = (item.get(part) or {} for part in ("metadata", "spec", "status"))
    if not all(isinstance(part, Mapping) for part in (metadata, spec, status)):
        return None
    if status.get("phase") in ("Succeeded", "Failed") or metadata.get("deletionTimestamp"):
        return None
    ready = any(
        isinstance(condition, Mapping) and condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in status.get("conditions") or ()
    )
    return PodPlace(_owner(metadata), str(spec.get("nodeName") or ""), ready)


def _owner(metadata: Mapping[str, Any]) -> Owner:
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    for owner in metadata.get("ownerReferences") or ():
        if isinstance(owner, Mapping) and owner.get("controller"):
            kind, owner_name = str(owner.get("kind") or ""), str(owner.get("name") or "")
            labels = metadata.get("labels") or {}
            for label, maker in _HASHES.items() if kind == "ReplicaSet" else ():
                suffix = f"-{labels.get(label, '')}"
                if len(suffix) > 1 and owner_name.endswith(suffix):
                    return namespace, maker, owner_name.removesuffix(suffix)
            return namespace, kind, owner_name
    return namespace, "Pod", name


def count_pods(places: Iterable[PodPlace]) -> dict[Owner, PodCount]:
    """The pods by their owner."""
    counts: dict[Owner, PodCount] = defaultdict(PodCount)
    for place in places:
        count = counts[place.owner]
        count.total += 1
        if place.ready:
            count.ready_on[place.node] += 1
    return dict(counts)


def of_its_own(item: Mapping[str, Any]) -> bool:
    """Whether nothing starts this pod again: no controller, and no file on its node."""
    row = Row(item)
    return not any(owner.flag("controller") for owner in row.rows("metadata.ownerReferences")) and (
        "kubernetes.io/config.mirror" not in row.labels("metadata.annotations")
    )
