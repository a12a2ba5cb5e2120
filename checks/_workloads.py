"""Facts about what a cluster adds: workloads, disruption budgets, autoscalers, add-ons, control planes."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from checks._fact import Fact, Maybe

ZONE, NODE = "zone", "node"
"""What replicas are spread over."""


class WorkloadKind(StrEnum):
    """What a cluster does with the containers of a template."""

    DEPLOYMENT = "deployment"
    STATEFUL_SET = "stateful_set"
    DAEMON_SET = "daemon_set"
    JOB = "job"
    CRON_JOB = "cron_job"
    POD = "pod"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload(Fact):
    """Containers that a cluster runs by one template: a Deployment, a StatefulSet, a Pod of its own.

    `replicas`: how many are wanted; None where that is not set, so that one runs, and for kinds without a number.
    `autoscaled`: an autoscaler sets the number instead. `running`: how many are ready; None: nothing runs yet.
    `nodes_in_use`, `zones_in_use`: where they run now; empty: not known, or nothing runs. `spread_over`: what a rule of the
    template spreads them over, `zone` or `node`. `budgets`: disruption budgets that limit how many may be evicted.
    `same_probes`: containers whose liveness probe is also their readiness probe; `without_requests`: containers that do
    not request both CPU and memory. `update`: how a new version replaces the old one, `stops_all`: by stopping every
    replica first. `bound_volumes`: number of its volumes that exist in some zones only, which are `volume_zones`. `images`:
    whole references, as `docker.io/library/nginx:1.27`.
    """

    kind: WorkloadKind
    replicas: Maybe[int | None] = None
    autoscaled: Maybe[bool] = False
    running: Maybe[int | None] = None
    nodes_in_use: Maybe[tuple[str, ...]] = ()
    zones_in_use: Maybe[tuple[str, ...]] = ()
    spread_over: tuple[str, ...] = ()
    budgets: Maybe[tuple[str, ...]] = ()
    containers: int = 1
    readiness_probe: bool = False
    same_probes: tuple[str, ...] = ()
    without_requests: tuple[str, ...] = ()
    priority: str = ""
    update: str = ""
    stops_all: bool = False
    volume_zones: Maybe[tuple[str, ...]] = ()
    bound_volumes: Maybe[int] = 0
    images: tuple[str, ...] = ()

    @property
    def long_running(self) -> bool:
        """Whether it runs until it is stopped, in a number of replicas that somebody chooses."""
        return self.kind in (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFUL_SET, WorkloadKind.POD)


@dataclass(frozen=True, kw_only=True, slots=True)
class DisruptionBudget(Fact):
    """How many pods may be evicted at a time. `about`: the workloads that it protects.

    `min_available`, `max_unavailable`: a number or a percentage, empty where not set. `pods`: how many pods it selects;
    None: not known.
    """

    min_available: str = ""
    max_unavailable: str = ""
    pods: Maybe[int | None] = None

    def evictable(self, pods: int | None) -> int | None:
        """How many of these pods may be evicted while all are healthy; None where that depends on a number not known.

        Percentages are rounded up to whole pods, of what has to stay and of what may go.
        """
        limit, least = self.max_unavailable, self.min_available
        if limit.rstrip("%") == "0" or least == "100%":
            return 0
        if limit:
            if not limit.endswith("%"):
                return int(limit)
            return 1 if pods is None else math.ceil(pods * int(limit.rstrip("%")) / 100)
        if pods is None:
            return None
        if least.endswith("%"):
            return max(pods - math.ceil(pods * int(least.rstrip("%")) / 100), 0)
        return max(pods - int(least or 0), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaAutoscaler(Fact):
    """What sets the number of replicas of a workload (`about`) between `minimum` and `maximum`.

    `target`: what it scales (`Deployment web`). `target_exists` None: the target is of a kind that is not read.
    """

    minimum: int = 1
    maximum: int = 0
    target: str = ""
    target_exists: Maybe[bool | None] = None


class AddOnKind(StrEnum):
    """What every workload of a cluster needs an add-on for."""

    DNS = "cluster DNS"
    INGRESS = "ingress controller"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterAddOn(Fact):
    """A workload that the others of its cluster depend on. `replicas`, `nodes_in_use`, `zones_in_use`: as of a workload.

    `per_node`: a replica runs on each node. `cluster_zones`: the zones in which the cluster has nodes; empty: not known.
    """

    shared: ClassVar[bool] = True

    kind: AddOnKind
    per_node: bool = False
    replicas: Maybe[int | None] = None
    nodes_in_use: Maybe[tuple[str, ...]] = ()
    zones_in_use: Maybe[tuple[str, ...]] = ()
    cluster_zones: Maybe[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPlane(Fact):
    """The nodes that decide for a cluster. `nodes`: their number, None where the provider runs them out of sight.

    `votes`: number of those nodes in each zone.
    """

    shared: ClassVar[bool] = True

    nodes: Maybe[int | None] = None
    votes: Maybe[tuple[int, ...]] = ()
