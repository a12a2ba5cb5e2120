"""Storage Gateway volumes: their newest snapshot. File shares and tapes are kept in S3."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.volume_snapshots import latest_snapshots
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Unread, Volume

Row = dict[str, Any]
_ACTION: Final = "storagegateway:ListVolumes"
_GIB: Final = 1024**3


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Volume per volume: one listing, and one of the account's own snapshots.

    User guide, "Backing up your volumes": a snapshot of a gateway's volume is an EBS snapshot that names the volume.
    """
    rows = aws.list("storagegateway", "ListVolumes", "VolumeInfos")
    snapshots = aws.maybe(lambda: latest_snapshots(aws)) if rows else {}
    identity = ItemIdentity[Row](_ACTION, lambda row: row["VolumeARN"])
    yield from facts_of(aws, lambda row: _volume(aws, row, snapshots), rows, identity, calls=False)


def _volume(aws: Reader, row: Row, snapshots: Maybe[dict[str, datetime]]) -> Fact:
    arn = row["VolumeARN"]
    name = row.get("VolumeId") or arn.rpartition("/")[2]
    gateway = row.get("GatewayARN") or arn.partition("/volume/")[0]
    return aws.fact(
        Volume,
        resource=arn,
        name=name,
        product="storagegateway",
        zone="",
        size_gib=row.get("VolumeSizeInBytes", 0) // _GIB,
        attached_to=gateway if row.get("VolumeAttachmentStatus", "ATTACHED") == "ATTACHED" else "",
        last_snapshot_at=snapshots if isinstance(snapshots, Unread) else snapshots.get(name.lower()),
        about=(gateway,),
    )


SOURCE = Source(
    name="aws_gateway_volumes",
    facts=(Volume,),
    actions=(_ACTION, "ec2:DescribeSnapshots", "tag:GetResources"),
    read=read,
)
