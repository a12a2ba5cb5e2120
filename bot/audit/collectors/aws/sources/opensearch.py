"""OpenSearch -> Datastore: search domains and how their nodes are spread."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind

_AT_ONCE = 5  # domains in one DescribeDomains
_SNAPSHOT_DAYS = 14  # OpenSearch Service guide, "Creating index snapshots": hourly ones are kept 14 days


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore for each domain."""
    names = [row["DomainName"] for row in aws.list("opensearch", "ListDomainNames", "DomainNames")]
    batches = [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
    told = aws.each(lambda some: aws.get("opensearch", "DescribeDomains", DomainNames=some), batches)
    for answer in told:
        for row in answer["DomainStatusList"]:
            if not row.get("Deleted"):
                yield _domain(aws, row)


def _domain(aws: Reader, row: dict[str, Any]) -> Fact:
    nodes = row.get("ClusterConfig", {})
    count = nodes.get("InstanceCount", 1)
    spread = bool(nodes.get("ZoneAwarenessEnabled") or nodes.get("MultiAZWithStandbyEnabled"))
    return aws.fact(
        Datastore,
        resource=row["ARN"],
        name=row["DomainName"],
        product="opensearch",
        kind=StoreKind.SEARCH,
        engine=row.get("EngineVersion", ""),
        zone_redundant=spread and count > 1,
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
