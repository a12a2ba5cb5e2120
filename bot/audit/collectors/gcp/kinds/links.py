"""VPNs and dedicated lines. Shapes: Compute Engine API v1, `vpnGateways`, `targetVpnGateways`, `vpnTunnels`, `interconnects`."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.gcp.asset import Asset, path_of
from bot.audit.collectors.gcp.kinds_of import kind
from checks import DedicatedLine, Fact, VpnConnection

_TUNNEL: Final = "compute.googleapis.com/VpnTunnel"
_ATTACHMENT: Final = "compute.googleapis.com/InterconnectAttachment"
_PEERS: Final = ("peerExternalGateway", "peerGcpGateway", "peerIp")
JOINED = (_TUNNEL, _ATTACHMENT)


def _vpn(asset: Asset) -> Iterable[Fact]:
    """The tunnels of a VPN gateway, those to each peer as one connection."""
    peers: dict[str, list[Asset]] = defaultdict(list)
    for name in ("vpnGateway", "targetVpnGateway"):
        for tunnel in asset.naming_this(_TUNNEL, name):
            peers[next((peer for key in _PEERS if (peer := path_of(tunnel.text(key)))), "")].append(tunnel)
    for peer, tunnels in sorted(peers.items()):
        yield asset.fact(
            VpnConnection,
            product="vpn",
            resource=f"{asset.identity.resource}/peers/{peer}",
            device=peer,
            gateway=asset.identity.resource,
            tunnels=len(tunnels),
            tunnels_up=sum(tunnel.text("status") == "ESTABLISHED" for tunnel in tunnels),
        )


def _line(asset: Asset) -> Iterable[Fact]:
    """A line of Cloud Interconnect. Its location names the building and the edge availability domain: `las-zone1-770`."""
    place = asset.text("location").rpartition("/")[2]
    links = asset.number("provisionedLinkCount") or 1
    attached = asset.naming_this(_ATTACHMENT, "interconnect")
    carries = any(line.text("operationalStatus") == "OS_ACTIVE" for line in attached)
    yield asset.fact(
        DedicatedLine,
        product="interconnect",
        device=place,
        location="-".join(word for word in place.split("-") if not word.startswith("zone")),
        carries_traffic=carries and asset.text("operationalStatus") == "OS_ACTIVE",
        links=links if links > 1 else None,
    )


KINDS = (
    kind("compute.googleapis.com/VpnGateway", (VpnConnection,), _vpn),
    kind("compute.googleapis.com/TargetVpnGateway", (VpnConnection,), _vpn),
    kind("compute.googleapis.com/Interconnect", (DedicatedLine,), _line),
)
