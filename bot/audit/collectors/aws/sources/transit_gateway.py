"""Transit Gateway: the zones in which it is attached to the VPCs of the account."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.private_networks import PrivateNetworks
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, TransitAttachment

_ACTION: Final = "ec2:DescribeTransitGatewayVpcAttachments"
_PHASES: Final = {"initiating": "pending", "initiatingrequest": "pending", "pendingacceptance": "pending"} | {
    "rejected": "failed",
    "rejecting": "failed",
    "failing": "failed",
    "rollingback": "failed",
}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one TransitAttachment per attachment of a VPC of this account; VPCs of others are read in their accounts."""
    rows = aws.list("ec2", "DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments")
    own = [row for row in rows if row.get("VpcOwnerId", aws.account) == aws.account]
    if not own:
        return
    networks = PrivateNetworks.read(aws)
    identity = ItemIdentity[dict[str, Any]](
        _ACTION, lambda row: _arn_of(aws, row), lambda row: tag_map(row.get("Tags"))
    )
    yield from facts_of(aws, lambda row: _attachment(aws, row, networks), own, identity, calls=False)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return aws.arn("ec2", f"transit-gateway-attachment/{row['TransitGatewayAttachmentId']}")


def _attachment(aws: Reader, row: dict[str, Any], networks: PrivateNetworks) -> Fact:
    tags, state = tag_map(row.get("Tags")), row.get("State", "")
    return aws.fact(
        TransitAttachment,
        resource=_arn_of(aws, row),
        name=tags.get("Name") or row["TransitGatewayAttachmentId"],
        product="transitgateway",
        status=_PHASES.get(state.lower(), state),
        tags=tags,
        gateway=row.get("TransitGatewayId", ""),
        zones=networks.zones(row.get("SubnetIds", ())),
        workload_zones=networks.workload_zones(row["VpcId"]),
    )


SOURCE = Source(
    name="aws_transit_attachments",
    facts=(TransitAttachment,),
    actions=(_ACTION, "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"),
    read=read,
)
