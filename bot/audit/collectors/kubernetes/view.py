"""A whole cluster as its objects see each other: which pods, budgets, autoscalers, services and volumes belong to a workload."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.namespaces import (
    claim_users,
    included,
    newest_backups,
    newest_snapshots,
    tls_secrets,
)
from bot.audit.collectors.kubernetes.objects import Place, namespace_of, resource_id
from bot.audit.collectors.kubernetes.pods import Owner, PodCount
from bot.audit.collectors.kubernetes.selectors import LabelSelector, LabelSelectorIndex, label_selector
from bot.audit.collectors.kubernetes.zones import Node, volume_zones, zones_of
from checks import Maybe, Unread

T = TypeVar("T")
Objects = Mapping[str, Maybe[Sequence[Mapping[str, Any]]]]
"""The objects by kind, or why a kind could not be read."""

_TEMPLATED: Final = ("Deployment", "StatefulSet", "DaemonSet", "Rollout")
NOT_IN_FILES: Final = Unread("manifests do not say where pods run and volumes are")


class ReplicaLimits(NamedTuple):
    """The numbers of replicas that an autoscaler keeps to."""

    minimum: int
    maximum: int


class Selected(NamedTuple):
    """A workload as budgets and services see it. `replicas`: at least; None: not set."""

    resource: str
    owner: Owner
    replicas: int | None


class ClusterView:
    """The objects of one cluster, or of a set of manifests: then `nodes` and `pods` are None.

    `zones`: those in which nodes for workloads are.

    Whatever depends on a failed list is `Unread`.
    """

    def __init__(
        self,
        place: Place,
        objects: Objects,
        nodes: Maybe[Sequence[Node]] | None = None,
        pods: Maybe[Mapping[Owner, PodCount]] | None = None,
    ) -> None:
        self.place, self.nodes, self.pods = place, nodes, pods
        self._objects = objects
        self.zone_of_node = {n.name: n.zone for n in self.known_nodes if n.zone}
        self.zones = self._zones()
        self._limits = self._indexed("HorizontalPodAutoscaler", self._index_limits)
        self._budgets = self._indexed("PodDisruptionBudget", self._index_budgets)
        self._services = self._indexed("Service", self._index_services)
        self._volumes = self._indexed("PersistentVolume", self._index_volumes)
        self._workloads_in: dict[str, tuple[str, ...]] = {}
        self._volumes_in: dict[str, tuple[str, ...]] = {}
        self._owners: set[Owner] = set()
        self._selected = self._index_selected()
        self._index_namespaces()
        self._users = claim_users({kind: self.rows(kind) for kind in ("Pod", *_TEMPLATED)}, place.account)
        self._tls = tls_secrets(self.rows("Ingress"))
        self._newest_backups = newest_backups(self.rows("Backup"))
        self._snapshots = newest_snapshots(self.rows("VolumeSnapshot"))

    @property
    def live(self) -> bool:
        """Whether this is a cluster and not a set of manifests."""
        return self.nodes is not None

    @property
    def known_nodes(self) -> Sequence[Node]:
        """The nodes, none where they could not be read."""
        return () if self.nodes is None or isinstance(self.nodes, Unread) else self.nodes

    def _zones(self) -> Maybe[tuple[str, ...]]:
        if self.nodes is None or isinstance(self.nodes, Unread):
            return self.nodes or NOT_IN_FILES
        return zones_of([n for n in self.nodes if not n.control_plane] or self.nodes)

    def rows(self, kind: str) -> Iterator[Row]:
        """The objects of a kind; none where it could not be read."""
        found = self._objects.get(kind, ())
        return (Row(body) for body in (() if isinstance(found, Unread) else found))

    def unread(self, kind: str) -> Unread | None:
        """Why a kind could not be read; None where it was."""
        found = self._objects.get(kind, ())
        return found if isinstance(found, Unread) else None

    def limits(self, owner: Owner) -> Maybe[ReplicaLimits | None]:
        """What an autoscaler sets for a workload; None where none scales it."""
        return self._limits if isinstance(self._limits, Unread) else self._limits.get(owner)

    def budgets(self, namespace: str, labels: Mapping[str, str]) -> Maybe[tuple[str, ...]]:
        """The names of the budgets that limit evictions of pods with these labels."""
        if isinstance(self._budgets, Unread):
            return self._budgets
        found = self._budgets.matching(namespace, labels)
        return tuple(sorted(name for name, limits in found if limits))

    def served(self, namespace: str, labels: Mapping[str, str]) -> bool | None:
        """Whether a service sends requests to pods with these labels; None where services could not be read."""
        if isinstance(self._services, Unread):
            return None
        return next(self._services.matching(namespace, labels), None) is not None

    def selected(self, kind: str, namespace: str, name: str) -> tuple[Selected, ...]:
        """The workloads whose pods a service or budget selects."""
        return tuple(self._selected.get((kind, namespace, name), ()))

    def count(self, owner: Owner) -> Maybe[PodCount | None]:
        """The pods of a workload; None for manifests."""
        return self.pods if self.pods is None or isinstance(self.pods, Unread) else self.pods.get(owner) or PodCount()

    def ready_by_zone(self, owners: Sequence[Owner]) -> Maybe[Mapping[str, int]]:
        """The number of ready pods of workloads in each zone; under an empty name those on nodes without a zone."""
        if self.pods is None or isinstance(self.pods, Unread):
            return self.pods or NOT_IN_FILES
        if isinstance(self.nodes, Unread):
            return self.nodes
        ready: Counter[str] = Counter()
        for owner in owners:
            for node, number in (self.pods.get(owner) or PodCount()).ready_on.items():
                ready[self.zone_of_node.get(node, "")] += number
        return ready

    def claimed_zones(self, namespace: str, claims: Sequence[str]) -> Maybe[tuple[tuple[str, ...], ...]]:
        """The zones of each volume behind claims that is bound to zones. A claim that ends in `-` stands for all numbered ones."""
        if not claims:
            return ()
        if isinstance(self._volumes, Unread):
            return self._volumes
        found = tuple(zones for claim in claims for zones in self._volumes.get((namespace, claim), ()))
        return NOT_IN_FILES if not found and not self.live else found

    def exists(self, owner: Owner) -> bool:
        """Whether there is a workload of this namespace, kind and name."""
        return owner in self._owners

    def claimed_by(self, namespace: str, claim: str) -> str:
        """The workload that uses a claim; empty where none is known to."""
        return self._users.get((namespace, claim)) or self._users.get((namespace, claim.rstrip("0123456789")), "")

    def tls_secret(self, namespace: str, name: str) -> bool:
        """Whether an Ingress serves this secret as its certificate."""
        return (namespace, name) in self._tls

    def snapshot_of(self, namespace: str, claim: str) -> datetime | None:
        """When the newest snapshot of a claim was taken that can be used; None where there is none."""
        return self._snapshots.get((namespace, claim))

    def template_of(self, row: Row, namespace: str) -> Row:
        """The pod template of a workload: its own, or that of the Deployment that a Rollout refers to."""
        name = row.text("spec.workloadRef.name")
        if not name or row.value("spec.template") is not None:
            return row.row("spec.template")
        others = (other for other in self.rows("Deployment") if other.text("metadata.name") == name)
        return next((other.row("spec.template") for other in others if namespace_of("", other) == namespace), Row({}))

    def newest_backup(self, row: Row) -> bool:
        """Whether this backup of Velero is the newest of its schedule, or was made by hand."""
        return row.text("metadata.name") in self._newest_backups

    def storage_region(self, name: str) -> str:
        """The region of a storage location of Velero; empty where its settings name none."""
        locations = (row for row in self.rows("BackupStorageLocation") if row.text("metadata.name") == name)
        return next((row.text("spec.config.region") for row in locations), "")

    def volumes_of(self, spec: Row) -> tuple[str, ...]:
        """The volumes that are claimed in the namespaces that a spec of Velero includes."""
        return included(spec, self._volumes_in)

    def workloads_of(self, spec: Row) -> tuple[str, ...]:
        """The workloads in the namespaces that a spec of Velero includes."""
        return included(spec, self._workloads_in)

    def _indexed(self, kind: str, index: Callable[[], T]) -> Maybe[T]:
        """An index of a kind. An object of an unexpected form is left out of it, and is a gap of its own."""
        return self.unread(kind) or index()

    def _each(self, kind: str, use: Callable[[Row], None]) -> None:
        for row in self.rows(kind):
            with suppress(OddFieldError):
                use(row)

    def _index_limits(self) -> dict[Owner, ReplicaLimits]:
        found: dict[Owner, ReplicaLimits] = {}

        def add(row: Row) -> None:
            target, minimum = row.row("spec.scaleTargetRef"), row.number("spec.minReplicas")
            owner = (namespace_of("", row), target.text("kind"), target.text("name"))
            found[owner] = ReplicaLimits(1 if minimum is None else minimum, row.number("spec.maxReplicas") or 0)

        self._each("HorizontalPodAutoscaler", add)
        return found

    def _index_budgets(self) -> LabelSelectorIndex[tuple[str, bool]]:
        index: LabelSelectorIndex[tuple[str, bool]] = LabelSelectorIndex()

        def add(row: Row) -> None:
            selector = label_selector(row, "spec.selector")
            limits = row.value("spec.minAvailable") is not None or row.value("spec.maxUnavailable") is not None
            if selector is not None:
                index.add(namespace_of("", row), selector, (row.text("metadata.name"), limits))

        self._each("PodDisruptionBudget", add)
        return index

    def _index_services(self) -> LabelSelectorIndex[str]:
        index: LabelSelectorIndex[str] = LabelSelectorIndex()

        def add(row: Row) -> None:
            if labels := row.labels("spec.selector"):
                index.add(namespace_of("", row), LabelSelector(labels), row.text("metadata.name"))

        self._each("Service", add)
        return index

    def _index_volumes(self) -> dict[tuple[str, str], list[tuple[str, ...]]]:
        found: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)

        def add(row: Row) -> None:
            zones, claim = volume_zones(row, self.place.region, self.zone_of_node), row.row("spec.claimRef")
            namespace, name = claim.text("namespace"), claim.text("name")
            base = name.rstrip("0123456789")
            if zones and name:
                found[namespace, name].append(zones)
                if base.endswith("-") and base != name:
                    found[namespace, base].append(zones)

        self._each("PersistentVolume", add)
        return found

    def _index_selected(self) -> dict[tuple[str, str, str], list[Selected]]:
        """The workloads of each service and budget, found from the side of the workloads."""
        found: dict[tuple[str, str, str], list[Selected]] = defaultdict(list)

        def add(kind: str, row: Row) -> None:
            namespace, name = namespace_of(kind, row), row.text("metadata.name")
            template = row if kind == "Pod" else self.template_of(row, namespace)
            labels = template.labels("metadata.labels")
            selected = self._as_selected((namespace, kind, name), row)
            self._owners.add(selected.owner)
            if not isinstance(self._services, Unread):
                for service in self._services.matching(namespace, labels):
                    found["Service", namespace, service].append(selected)
            if not isinstance(self._budgets, Unread):
                for budget, _ in self._budgets.matching(namespace, labels):
                    found["PodDisruptionBudget", namespace, budget].append(selected)

        for kind in (*_TEMPLATED, "Pod"):
            self._each(kind, partial(add, kind))
        return found

    def _index_namespaces(self) -> None:
        volumes: dict[str, list[str]] = defaultdict(list)
        workloads: dict[str, list[str]] = defaultdict(list)

        def add(kind: str, row: Row) -> None:
            name = row.text("metadata.name")
            if kind == "PersistentVolume":
                volumes[row.text("spec.claimRef.namespace")].append(resource_id(self.place.account, "", kind, name))
            else:
                namespace = namespace_of(kind, row)
                workloads[namespace].append(resource_id(self.place.account, namespace, kind, name))

        for kind in ("PersistentVolume", *_TEMPLATED):
            self._each(kind, partial(add, kind))
        self._volumes_in = {name: tuple(found) for name, found in volumes.items() if name}
        self._workloads_in = {name: tuple(found) for name, found in workloads.items()}

    def _as_selected(self, owner: Owner, row: Row) -> Selected:
        namespace, kind, name = owner
        limits = self.limits(owner)
        replicas = 1 if kind == "Pod" else row.number("spec.replicas")
        if isinstance(limits, ReplicaLimits):
            replicas = limits.minimum
        return Selected(resource_id(self.place.account, namespace, kind, name), owner, replicas)
