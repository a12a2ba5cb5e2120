"""Managed Streaming for Apache Kafka (MSK) clusters: brokers and zones."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone. Serverless clusters are multi-AZ."""
    identity = ItemIdentity[dict[str, Any]](
        "kafka:ListClustersV2", lambda found: found["ClusterArn"], lambda found: found.get("Tags", {})
    )
    listed = aws.list("kafka", "ListClustersV2", "ClusterInfoList")
    yield from facts_of(aws, lambda found: _cluster(aws, found), listed, identity, calls=False)


def _cluster(aws: Reader, found: dict[str, Any]) -> Fact:
    brokers = found.get("Provisioned")
    group = (brokers or {}).get("BrokerNodeGroupInfo", {})
    zone_count = len(group.get("ZoneIds") or group.get("ClientSubnets", ()))
    encryption = (brokers or {}).get("EncryptionInfo", {}).get("EncryptionAtRest", {})
    return aws.fact(
        Datastore,
        resource=found["ClusterArn"],
        name=found.get("ClusterName") or found["ClusterArn"].split("/")[-2],
        product="kafka",
        status=found.get("State", ""),
        tags=found.get("Tags", {}),
        kind=StoreKind.STREAM,
        engine="kafka",
        zones=tuple(sorted(group.get("ZoneIds") or ())),
        zone_redundant=zone_count > 1 if brokers else _serverless(found),
        nodes=brokers.get("NumberOfBrokerNodes") if brokers else None,
        capacity=None if brokers or isinstance(_serverless(found), Unread) else Capacity.ON_DEMAND,
        encryption_key=encryption.get("DataVolumeKMSKeyId", ""),
    )


def _serverless(found: dict[str, Any]) -> Maybe[bool]:
    """True for a serverless cluster; the brokers of a provisioned one should have been told."""
    return Unread("ListClustersV2 returned no Provisioned field") if found.get("ClusterType") == "PROVISIONED" else True


SOURCE = Source(
    name="aws_kafka", facts=(Datastore,), shapes=(StoreKind.STREAM,), actions=("kafka:ListClustersV2",), read=read
)
