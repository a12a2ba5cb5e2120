"""What a store or cluster consists of: members that are going or broken, machines of elsewhere, brokers that are replicas."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import service
from support.builders.moment import NOW
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Datastore, Outcome

Script = Mapping[Operation, Answer]
NO_GLOBAL: Script = {("rds", "DescribeGlobalClusters"): lambda _: Fault("AccessDenied", 403)}
STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))


def aurora(*statuses: str, **told: Any) -> Script:
    """A cluster with an instance of each status, each in a zone of its own."""
    names = [f"c-{number}" for number, _ in enumerate(statuses)]
    rows = [
        {"DBInstanceIdentifier": name, "DBClusterIdentifier": "c", "DBInstanceStatus": status}
        | {"AvailabilityZone": zone}
        for name, status, zone in zip(names, statuses, ("us-east-1a", "us-east-1b", "us-east-1c"), strict=False)
    ]
    members = [{"DBInstanceIdentifier": name} for name in names]
    own = {"DBClusterIdentifier": "c", "Engine": "aurora-mysql", "Status": "available", "DBClusterMembers": members}
    return {
        ("rds", "DescribeDBInstances"): {"DBInstances": rows},
        ("rds", "DescribeDBClusters"): {"DBClusters": [{**own, "MultiAZ": len(names) > 1, **told}]},
    }


def nowhere(script: Script) -> Script:
    """The same cluster, of which AWS tells neither the zones nor whether it spans several."""
    clusters = script["rds", "DescribeDBClusters"]["DBClusters"]  # type: ignore[index]  # not a function
    rows = [{name: value for name, value in row.items() if name != "MultiAZ"} for row in clusters]
    return {("rds", "DescribeDBClusters"): {"DBClusters": rows}}


def memory(*statuses: str) -> Script:
    nodes = [{"Name": str(number), "Status": status} for number, status in enumerate(statuses)]
    shards = [{"Name": "0001", "NumberOfNodes": len(nodes), "Nodes": nodes}]
    row = {"Name": "c", "AvailabilityMode": "multiaz", "Shards": shards}
    return {("memorydb", "DescribeClusters"): {"Clusters": [row]}}


def dax(*statuses: str) -> Script:
    nodes = [
        {"NodeId": zone, "AvailabilityZone": f"us-east-1{zone}", "NodeStatus": status}
        for zone, status in zip("abc", statuses, strict=False)
    ]
    row = {"ClusterName": "c", "TotalNodes": len(nodes), "Nodes": nodes, "Status": "available"}
    return {("dax", "DescribeClusters"): {"Clusters": [row]}}


def kubernetes(*groups: tuple[str, str]) -> Script:
    """Node groups as (zone, status)."""
    told = {
        zone: {"nodegroupName": zone, "status": status, "subnets": [f"subnet-{zone}"]}
        | {"scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2}}
        for zone, status in groups
    }
    subnets = [{"SubnetId": f"subnet-{zone}", "AvailabilityZoneId": f"use1-az-{zone}"} for zone in "abc"]
    return {
        ("eks", "ListClusters"): {"clusters": ["c"]},
        ("eks", "DescribeCluster"): {"cluster": {"name": "c", "status": "ACTIVE", "version": "1.33"}},
        ("eks", "ListNodegroups"): {"nodegroups": list(told)},
        ("eks", "DescribeNodegroup"): lambda params: {"nodegroup": told[params["nodegroupName"]]},
        ("ec2", "DescribeSubnets"): {"Subnets": subnets},
    }


def containers(launch_type: str, *zones: str) -> Script:
    cluster, name = arn("ecs", "cluster/main"), arn("ecs", "service/main/c")
    row = {"serviceArn": name, "serviceName": "c", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2}
    tasks = [
        {"taskArn": zone, "group": "service:c", "lastStatus": "RUNNING"}
        | ({"availabilityZone": zone} if zone != "none" else {})
        for zone in zones
    ]
    return {
        ("ecs", "ListClusters"): {"clusterArns": [cluster]},
        ("ecs", "ListServices"): {"serviceArns": [name]},
        ("ecs", "DescribeServices"): {"services": [{**row, "launchType": launch_type}]},
        ("ecs", "ListTasks"): {"taskArns": list(zones)},
        ("ecs", "DescribeTasks"): {"tasks": tasks},
    }


def domain(**told: Any) -> Script:
    nodes = {"InstanceCount": 3, "ZoneAwarenessEnabled": True, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3}}
    row = {"DomainName": "c", "DomainId": "1/c", "ARN": arn("es", "domain/c"), "ClusterConfig": nodes, **told}
    return {
        ("opensearch", "ListDomainNames"): {"DomainNames": [{"DomainName": "c"}]},
        ("opensearch", "DescribeDomains"): {"DomainStatusList": [row]},
    }


def file_system(*mounts: tuple[str, str], **told: Any) -> Script:
    """A file system with mount targets as (zone, state); a zone that is empty is not told."""
    rows = [
        {"MountTargetId": str(number), "FileSystemId": "fs-1", "SubnetId": f"s-{number}", "LifeCycleState": state}
        | ({"AvailabilityZoneId": zone} if zone else {})
        for number, (zone, state) in enumerate(mounts)
    ]
    return {
        ("efs", "DescribeFileSystems"): {"FileSystems": [{"FileSystemId": "fs-1", "Name": "c", **told}]},
        ("efs", "DescribeMountTargets"): {"MountTargets": rows},
    }


def broker(
    role: str = "", *, region: str = "us-west-2", state: str = "RUNNING", mode: str = "SINGLE_INSTANCE"
) -> Script:
    row = {"BrokerName": "c", "BrokerId": "b-1", "BrokerState": state, "DeploymentMode": mode, "EngineType": "ActiveMQ"}
    other = {"DataReplicationRole": role, "DataReplicationCounterpart": {"BrokerId": "b-2", "Region": region}}
    told = (
        {"DataReplicationMode": "CRDR", "DataReplicationMetadata": other} if role else {"DataReplicationMode": "NONE"}
    )
    return {
        ("mq", "ListBrokers"): {"BrokerSummaries": [{**row, "BrokerArn": arn("mq", "broker:c:b-1")}]},
        ("mq", "DescribeBroker"): told,
    }


def rows(source: str, *states: tuple[str, str, Outcome, Script], says: str = "") -> list[State]:
    return [State(title, check, outcome, answers, (source,), "c", says) for title, check, outcome, answers in states]


STATES: Sequence[State] = [
    *rows(
        "aws_databases",
        ("two instances", "ZN08", PASS, aurora("available", "available")),
        ("reader is being deleted", "ZN08", FAIL, aurora("available", "deleting")),
        ("one instance", "ZN08", FAIL, aurora("available")),
        ("one instance, perhaps of a copy", "ZN08", UNKNOWN, {**aurora("available"), **NO_GLOBAL}),
        ("unprotected, perhaps a copy", "AU01", UNKNOWN, {**aurora("available"), **NO_GLOBAL}),
        ("two instances, perhaps of a copy", "ZN08", PASS, {**aurora("available", "available"), **NO_GLOBAL}),
        ("zones unknown", "ZN08", UNKNOWN, nowhere(aurora("available", "available"))),
        ("reader failed", "ZN08", FAIL, aurora("available", "incompatible-network")),
        ("reader is being deleted", "FO01", NOT_APPLICABLE, aurora("available", "deleting")),
        ("one reader of two is left", "ZN08", PASS, aurora("available", "available", "deleting")),
        ("reader is being created", "ZN08", PASS, aurora("available", "creating")),
        ("serverless v1 moves to another zone", "ZN08", PASS, aurora(EngineMode="serverless")),
        ("serverless v1 moves by itself", "FO01", PASS, aurora(EngineMode="serverless")),
    ),
    *rows(
        "aws_memorydb",
        ("two nodes", "ZN08", PASS, memory("available", "available")),
        ("replica is being deleted", "ZN08", FAIL, memory("available", "deleting")),
    ),
    *rows(
        "aws_dax",
        ("two nodes", "ZN09", PASS, dax("available", "available")),
        ("replica is being deleted", "ZN09", FAIL, dax("available", "deleting")),
    ),
    *rows(
        "aws_clusters",
        ("two node groups", "ZN01", PASS, kubernetes(("a", "ACTIVE"), ("b", "ACTIVE"))),
        ("one node group is going", "ZN01", FAIL, kubernetes(("a", "ACTIVE"), ("b", "DELETING"))),
        ("one node group was never created", "ZN01", FAIL, kubernetes(("a", "DEGRADED"), ("b", "CREATE_FAILED"))),
    ),
    *rows("aws_containers", ("own machines", "ZN01", UNKNOWN, containers("EXTERNAL", "none")), says="outside of AWS"),
    *rows("aws_containers", ("instances of AWS", "ZN01", UNKNOWN, containers("EC2", "none")), says="EC2 instances"),
    *rows(
        "aws_search",
        ("works", "ZN10", PASS, domain()),
        ("is isolated", "ZN10", UNKNOWN, domain(DomainProcessingStatus="Isolated")),
        ("is being created", "ZN10", NOT_APPLICABLE, domain(Created=False)),
    ),
    *rows(
        "aws_file_systems",
        ("two mount targets without a zone", "ZN08", PASS, file_system(("", "available"), ("", "available"))),
        ("one of two without a zone", "ZN08", PASS, file_system(("use1-az1", "available"), ("", "available"))),
        ("only mount target without a zone", "ZN08", FAIL, file_system(("", "available"))),
        ("one is being deleted", "ZN08", FAIL, file_system(("use1-az1", "available"), ("use1-az2", "deleting"))),
        ("two zones", "ZN08", PASS, file_system(("use1-az1", "available"), ("use1-az2", "available"))),
        ("One Zone", "ZN08", FAIL, file_system(("", "available"), AvailabilityZoneName="us-east-1a")),
    ),
    *rows(
        "aws_brokers",
        ("single broker", "ZN08", FAIL, broker()),
        ("primary of a replication", "ZN08", FAIL, broker("PRIMARY")),
        ("replica of a broker elsewhere", "ZN08", NOT_APPLICABLE, broker("REPLICA", state="REPLICA")),
        ("replica of a broker elsewhere", "OB04", NOT_APPLICABLE, broker("REPLICA", state="REPLICA")),
    ),
    State("runs in one region", "RG01", FAIL, broker(), ("aws_brokers",)),
    State("runs in two regions", "RG01", PASS, broker("PRIMARY"), ("aws_brokers",)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_verdicts(state: State) -> None:
    state.hold(STRICT)


def test_a_replica_names_the_broker_that_it_copies() -> None:
    (store,) = State("", "ZN08", PASS, broker("REPLICA", region="eu-west-1"), ("aws_brokers",)).facts()
    assert isinstance(store, Datastore)
    assert (store.replica_of, store.observed_at) == (arn("mq", "broker:b-2", "eu-west-1"), NOW)
