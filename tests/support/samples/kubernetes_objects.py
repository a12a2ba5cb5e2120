"""Objects of Kubernetes in their documented shape (https://kubernetes.io/docs/reference/kubernetes-api/), small and sound."""

from typing import Any

NODES, PODS, NAMESPACES = "/api/v1/nodes", "/api/v1/pods", "/api/v1/namespaces"
SERVICES, VOLUMES = "/api/v1/services", "/api/v1/persistentvolumes"
DEPLOYMENTS, STATEFUL_SETS = "/apis/apps/v1/deployments", "/apis/apps/v1/statefulsets"
BUDGETS = "/apis/policy/v1/poddisruptionbudgets"
AUTOSCALERS = "/apis/autoscaling/v2/horizontalpodautoscalers"
INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
CERTIFICATES = "/apis/cert-manager.io/v1/certificates"
VELERO = "/apis/velero.io/v1"


def metadata(name: str, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    """Metadata of an object of a namespace."""
    return {"name": name, "namespace": namespace, "labels": {"app": name}} | more


def node(name: str, zone: str, *, control_plane: bool = False) -> dict[str, Any]:
    """A node in a zone of eu-west-1."""
    labels = {"topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": "eu-west-1"}
    role = {"node-role.kubernetes.io/control-plane": ""} if control_plane else {}
    return {"metadata": {"name": name, "labels": labels | role}, "spec": {}, "status": {}}


def container(name: str = "web", **more: Any) -> dict[str, Any]:
    """A container with everything it should have."""
    sound: dict[str, Any] = {
        "image": f"registry.acme.example/shop/{name}:1.4.2",
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
        "livenessProbe": {"httpGet": {"path": "/alive", "port": 8080}},
    }
    return {"name": name} | sound | more


def pod_spec(name: str = "web", **more: Any) -> dict[str, Any]:
    """The spec of a pod that is spread over nodes and zones."""
    constraints = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": name}},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    sound = {"containers": [container(name)], "priorityClassName": "critical", "topologySpreadConstraints": constraints}
    return sound | more


def deployment(name: str = "web", replicas: int | None = 3, namespace: str = "shop", **pod: Any) -> dict[str, Any]:
    """A Deployment in good order; `pod`: parts of its pods' spec."""
    template = {"metadata": {"labels": {"app": name}}, "spec": pod_spec(name, **pod)}
    spec: dict[str, Any] = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": metadata(name, namespace), "spec": spec | ({} if replicas is None else {"replicas": replicas})}


def stateful_set(name: str = "db", replicas: int = 3) -> dict[str, Any]:
    """A StatefulSet with a volume for each replica."""
    made = deployment(name, replicas)
    made["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    return made


def pod_of(name: str, number: int, on: str, *, ready: bool = True, namespace: str = "shop") -> dict[str, Any]:
    """A pod of a Deployment, owned by its ReplicaSet."""
    owner = {"kind": "ReplicaSet", "name": f"{name}-5d4f8c7b9", "controller": True}
    labels = {"app": name, "pod-template-hash": "5d4f8c7b9"}
    made = metadata(f"{name}-5d4f8c7b9-{number}", namespace, labels=labels, ownerReferences=[owner])
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}
    return {"metadata": made, "spec": {"nodeName": on}, "status": status}


def numbered_pod(name: str, number: int, on: str) -> dict[str, Any]:
    """A pod of a StatefulSet."""
    made = pod_of(name, number, on)
    made["metadata"] |= {"name": f"{name}-{number}"}
    made["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": name, "controller": True}]
    return made


def budget(name: str = "web", **limits: Any) -> dict[str, Any]:
    """A budget for the pods of one application."""
    return {"metadata": metadata(name), "spec": {"selector": {"matchLabels": {"app": name}}} | limits}


def autoscaler(name: str = "web", minimum: int = 2, kind: str = "Deployment") -> dict[str, Any]:
    """An autoscaler up to nine replicas."""
    target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    return {"metadata": metadata(name), "spec": {"scaleTargetRef": target, "minReplicas": minimum, "maxReplicas": 9}}


def service(name: str = "web", **more: Any) -> dict[str, Any]:
    """A load balancer in front of one application."""
    spec = {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 443}, {"port": 80}]}
    return {"metadata": metadata(name), "spec": spec | more}


def volume(name: str, claim: str, zone: str) -> dict[str, Any]:
    """A volume of the EBS CSI driver, which exists in one zone."""
    rule = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    terms = {"required": {"nodeSelectorTerms": [{"matchExpressions": [rule]}]}}
    spec = {"capacity": {"storage": "100Gi"}, "claimRef": {"namespace": "shop", "name": claim}, "nodeAffinity": terms}
    return {"metadata": {"name": name}, "spec": spec, "status": {"phase": "Bound"}}
