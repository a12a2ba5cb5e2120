"""The newest snapshot of each volume, from one listing that all sources of volumes share."""

from datetime import datetime

from bot.audit.collectors.aws.reader import Reader


def latest_snapshots(aws: Reader) -> dict[str, datetime]:
    """When the newest complete snapshot of each volume was begun, by the volume's id in lower case.

    Raises:
        ReadError: the account's own snapshots cannot be listed.
    """
    newest: dict[str, datetime] = {}
    for row in aws.list("ec2", "DescribeSnapshots", "Snapshots", OwnerIds=["self"]):
        volume, at = row.get("VolumeId", "").lower(), row.get("StartTime")
        if at and row.get("State", "completed") == "completed" and (volume not in newest or at > newest[volume]):
            newest[volume] = at
    return newest
