"""A field that AWS always returns and that is missing proves nothing: neither a fault nor its absence."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import service
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

Script = Mapping[Operation, Answer]
STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))


def listed(service_name: str, operation: str, key: str, row: dict[str, Any], missing: str) -> Script:
    return {(service_name, operation): {key: [{name: value for name, value in row.items() if name != missing}]}}


def database(missing: str) -> Script:
    row = {"DBInstanceIdentifier": "c", "Engine": "postgres", "MultiAZ": True, "BackupRetentionPeriod": 7}
    return listed("rds", "DescribeDBInstances", "DBInstances", row, missing)


def cluster(missing: str) -> Script:
    row = {"DBClusterIdentifier": "c", "Engine": "aurora-postgresql", "BackupRetentionPeriod": 7}
    return listed("rds", "DescribeDBClusters", "DBClusters", row, missing)


def memcached(missing: str) -> Script:
    row = {"CacheClusterId": "c", "Engine": "memcached", "NumCacheNodes": 3}
    row["CacheNodes"] = [{"CustomerAvailabilityZone": f"us-east-1{zone}"} for zone in "abc"]
    return listed("elasticache", "DescribeCacheClusters", "CacheClusters", row, missing)


def function(missing: str) -> Script:
    row = {"FunctionName": "c", "VpcConfig": {"SubnetIds": ["s-a", "s-b"]}}
    rows = [{"SubnetId": f"s-{zone}", "AvailabilityZoneId": f"use1-az-{zone}"} for zone in "ab"]
    rows[1].pop(missing, None)
    return {("lambda", "ListFunctions"): {"Functions": [row]}, ("ec2", "DescribeSubnets"): {"Subnets": rows}}


def accelerator(missing: str) -> Script:
    nodes = [{"NodeId": zone, "AvailabilityZone": f"us-east-1{zone}"} for zone in "ab"]
    nodes[1].pop(missing, None)
    row = {"ClusterName": "c", "TotalNodes": 2, "Nodes": nodes}
    return {("dax", "DescribeClusters"): {"Clusters": [row]}}


def nodes_of_memcached(missing: str) -> Script:
    nodes = [{"CustomerAvailabilityZone": f"us-east-1{zone}"} for zone in "ab"]
    nodes[1].pop(missing, None)
    row = {"CacheClusterId": "c", "Engine": "memcached", "PreferredAvailabilityZone": "Multiple", "CacheNodes": nodes}
    return {("elasticache", "DescribeCacheClusters"): {"CacheClusters": [row]}}


def memory(missing: str) -> Script:
    shards = [{"Name": "0001", "NumberOfNodes": 2}]
    row = {"Name": "c", "AvailabilityMode": "multiaz", "SnapshotRetentionLimit": 7, "Shards": shards}
    return listed("memorydb", "DescribeClusters", "Clusters", row, missing)


def warehouse(missing: str) -> Script:
    row = {
        "ClusterIdentifier": "c",
        "MultiAZ": "Enabled",
        "AutomatedSnapshotRetentionPeriod": 7,
        "ClusterVersion": "1.0",
    }
    return listed("redshift", "DescribeClusters", "Clusters", row, missing)


def certificate(missing: str, **told: Any) -> Script:
    end = NOW + timedelta(days=90)
    row = {"CertificateArn": arn("acm", "certificate/c"), "DomainName": "c", "InUse": True, "NotAfter": end, **told}
    row |= {"Type": "AMAZON_ISSUED", "RenewalEligibility": "ELIGIBLE"}
    return listed("acm", "ListCertificates", "CertificateSummaryList", row, missing)


def kafka(missing: str) -> Script:
    brokers = {
        "NumberOfBrokerNodes": 3,
        "BrokerNodeGroupInfo": {"InstanceType": "kafka.m7g.large", "ClientSubnets": []},
    }
    row = {"ClusterArn": arn("kafka", "cluster/c/1"), "ClusterName": "c", "ClusterType": "PROVISIONED"}
    return listed("kafka", "ListClustersV2", "ClusterInfoList", {**row, "Provisioned": brokers}, missing)


def modules(missing: str) -> Script:
    hsms = [{"HsmId": f"hsm-{zone}", "AvailabilityZone": f"us-east-1{zone}", "State": "ACTIVE"} for zone in "ab"]
    return listed("cloudhsmv2", "DescribeClusters", "Clusters", {"ClusterId": "c", "Hsms": hsms}, missing)


def tunnels(missing: str) -> Script:
    told = [{"Status": "UP"}, {"OutsideIpAddress": "192.0.2.1"} if missing else {"Status": "UP"}]
    row = {"VpnConnectionId": "c", "VgwTelemetry": told}
    return listed("ec2", "DescribeVpnConnections", "VpnConnections", row, "")


def namespace(missing: str, *, copy_of: str = "c") -> Script:
    row = {"namespaceArn": arn("redshift-serverless", "namespace/c"), "namespaceName": "c", "namespaceId": "c"}
    copy = {"snapshotCopyConfigurationId": "1", "namespaceName": copy_of, "destinationRegion": "us-west-2"}
    group = {"workgroupName": "w", "namespaceName": "c", "subnetIds": ["subnet-a"]}
    return {
        **listed("redshift-serverless", "ListNamespaces", "namespaces", row, missing),
        **listed("redshift-serverless", "ListWorkgroups", "workgroups", group, missing),
        **listed("redshift-serverless", "ListSnapshotCopyConfigurations", "snapshotCopyConfigurations", copy, missing),
    }


def queue(missing: str) -> Script:
    redrive = '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:111122223333:dead", "maxReceiveCount": 5}'
    told = {} if missing else {"Attributes": {"QueueArn": arn("sqs", "c"), "RedrivePolicy": redrive}}
    return {
        ("sqs", "ListQueues"): {"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111122223333/c"]},
        ("sqs", "GetQueueAttributes"): told,
    }


def firewall(missing: str) -> Script:
    row = {"FirewallName": "c", "FirewallArn": arn("network-firewall", "firewall/c"), "DeleteProtection": True}
    row |= {"VpcId": "vpc-1", "FirewallPolicyArn": "p", "SubnetMappings": [], "FirewallId": "1"}
    told = {name: value for name, value in row.items() if name != missing}
    return {
        ("network-firewall", "ListFirewalls"): {"Firewalls": [{"FirewallName": "c"}]},
        ("network-firewall", "DescribeFirewall"): {"Firewall": told},
    }


def domain(missing: str) -> Script:
    row = {"DomainName": "c", "AutoRenew": True, "TransferLock": True, "Expiry": NOW + timedelta(days=5)}
    zone = {"Id": "/hostedzone/Z1", "Name": "c.", "CallerReference": "r"}
    return {
        ("route53", "ListHostedZones"): {"HostedZones": [zone]},
        **listed("route53domains", "ListDomains", "Domains", row, missing),
    }


def machine(missing: str) -> Script:
    row = {"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "c"}], "State": {"Name": "running"}}
    row |= {"Monitoring": {"State": "disabled"}}
    told = {name: value for name, value in row.items() if name != missing}
    return {("ec2", "DescribeInstances"): {"Reservations": [{"Instances": [told]}]}}


def pair(check: str, source: str, make: Any, missing: str, whole: Outcome, *, less: Outcome = UNKNOWN) -> list[State]:
    """The verdict on a whole row, and on the same row without one field. `missing`: the field."""
    return [
        State(f"{missing} is told", check, whole, make(""), (source,), "c"),
        State(f"{missing} is missing", check, less, make(missing), (source,), "c"),
    ]


STATES = [
    *pair("BK01", "aws_databases", database, "BackupRetentionPeriod", PASS),
    *pair("BK02", "aws_databases", database, "BackupRetentionPeriod", PASS),
    *pair("ZN08", "aws_databases", database, "MultiAZ", PASS),
    *pair("FO01", "aws_databases", database, "MultiAZ", PASS),
    *pair("PO02", "aws_databases", database, "Engine", PASS),
    *pair("BK01", "aws_databases", cluster, "BackupRetentionPeriod", PASS),
    *pair("ZN09", "aws_caches", memcached, "Engine", PASS),
    *pair("FO01", "aws_caches", memcached, "Engine", NOT_APPLICABLE),
    *pair("BK08", "aws_caches", memcached, "Engine", NOT_APPLICABLE),
    *pair("ZN09", "aws_caches", nodes_of_memcached, "CustomerAvailabilityZone", PASS, less=PASS),
    *pair("ZN09", "aws_dax", accelerator, "AvailabilityZone", PASS),
    *pair("ZN01", "aws_functions", function, "AvailabilityZoneId", PASS),
    *pair("BK01", "aws_memorydb", memory, "SnapshotRetentionLimit", PASS),
    *pair("ZN08", "aws_memorydb", memory, "Shards", PASS),
    *pair("FO01", "aws_memorydb", memory, "Shards", PASS),
    *pair("BK01", "aws_redshift", warehouse, "AutomatedSnapshotRetentionPeriod", PASS),
    State("redshift is the engine", "PO02", FAIL, warehouse(""), ("aws_redshift",), "c", "uses redshift"),
    *pair("DN07", "aws_certificates", lambda missing: certificate(missing, Status="ISSUED"), "NotAfter", PASS),
    State(
        "never issued",
        "DN07",
        FAIL,
        certificate("NotAfter", Status="PENDING_VALIDATION"),
        ("aws_certificates",),
        "c",
        "never issued",
    ),
    State("revoked", "DN07", UNKNOWN, certificate("", Status="REVOKED"), ("aws_certificates",), "c", "REVOKED"),
    State("brokers are missing", "ZN08", UNKNOWN, kafka("Provisioned"), ("aws_kafka",), "c"),
    State("brokers are missing", "CA01", NOT_APPLICABLE, kafka("Provisioned"), ("aws_kafka",), "c"),
    *pair("ZN08", "aws_hsm_clusters", modules, "Hsms", PASS),
    *pair("FO01", "aws_hsm_clusters", modules, "Hsms", PASS),
    State("an open interface", "PO02", PASS, modules(""), ("aws_hsm_clusters",), "c"),
    *pair("CN05", "aws_vpn_connections", tunnels, "Status", PASS),
    *pair("BK04", "aws_redshift_serverless", namespace, "namespaceName", PASS),
    *pair("BK04", "aws_redshift_serverless", namespace, "destinationRegion", PASS),
    State(
        "copy of another namespace",
        "BK04",
        FAIL,
        namespace("", copy_of="other"),
        ("aws_redshift_serverless",),
        "c",
    ),
    State("subnets unknown", "ZN08", UNKNOWN, namespace("namespaceName"), ("aws_redshift_serverless",), "c"),
    *pair("CA09", "aws_queues", queue, "Attributes", PASS),
    *pair("CN11", "aws_network_firewalls", firewall, "DeleteProtection", PASS),
    *pair("DN04", "aws_dns", domain, "Expiry", FAIL),
    *pair("OB08", "aws_machines", machine, "Monitoring", FAIL, less=NOT_APPLICABLE),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_verdicts(state: State) -> None:
    state.hold(STRICT)
