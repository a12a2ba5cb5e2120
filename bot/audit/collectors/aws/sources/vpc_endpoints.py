"""Interface VPC endpoints: the zones of their addresses, and whether they answer for the public name of their service."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.private_networks import PrivateNetworks, endpoints
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, PrivateEndpoint

# A gateway endpoint is a route without addresses; one of a gateway load balancer or a firewall is read with the network.
_WITH_ADDRESSES: Final = ("interface", "resource", "servicenetwork")
_PENDING: Final = {"pendingacceptance": "pending", "rejected": "failed", "expired": "failed"}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one PrivateEndpoint per endpoint with addresses, from two listings of the region."""
    rows = [row for row in endpoints(aws) if _kind(row) in _WITH_ADDRESSES]
    if not rows:
        return
    networks = PrivateNetworks.read(aws)
    identity = ItemIdentity[dict[str, Any]](
        "ec2:DescribeVpcEndpoints",
        lambda row: aws.arn("ec2", f"vpc-endpoint/{row['VpcEndpointId']}"),
        lambda row: tag_map(row.get("Tags")),
    )
    yield from facts_of(aws, lambda row: _endpoint(aws, row, networks), rows, identity, calls=False)


def _kind(row: dict[str, Any]) -> str:
    return str(row.get("VpcEndpointType", "Interface")).lower()


def _endpoint(aws: Reader, row: dict[str, Any], networks: PrivateNetworks) -> Fact:
    tags = tag_map(row.get("Tags"))
    target = row.get("ServiceName") or row.get("ResourceConfigurationArn") or row.get("ServiceNetworkArn") or ""
    state = row.get("State", "")
    return aws.fact(
        PrivateEndpoint,
        resource=aws.arn("ec2", f"vpc-endpoint/{row['VpcEndpointId']}"),
        name=tags.get("Name") or target.rpartition(".")[2] or row["VpcEndpointId"],
        product="vpc",
        status=_PENDING.get(state.lower(), state),
        tags=tags,
        target=target,
        zones=networks.zones(row.get("SubnetIds", ())),
        workload_zones=networks.workload_zones(row["VpcId"]),
        private_dns=row.get("PrivateDnsEnabled"),
    )


SOURCE = Source(
    name="aws_private_endpoints",
    facts=(PrivateEndpoint,),
    actions=("ec2:DescribeVpcEndpoints", "ec2:DescribeSubnets"),
    read=read,
)
