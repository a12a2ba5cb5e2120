"""ElastiCache Serverless caches: backups. Their data is always kept in several zones."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cache, from the listing alone.

    ElastiCache guide, "Serverless caching": data is replicated across several zones, with automatic failover.
    """
    listed = aws.list("elasticache", "DescribeServerlessCaches", "ServerlessCaches")
    if not listed:
        return
    subnets = Subnets.read(aws)
    identity = ItemIdentity[dict[str, Any]]("elasticache:DescribeServerlessCaches", lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _cache(aws, row, subnets), listed, identity, calls=False)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("ARN") or aws.arn("elasticache", f"serverlesscache:{row['ServerlessCacheName']}"))


def _cache(aws: Reader, row: dict[str, Any], subnets: Subnets) -> Fact:
    arn, engine = _arn_of(aws, row), row.get("Engine", "")
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("ServerlessCacheName") or arn.rpartition(":")[2],
        product="elasticacheserverless",
        status=row.get("Status", ""),
        kind=StoreKind.CACHE,
        engine=engine,
        zones=subnets.zones(row.get("SubnetIds") or ()),
        zone_redundant=True,
        automatic_failover=True,
        backup_days=None if engine == "memcached" else row.get("SnapshotRetentionLimit", 0),
        capacity=Capacity.ON_DEMAND,
        encryption_key=row.get("KmsKeyId", ""),
    )


SOURCE = Source(
    name="aws_caches_serverless",
    facts=(Datastore,),
    shapes=(StoreKind.CACHE,),
    actions=("elasticache:DescribeServerlessCaches", "ec2:DescribeSubnets", "tag:GetResources"),
    read=read,
)
