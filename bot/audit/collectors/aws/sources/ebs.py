"""EBS -> Volume: block devices, each in one zone, and when they were last saved."""

from collections.abc import Iterator
from datetime import datetime

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Unread, Volume


def read(aws: Reader) -> Iterator[Fact]:
    """One Volume each; one listing of the account's own snapshots tells the newest of each."""
    volumes = aws.list("ec2", "DescribeVolumes", "Volumes")
    saved = aws.maybe(lambda: _newest(aws)) if volumes else {}
    for row in volumes:
        tags = tag_map(row.get("Tags"))
        machines = [
            attachment["InstanceId"] for attachment in row.get("Attachments", ()) if attachment.get("InstanceId")
        ]
        last: Maybe[datetime | None] = saved if isinstance(saved, Unread) else saved.get(row["VolumeId"])
        yield aws.fact(
            Volume,
            resource=aws.arn("ec2", f"volume/{row['VolumeId']}"),
            name=tags.get("Name") or row["VolumeId"],
            product="ebs",
            tags=tags,
            zone=aws.zone_id(row["AvailabilityZone"]),
            size_gib=row["Size"],
            attached_to=aws.arn("ec2", f"instance/{machines[0]}") if machines else "",
            last_snapshot_at=last,
            about=tuple(aws.arn("ec2", f"instance/{name}") for name in machines),
        )


def _newest(aws: Reader) -> dict[str, datetime]:
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
