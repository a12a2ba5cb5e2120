"""What a mesh or a network policy names outside the cluster: ServiceEntries of Istio, egress rules of Cilium."""

from collections.abc import Iterator

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.kubernetes.chaos_targets import targets_of
from bot.audit.collectors.kubernetes.egress import named_hosts
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.selectors import label_selector
from checks import Fact, ObservedDependency


def _service_entry(item: LinkedObject) -> Iterator[Fact]:
    """Hosts that are registered in the mesh; which workloads call them is not said, so that its labels or namespace decide."""
    if item.text("spec.location") != "MESH_INTERNAL":
        yield from named_hosts(item, item.texts("spec.hosts"), "ServiceEntry of Istio")


def _egress(item: LinkedObject) -> Iterator[Fact]:
    """Names that the selected pods may reach; a policy that selects all pods of its namespace names no workload."""
    selector = label_selector(item, "spec.endpointSelector")
    about = targets_of(item.view, [item.namespace], selector) if selector and selector.labels else ()
    names = [
        name.text("matchName") or name.text("matchPattern")
        for rule in item.rows("spec.egress")
        for name in rule.rows("toFQDNs")
    ]
    yield from named_hosts(item, names, "egress rule of Cilium", about)


KINDS = (
    Kind("ServiceEntry", (ObservedDependency,), linked(_service_entry)),
    Kind("CiliumNetworkPolicy", (ObservedDependency,), linked(_egress)),
)
