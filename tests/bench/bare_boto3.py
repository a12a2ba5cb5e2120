"""The yardstick: boto3 on 16 threads that fetches what an audit fetches, and does nothing with it.

Prints seconds, calls and the highest resident memory in MiB as JSON. Environment: AWS_ENDPOINT_URL, credentials.
"""

import json
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

# region: (service, listing, key, [(per-resource call, parameter, field of the listing or "" for the item itself)])
_REGIONAL: list[tuple[str, str, str, list[tuple[str, str, str]]]] = [
    ("ec2", "describe_instances", "Reservations", []),
    ("ec2", "describe_volumes", "Volumes", []),
    ("ec2", "describe_subnets", "Subnets", []),
    ("ec2", "describe_vpcs", "Vpcs", []),
    ("ec2", "describe_nat_gateways", "NatGateways", []),
    ("ec2", "describe_route_tables", "RouteTables", []),
    ("ec2", "describe_availability_zones", "AvailabilityZones", []),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", []),
    ("rds", "describe_db_instances", "DBInstances", []),
    ("rds", "describe_db_clusters", "DBClusters", []),
    (
        "dynamodb",
        "list_tables",
        "TableNames",
        [
            ("describe_table", "TableName", ""),
            ("describe_continuous_backups", "TableName", ""),
            ("list_tags_of_resource", "ResourceArn", "arn"),
        ],
    ),
    (
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers",
        [("describe_load_balancer_attributes", "LoadBalancerArn", "LoadBalancerArn")],
    ),
    (
        "elbv2",
        "describe_target_groups",
        "TargetGroups",
        [("describe_target_health", "TargetGroupArn", "TargetGroupArn")],
    ),
    (
        "elb",
        "describe_load_balancers",
        "LoadBalancerDescriptions",
        [("describe_load_balancer_attributes", "LoadBalancerName", "LoadBalancerName")],
    ),
    (
        "lambda",
        "list_functions",
        "Functions",
        [("get_function_concurrency", "FunctionName", "FunctionName")],
    ),
    ("sqs", "list_queues", "QueueUrls", [("get_queue_attributes", "QueueUrl", "")]),
    ("sns", "list_topics", "Topics", []),
    ("ecs", "list_clusters", "clusterArns", [("list_services", "cluster", "")]),
    ("eks", "list_clusters", "clusters", [("describe_cluster", "name", ""), ("list_nodegroups", "clusterName", "")]),
    ("cloudwatch", "describe_alarms", "MetricAlarms", []),
    ("elasticache", "describe_replication_groups", "ReplicationGroups", []),
    ("efs", "describe_file_systems", "FileSystems", [("describe_mount_targets", "FileSystemId", "FileSystemId")]),
    ("kinesis", "list_streams", "StreamNames", [("describe_stream_summary", "StreamName", "")]),
    ("backup", "list_backup_plans", "BackupPlansList", []),
    ("kms", "list_keys", "Keys", [("describe_key", "KeyId", "KeyId")]),
    ("secretsmanager", "list_secrets", "SecretList", []),
    ("cloudformation", "describe_stacks", "Stacks", []),
    ("acm", "list_certificates", "CertificateSummaryList", []),
    ("opensearch", "list_domain_names", "DomainNames", []),
    ("redshift", "describe_clusters", "Clusters", []),
    ("dax", "describe_clusters", "Clusters", []),
    ("mq", "list_brokers", "BrokerSummaries", []),
    ("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", []),
]
_BUCKET = ["get_bucket_location", "get_bucket_versioning", "get_bucket_replication"]


class Bare:
    """One session, one client for each service and region, 16 threads, standard retries."""

    def __init__(self, regions: list[str]) -> None:
        self.regions, self.calls = regions, 0
        self.session = boto3.Session()
        self.config = Config(max_pool_connections=16, retries={"mode": "standard", "max_attempts": 10})
        self.clients: dict[tuple[str, str], Any] = {}
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(16)

    def client(self, service: str, region: str) -> Any:
        """Built once."""
        with self.lock:
            if (service, region) not in self.clients:
                made: Any = self.session.client(service, region_name=region, config=self.config)  # type: ignore[call-overload]
                self.clients[service, region] = made
            return self.clients[service, region]

    def call(self, service: str, region: str, name: str, words: dict[str, Any]) -> dict[str, Any]:
        """One call; what AWS refuses is empty."""
        with self.lock:
            self.calls += 1
        try:
            answer: dict[str, Any] = getattr(self.client(service, region), name)(**words)
        except Exception:  # noqa: BLE001 - a bare fetch does not care why
            return {}
        return answer

    def pages(self, service: str, region: str, name: str, key: str) -> list[Any]:
        """All items of a listing."""
        client = self.client(service, region)
        if not client.can_paginate(name):
            return list(self.call(service, region, name, {}).get(key, ()))
        items: list[Any] = []
        for page in client.get_paginator(name).paginate():
            with self.lock:
                self.calls += 1
            items.extend(page.get(key, ()))
        return items

    def run(self) -> None:
        """Listings first, then what they found."""
        listings = [(region, *row) for region in self.regions for row in _REGIONAL]
        found = list(self.pool.map(lambda row: self.pages(row[1], row[0], row[2], row[3]), listings))
        buckets = [bucket["Name"] for bucket in self.call("s3", "us-east-1", "list_buckets", {}).get("Buckets", ())]
        zones = [zone["Id"] for zone in self.pages("route53", "us-east-1", "list_hosted_zones", "HostedZones")]
        work: list[tuple[str, str, str, dict[str, Any]]] = []
        for (region, service, _, _, follow), items in zip(listings, found, strict=True):
            for name, word, part in follow:
                for item in items:
                    value = _value(item, part, region)
                    extra = {"AttributeNames": ["All"]} if name == "get_queue_attributes" else {}
                    work.append((service, region, name, {word: value, **extra}))
        work += [("s3", "us-east-1", name, {"Bucket": bucket}) for bucket in buckets for name in _BUCKET]
        work += [("route53", "us-east-1", "list_resource_record_sets", {"HostedZoneId": zone}) for zone in zones]
        list(self.pool.map(lambda row: self.call(*row), work))


def _value(item: Any, part: str, region: str) -> Any:
    if part == "arn":
        return f"arn:aws:dynamodb:{region}:123456789012:table/{item}"
    return item[part] if part else item


def main() -> None:
    """Run and tell."""
    began = time.perf_counter()
    bare = Bare(sys.argv[1].split(","))
    bare.run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": time.perf_counter() - began,
        "calls": bare.calls,
        "mib": usage.ru_maxrss / 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
    }
    print(json.dumps(told))  # noqa: T201 - its only output


if __name__ == "__main__":
    main()
