"""OpenSearch domains: nodes, zone awareness, snapshots."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind

_BATCH_SIZE = 5  # domains in one DescribeDomains call
_SNAPSHOT_DAYS = 14  # OpenSearch Service guide, "Creating index snapshots": hourly snapshots are kept 14 days


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per domain."""
    names = [row["DomainName"] for row in aws.list("opensearch", "ListDomainNames", "DomainNames")]
    batches = [names[start : start + _BATCH_SIZE] for start in range(0, len(names), _BATCH_SIZE)]
    responses = aws.each(lambda batch: aws.get("opensearch", "DescribeDomains", DomainNames=batch), batches)
    for response in responses:
        for row in response["DomainStatusList"]:
            if not row.get("Deleted"):
                yield _domain(aws, row)


def _domain(aws: Reader, row: dict[str, Any]) -> Fact:
    nodes = row.get("ClusterConfig", {})
    count = nodes.get("InstanceCount", 1)
    zone_aware = bool(nodes.get("ZoneAwarenessEnabled") or nodes.get("MultiAZWithStandbyEnabled"))
    return aws.fact(
        Datastore,
        resource=row["ARN"],
        name=row["DomainName"],
        product="opensearch",
        kind=StoreKind.SEARCH,
        engine=row.get("EngineVersion", ""),
        zone_redundant=zone_aware and count > 1,
        nodes=count,
        automatic_failover=count > 1,
        backup_days=_SNAPSHOT_DAYS,
        capacity=Capacity.FIXED,
        minor_upgrades=bool(row.get("SoftwareUpdateOptions", {}).get("AutoSoftwareUpdateEnabled")),
        encryption_key=row.get("EncryptionAtRestOptions", {}).get("KmsKeyId", ""),
    )


SOURCE = Source(
    name="aws_search",
    facts=(Datastore,),
    actions=("es:ListDomainNames", "es:DescribeDomains", "tag:GetResources"),
    read=read,
)
