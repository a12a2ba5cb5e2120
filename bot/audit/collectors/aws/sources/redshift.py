"""Redshift clusters: zones, nodes, snapshots."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone."""
    for found in aws.list("redshift", "DescribeClusters", "Clusters"):
        name, multi_az = found["ClusterIdentifier"], found.get("MultiAZ")
        second = found.get("MultiAZSecondary", {}).get("AvailabilityZone", "")
        setting = Unread("DescribeClusters returned no MultiAZ field") if multi_az is None else multi_az.lower()
        yield aws.fact(
            Datastore,
            resource=aws.arn("redshift", f"cluster:{name}"),
            name=name,
            product="redshift",
            tags=tag_map(found.get("Tags")),
            kind=StoreKind.WAREHOUSE,
            engine=found.get("ClusterVersion", ""),
            zones=aws.zone_ids((found.get("AvailabilityZone", ""), second)),
            zone_redundant=setting if isinstance(setting, Unread) else setting in ("enabled", "true"),
            nodes=found.get("NumberOfNodes"),
            backup_days=found.get("AutomatedSnapshotRetentionPeriod"),
            minor_upgrades=found.get("AllowVersionUpgrade"),
            encryption_key=found.get("KmsKeyId", ""),
        )


SOURCE = Source(name="aws_redshift", facts=(Datastore,), actions=("redshift:DescribeClusters",), read=read)
