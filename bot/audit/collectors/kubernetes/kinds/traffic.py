"""Services of type LoadBalancer, and Ingresses.

Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/. Every node passes traffic on, so that a
load balancer is in the zones of all nodes, unless `externalTrafficPolicy: Local` limits it to nodes with pods.
"""

from collections.abc import Iterator, Sequence

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.view import Selected
from checks import Fact, LoadBalancer, Unread


def _service(item: LinkedObject) -> Iterator[Fact]:
    if item.text("spec.type") == "LoadBalancer":
        selected = item.view.selected("Service", item.namespace, item.text("metadata.name"))
        local = item.text("spec.externalTrafficPolicy") == "Local"
        yield _balancer(item, "service", selected, len(item.rows("spec.ports")), local=local)


def _ingress(item: LinkedObject) -> Iterator[Fact]:
    names = dict.fromkeys(_backends(item))
    selected = [found for name in names for found in item.view.selected("Service", item.namespace, name)]
    yield _balancer(item, "ingress", selected, len(item.rows("spec.rules")))


def _backends(item: Row) -> Iterator[str]:
    """The services that an Ingress sends requests to, as networking.k8s.io/v1 and its older versions name them."""
    paths = [path for rule in item.rows("spec.rules") for path in rule.rows("http.paths")]
    for backend in (item.row("spec.defaultBackend"), *(path.row("backend") for path in paths)):
        if name := backend.text("service.name") or backend.text("serviceName"):
            yield name


def _balancer(
    item: LinkedObject, kind: str, selected: Sequence[Selected], listeners: int, *, local: bool = False
) -> LoadBalancer:
    view = item.view
    ready, cluster_zones = view.ready_by_zone([found.owner for found in selected]), view.zones
    zones = () if isinstance(cluster_zones, Unread) else cluster_zones
    healthy = ready if isinstance(ready, Unread) else {zone: number for zone, number in ready.items() if zone}
    if local and not isinstance(healthy, Unread):
        zones = tuple(sorted(healthy))
    services = view.unread("Service")
    return item.fact(
        LoadBalancer,
        product=kind,
        kind=kind,
        zones=zones,
        listeners=listeners,
        targets=services or tuple(found.resource for found in selected),
        healthy_by_zone=services or healthy,
        healthy_anywhere=0 if isinstance(ready, Unread) else ready.get("", 0),
    )


KINDS = (
    Kind("Service", (LoadBalancer,), linked(_service)),
    Kind("Ingress", (LoadBalancer,), linked(_ingress)),
)
