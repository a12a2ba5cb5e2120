"""How a sentence names a resource: what it is, then its name, as in `DynamoDB table orders`.

The noun comes from the product where the product is listed here, else from the kind of fact that every cloud shares.
"""

from collections.abc import Iterable, Mapping

from checks._facts import (
    Accelerator,
    Alarm,
    BackupPlan,
    Certificate,
    ClusterAddOn,
    ComputeGroup,
    ComputeKind,
    ControlPlane,
    DataFlow,
    Datastore,
    DedicatedLine,
    DisruptionBudget,
    Distribution,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    EndpointUse,
    EventEndpoint,
    Fact,
    Firewall,
    Gateway,
    HealthCheck,
    LoadBalancer,
    ObjectStore,
    PrivateEndpoint,
    Queue,
    ReplicaAutoscaler,
    Runbook,
    Stack,
    StoreKind,
    StreamRetention,
    Topic,
    TransitAttachment,
    UserDirectory,
    Volume,
    VpnConnection,
    Workflow,
    Workload,
)
from checks._words import listed

COMPUTE_NOUNS: Mapping[str, str] = {
    ComputeKind.MACHINE: "virtual machine",
    ComputeKind.MACHINE_GROUP: "instance group",
    ComputeKind.CONTAINERS: "container service",
    ComputeKind.FUNCTION: "function",
    ComputeKind.KUBERNETES: "Kubernetes cluster",
}
_STORE_NOUNS: Mapping[str, str] = {
    StoreKind.RELATIONAL: "database",
    StoreKind.KEY_VALUE: "table",
    StoreKind.DOCUMENT: "document database",
    StoreKind.CACHE: "cache",
    StoreKind.SEARCH: "search cluster",
    StoreKind.STREAM: "stream",
    StoreKind.FILE: "file system",
    StoreKind.WAREHOUSE: "data warehouse",
}
_KIND_NOUNS: Mapping[type[Fact], str] = {
    BackupPlan: "backup plan",
    ClusterAddOn: "cluster add-on",
    ComputeGroup: "compute group",
    ControlPlane: "control plane",
    DisruptionBudget: "disruption budget",
    Distribution: "CDN distribution",
    DnsRecord: "DNS record",
    DedicatedLine: "dedicated connection",
    DnsZone: "DNS zone",
    EncryptionKey: "encryption key",
    EndpointUse: "recorded endpoint call",
    EventEndpoint: "event endpoint",
    Firewall: "network firewall",
    Gateway: "API gateway",
    HealthCheck: "health check",
    LoadBalancer: "load balancer",
    ObjectStore: "bucket",
    ReplicaAutoscaler: "autoscaler",
    PrivateEndpoint: "private endpoint",
    TransitAttachment: "transit gateway attachment",
    UserDirectory: "user directory",
    VpnConnection: "VPN connection",
}
_PRODUCT_NOUNS: Mapping[tuple[type[Fact], str], str] = {
    (Accelerator, "globalaccelerator"): "Global Accelerator",
    (Alarm, "alertmanager"): "Alertmanager alert",
    (Alarm, "cloudwatch"): "CloudWatch alarm",
    (Alarm, "datadog"): "Datadog monitor",
    (Alarm, "grafana"): "Grafana alert rule",
    (Alarm, "newrelic"): "New Relic condition",
    (Alarm, "prometheus"): "Prometheus alert rule",
    (Certificate, "acm"): "ACM certificate",
    (ComputeGroup, "apprunner"): "App Runner service",
    (ComputeGroup, "autoscaling"): "Auto Scaling group",
    (ComputeGroup, "daemonset"): "DaemonSet",
    (ComputeGroup, "deployment"): "Deployment",
    (ComputeGroup, "kubernetes"): "Kubernetes cluster",
    (ComputeGroup, "pod"): "Pod",
    (ComputeGroup, "rollout"): "Rollout",
    (ComputeGroup, "statefulset"): "StatefulSet",
    (ComputeGroup, "ec2"): "EC2 instance",
    (ComputeGroup, "ecs"): "ECS service",
    (ComputeGroup, "eks"): "EKS cluster",
    (ComputeGroup, "lambda"): "Lambda function",
    (DataFlow, "dms"): "DMS replication",
    (DataFlow, "firehose"): "Firehose stream",
    (Datastore, "cloudhsm"): "CloudHSM cluster",
    (Datastore, "cloudsql"): "Cloud SQL instance",
    (Datastore, "cosmosdb"): "Cosmos DB account",
    (Datastore, "dax"): "DAX cluster",
    (Datastore, "docdb"): "DocumentDB cluster",
    (Datastore, "docdbelastic"): "DocumentDB elastic cluster",
    (Datastore, "ds"): "directory",
    (Datastore, "dsql"): "Aurora DSQL cluster",
    (Datastore, "dynamodb"): "DynamoDB table",
    (Datastore, "efs"): "EFS file system",
    (Datastore, "elasticache"): "ElastiCache cluster",
    (Datastore, "elasticacheserverless"): "ElastiCache Serverless cache",
    (Datastore, "fsx"): "FSx file system",
    (Datastore, "kafka"): "MSK cluster",
    (Datastore, "keyspaces"): "Keyspaces table",
    (Datastore, "kinesis"): "Kinesis stream",
    (Datastore, "memorydb"): "MemoryDB cluster",
    (Datastore, "mq"): "MQ broker",
    (Datastore, "neptune"): "Neptune cluster",
    (Datastore, "neptunegraph"): "Neptune Analytics graph",
    (Datastore, "opensearch"): "OpenSearch domain",
    (Datastore, "opensearchserverless"): "OpenSearch Serverless collection",
    (Datastore, "rds"): "RDS instance",
    (Datastore, "redshift"): "Redshift cluster",
    (Datastore, "redshiftserverless"): "Redshift Serverless namespace",
    (Datastore, "timestreaminfluxdb"): "Timestream for InfluxDB instance",
    (DedicatedLine, "directconnect"): "Direct Connect connection",
    (Distribution, "cloudfront"): "CloudFront distribution",
    (EncryptionKey, "kms"): "KMS key",
    (ObjectStore, "s3"): "S3 bucket",
    (PrivateEndpoint, "route53resolver"): "Resolver endpoint",
    (PrivateEndpoint, "vpc"): "VPC endpoint",
    (Queue, "sqs"): "SQS queue",
    (Stack, "cloudformation"): "CloudFormation stack",
    (StreamRetention, "kinesis"): "Kinesis stream",
    (Topic, "sns"): "SNS topic",
    (UserDirectory, "cognito"): "Cognito user pool",
    (Volume, "ebs"): "EBS volume",
    (Volume, "storagegateway"): "Storage Gateway volume",
    (Workflow, "stepfunctions"): "Step Functions workflow",
    (Workload, "cronjob"): "CronJob",
    (Workload, "daemonset"): "DaemonSet",
    (Workload, "deployment"): "Deployment",
    (Workload, "job"): "Job",
    (Workload, "pod"): "Pod",
    (Workload, "rollout"): "Rollout",
    (Workload, "statefulset"): "StatefulSet",
    (Volume, "persistentvolume"): "persistent volume",
}


def named(fact: Fact) -> str:
    """A resource within a sentence: `DynamoDB table orders`, without a listed product `database orders`; a runbook is its own name."""
    return fact.name if isinstance(fact, Runbook) else f"{_noun(fact)} {fact.name}"


def subject(fact: Fact) -> str:
    """The same at the beginning of a sentence: `Load balancer web`."""
    return capitalised(named(fact))


def zone_name(fact: Fact, zone: str) -> str:
    """A zone for people: `use1-az4`; a zone that its provider numbers, with its region: `westeurope/1`, or `zone 1` without one."""
    if not zone.isdigit():
        return zone
    return f"{fact.region}/{zone}" if fact.region else f"zone {zone}"


def zones_named(fact: Fact, zones: Iterable[str]) -> str:
    """The zones of a resource in a list: `use1-az1, use1-az2`."""
    return listed(zone_name(fact, zone) for zone in zones)


def kind_noun(kind: type[Fact]) -> str:
    """What a kind of fact is called where no resource of it is at hand: `DNS zone`, `datastore`."""
    noun = _KIND_NOUNS.get(kind)
    if noun is None:
        noun = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()
    return noun


def capitalised(sentence: str) -> str:
    """The sentence with its first letter as a capital, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def not_primary(store: Datastore) -> str:
    """Why a check of primary datastores does not apply to this one."""
    return f"{subject(store)} is a {'replica' if store.replica_of else 'cache'}, not a primary datastore"


def holds_no_data(store: Datastore) -> str:
    """Why a check of data that can be lost does not apply to this datastore."""
    return f"{subject(store)} is filled again from another source" if store.primary else not_primary(store)


def _noun(fact: Fact) -> str:
    kind = type(fact)
    if isinstance(fact, Datastore):
        if fact.product == "rds" and fact.kind is StoreKind.RELATIONAL:
            return _rds_noun(fact)
        return _PRODUCT_NOUNS.get((kind, fact.product)) or _STORE_NOUNS[fact.kind]
    if isinstance(fact, ComputeGroup):
        return _PRODUCT_NOUNS.get((kind, fact.product)) or COMPUTE_NOUNS[fact.kind]
    return _PRODUCT_NOUNS.get((kind, fact.product)) or kind_noun(kind)


def _rds_noun(store: Datastore) -> str:
    """RDS and Aurora share one API; instances and clusters share one kind of fact."""
    if store.engine.startswith("aurora"):
        return "Aurora cluster"
    return "RDS cluster" if ":cluster:" in store.resource else "RDS instance"
