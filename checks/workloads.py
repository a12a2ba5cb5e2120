"""A node can be drained, fail or run out of memory at any hour. Replicas that are apart, probed and given what they need survive it.

These checks read the template of a workload and where its replicas run now; the zones of groups of any kind are the zone
family.
"""

from checks._check import check
from checks._facts import Workload, WorkloadKind, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import named, subject
from checks._restarts import restart_is_enough
from checks._words import counted, duration, listed
from checks._workloads import NODE, ZONE

_PRIORITY_UP_TO_TIER = 2


def _not_in_replicas(workload: Workload) -> str:
    """Why a check of several replicas does not apply; empty where it does."""
    if not workload.long_running or workload.kind is WorkloadKind.POD:
        return f"{subject(workload)} does not run in a number of replicas"
    replicas = known(workload.replicas)
    if replicas == 0:
        return f"{subject(workload)} is scaled to zero"
    if replicas == 1 and not known(workload.autoscaled):
        return f"{subject(workload)} runs a single replica, see WL01"
    return ""


@check(
    id="WL01",
    title="Workload runs at least two replicas",
    severity=Severity.HIGH,
    lesson="With one replica each drain of a node, eviction and failed node is an outage. After a node fails, Kubernetes waits "
    "5 min before it starts the replica elsewhere.",
    remediation="Set `replicas: 3` (`kubectl scale deployment NAME --replicas 3`); replace a Pod without a controller by a "
    "Deployment.",
    docs="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions",
)
def two_replicas(service: Service, workload: Workload) -> Verdict:
    """Apply to what runs all the time under an RTO of 4 h or less; autoscaled workloads are CL02."""
    if not workload.long_running:
        return not_applicable(f"{subject(workload)} does not run in a number of replicas")
    replicas = known(workload.replicas)
    if known(workload.autoscaled) or replicas == 0:
        why = "is scaled to zero" if replicas == 0 else "is scaled by an autoscaler, see CL02"
        return not_applicable(f"{subject(workload)} {why}")
    if replicas is not None and replicas >= 2:
        return passed(f"{subject(workload)} runs {replicas} replicas", replicas=replicas)
    if restart_is_enough(service):
        target = f"an RTO of {duration(service.rto_target)}" if service.rto_target else "no RTO"
        return not_applicable(f"{service.name} has {target}; a restart of {named(workload)} on another node is enough")
    if workload.kind is WorkloadKind.POD:
        return failed(f"{subject(workload)} has no controller; nothing starts it again when its node fails")
    few = "runs a single replica" if replicas == 1 else "sets no number of replicas and runs one"
    return failed(f"{subject(workload)} {few}; losing its node takes it down", replicas=1)


@check(
    id="WL02",
    title="Replicas are kept on different nodes",
    severity=Severity.MEDIUM,
    lesson="Three replicas on one node fail together with that node. The scheduler spreads them when they start, and an upgrade "
    "of the nodes may bring them together again.",
    remediation="Add `topologySpreadConstraints` with `topologyKey: kubernetes.io/hostname` and `maxSkew: 1`, or a "
    "`podAntiAffinity` over that key, with a label selector that matches the pods.",
    docs="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
)
def nodes_apart(_: Service, workload: Workload) -> Verdict:
    """Judge where the replicas run now, then whether a rule keeps them apart; a rule over zones is one over nodes too."""
    if reason := _not_in_replicas(workload):
        return not_applicable(reason)
    nodes, running = known(workload.nodes_in_use), known(workload.running) or 0
    if running >= 2 and len(set(nodes)) == 1:
        return failed(f"All {running} replicas of {named(workload)} run on node {nodes[0]}", nodes=1, running=running)
    if workload.spread_over:
        return passed(f"A rule keeps the replicas of {named(workload)} on different nodes", nodes=len(set(nodes)))
    return failed(f"No rule keeps the replicas of {named(workload)} on different nodes", nodes=len(set(nodes)))


@check(
    id="WL03",
    title="Replicas are kept in different zones",
    severity=Severity.MEDIUM,
    lesson="Different nodes may be in the same zone. In the AZ outage of 22 December 2021 that decided who was down for hours.",
    remediation="Add `topologySpreadConstraints` with `topologyKey: topology.kubernetes.io/zone` and `maxSkew: 1`, with a label "
    "selector that matches the pods.",
    docs="https://kubernetes.io/docs/setup/best-practices/multiple-zones/",
)
def zones_apart(_: Service, workload: Workload) -> Verdict:
    """Judge where the replicas run now, then whether a rule keeps them apart."""
    if reason := _not_in_replicas(workload):
        return not_applicable(reason)
    zones, running = known(workload.zones_in_use), known(workload.running) or 0
    if running >= 2 and len(set(zones)) == 1:
        return failed(f"All {running} replicas of {named(workload)} run in {zones[0]}", zone=zones[0], running=running)
    if ZONE in workload.spread_over:
        return passed(f"A rule keeps the replicas of {named(workload)} in different zones", zones=listed(zones))
    only = ", only on different nodes" if NODE in workload.spread_over else ""
    return failed(f"No rule keeps the replicas of {named(workload)} in different zones{only}", zones=listed(zones))


@check(
    id="WL04",
    title="Workload has a disruption budget",
    severity=Severity.MEDIUM,
    lesson="Without a budget an upgrade of the nodes may evict all replicas at once: the drains of several nodes do not "
    "wait for each other.",
    remediation="Add a PodDisruptionBudget with `maxUnavailable: 1` whose selector matches the pods (`kubectl create "
    "poddisruptionbudget NAME --selector app=NAME --max-unavailable 1`).",
    docs="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
)
def has_budget(_: Service, workload: Workload) -> Verdict:
    """Apply to what runs in several replicas. A budget that blocks every drain is CL01."""
    if reason := _not_in_replicas(workload):
        return not_applicable(reason)
    budgets = known(workload.budgets)
    if budgets:
        return passed(f"{subject(workload)} has the disruption budget {listed(budgets)}")
    return failed(f"{subject(workload)} has no disruption budget; drains may evict all of its replicas at once")


@check(
    id="WL05",
    title="Workload has a readiness probe",
    severity=Severity.MEDIUM,
    lesson="Without a readiness probe a new replica counts as ready as soon as its process starts: it gets requests too early, "
    "and a rollout of a broken version replaces every replica that works.",
    remediation="Add a `readinessProbe` to the container that serves requests.",
    docs="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
)
def readiness_probed(_: Service, workload: Workload) -> Verdict:
    """Apply to what runs all the time; one container with a probe is enough, since it decides for the whole pod."""
    if not workload.long_running and workload.kind is not WorkloadKind.DAEMON_SET:
        return not_applicable(f"{subject(workload)} runs to its end and is never asked whether it is ready")
    if workload.readiness_probe:
        return passed(f"{subject(workload)} has a readiness probe")
    return failed(f"{subject(workload)} has no readiness probe and counts as ready as soon as its process starts")


@check(
    id="WL06",
    title="Liveness probe is not the readiness probe",
    severity=Severity.MEDIUM,
    lesson="A liveness probe that also asks whether a database answers restarts every replica when that database is slow, and "
    "the restarts make the load on the others worse.",
    remediation="Let the `livenessProbe` ask only whether the process itself is stuck, or remove it; keep checks of dependencies "
    "in the `readinessProbe`.",
    docs="https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
)
def probes_differ(_: Service, workload: Workload) -> Verdict:
    """Fail where a container is restarted by the probe that should only take it out of service."""
    if not workload.readiness_probe:
        return not_applicable(f"{subject(workload)} has no readiness probe, see WL05")
    if not workload.same_probes:
        return passed(f"{subject(workload)} is not restarted by its readiness probe")
    return failed(
        f"{subject(workload)} uses one probe for readiness and liveness ({listed(workload.same_probes)}); an overload "
        "restarts it"
    )


@check(
    id="WL07",
    title="Containers request CPU and memory",
    severity=Severity.MEDIUM,
    lesson="A pod without requests is placed on any node and is the first to be evicted when that node runs out of memory, which "
    "is what happens to the nodes that are left when a zone fails.",
    remediation="Set `resources.requests` for `cpu` and `memory` on every container (`kubectl set resources`).",
    docs="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
)
def requests_set(_: Service, workload: Workload) -> Verdict:
    """Judge every container; a limit without a request is a request of the same size."""
    if not workload.containers:
        return not_applicable(f"{subject(workload)} lists no containers")
    if not workload.without_requests:
        return passed(f"{subject(workload)} requests CPU and memory", containers=workload.containers)
    return failed(
        f"{subject(workload)} does not request both CPU and memory for {listed(workload.without_requests)}",
        containers=workload.containers,
    )


@check(
    id="WL08",
    title="An update keeps replicas running",
    severity=Severity.MEDIUM,
    lesson="A rollout that stops everything first is an outage at each release, and one without an end if the new version does "
    "not start.",
    remediation="Set `strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}`.",
    docs="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
)
def update_keeps_running(_: Service, workload: Workload) -> Verdict:
    """Apply to kinds that are updated in place."""
    if workload.kind not in (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFUL_SET, WorkloadKind.DAEMON_SET):
        return not_applicable(f"{subject(workload)} is not updated in place")
    if workload.stops_all:
        return failed(f"{subject(workload)} stops every replica before a new version starts ({workload.update})")
    return passed(f"{subject(workload)} keeps replicas running while a new version starts", update=workload.update)


@check(
    id="WL09",
    title="Important workload has a priority class",
    severity=Severity.LOW,
    lesson="When the nodes of a failed zone are gone, not everything fits on the rest. Without priorities a batch job keeps its "
    "place and the checkout waits.",
    remediation="Create a PriorityClass (`kubectl create priorityclass critical --value 1000000`) and set "
    "`priorityClassName` in the pod template.",
    docs="https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
)
def has_priority(service: Service, workload: Workload) -> Verdict:
    """Apply to services of tiers 1 and 2."""
    if service.tier.number > _PRIORITY_UP_TO_TIER or not workload.long_running:
        return not_applicable(
            f"{subject(workload)} belongs to a service of tier 3 or lower, or does not run all the time"
        )
    if workload.priority:
        return passed(f"{subject(workload)} has the priority class {workload.priority}")
    return failed(f"{subject(workload)} has no priority class and waits like any other when nodes are scarce")


@check(
    id="WL10",
    title="Volumes of a workload are not all in one zone",
    severity=Severity.HIGH,
    lesson="A replica can start only where its volume is. While the zone of the volume is down, Kubernetes leaves the "
    "replica pending.",
    remediation="Run replicas with volumes of their own in several zones (a StorageClass with `volumeBindingMode: "
    "WaitForFirstConsumer` and a spread over zones), or use storage that is replicated across zones.",
    docs="https://kubernetes.io/docs/setup/best-practices/multiple-zones/#storage-access-for-zones",
)
def volumes_apart(_: Service, workload: Workload) -> Verdict:
    """Judge the zones in which the volumes that are bound to zones exist."""
    bound = known(workload.bound_volumes)
    if not bound:
        return not_applicable(f"{subject(workload)} has no volume that is bound to a zone")
    zones = known(workload.volume_zones)
    if len(set(zones)) >= 2:
        return passed(f"Volumes of {named(workload)} are in {listed(zones)}", volumes=bound)
    return failed(
        f"{counted(bound, 'volume')} of {named(workload)} {'is' if bound == 1 else 'are'} bound to {listed(zones)}; it cannot "
        "start elsewhere",
        volumes=bound,
    )
