"""What all workloads of a cluster share: budgets that decide whether a node can be drained, autoscalers, DNS, the control plane, images.

A fault there stops maintenance, or takes down services whose own replicas are spread as they should be.
"""

from checks._check import check
from checks._facts import (
    ClusterAddOn,
    ControlPlane,
    DisruptionBudget,
    ReplicaAutoscaler,
    Workload,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject
from checks._restarts import restart_is_enough
from checks._words import counted, listed

_PUBLIC = (
    "docker.io/",
    "gcr.io/google-containers/",
    "ghcr.io/",
    "k8s.gcr.io/",
    "mcr.microsoft.com/",
    "public.ecr.aws/",
    "quay.io/",
    "registry.gitlab.com/",
    "registry.k8s.io/",
)
"""Registries that everyone pulls from; any other host is one's own, or a mirror that one has chosen."""


@check(
    id="CL01",
    title="Disruption budget lets nodes be drained",
    severity=Severity.HIGH,
    lesson="A budget that allows no eviction stops every drain: upgrades of the nodes hang or are forced, and during an outage "
    "nodes that are about to fail cannot be emptied.",
    remediation="Set `maxUnavailable: 1` instead of `minAvailable` equal to the number of replicas, and run at least two "
    "replicas.",
    docs="https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/",
)
def budget_allows(_: Service, budget: DisruptionBudget) -> Verdict:
    """Judge what the budget allows while all pods are healthy."""
    always = budget.evictable(None)
    if always == 0:
        none = budget.max_unavailable.rstrip("%") == "0"
        limit = f"maxUnavailable {budget.max_unavailable}" if none else f"minAvailable {budget.min_available}"
        return failed(f"{subject(budget)} allows no eviction ({limit}) and blocks every drain")
    if always is not None or not budget.min_available:
        limit = f"maxUnavailable {budget.max_unavailable}" if always else "no limit"
        return passed(f"{subject(budget)} sets {limit} and blocks no drain")
    pods = known(budget.pods)
    if pods == 0:
        return passed(f"{subject(budget)} selects no pods and blocks no drain", pods=0)
    allowed = budget.evictable(pods)
    if allowed is None or pods is None:
        return unknown(f"Number of pods that {named(budget)} selects is unknown", min_available=budget.min_available)
    if allowed == 0:
        return failed(
            f"{subject(budget)} keeps all of its {counted(pods, 'pod')} (minAvailable {budget.min_available}) and blocks "
            "every drain",
            pods=pods,
        )
    return passed(f"{subject(budget)} allows {counted(allowed, 'eviction')} at a time", pods=pods, allowed=allowed)


@check(
    id="CL02",
    title="Autoscaler keeps at least two replicas",
    severity=Severity.HIGH,
    lesson="An autoscaler with a minimum of one scales to one at night, and then each failed node is an outage until the "
    "replica has started elsewhere.",
    remediation='Set `minReplicas: 2` or more (`kubectl patch hpa NAME -p \'{"spec": {"minReplicas": 3}}\'`).',
    docs="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
)
def autoscaler_minimum(service: Service, scaler: ReplicaAutoscaler) -> Verdict:
    """Apply under an RTO of 4 h or less."""
    if scaler.minimum >= 2:
        return passed(f"{subject(scaler)} keeps at least {scaler.minimum} replicas of {scaler.target}")
    if restart_is_enough(service):
        return not_applicable(f"{service.name} has the time to start {scaler.target} on another node")
    return failed(f"{subject(scaler)} may scale {scaler.target} to {scaler.minimum}", minimum=scaler.minimum)


@check(
    id="CL03",
    title="Autoscaler has a target and room to grow",
    severity=Severity.MEDIUM,
    lesson="An autoscaler keeps the name of a workload that was renamed, and the first peak after that finds the number of "
    "replicas fixed.",
    remediation="Correct `scaleTargetRef` (`kubectl get hpa` shows a lost target as unknown), and set `maxReplicas` above "
    "`minReplicas`.",
    docs="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/",
)
def autoscaler_target(_: Service, scaler: ReplicaAutoscaler) -> Verdict:
    """Judge the target where it is of a kind that is read."""
    if scaler.maximum <= scaler.minimum:
        return failed(
            f"{subject(scaler)} keeps {scaler.target} at {scaler.minimum} and never adds a replica",
            maximum=scaler.maximum,
        )
    exists = known(scaler.target_exists)
    if exists is None:
        return not_applicable(f"{subject(scaler)} scales {scaler.target}, a kind that is not read")
    if exists:
        return passed(f"{subject(scaler)} scales {scaler.target} up to {scaler.maximum}", maximum=scaler.maximum)
    return failed(f"{subject(scaler)} scales {scaler.target}, which does not exist")


@check(
    id="CL04",
    title="Cluster DNS and ingress controllers survive the loss of a zone",
    severity=Severity.HIGH,
    lesson="No service finds another without cluster DNS, and none is reached without the ingress controller: a single replica "
    "of either makes every other redundancy useless.",
    remediation="Run three replicas with a spread over zones: `kubectl -n kube-system scale deployment coredns --replicas 3`, "
    "and the same for the ingress controller.",
    docs="https://kubernetes.io/docs/tasks/administer-cluster/dns-horizontal-autoscaling/",
)
def add_on_redundant(_: Service, add_on: ClusterAddOn) -> Verdict:
    """Require two replicas, on two nodes and in two zones where the cluster has nodes in several."""
    replicas, name = known(add_on.replicas), subject(add_on)
    if replicas == 0:
        return failed(f"{name} ({add_on.kind.value}) is scaled to zero", replicas=0)
    if not add_on.per_node and (replicas or 1) < 2:
        return failed(
            f"{name} ({add_on.kind.value}) runs a single replica; losing its node stops the cluster", replicas=1
        )
    zones, nodes = set(known(add_on.zones_in_use)), set(known(add_on.nodes_in_use))
    if len(nodes) == 1:
        return failed(f"All replicas of {named(add_on)} ({add_on.kind.value}) run on node {listed(nodes)}", nodes=1)
    if len(zones) == 1 and len(set(known(add_on.cluster_zones))) >= 2:
        return failed(
            f"All replicas of {named(add_on)} ({add_on.kind.value}) run in {listed(zones)}", zone=listed(zones)
        )
    return passed(f"{name} ({add_on.kind.value}) runs several replicas", replicas=replicas, zones=listed(zones))


@check(
    id="CL05",
    title="Control plane keeps its quorum without one zone",
    severity=Severity.HIGH,
    lesson="Pods keep running without a control plane, but nothing that fails is started again: during a zone outage the "
    "control plane has to survive that zone.",
    remediation="Run three control-plane nodes in three zones (`kubeadm join --control-plane`), or use a managed control plane "
    "of a region.",
    docs="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/",
)
def control_plane_quorum(_: Service, plane: ControlPlane) -> Verdict:
    """Apply where the nodes of the control plane can be seen."""
    nodes, votes = known(plane.nodes), known(plane.votes)
    if nodes is None:
        return not_applicable(f"{subject(plane)} is run by its provider and shows no nodes")
    if nodes < 3:
        return failed(
            f"{subject(plane)} has {counted(nodes, 'node')} and loses its quorum with one of them", nodes=nodes
        )
    if sum(votes) < nodes:
        return unknown(f"Zones of the nodes of {named(plane)} are unknown", nodes=nodes)
    if (nodes - max(votes)) * 2 > nodes:
        return passed(f"{subject(plane)} keeps {nodes - max(votes)} of {nodes} nodes without any one zone", nodes=nodes)
    return failed(
        f"{subject(plane)} has {max(votes)} of {nodes} nodes in one zone and loses its quorum with that zone",
        nodes=nodes,
    )


@check(
    id="CL06",
    title="Images are named by version or digest",
    severity=Severity.LOW,
    lesson="Behind `latest` a replica that starts during an outage runs whatever was pushed last, and a rollback has no version "
    "to go back to.",
    remediation="Name a version, or better a digest: `image: registry.example/shop/web@sha256:...`.",
    docs="https://kubernetes.io/docs/concepts/containers/images/#image-names",
)
def images_fixed(_: Service, workload: Workload) -> Verdict:
    """Fail where an image has no tag or the tag `latest`."""
    if not workload.images:
        return not_applicable(f"{subject(workload)} lists no images")
    moving = [image for image in workload.images if _moves(image)]
    if moving:
        return failed(f"{subject(workload)} uses {listed(moving)}, which is another image after each push")
    digests = sum("@" in image for image in workload.images)
    return passed(
        f"{subject(workload)} names versions of all of its images", images=len(workload.images), digests=digests
    )


@check(
    id="CL07",
    title="Images come from a registry of one's own or a mirror",
    severity=Severity.LOW,
    lesson="On 20 October 2025 Docker Hub was down together with us-east-1: clusters elsewhere could not start a pod on a new "
    "node, because its image was not on it yet.",
    remediation="Mirror the images: a pull-through cache (`aws ecr create-pull-through-cache-rule`), an Artifact Registry remote "
    "repository, or Harbor as a proxy; then use its names.",
    docs="https://docs.docker.com/docker-hub/image-library/mirror/",
)
def images_mirrored(_: Service, workload: Workload) -> Verdict:
    """Fail where an image is pulled from a public registry."""
    if not workload.images:
        return not_applicable(f"{subject(workload)} lists no images")
    public = [image for image in workload.images if image.startswith(_PUBLIC)]
    registries = sorted({image.partition("/")[0] for image in workload.images})
    if public:
        hosts = listed({image.partition("/")[0] for image in public})
        return failed(
            f"{subject(workload)} pulls {counted(len(public), 'image')} from {hosts}; new nodes cannot start it while that "
            "registry is down",
            registries=len(registries),
        )
    return passed(f"{subject(workload)} pulls its images from {listed(registries)}", registries=len(registries))


def _moves(image: str) -> bool:
    if "@" in image:
        return False
    name, colon, tag = image.rpartition("/")[2].partition(":")
    return not colon or tag == "latest" or not name
