"""EBS volumes: zone, attachment, latest snapshot."""

from collections.abc import Iterator
from datetime import datetime

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Unread, Volume


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Volume per volume; one listing of the account's own snapshots serves all of them."""
    volumes = aws.list("ec2", "DescribeVolumes", "Volumes")
    snapshots = aws.maybe(lambda: _latest_snapshots(aws)) if volumes else {}
    for row in volumes:
        tags = tag_map(row.get("Tags"))
        instances = [
            attachment["InstanceId"] for attachment in row.get("Attachments", ()) if attachment.get("InstanceId")
        ]
        last: Maybe[datetime | None] = snapshots if isinstance(snapshots, Unread) else snapshots.get(row["VolumeId"])
        yield aws.fact(
            Volume,
            resource=aws.arn("ec2", f"volume/{row['VolumeId']}"),
            name=tags.get("Name") or row["VolumeId"],
            product="ebs",
            tags=tags,
            zone=aws.zone_id(row["AvailabilityZone"]),
            size_gib=row["Size"],
            attached_to=aws.arn("ec2", f"instance/{instances[0]}") if instances else "",
            last_snapshot_at=last,
            about=tuple(aws.arn("ec2", f"instance/{name}") for name in instances),
        )


def _latest_snapshots(aws: Reader) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for row in aws.list("ec2", "DescribeSnapshots", "Snapshots", OwnerIds=["self"]):
        volume, at = row.get("VolumeId", ""), row["StartTime"]
        if row.get("State") == "completed" and (volume not in newest or at > newest[volume]):
            newest[volume] = at
    return newest


SOURCE = Source(
    name="aws_volumes",
    facts=(Volume,),
    actions=("ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:DescribeAvailabilityZones"),
    read=read,
)
