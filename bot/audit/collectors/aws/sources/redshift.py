"""Redshift clusters -> Datastore."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore each, from the listing alone."""
    for found in aws.list("redshift", "DescribeClusters", "Clusters"):
        name, spread = found["ClusterIdentifier"], found.get("MultiAZ")
        second = found.get("MultiAZSecondary", {}).get("AvailabilityZone", "")
        told = Unread("DescribeClusters did not tell of a second zone") if spread is None else spread.lower()
        yield aws.fact(
            Datastore,
            resource=aws.arn("redshift", f"cluster:{name}"),
            name=name,
            product="redshift",
            tags=tag_map(found.get("Tags")),
            kind=StoreKind.WAREHOUSE,
            engine=found.get("ClusterVersion", ""),
            zones=aws.zone_ids((found.get("AvailabilityZone", ""), second)),
            zone_redundant=told if isinstance(told, Unread) else told in ("enabled", "true"),
            nodes=found.get("NumberOfNodes"),
            backup_days=found.get("AutomatedSnapshotRetentionPeriod"),
            minor_upgrades=found.get("AllowVersionUpgrade"),
            encryption_key=found.get("KmsKeyId", ""),
        )


SOURCE = Source(name="aws_redshift", facts=(Datastore,), actions=("redshift:DescribeClusters",), read=read)
