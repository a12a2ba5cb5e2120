"""EC2 instances that nothing replaces: outside Auto Scaling groups and clusters."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.replaced_machines import is_replaced
from bot.audit.collectors.aws.parts.target_groups import Receivers, instances_with_traffic
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact

_Machine = tuple[dict[str, Any], dict[str, str]]  # an instance and its tags
_TERMINATED = ("shutting-down", "terminated")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per standalone instance; instances of a group are part of the group's fact."""
    standalone = [(row, tags) for row, tags in _instances(aws) if not is_replaced(tags)]
    with_traffic = instances_with_traffic(aws) if standalone else Receivers()
    identity = ItemIdentity[_Machine](
        "ec2:DescribeInstances",
        lambda machine: aws.arn("ec2", f"instance/{machine[0]['InstanceId']}"),
        lambda machine: machine[1],
    )
    yield from facts_of(aws, lambda machine: _machine(aws, *machine, with_traffic), standalone, identity, calls=False)


def _machine(aws: Reader, row: dict[str, Any], tags: dict[str, str], with_traffic: Receivers) -> Fact:
    zone = aws.zone_id(row.get("Placement", {}).get("AvailabilityZone", ""))
    zones = (zone,) if zone else ()
    state, monitoring = row.get("State", {}).get("Name"), row.get("Monitoring", {}).get("State")
    addresses = {row["InstanceId"], row.get("PrivateIpAddress", "")} - {""}
    return aws.fact(
        ComputeGroup,
        resource=aws.arn("ec2", f"instance/{row['InstanceId']}"),
        name=tags.get("Name") or row["InstanceId"],
        product="ec2",
        tags=tags,
        kind=ComputeKind.MACHINE,
        zones=zones,
        zones_in_use=zones if state == "running" else (),
        desired=1,
        running=int(state == "running") if state else None,
        traffic=with_traffic.include(addresses),
        machine_types=(row["InstanceType"],) if row.get("InstanceType") else (),
        detailed_monitoring=None if monitoring is None else monitoring in ("enabled", "pending"),
    )


def _instances(aws: Reader) -> Iterator[_Machine]:
    for reservation in aws.list("ec2", "DescribeInstances", "Reservations"):
        for row in reservation.get("Instances", ()):
            if row.get("State", {}).get("Name") not in _TERMINATED:
                yield row, tag_map(row.get("Tags"))


SOURCE = Source(
    name="aws_machines",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.MACHINE,),
    actions=(
        "ec2:DescribeInstances",
        "ec2:DescribeAvailabilityZones",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
    ),
    read=read,
)
