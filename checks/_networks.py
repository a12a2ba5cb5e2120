"""Facts about connectivity: private endpoints, firewalls, transit attachments, VPNs, dedicated lines, accelerators."""

from dataclasses import dataclass
from typing import ClassVar

from checks._fact import Fact, Maybe


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateEndpoint(Fact):
    """A private address, inside a network, of a service outside it. `target`: the service (`com.amazonaws.us-east-1.kms`).

    `zones`: where it has an address. `workload_zones`: where the network has addresses in use. `private_dns`: the service's
    public name resolves to it inside the network.
    """

    shared: ClassVar[bool] = True

    target: str = ""
    zones: tuple[str, ...] = ()
    workload_zones: Maybe[tuple[str, ...]] = ()
    private_dns: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Firewall(Fact):
    """A managed network firewall. `zones`: where it has an endpoint. `workload_zones`: where its network has addresses in use.

    `workload_zones` empty: it belongs to no single network.
    """

    shared: ClassVar[bool] = True

    zones: tuple[str, ...] = ()
    workload_zones: Maybe[tuple[str, ...]] = ()
    deletion_protection: Maybe[bool | None] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitAttachment(Fact):
    """The attachment of a network to a transit router. `zones`: where the router has an interface in the network.

    `gateway`: the router's resource. `workload_zones`: where the network has addresses in use; those without an interface
    cannot send anything to the router.
    """

    shared: ClassVar[bool] = True

    gateway: str = ""
    zones: tuple[str, ...] = ()
    workload_zones: Maybe[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class VpnConnection(Fact):
    """A site-to-site VPN. `device`: the customer's device at its far end, `gateway`: the provider's end; both by id.

    `tunnels`, `tunnels_up`: number of tunnels, and of those that work now.
    """

    shared: ClassVar[bool] = True

    device: str = ""
    gateway: str = ""
    tunnels: Maybe[int] = 0
    tunnels_up: Maybe[int] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DedicatedLine(Fact):
    """A dedicated line to the provider, or several bundled into one (`links`: how many, None for a single line).

    `device`: the provider's router at its end, `location`: the building. `carries_traffic`: it is up and has a virtual
    interface that is up. `minimum_links`: with fewer links in operation the whole bundle stops.
    """

    shared: ClassVar[bool] = True

    device: str = ""
    location: str = ""
    carries_traffic: Maybe[bool] = False
    links: int | None = None
    minimum_links: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accelerator(Fact):
    """Fixed addresses that route to endpoints in regions. `about`: these endpoints.

    `regions`: those to which every listener sends traffic, `healthy_regions`: those where every listener has a healthy
    endpoint.
    """

    regions: Maybe[tuple[str, ...]] = ()
    healthy_regions: Maybe[tuple[str, ...]] = ()
    enabled: bool = True
