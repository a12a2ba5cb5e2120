"""Managed Streaming for Apache Kafka (MSK) clusters: brokers and zones."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone. Serverless clusters are multi-AZ."""
    for found in aws.list("kafka", "ListClustersV2", "ClusterInfoList"):
        brokers = found.get("Provisioned")
        group = (brokers or {}).get("BrokerNodeGroupInfo", {})
        zone_count = len(group.get("ZoneIds") or group.get("ClientSubnets", ()))
        yield aws.fact(
            Datastore,
            resource=found["ClusterArn"],
            name=found["ClusterName"],
            product="kafka",
            tags=found.get("Tags", {}),
            kind=StoreKind.STREAM,
            engine="kafka",
            zones=tuple(sorted(group.get("ZoneIds") or ())),
            zone_redundant=zone_count > 1 if brokers else True,
            nodes=brokers.get("NumberOfBrokerNodes") if brokers else None,
            capacity=None if brokers else Capacity.ON_DEMAND,
            encryption_key=(brokers or {})
            .get("EncryptionInfo", {})
            .get("EncryptionAtRest", {})
            .get("DataVolumeKMSKeyId", ""),
        )


SOURCE = Source(name="aws_kafka", facts=(Datastore,), actions=("kafka:ListClustersV2",), read=read)
