"""EBS volumes: zone, attachment, latest snapshot."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.replaced_machines import root_devices_of_replaced
from bot.audit.collectors.aws.parts.volume_snapshots import latest_snapshots
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Unread, Volume


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Volume per volume; one listing of the account's own snapshots serves all of them."""
    volumes = aws.list("ec2", "DescribeVolumes", "Volumes")
    snapshots = aws.maybe(lambda: latest_snapshots(aws)) if volumes else {}
    roots = aws.maybe(lambda: root_devices_of_replaced(aws)) if volumes else {}
    identity = ItemIdentity[dict[str, Any]](
        "ec2:DescribeVolumes",
        lambda row: aws.arn("ec2", f"volume/{row['VolumeId']}"),
        lambda row: tag_map(row.get("Tags")),
    )
    yield from facts_of(aws, lambda row: _volume(aws, row, snapshots, roots), volumes, identity, calls=False)


def _volume(
    aws: Reader, row: dict[str, Any], snapshots: Maybe[dict[str, datetime]], roots: Maybe[Mapping[str, str]]
) -> Fact:
    tags = tag_map(row.get("Tags"))
    instances = [attachment["InstanceId"] for attachment in row.get("Attachments", ()) if attachment.get("InstanceId")]
    return aws.fact(
        Volume,
        resource=aws.arn("ec2", f"volume/{row['VolumeId']}"),
        name=tags.get("Name") or row["VolumeId"],
        product="ebs",
        status=row.get("State", ""),
        encryption_key=row.get("KmsKeyId", ""),
        tags=tags,
        zone=aws.zone_id(row.get("AvailabilityZone", "")),
        size_gib=row.get("Size", 0),
        attached_to=aws.arn("ec2", f"instance/{instances[0]}") if instances else "",
        disposable=roots if isinstance(roots, Unread) else any(_goes(of, roots) for of in row.get("Attachments", ())),
        last_snapshot_at=snapshots if isinstance(snapshots, Unread) else snapshots.get(row["VolumeId"].lower()),
        about=tuple(aws.arn("ec2", f"instance/{name}") for name in instances),
    )


def _goes(attachment: Mapping[str, Any], roots: Mapping[str, str]) -> bool:
    """Whether a volume is the root of an instance that is replaced when it fails, or is deleted with one."""
    machine = attachment.get("InstanceId", "")
    if machine not in roots:
        return False
    return bool(attachment.get("DeleteOnTermination")) or attachment.get("Device", "-") == roots[machine]


SOURCE = Source(
    name="aws_volumes",
    facts=(Volume,),
    actions=("ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:DescribeInstances", "ec2:DescribeAvailabilityZones"),
    read=read,
)
