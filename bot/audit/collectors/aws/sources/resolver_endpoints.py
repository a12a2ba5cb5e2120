"""Route 53 Resolver endpoints, through which DNS queries enter and leave a VPC: the zones of their addresses."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.private_networks import PrivateNetworks
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, PrivateEndpoint

Row = dict[str, Any]
_SERVICE: Final = "route53resolver"
_ACTION: Final = f"{_SERVICE}:ListResolverEndpointIpAddresses"
# API reference, `ResolverEndpointStatus`: an endpoint that recovers, or needs an action, answers with the addresses left.
_PHASES: Final = {"OPERATIONAL": "available", "AUTO_RECOVERING": "updating", "ACTION_NEEDED": "updating"}
_WORKS: Final = ("ATTACHED", "")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one PrivateEndpoint per endpoint: one listing, and one for each endpoint."""
    rows = aws.list(_SERVICE, "ListResolverEndpoints", "ResolverEndpoints")
    if not rows:
        return
    networks = PrivateNetworks.read(aws)
    identity = ItemIdentity[Row](_ACTION, lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _endpoint(aws, row, networks), rows, identity)


def _arn_of(aws: Reader, row: Row) -> str:
    return str(row.get("Arn") or aws.arn(_SERVICE, f"resolver-endpoint/{row['Id']}"))


def _endpoint(aws: Reader, row: Row, networks: PrivateNetworks) -> Fact:
    name = row.get("Id") or _arn_of(aws, row).rpartition("/")[2]
    addresses = aws.list(_SERVICE, "ListResolverEndpointIpAddresses", "IpAddresses", ResolverEndpointId=name)
    working = [address for address in addresses if address.get("Status", "") in _WORKS]
    direction = row.get("Direction", "").partition("_")[0].lower()
    state = row.get("Status", "")
    return aws.fact(
        PrivateEndpoint,
        resource=_arn_of(aws, row),
        name=row.get("Name") or name,
        product=_SERVICE,
        status=_PHASES.get(state, state),
        target=f"{direction} DNS".strip(),
        zones=networks.zones(address.get("SubnetId", "") for address in working),
        workload_zones=networks.workload_zones(row["HostVPCId"]),
    )


SOURCE = Source(
    name="aws_resolver_endpoints",
    facts=(PrivateEndpoint,),
    actions=(
        f"{_SERVICE}:ListResolverEndpoints",
        _ACTION,
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "tag:GetResources",
    ),
    read=read,
)
