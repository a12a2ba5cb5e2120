"""Finds the resources that a CloudWatch alarm watches, from the dimensions of its metrics."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from bot.audit.collectors.aws.parts.arn import is_arn
from bot.audit.collectors.aws.reader import Reader
from checks import GLOBAL, Unread

# Dimension -> service and resource part of the ARN. Namespaces that use a dimension differently are listed below.
_ARN_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "DBInstanceIdentifier": ("rds", "db:{}"),
    "DBClusterIdentifier": ("rds", "cluster:{}"),
    "LoadBalancer": ("elasticloadbalancing", "loadbalancer/{}"),
    "LoadBalancerName": ("elasticloadbalancing", "loadbalancer/{}"),
    "QueueName": ("sqs", "{}"),
    "TopicName": ("sns", "{}"),
    "TableName": ("dynamodb", "table/{}"),
    "InstanceId": ("ec2", "instance/{}"),
    "VolumeId": ("ec2", "volume/{}"),
    "NatGatewayId": ("ec2", "natgateway/{}"),
    "StreamName": ("kinesis", "stream/{}"),
    "FileSystemId": ("elasticfilesystem", "file-system/{}"),
    "DomainName": ("es", "domain/{}"),
    "ReplicationGroupId": ("elasticache", "replicationgroup:{}"),
    "CacheClusterId": ("elasticache", "cluster:{}"),
    "ClusterIdentifier": ("redshift", "cluster:{}"),
    "CollectionId": ("aoss", "collection/{}"),
    # Neptune Analytics user guide, "Monitoring with CloudWatch": namespace AWS/Neptune, one dimension.
    "GraphIdentifier": ("neptune-graph", "graph/{}"),
    "Directory ID": ("ds", "directory/{}"),
}
_ARN_PARTS_BY_NAMESPACE: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("AWS/AuroraDSQL", "ClusterId"): ("dsql", "cluster/{}"),
    ("AWS/DAX", "ClusterId"): ("dax", "cache/{}"),
    ("AWS/DocDB-Elastic", "ClusterId"): ("docdb-elastic", "cluster/{}"),
    ("AWS/EKS", "ClusterName"): ("eks", "cluster/{}"),
    ("AWS/FSx", "FileSystemId"): ("fsx", "file-system/{}"),
    ("AWS/MemoryDB", "ClusterName"): ("memorydb", "cluster/{}"),
    ("ContainerInsights", "ClusterName"): ("eks", "cluster/{}"),
    ("AWS/ECS", "ClusterName"): ("ecs", "cluster/{}"),
    ("ECS/ContainerInsights", "ClusterName"): ("ecs", "cluster/{}"),
}
# Resources whose ARN has no region and no account.
_ROOTLESS: Final[Mapping[str, tuple[str, str]]] = {
    "BucketName": ("s3", "{}"),
    "HealthCheckId": ("route53", "healthcheck/{}"),
}


class AlarmTargets:
    """Resolves the dimensions of the alarms of one region. Listings are read when the first dimension needs them."""

    def __init__(self, aws: Reader) -> None:
        self._aws = aws

    def resources_of(self, namespace: str, dimensions: Mapping[str, str]) -> tuple[str, ...]:
        """The ARNs of the resources that a metric measures; none for a metric of a whole region.

        A member is returned with its parent: a database instance with its cluster, an instance with its scaling group.
        """
        if "ClusterName" in dimensions and "ServiceName" in dimensions:
            return (self._aws.arn("ecs", f"service/{dimensions['ClusterName']}/{dimensions['ServiceName']}"),)
        if {"Keyspace", "TableName"} <= set(dimensions):  # Keyspaces developer guide, "Monitoring with CloudWatch"
            path = f"/keyspace/{dimensions['Keyspace']}/table/{dimensions['TableName']}"
            return (self._aws.arn("cassandra", path),)
        found = (arn for name, value in dimensions.items() for arn in self._resources(namespace, name, value))
        return tuple(dict.fromkeys(found))

    def _resources(self, namespace: str, name: str, value: str) -> Iterator[str]:
        if is_arn(value):
            yield value
            return
        parts = _ARN_PARTS_BY_NAMESPACE.get((namespace, name)) or _ARN_PARTS.get(name)
        if parts:
            yield self._aws.arn(parts[0], parts[1].format(value))
        elif name in _ROOTLESS:
            service, resource = _ROOTLESS[name]
            yield self._aws.rootless_arn(service, resource.format(value))
        elif name == "DistributionId":
            yield self._aws.at(GLOBAL).arn("cloudfront", f"distribution/{value}")
        elif name == "FunctionName":  # the value may carry an alias: `checkout:live`
            yield self._aws.arn("lambda", f"function:{value.partition(':')[0]}")
        if namespace == "AWS/Redshift-Serverless":
            yield from self._warehouses.get(value, ())
        yield from self._parents(name).get(value, ())

    def _parents(self, dimension: str) -> Mapping[str, list[str]]:
        if dimension == "DBInstanceIdentifier":
            return self._clusters
        if dimension in ("AutoScalingGroupName", "InstanceId"):
            return self._groups
        if dimension == "CacheClusterId":
            return self._replication_groups
        return self._apis if dimension in ("ApiName", "ApiId") else {}

    @cached_property
    def _clusters(self) -> Mapping[str, list[str]]:
        rows = self._rows("rds", "DescribeDBInstances", "DBInstances")
        members = [row for row in rows if row.get("DBClusterIdentifier")]
        return _by_name((row.get("DBInstanceIdentifier", ""), self._cluster_arn(row)) for row in members)

    def _cluster_arn(self, row: Mapping[str, Any]) -> str:
        return self._aws.arn("rds", f"cluster:{row['DBClusterIdentifier']}")

    @cached_property
    def _groups(self) -> Mapping[str, list[str]]:
        rows = self._rows("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")
        rows = [row for row in rows if row.get("AutoScalingGroupARN")]
        names = [(row.get("AutoScalingGroupName", ""), row["AutoScalingGroupARN"]) for row in rows]
        machines = [
            (machine.get("InstanceId", ""), row["AutoScalingGroupARN"])
            for row in rows
            for machine in row.get("Instances", ())
        ]
        return _by_name([*names, *machines])

    @cached_property
    def _replication_groups(self) -> Mapping[str, list[str]]:
        rows = self._rows("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
        arns = [(row, self._group_arn(row)) for row in rows if row.get("ReplicationGroupId")]
        return _by_name((member, arn) for row, arn in arns for member in row.get("MemberClusters", ()))

    def _group_arn(self, row: Mapping[str, Any]) -> str:
        return self._aws.arn("elasticache", f"replicationgroup:{row['ReplicationGroupId']}")

    @cached_property
    def _warehouses(self) -> Mapping[str, list[str]]:
        """Namespaces of Redshift Serverless by their own name and by that of their workgroups."""
        namespaces = self._rows("redshift-serverless", "ListNamespaces", "namespaces")
        workgroups = self._rows("redshift-serverless", "ListWorkgroups", "workgroups")
        arns = {
            row["namespaceName"]: row["namespaceArn"]
            for row in namespaces
            if {"namespaceName", "namespaceArn"} <= set(row)
        }
        named = [(row.get("workgroupName", ""), row.get("namespaceName", "")) for row in workgroups]
        return _by_name([*arns.items(), *((name, arns[of]) for name, of in named if of in arns)])

    @cached_property
    def _apis(self) -> Mapping[str, list[str]]:
        root = self._aws.arn("apigateway", "").replace(f":{self._aws.account}:", "::")
        rest = self._rows("apigateway", "GetRestApis", "items", limit=500)
        http = self._rows("apigatewayv2", "GetApis", "Items")
        return _by_name(
            [
                *((row.get("name", ""), f"{root}/restapis/{row['id']}") for row in rest if row.get("id")),
                *((row["ApiId"], f"{root}/apis/{row['ApiId']}") for row in http if row.get("ApiId")),
            ]
        )

    def _rows(self, service: str, operation: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """A listing with the same parameters as in the source of these resources, so that it costs no second call."""
        rows = self._aws.maybe(lambda: self._aws.list(service, operation, key, **params))
        return [] if isinstance(rows, Unread) else rows


def _by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, arn in pairs:
        found[name].append(arn)
    return dict(found)
