"""One object of a cluster with its identity: whose it is, what it is called, and what created it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.engine.resource import Identity, Resource
from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.hosts import UNKNOWN, Host

DEFAULT_NAMESPACE: Final = "default"
CLUSTER_WIDE: Final = frozenset({"Namespace", "Node", "PersistentVolume"})
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_STACK_LABELS: Final = (
    "argocd.argoproj.io/instance",
    "kustomize.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/name",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects were read. `account`: the cluster; `namespace_labels`: the labels of each namespace.

    `host`: whose machines its nodes are; `live`: it is a cluster, and no set of manifests.
    """

    account: str
    region: str
    source: str
    now: datetime
    namespace_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    host: Host = UNKNOWN
    live: bool = False


def trimmed(item: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what clients noted in it about themselves, which is half of its size."""
    metadata = item.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(item)
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    notes = kept.get("annotations")
    if isinstance(notes, Mapping):
        kept["annotations"] = {key: value for key, value in notes.items() if key != _LAST_APPLIED}
    return {**item, "metadata": kept}


def namespace_of(kind: str, row: Row) -> str:
    """The namespace of an object; empty for one of the whole cluster."""
    return "" if kind in CLUSTER_WIDE else row.text("metadata.namespace", DEFAULT_NAMESPACE) or DEFAULT_NAMESPACE


def resource_id(account: str, namespace: str, kind: str, name: str) -> str:
    """The permanent identity of an object: `prod/shop/Deployment/web`."""
    return "/".join(part for part in (account, namespace, kind, name) if part)


def in_place(kind: str, body: Mapping[str, Any], place: Place) -> Resource:
    """An object as a resource. Labels of its namespace count where it has none of that name."""
    row = Row(body)
    name, labels = _name(row), _labels(row)
    namespace = namespace_of(kind, row)
    identity = Identity(
        provider="kubernetes",
        account=place.account,
        region=place.region,
        resource=resource_id(place.account, namespace, kind, name),
        name=name,
        source=place.source,
        observed_at=place.now,
        tags={**_namespace_label(namespace), **place.namespace_labels.get(namespace, {}), **labels},
        stack=_stack(row, labels),
        host=place.host.provider,
        host_product=place.host.product,
        cluster=place.account if place.live else "",
    )
    return Resource(body, resource_type=kind, identity=identity)


def _namespace_label(namespace: str) -> dict[str, str]:
    """The label that Kubernetes itself gives a namespace, which manifests leave out."""
    return {"kubernetes.io/metadata.name": namespace} if namespace else {}


def _name(row: Row) -> str:
    try:
        return row.text("metadata.name") or row.text("metadata.generateName")
    except OddFieldError:
        return ""


def _labels(row: Row) -> Mapping[str, str]:
    try:
        return row.labels("metadata.labels")
    except OddFieldError:
        return {}


def _stack(row: Row, labels: Mapping[str, str]) -> str:
    """The Helm release, Argo CD application or Flux kustomization that created an object."""
    try:
        notes = row.labels("metadata.annotations")
    except OddFieldError:
        notes = {}
    if release := notes.get("meta.helm.sh/release-name"):
        return release
    if tracked := notes.get("argocd.argoproj.io/tracking-id"):
        return tracked.partition(":")[0]
    if found := next((labels[key] for key in _STACK_LABELS if labels.get(key)), ""):
        return found
    by_helm = labels.get("app.kubernetes.io/managed-by") == "Helm" or "helm.sh/chart" in labels
    return labels.get("app.kubernetes.io/instance", "") if by_helm else ""
