"""Network Firewall: the zones of a firewall's endpoints, and its deletion protection."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.private_networks import PrivateNetworks
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Firewall, Unread

_SERVICE = "network-firewall"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Firewall per firewall: one listing, and one call each."""
    rows = aws.list(_SERVICE, "ListFirewalls", "Firewalls")
    if not rows:
        return
    networks = PrivateNetworks.read(aws)
    identity = ItemIdentity[dict[str, Any]](f"{_SERVICE}:DescribeFirewall", lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _firewall(aws, row, networks), rows, identity)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("FirewallArn") or aws.arn(_SERVICE, f"firewall/{row['FirewallName']}"))


def _firewall(aws: Reader, row: dict[str, Any], networks: PrivateNetworks) -> Fact:
    arn = _arn_of(aws, row)
    answer = aws.get(_SERVICE, "DescribeFirewall", FirewallArn=arn)
    found, tags = answer["Firewall"], tag_map(answer["Firewall"].get("Tags"))
    # A firewall that is attached to a transit gateway names zones instead of subnets, and is in no VPC of the account.
    attached = [mapping["AvailabilityZone"] for mapping in found.get("AvailabilityZoneMappings", ())]
    by_subnet = networks.zones(mapping["SubnetId"] for mapping in found.get("SubnetMappings", ()))
    return aws.fact(
        Firewall,
        resource=arn,
        name=found.get("FirewallName") or arn.rpartition("/")[2],
        product=_SERVICE,
        status=answer.get("FirewallStatus", {}).get("Status", ""),
        tags=tags,
        zones=aws.zone_ids(attached) if attached else by_subnet,
        workload_zones=() if attached else networks.workload_zones(found["VpcId"]),
        deletion_protection=found.get(
            "DeleteProtection", Unread("DescribeFirewall returned no DeleteProtection field")
        ),
    )


SOURCE = Source(
    name="aws_network_firewalls",
    facts=(Firewall,),
    actions=(
        "network-firewall:ListFirewalls",
        "network-firewall:DescribeFirewall",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
    ),
    read=read,
)
