"""The estate as AWS answers about it. Shapes: botocore's service models, which the scripted client holds it against."""

from collections.abc import Mapping
from typing import Any

from support.builders.aws_sources import arn
from support.fakes.aws_script import Answer, Operation

Script = Mapping[Operation, Answer]
ZONES = [{"ZoneName": f"us-east-1{letter}", "ZoneId": f"use1-az{letter}", "State": "available"} for letter in "abc"]
SUBNETS = [
    {
        "SubnetId": f"sn-{letter}",
        "AvailabilityZone": f"us-east-1{letter}",
        "AvailabilityZoneId": f"use1-az{letter}",
        "AvailableIpAddressCount": 200,
    }
    for letter in "abc"
]
NETWORK: Script = {
    ("ec2", "DescribeAvailabilityZones"): {"AvailabilityZones": ZONES},
    ("ec2", "DescribeSubnets"): {"Subnets": SUBNETS},
}


def _database(**more: Any) -> Script:
    row = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceArn": arn("rds", "db:orders"),
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "AvailabilityZone": "us-east-1a",
        "MultiAZ": False,
        "AutoMinorVersionUpgrade": False,
        "BackupRetentionPeriod": 0,
        "DeletionProtection": False,
        "AllocatedStorage": 100,
        **more,
    }
    return {**NETWORK, ("rds", "DescribeDBInstances"): {"DBInstances": [row]}}


def _bucket(*, sound: bool) -> Script:
    rule = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::receipts-west"}}
    rows = [{"Name": "receipts", "BucketRegion": "us-east-1"}, {"Name": "receipts-west", "BucketRegion": "us-west-2"}]
    replication = {"ReplicationConfiguration": {"Role": "arn:aws:iam::111122223333:role/r", "Rules": [rule]}}
    return {
        ("s3", "ListBuckets"): {"Buckets": rows[: 2 if sound else 1]},
        ("s3", "GetBucketVersioning"): {"Status": "Enabled"} if sound else {},
        ("s3", "GetBucketReplication"): lambda asked: replication if sound and asked["Bucket"] == "receipts" else {},
    }


def _cache(nodes: int, **more: Any) -> Script:
    members = [f"sessions-00{number}" for number in range(1, nodes + 1)]
    zones = [f"us-east-1{letter}" for letter in "abc"[:nodes]]
    shard = {"NodeGroupMembers": [{"PreferredAvailabilityZone": zone} for zone in zones]}
    group = {
        "ReplicationGroupId": "sessions",
        "ARN": arn("elasticache", "replicationgroup:sessions"),
        "Status": "available",
        "Engine": "redis",
        "MemberClusters": members,
        "NodeGroups": [shard],
        "SnapshotRetentionLimit": 0,
        "AutoMinorVersionUpgrade": True,
        **more,
    }
    clusters = [
        {
            "CacheClusterId": name,
            "ReplicationGroupId": "sessions",
            "PreferredAvailabilityZone": zone,
            "CacheParameterGroup": {"CacheParameterGroupName": "default.redis7"},
        }
        for name, zone in zip(members, zones, strict=True)
    ]
    return {
        **NETWORK,
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [group]},
        ("elasticache", "DescribeCacheClusters"): {"CacheClusters": clusters},
    }


def _machines(size: int) -> Script:
    zones = [f"us-east-1{letter}" for letter in "abc"[:size]]
    instances = [
        {
            "InstanceId": f"i-{zone}",
            "AvailabilityZone": zone,
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            "InstanceType": "m7g.large",
        }
        for zone in zones
    ]
    group = {
        "AutoScalingGroupName": "web",
        "AutoScalingGroupARN": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web"),
        "AvailabilityZones": zones,
        "VPCZoneIdentifier": ",".join(f"sn-{letter}" for letter in "abc"[:size]),
        "MinSize": size,
        "MaxSize": size * 2,
        "DesiredCapacity": size,
        "Instances": instances,
        "TargetGroupARNs": [arn("elasticloadbalancing", "targetgroup/web/1")],
        "HealthCheckType": "ELB",
        "LaunchTemplate": {"LaunchTemplateName": "web", "Version": "1"},
    }
    return {
        **NETWORK,
        ("autoscaling", "DescribeAutoScalingGroups"): {"AutoScalingGroups": [group]},
        ("ec2", "DescribeLaunchTemplateVersions"): {"LaunchTemplateVersions": [{"LaunchTemplateData": {}}]},
    }


def _containers(size: int) -> Script:
    cluster = arn("ecs", "cluster/prod")
    letters = "abc"[:size]
    tasks = [
        {
            "taskArn": f"t-{letter}",
            "group": "service:api",
            "lastStatus": "RUNNING",
            "availabilityZone": f"us-east-1{letter}",
        }
        for letter in letters
    ]
    service = {
        "serviceArn": arn("ecs", "service/prod/api"),
        "serviceName": "api",
        "clusterArn": cluster,
        "status": "ACTIVE",
        "desiredCount": size,
        "runningCount": size,
        "loadBalancers": [{"targetGroupArn": arn("elasticloadbalancing", "targetgroup/api/1")}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": [f"sn-{letter}" for letter in letters]}},
    }
    limits = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/prod/api",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": size,
        "MaxCapacity": size * 2,
        "RoleARN": "r",
        "CreationTime": "2026-01-01T00:00:00Z",
    }
    return {
        **NETWORK,
        ("ecs", "ListClusters"): {"clusterArns": [cluster]},
        ("ecs", "ListServices"): {"serviceArns": [service["serviceArn"]]},
        ("ecs", "DescribeServices"): {"services": [service]},
        ("ecs", "ListTasks"): {"taskArns": [task["taskArn"] for task in tasks]},
        ("ecs", "DescribeTasks"): {"tasks": tasks},
        ("application-autoscaling", "DescribeScalableTargets"): {"ScalableTargets": [limits]},
    }


_ELSEWHERE = arn("rds", "db:orders-west", "us-west-2")
ESTATE: Mapping[str, tuple[str, Script]] = {
    "bare database": ("aws_databases", _database()),
    "sound database": (
        "aws_databases",
        _database(
            MultiAZ=True,
            SecondaryAvailabilityZone="us-east-1b",
            BackupRetentionPeriod=35,
            DeletionProtection=True,
            MaxAllocatedStorage=1000,
            AutoMinorVersionUpgrade=True,
            ReadReplicaDBInstanceIdentifiers=[_ELSEWHERE],
            DBInstanceAutomatedBackupsReplications=[
                {"DBInstanceAutomatedBackupsArn": arn("rds", "auto-backup:ab-1", "us-west-2")}
            ],
        ),
    ),
    "bare bucket": ("aws_buckets", _bucket(sound=False)),
    "sound bucket": ("aws_buckets", _bucket(sound=True)),
    "bare cache": ("aws_caches", _cache(1, MultiAZ="disabled", AutomaticFailover="disabled")),
    "sound cache": ("aws_caches", _cache(2, MultiAZ="enabled", AutomaticFailover="enabled")),
    "bare machines": ("aws_machine_groups", _machines(1)),
    "sound machines": ("aws_machine_groups", _machines(3)),
    "bare containers": ("aws_containers", _containers(1)),
    "sound containers": ("aws_containers", _containers(3)),
}
"""What is described -> the source that reads it, and the answers."""
