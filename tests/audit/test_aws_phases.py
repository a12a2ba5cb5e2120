"""The status of a resource counts: what comes or goes is not judged, and what does not work passes nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import service
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.collectors.aws.parts.phases import phase_of
from checks import LifePhase, Outcome

Script = Mapping[Operation, Answer]
STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))
LOST = "inaccessible-encryption-credentials"


def database(status: str, **told: Any) -> Script:
    own = {
        "DBInstanceIdentifier": "c",
        "DBInstanceArn": arn("rds", "db:c"),
        "Engine": "postgres",
        "DBInstanceStatus": status,
    }
    sound = {"BackupRetentionPeriod": 7, "AvailabilityZone": "us-east-1a", "MultiAZ": True, "DeletionProtection": True}
    return {("rds", "DescribeDBInstances"): {"DBInstances": [{**own, **sound, **told}]}}


def bare(status: str) -> Script:
    return database(status, BackupRetentionPeriod=0, MultiAZ=False, DeletionProtection=False)


def cluster(status: str) -> Script:
    own = {"DBClusterIdentifier": "c", "DBClusterArn": arn("rds", "cluster:c"), "Engine": "aurora-mysql"}
    return {("rds", "DescribeDBClusters"): {"DBClusters": [{**own, "Status": status, "BackupRetentionPeriod": 7}]}}


def table(status: str, pitr: str = "DISABLED") -> Script:
    recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": pitr}}
    return {
        ("dynamodb", "ListTables"): {"TableNames": ["c"]},
        ("dynamodb", "DescribeTable"): {"Table": {"TableName": "c", "TableStatus": status}},
        ("dynamodb", "DescribeContinuousBackups"): {
            "ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", **recovery}
        },
    }


def stack(status: str) -> Script:
    row = {"StackName": "c", "StackId": arn("cloudformation", "stack/c/1"), "StackStatus": status}
    return {("cloudformation", "DescribeStacks"): {"Stacks": [{**row, "EnableTerminationProtection": False}]}}


def group(status: str = "", desired: int = 2, running: int = 0, zones: str = "a") -> Script:
    instances = [{"LifecycleState": "InService", "AvailabilityZone": "us-east-1a"}] * running
    own = {
        "AutoScalingGroupName": "c",
        "AutoScalingGroupARN": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/c"),
    }
    told = {"Status": status} if status else {}
    places = [f"us-east-1{zone}" for zone in zones]
    row = {**own, **told, "AvailabilityZones": places, "MinSize": 0, "DesiredCapacity": desired, "Instances": instances}
    return {("autoscaling", "DescribeAutoScalingGroups"): {"AutoScalingGroups": [row]}}


def tasks(desired: int, running: int, status: str = "ACTIVE") -> Script:
    own = {"serviceArn": arn("ecs", "service/main/c"), "serviceName": "c", "status": status}
    subnets = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s-a", "s-b"]}}}
    rows = [{"SubnetId": f"s-{zone}", "AvailabilityZoneId": f"use1-az{at}"} for at, zone in enumerate("ab")]
    return {
        ("ecs", "ListClusters"): {"clusterArns": [arn("ecs", "cluster/main")]},
        ("ecs", "ListServices"): {"serviceArns": [own["serviceArn"]]},
        ("ecs", "DescribeServices"): {
            "services": [{**own, **subnets, "desiredCount": desired, "runningCount": running}]
        },
        ("ec2", "DescribeSubnets"): {"Subnets": rows},
    }


def broker(status: str) -> Script:
    row = {"BrokerArn": arn("mq", "broker:c:1"), "BrokerName": "c", "BrokerState": status}
    return {("mq", "ListBrokers"): {"BrokerSummaries": [{**row, "DeploymentMode": "ACTIVE_STANDBY_MULTI_AZ"}]}}


def each(title: str, outcome: Outcome, source: str, answers: Script, *checks: str, says: str = "") -> list[State]:
    return [State(title, check, outcome, answers, (source,), "c", says) for check in checks]


DB, TABLES, GROUPS, TASKS = "aws_databases", "aws_tables", "aws_machine_groups", "aws_containers"
STATES = [
    *each("lost key", UNKNOWN, DB, database(LOST), "BK01", "ZN08", "AU01", "FO01", says=f"its status is {LOST}"),
    *each("lost key, hope left", UNKNOWN, DB, database(f"{LOST}-recoverable"), "BK01", "ZN08"),
    *each("stopped database", UNKNOWN, DB, database("stopped"), "BK01", "ZN08"),
    *each("failed database", UNKNOWN, DB, database("failed"), "BK01", "ZN08"),
    *each("stopped and bare", FAIL, DB, bare("stopped"), "BK01", "ZN08", "AU01"),
    *each("backing up", PASS, DB, database("backing-up"), "BK01", "ZN08"),
    *each("modified", FAIL, DB, bare("modifying"), "BK01", "ZN08"),
    *each(
        "database being deleted", NOT_APPLICABLE, DB, bare("deleting"), "BK01", "ZN08", "AU01", says="is being deleted"
    ),
    *each(
        "database being created", NOT_APPLICABLE, DB, bare("creating"), "BK01", "ZN08", "RG02", says="is being created"
    ),
    *each("cluster being deleted", NOT_APPLICABLE, DB, cluster("deleting"), "ZN08", "AU01"),
    *each("cluster with a lost key", UNKNOWN, DB, cluster(LOST), "BK01"),
    *each("table being deleted", NOT_APPLICABLE, TABLES, table("DELETING"), "AU01", "BK01", "RG02"),
    *each("table being updated", FAIL, TABLES, table("UPDATING"), "AU01", "BK01"),
    *each("table with a lost key", UNKNOWN, TABLES, table("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ENABLED"), "BK01"),
    *each("table that is archived", UNKNOWN, TABLES, table("ARCHIVED", "ENABLED"), "BK01"),
    *each("stack being deleted", NOT_APPLICABLE, "aws_stacks", stack("DELETE_IN_PROGRESS"), "AU03"),
    *each("stack whose change set waits", NOT_APPLICABLE, "aws_stacks", stack("REVIEW_IN_PROGRESS"), "AU03"),
    *each("stack that could not be deleted", FAIL, "aws_stacks", stack("DELETE_FAILED"), "AU03"),
    *each("stack rolled back", FAIL, "aws_stacks", stack("UPDATE_ROLLBACK_COMPLETE"), "AU03"),
    *each("group being deleted", NOT_APPLICABLE, GROUPS, group("Delete in progress"), "ZN01"),
    *each("group in one zone", FAIL, GROUPS, group(), "ZN01"),
    *each(
        "group whose instances cannot start", FAIL, GROUPS, group(zones="ab"), "ZN03", says="runs none of 2 instances"
    ),
    *each("group scaled to zero", NOT_APPLICABLE, GROUPS, group(zones="ab", desired=0), "ZN03"),
    *each("group scaling to zero", NOT_APPLICABLE, GROUPS, group(zones="ab", desired=0, running=1), "ZN03"),
    *each("tasks that cannot start", FAIL, TASKS, tasks(2, 0), "ZN03", says="runs none of 2 tasks"),
    *each("tasks switched off", NOT_APPLICABLE, TASKS, tasks(0, 0), "ZN03", says="scaled to zero"),
    *each("service that drains", NOT_APPLICABLE, TASKS, tasks(2, 1, "DRAINING"), "ZN03", "AU08"),
    *each("broker that runs", PASS, "aws_brokers", broker("RUNNING"), "ZN08"),
    *each("broker that could not be created", UNKNOWN, "aws_brokers", broker("CREATION_FAILED"), "ZN08"),
    *each("broker being deleted", NOT_APPLICABLE, "aws_brokers", broker("DELETION_IN_PROGRESS"), "ZN08"),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_verdicts(state: State) -> None:
    state.hold(STRICT)


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("", LifePhase.RUNNING),
        ("ACTIVE", LifePhase.RUNNING),
        ("active_impaired", LifePhase.RUNNING),
        ("available, resize-cleanup", LifePhase.RUNNING),
        ("CREATE_COMPLETE", LifePhase.RUNNING),
        ("UPDATE_ROLLBACK_IN_PROGRESS", LifePhase.RUNNING),
        ("Inactive", LifePhase.RUNNING),  # an idle function
        ("provisioning", LifePhase.CREATED),
        ("CREATION_IN_PROGRESS", LifePhase.CREATED),
        ("delete-precheck", LifePhase.DELETED),
        ("deleted", LifePhase.DELETED),
        ("final-snapshot", LifePhase.DELETED),
        ("incompatible-network", LifePhase.STOPPED),
        ("hardware-failure", LifePhase.STOPPED),
        ("Failed", LifePhase.STOPPED),
    ],
)
def test_phases(status: str, phase: LifePhase) -> None:
    assert phase_of(status) is phase
