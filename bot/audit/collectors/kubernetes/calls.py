"""Every call that reads a cluster, and the facts that are missing where it fails."""

from typing import Final, NamedTuple

from bot.audit.collectors.kubernetes.chaos_kinds import EXPERIMENTS
from bot.net.kubernetes.lists import ListCall
from checks import (
    Backup,
    BackupPlan,
    Certificate,
    ClusterAddOn,
    ComputeGroup,
    ControlPlane,
    DisruptionBudget,
    Fact,
    LoadBalancer,
    ObservedDependency,
    Rehearsal,
    ReplicaAutoscaler,
    Volume,
    Workload,
)

_RUNNING: Final = (Workload, ComputeGroup, ClusterAddOn)
_VELERO: Final = "velero.io"
_SNAPSHOTS: Final = "snapshot.storage.k8s.io"
_LITMUS: Final = ("litmuschaos.io", "v1alpha1")
_CHAOS_MESH: Final = ("chaos-mesh.org", "v1alpha1")


class Listed(NamedTuple):
    """One list, and the kinds of facts that it is needed for on its own. What else it adds to becomes unread fields."""

    call: ListCall
    facts: tuple[type[Fact], ...] = ()


NODES: Final = Listed(ListCall("Node", "nodes"), (ControlPlane,))
PODS: Final = Listed(ListCall("Pod", "pods"), (Workload, ComputeGroup))
NAMESPACES: Final = Listed(ListCall("Namespace", "namespaces", names_only=True))
OBJECTS: Final = (
    Listed(ListCall("Deployment", "deployments", "apps"), _RUNNING),
    Listed(ListCall("StatefulSet", "statefulsets", "apps"), _RUNNING),
    Listed(ListCall("DaemonSet", "daemonsets", "apps"), _RUNNING),
    Listed(ListCall("Rollout", "rollouts", "argoproj.io", "v1alpha1", optional=True), _RUNNING),
    Listed(ListCall("CronJob", "cronjobs", "batch"), (Workload,)),
    Listed(ListCall("Job", "jobs", "batch"), (Workload,)),
    Listed(ListCall("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2"), (ReplicaAutoscaler,)),
    Listed(ListCall("PodDisruptionBudget", "poddisruptionbudgets", "policy"), (DisruptionBudget,)),
    Listed(ListCall("Service", "services"), (LoadBalancer,)),
    Listed(ListCall("Ingress", "ingresses", "networking.k8s.io"), (LoadBalancer,)),
    Listed(ListCall("PersistentVolume", "persistentvolumes"), (Volume,)),
    Listed(ListCall("VolumeSnapshot", "volumesnapshots", _SNAPSHOTS, optional=True)),
    Listed(ListCall("Certificate", "certificates", "cert-manager.io", optional=True), (Certificate,)),
    Listed(ListCall("Schedule", "schedules", _VELERO, optional=True), (BackupPlan,)),
    Listed(ListCall("Backup", "backups", _VELERO, optional=True), (Backup,)),
    Listed(ListCall("Restore", "restores", _VELERO, optional=True), (Rehearsal,)),
    Listed(ListCall("BackupStorageLocation", "backupstoragelocations", _VELERO, optional=True)),
    Listed(ListCall("ServiceEntry", "serviceentries", "networking.istio.io", optional=True), (ObservedDependency,)),
    Listed(
        ListCall("CiliumNetworkPolicy", "ciliumnetworkpolicies", "cilium.io", "v2", optional=True),
        (ObservedDependency,),
    ),
    Listed(ListCall("ChaosEngine", "chaosengines", *_LITMUS, optional=True), (Rehearsal,)),
    Listed(ListCall("ChaosResult", "chaosresults", *_LITMUS, optional=True), (Rehearsal,)),
    *(
        Listed(ListCall(kind, plural, *_CHAOS_MESH, optional=True), (Rehearsal,))
        for kind, plural in EXPERIMENTS.items()
    ),
)
ALL: Final = (NODES, NAMESPACES, PODS, *OBJECTS)
