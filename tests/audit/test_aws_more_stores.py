"""Stores beside the usual ones: warehouses, accelerators, streams, brokers."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import dax as aws_dax
from bot.audit.collectors.aws.sources import memorydb as aws_memorydb
from bot.audit.collectors.aws.sources import mq as aws_brokers
from bot.audit.collectors.aws.sources import msk as aws_kafka
from bot.audit.collectors.aws.sources import redshift as aws_redshift
from bot.net.aws.errors import ReadError
from checks import Capacity, Datastore, StoreKind, Unread

ZONES = [
    {"ZoneName": "us-east-1a", "ZoneId": "use1-az4"},
    {"ZoneName": "us-east-1b", "ZoneId": "use1-az6"},
]


def stores(source: Any, service: str, operation: str, key: str, *rows: dict[str, Any]) -> dict[str, Datastore]:
    with fake_aws() as aws:
        aws.on("ec2", "DescribeAvailabilityZones", {"AvailabilityZones": ZONES})
        aws.on(service, operation, {key: list(rows)})
        return named(read(aws, source), Datastore)


def test_a_warehouse_over_two_zones() -> None:
    wide = {
        "ClusterIdentifier": "wide",
        "AvailabilityZone": "us-east-1a",
        "MultiAZ": "Enabled",
        "MultiAZSecondary": {"AvailabilityZone": "us-east-1b", "ClusterNodes": []},
        "NumberOfNodes": 4,
        "AutomatedSnapshotRetentionPeriod": 7,
        "AllowVersionUpgrade": True,
        "KmsKeyId": "k",
        "Tags": [{"Key": "service", "Value": "reports"}],
    }
    narrow = {"ClusterIdentifier": "narrow", "MultiAZ": "Disabled", "AutomatedSnapshotRetentionPeriod": 0}
    vague = {"ClusterIdentifier": "vague"}
    found = stores(aws_redshift.SOURCE, "redshift", "DescribeClusters", "Clusters", wide, narrow, vague)
    store = found["wide"]
    assert (store.resource, store.kind, store.tags) == (
        arn("redshift", "cluster:wide"),
        StoreKind.WAREHOUSE,
        {"service": "reports"},
    )
    assert (store.zones, store.zone_redundant, store.nodes) == (("use1-az4", "use1-az6"), True, 4)
    assert (store.backup_days, store.minor_upgrades, store.encryption_key) == (7, True, "k")
    assert (found["narrow"].zone_redundant, found["narrow"].backup_days) == (False, 0)
    assert isinstance(found["vague"].zone_redundant, Unread)


def test_an_accelerator_fails_over_where_it_has_a_second_node() -> None:
    def cluster(name: str, *zones: str, nodes: int) -> dict[str, Any]:
        told = [{"NodeId": zone, "AvailabilityZone": zone} for zone in zones]
        return {"ClusterName": name, "ClusterArn": arn("dax", f"cache/{name}"), "TotalNodes": nodes, "Nodes": told}

    rows = [cluster("two", "us-east-1a", "us-east-1b", nodes=2), cluster("one", "us-east-1a", nodes=1)]
    found = stores(aws_dax.SOURCE, "dax", "DescribeClusters", "Clusters", *rows, cluster("dim", nodes=2))
    double, single = found["two"], found["one"]
    assert (double.kind, double.zones, double.zone_redundant) == (StoreKind.CACHE, ("use1-az4", "use1-az6"), True)
    assert (double.nodes, double.automatic_failover) == (2, True)
    assert (single.zone_redundant, single.automatic_failover) == (False, False)
    assert isinstance(found["dim"].zone_redundant, Unread)


def test_a_stream_of_brokers_or_without_any() -> None:
    group = {"ClientSubnets": ["s1", "s2"], "InstanceType": "kafka.m5.large", "ZoneIds": ["use1-az6", "use1-az4"]}
    bound = {
        "ClusterType": "PROVISIONED",
        "ClusterArn": arn("kafka", "cluster/bound/1"),
        "ClusterName": "bound",
        "Tags": {"service": "events"},
        "Provisioned": {"BrokerNodeGroupInfo": group, "NumberOfBrokerNodes": 2},
    }
    free = {"ClusterType": "SERVERLESS", "ClusterArn": arn("kafka", "cluster/free/1"), "ClusterName": "free"}
    found = stores(aws_kafka.SOURCE, "kafka", "ListClustersV2", "ClusterInfoList", bound, free)
    store = found["bound"]
    assert (store.kind, store.tags, store.zones) == (StoreKind.STREAM, {"service": "events"}, ("use1-az4", "use1-az6"))
    assert (store.zone_redundant, store.nodes, store.capacity) == (True, 2, None)
    assert (found["free"].zone_redundant, found["free"].capacity) == (True, Capacity.ON_DEMAND)


@pytest.mark.parametrize(
    ("mode", "spread"),
    [("SINGLE_INSTANCE", False), ("ACTIVE_STANDBY_MULTI_AZ", True), ("CLUSTER_MULTI_AZ", True)],
)
def test_a_broker_is_spread_by_its_mode(mode: str, spread: bool) -> None:
    row = {"BrokerArn": arn("mq", "broker:1"), "BrokerName": "b", "EngineType": "RABBITMQ", "DeploymentMode": mode}
    found = stores(aws_brokers.SOURCE, "mq", "ListBrokers", "BrokerSummaries", row)["b"]
    assert (found.kind, found.engine, found.resource) == (StoreKind.STREAM, "rabbitmq", arn("mq", "broker:1"))
    assert (found.zone_redundant, found.automatic_failover) == (spread, spread)


def test_a_memory_database_promotes_a_replica_in_every_shard() -> None:
    def shard(*zones: str) -> dict[str, Any]:
        nodes = [{"Name": zone, "AvailabilityZone": zone} for zone in zones]
        return {"Name": "1", "NumberOfNodes": len(nodes), "Nodes": nodes}

    def cluster(name: str, mode: str, *shards: dict[str, Any]) -> dict[str, Any]:
        told = {"ARN": arn("memorydb", f"cluster/{name}"), "Name": name, "AvailabilityMode": mode, "Engine": "valkey"}
        return told | {"Shards": list(shards), "SnapshotRetentionLimit": 3}

    two = cluster("two", "multiaz", shard("us-east-1a", "us-east-1b"))
    mixed = cluster("mixed", "singleaz", shard("us-east-1a", "us-east-1a"), shard("us-east-1a"))
    found = stores(aws_memorydb.SOURCE, "memorydb", "DescribeClusters", "Clusters", two, mixed)
    store = found["two"]
    assert (store.kind, store.engine, store.nodes) == (StoreKind.KEY_VALUE, "valkey", 2)
    assert (store.zones, store.zone_redundant) == (("use1-az4", "use1-az6"), True)
    assert (store.automatic_failover, store.backup_days) == (True, 3)
    assert (found["mixed"].zone_redundant, found["mixed"].automatic_failover) == (False, False)


@pytest.mark.parametrize(
    ("source", "service", "operation"),
    [
        (aws_redshift.SOURCE, "redshift", "DescribeClusters"),
        (aws_dax.SOURCE, "dax", "DescribeClusters"),
        (aws_kafka.SOURCE, "kafka", "ListClustersV2"),
        (aws_brokers.SOURCE, "mq", "ListBrokers"),
        (aws_memorydb.SOURCE, "memorydb", "DescribeClusters"),
    ],
)
def test_a_denied_store_listing_names_the_permission(source: Any, service: str, operation: str) -> None:
    with fake_aws() as aws:
        aws.on(service, operation, Fault("AccessDeniedException", 403))
        with pytest.raises(ReadError, match=f"access denied to {service}:{operation}"):
            read(aws, source)
