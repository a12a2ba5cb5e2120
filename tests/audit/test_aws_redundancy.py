"""Redundancy is what a service promises, not how many zones its nodes happen to stand in."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

Script = Mapping[Operation, Answer]
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
OFF = {"MultiAZ": "disabled", "AutomaticFailover": "disabled"}
ON = {"MultiAZ": "enabled", "AutomaticFailover": "enabled"}


def cache(*shards: str, **told: Any) -> Script:
    """A replication group; each shard is written as the zones of its nodes, `ab`."""
    groups = [
        {"NodeGroupMembers": [{"CacheClusterId": f"c-{zone}", "PreferredAvailabilityZone": f"us-east-1{zone}"}]}
        if len(shard) == 1
        else {"NodeGroupMembers": [{"PreferredAvailabilityZone": f"us-east-1{zone}"} for zone in shard]}
        for shard in shards
        for zone in shard[:1]
    ]
    members = [f"c-{number}" for number in range(len("".join(shards)))]
    own = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c"), "Engine": "redis"}
    row = {**own, "NodeGroups": groups, "MemberClusters": members, **told}
    return {("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [row]}}


def memcached(*zones: str) -> Script:
    nodes = [{"CustomerAvailabilityZone": zone} for zone in zones]
    own = {"CacheClusterId": "c", "ARN": arn("elasticache", "cluster:c"), "Engine": "memcached"}
    where = {"PreferredAvailabilityZone": "Multiple" if len(set(zones)) > 1 else zones[0]}
    row = {**own, **where, "NumCacheNodes": len(zones), "CacheNodes": nodes}
    return {("elasticache", "DescribeCacheClusters"): {"CacheClusters": [row]}}


def memory(*shards: int, **told: Any) -> Script:
    def shard(number: int, size: int) -> dict[str, Any]:
        nodes = [{"AvailabilityZone": ZONES[(number + place) % 3]} for place in range(size)]
        return {"Name": str(number), "NumberOfNodes": size, "Nodes": nodes}

    rows = [shard(number, size) for number, size in enumerate(shards)]
    row = {"Name": "c", "ARN": arn("memorydb", "cluster/c"), "Shards": rows, **told}
    return {("memorydb", "DescribeClusters"): {"Clusters": [row]}}


def search(**nodes: Any) -> Script:
    row = {"DomainName": "c", "ARN": arn("es", "domain/c"), "DomainId": "1/c", "ClusterConfig": nodes}
    return {
        ("opensearch", "ListDomainNames"): {"DomainNames": [{"DomainName": "c"}]},
        ("opensearch", "DescribeDomains"): {"DomainStatusList": [row]},
    }


def spread(nodes: int, zones: int | None, masters: int | None = None) -> Script:
    dedicated = {"DedicatedMasterEnabled": True, "DedicatedMasterCount": masters} if masters else {}
    aware = {"ZoneAwarenessConfig": {"AvailabilityZoneCount": zones}} if zones else {}
    return search(InstanceCount=nodes, ZoneAwarenessEnabled=zones != 1, **aware, **dedicated)


def aurora(*zones: str, engine: str = "aurora-mysql") -> Script:
    members = [
        {"DBInstanceIdentifier": f"i-{place}", "DBClusterIdentifier": "c", "AvailabilityZone": zone, "Engine": engine}
        for place, zone in enumerate(zones)
    ]
    own = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "Engine": engine}
    names = [{"DBInstanceIdentifier": row["DBInstanceIdentifier"]} for row in members]
    row = {**own, "DBClusterMembers": names, "MultiAZ": len(set(zones)) > 1, "AvailabilityZones": list(ZONES)}
    return {
        ("rds", "DescribeDBInstances"): {"DBInstances": members},
        ("rds", "DescribeDBClusters"): {"DBClusters": [row]},
    }


def database(**told: Any) -> Script:
    own = {"DBInstanceIdentifier": "c", "DBInstanceArn": arn("rds", "db:c"), "Engine": "sqlserver-se"}
    return {("rds", "DescribeDBInstances"): {"DBInstances": [{**own, "AvailabilityZone": ZONES[0], **told}]}}


def caches(title: str, check: str, outcome: Outcome, answers: Script, says: str = "") -> State:
    return State(title, check, outcome, answers, ("aws_caches",), "c", says)


def memories(title: str, check: str, outcome: Outcome, answers: Script) -> State:
    return State(title, check, outcome, answers, ("aws_memorydb",), "c")


def searches(title: str, outcome: Outcome, answers: Script, says: str = "") -> State:
    return State(title, "ZN10", outcome, answers, ("aws_search",), "c", says)


def databases(title: str, check: str, outcome: Outcome, answers: Script) -> State:
    return State(title, check, outcome, answers, ("aws_databases",), "c")


STATES = [
    caches("replica in another zone with both settings off", "ZN09", FAIL, cache("ab", **OFF), "is not multi-AZ"),
    caches("replica in another zone with both settings off", "FO01", FAIL, cache("ab", **OFF)),
    caches("failover on and Multi-AZ off", "ZN09", FAIL, cache("ab", **ON | {"MultiAZ": "disabled"})),
    caches("failover on and Multi-AZ off", "FO01", PASS, cache("ab", **ON | {"MultiAZ": "disabled"})),
    caches("three shards of one node", "ZN09", FAIL, cache("a", "b", "c", **ON | {"MultiAZ": "disabled"})),
    caches("three shards of one node", "FO01", FAIL, cache("a", "b", "c", **ON | {"MultiAZ": "disabled"})),
    caches("one shard of several without a replica", "ZN09", FAIL, cache("ab", "c", **ON)),
    caches("shards with replicas", "ZN09", PASS, cache("ab", "bc", **ON)),
    caches("shards with replicas", "FO01", PASS, cache("ab", "bc", **ON)),
    caches("Multi-AZ not told", "ZN09", UNKNOWN, cache("ab", AutomaticFailover="enabled")),
    caches("Memcached", "FO01", NOT_APPLICABLE, memcached(*ZONES)),
    caches("Memcached over three zones", "ZN09", PASS, memcached(*ZONES)),
    caches("Memcached in one zone", "ZN09", FAIL, memcached(ZONES[0], ZONES[0])),
    memories("availability mode off", "ZN08", FAIL, memory(2, 2, AvailabilityMode="SingleAZ")),
    memories("shards of one node", "ZN08", FAIL, memory(1, 1, 1, AvailabilityMode="SingleAZ")),
    memories("shards of one node", "FO01", FAIL, memory(1, 1, 1, AvailabilityMode="MultiAZ")),
    memories("shards of one node, mode on", "ZN08", FAIL, memory(1, 1, 1, AvailabilityMode="MultiAZ")),
    memories("shards with replicas", "ZN08", PASS, memory(2, 2, AvailabilityMode="MultiAZ")),
    memories("availability mode not told", "ZN08", UNKNOWN, memory(2)),
    searches("four data nodes over two zones", FAIL, spread(4, 2), "4 votes, 2 of them in one AZ"),
    searches("three data nodes over two zones", FAIL, spread(3, None)),
    searches("three data nodes over three zones", PASS, spread(3, 3)),
    searches("four data nodes over three zones", FAIL, spread(4, 3)),
    searches("six data nodes over three zones", PASS, spread(6, 3)),
    searches("two data nodes and three masters", PASS, spread(2, 2, 3), "keeps 2 of 3 votes"),
    searches("many data nodes and two masters", FAIL, spread(6, 3, 2)),
    searches("five masters", PASS, spread(4, 2, 5)),
    searches("three masters in one zone", FAIL, spread(3, 1, 3), "single-AZ"),
    searches("with standby", PASS, search(InstanceCount=3, MultiAZWithStandbyEnabled=True)),
    databases("Aurora with a reader in another zone", "ZN08", PASS, aurora(*ZONES[:2])),
    databases("Aurora with a reader in the same zone", "ZN08", FAIL, aurora(ZONES[0], ZONES[0])),
    databases("Aurora without a reader", "ZN08", FAIL, aurora(ZONES[0])),
    databases("DocumentDB without a replica", "ZN08", FAIL, aurora(ZONES[0], engine="docdb")),
    databases("Neptune with a replica in another zone", "ZN08", PASS, aurora(*ZONES[:2], engine="neptune")),
    databases("mirrored, told by its second zone", "ZN08", PASS, database(SecondaryAvailabilityZone=ZONES[1])),
    databases("of one zone", "ZN08", FAIL, database(MultiAZ=False)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_redundancy(state: State) -> None:
    state.hold()
