"""Builders of facts about connectivity and managed applications: everything in good order until a test says otherwise."""

from typing import Any

from support.builders.moment import AWAY, HOME, ZONES, fact

from checks import (
    GLOBAL,
    Accelerator,
    DedicatedLine,
    EventEndpoint,
    Firewall,
    PrivateEndpoint,
    TransitAttachment,
    UserDirectory,
    VpnConnection,
    Workflow,
)


def private_endpoint(name: str = "kms", **fields: Any) -> PrivateEndpoint:
    """An endpoint in every zone where something runs."""
    target = f"com.amazonaws.{HOME}.{name}"
    sound: dict[str, Any] = {"target": target, "zones": ZONES, "workload_zones": ZONES, "private_dns": True}
    return fact(PrivateEndpoint, name, fields, product="vpc", **sound)


def firewall(name: str = "edge", **fields: Any) -> Firewall:
    """A protected firewall with an endpoint in every zone where something runs."""
    sound: dict[str, Any] = {"zones": ZONES, "workload_zones": ZONES, "deletion_protection": True}
    return fact(Firewall, name, fields, product="network-firewall", **sound)


def transit_attachment(name: str = "to-core", **fields: Any) -> TransitAttachment:
    """An attachment in every zone where something runs."""
    return fact(TransitAttachment, name, fields, product="transitgateway", zones=ZONES, workload_zones=ZONES)


def vpn(name: str = "office", **fields: Any) -> VpnConnection:
    """A VPN with both tunnels up."""
    sound: dict[str, Any] = {"device": f"cgw-{name}", "gateway": "vgw-1", "tunnels": 2, "tunnels_up": 2}
    return fact(VpnConnection, name, fields, product="vpn", **sound)


def line(name: str = "dx-1", **fields: Any) -> DedicatedLine:
    """A single line that carries traffic."""
    sound: dict[str, Any] = {"device": f"router-{name}", "location": f"site-{name}", "carries_traffic": True}
    return fact(DedicatedLine, name, fields, product="directconnect", **sound)


def accelerator(name: str = "front", **fields: Any) -> Accelerator:
    """An accelerator with healthy endpoints in two regions."""
    sound: dict[str, Any] = {"region": GLOBAL, "regions": (HOME, AWAY), "healthy_regions": (HOME, AWAY)}
    return fact(Accelerator, name, fields, product="globalaccelerator", **sound)


def workflow(name: str = "refund", **fields: Any) -> Workflow:
    """A workflow that retries its two tasks and keeps its history."""
    return fact(Workflow, name, fields, product="stepfunctions", tasks=2, keeps_history=True, logs=True)


def user_directory(name: str = "customers", **fields: Any) -> UserDirectory:
    """A protected user directory with a replica."""
    return fact(UserDirectory, name, fields, product="cognito", deletion_protection=True, replica_regions=(AWAY,))


def event_endpoint(name: str = "orders", **fields: Any) -> EventEndpoint:
    """An event endpoint that fails over and replicates."""
    sound: dict[str, Any] = {"regions": (HOME, AWAY), "replicates": True, "health_check": "arn:check"}
    return fact(EventEndpoint, name, fields, product="events", **sound)
