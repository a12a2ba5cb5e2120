"""EC2 instances outside Auto Scaling groups."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.parts.target_groups import instances_with_traffic
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact

_GROUP_TAG = "aws:autoscaling:groupName"
_TERMINATED = ("shutting-down", "terminated")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per standalone instance; instances of a group are part of the group's fact."""
    standalone = [(row, tags) for row, tags in _instances(aws) if _GROUP_TAG not in tags]
    with_traffic = instances_with_traffic(aws) if standalone else None
    for row, tags in standalone:
        zone = aws.zone_id(row["Placement"]["AvailabilityZone"])
        running = row["State"]["Name"] == "running"
        addresses = (row["InstanceId"], row.get("PrivateIpAddress", ""))
        yield aws.fact(
            ComputeGroup,
            resource=aws.arn("ec2", f"instance/{row['InstanceId']}"),
            name=tags.get("Name") or row["InstanceId"],
            product="ec2",
            tags=tags,
            kind=ComputeKind.MACHINE,
            zones=(zone,),
            zones_in_use=(zone,) if running else (),
            desired=1,
            running=int(running),
            traffic=None if with_traffic is None else not with_traffic.isdisjoint(addresses),
            machine_types=(row["InstanceType"],),
            detailed_monitoring=row.get("Monitoring", {}).get("State") in ("enabled", "pending"),
        )


def _instances(aws: Reader) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    for reservation in aws.list("ec2", "DescribeInstances", "Reservations"):
        for row in reservation["Instances"]:
            if row["State"]["Name"] not in _TERMINATED:
                yield row, tag_map(row.get("Tags"))


SOURCE = Source(
    name="aws_machines",
    facts=(ComputeGroup,),
    actions=(
        "ec2:DescribeInstances",
        "ec2:DescribeAvailabilityZones",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
    ),
    read=read,
)
