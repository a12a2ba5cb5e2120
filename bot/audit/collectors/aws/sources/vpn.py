"""Site-to-Site VPN: tunnels that are up, and the customer device at the far end."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Unread, VpnConnection

_NO_TELEMETRY = Unread("DescribeVpnConnections returned no status of the tunnels")
_GATEWAYS = ("TransitGatewayId", "VpnGatewayId", "CoreNetworkArn", "VpnConcentratorId")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one VpnConnection per connection, from the listing alone."""
    rows = aws.list("ec2", "DescribeVpnConnections", "VpnConnections")
    identity = ItemIdentity[dict[str, Any]](
        "ec2:DescribeVpnConnections", lambda row: _arn_of(aws, row), lambda row: tag_map(row.get("Tags"))
    )
    yield from facts_of(aws, lambda row: _connection(aws, row), rows, identity, calls=False)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return aws.arn("ec2", f"vpn-connection/{row['VpnConnectionId']}")


def _connection(aws: Reader, row: dict[str, Any]) -> Fact:
    tags, tunnels = tag_map(row.get("Tags")), row.get("VgwTelemetry")
    if any("Status" not in tunnel for tunnel in tunnels or ()):
        tunnels = None
    up = [tunnel for tunnel in tunnels or () if tunnel["Status"] == "UP"]
    return aws.fact(
        VpnConnection,
        resource=_arn_of(aws, row),
        name=tags.get("Name") or row["VpnConnectionId"],
        product="vpn",
        status=row.get("State", ""),
        tags=tags,
        device=row.get("CustomerGatewayId", ""),
        gateway=next((row[key] for key in _GATEWAYS if row.get(key)), ""),
        tunnels=_NO_TELEMETRY if tunnels is None else len(tunnels),
        tunnels_up=_NO_TELEMETRY if tunnels is None else len(up),
    )


SOURCE = Source(name="aws_vpn_connections", facts=(VpnConnection,), actions=("ec2:DescribeVpnConnections",), read=read)
