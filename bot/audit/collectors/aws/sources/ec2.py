"""EC2 -> ComputeGroup: each machine that no Auto Scaling group keeps."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.parts.target_groups import instances_with_traffic
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact

_GROUP_TAG = "aws:autoscaling:groupName"
_GONE = ("shutting-down", "terminated")


def read(aws: Reader) -> Iterator[Fact]:
    """One ComputeGroup for each machine that stands alone; those of a group are told by the group."""
    alone = [(row, tags) for row, tags in _machines(aws) if _GROUP_TAG not in tags]
    busy = instances_with_traffic(aws) if alone else None
    for row, tags in alone:
        zone = aws.zone_id(row["Placement"]["AvailabilityZone"])
        running = row["State"]["Name"] == "running"
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
            traffic=None if busy is None else not busy.isdisjoint((row["InstanceId"], row.get("PrivateIpAddress", ""))),
            machine_types=(row["InstanceType"],),
            detailed_monitoring=row.get("Monitoring", {}).get("State") in ("enabled", "pending"),
        )


def _machines(aws: Reader) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    for reservation in aws.list("ec2", "DescribeInstances", "Reservations"):
        for row in reservation["Instances"]:
            if row["State"]["Name"] not in _GONE:
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
