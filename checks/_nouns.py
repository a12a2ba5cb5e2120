"""How a sentence names a resource: what it is, then its name, as in `DynamoDB table orders`.

The noun comes from the product where the product is listed here, else from the kind of fact that every cloud shares.
"""

from collections.abc import Mapping

from checks._facts import (
    Alarm,
    BackupPlan,
    Certificate,
    ComputeGroup,
    ComputeKind,
    Datastore,
    Distribution,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    EndpointUse,
    Fact,
    Gateway,
    HealthCheck,
    LoadBalancer,
    ObjectStore,
    Queue,
    Runbook,
    Stack,
    StoreKind,
    Topic,
    Volume,
)

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
    ComputeGroup: "compute group",
    Distribution: "CDN distribution",
    DnsRecord: "DNS record",
    DnsZone: "DNS zone",
    EncryptionKey: "encryption key",
    EndpointUse: "recorded endpoint call",
    Gateway: "API gateway",
    HealthCheck: "health check",
    LoadBalancer: "load balancer",
    ObjectStore: "bucket",
}
_PRODUCT_NOUNS: Mapping[tuple[type[Fact], str], str] = {
    (Alarm, "cloudwatch"): "CloudWatch alarm",
    (Certificate, "acm"): "ACM certificate",
    (ComputeGroup, "autoscaling"): "Auto Scaling group",
    (ComputeGroup, "ec2"): "EC2 instance",
    (ComputeGroup, "ecs"): "ECS service",
    (ComputeGroup, "eks"): "EKS cluster",
    (ComputeGroup, "lambda"): "Lambda function",
    (Datastore, "cloudsql"): "Cloud SQL instance",
    (Datastore, "cosmosdb"): "Cosmos DB account",
    (Datastore, "dax"): "DAX cluster",
    (Datastore, "docdb"): "DocumentDB cluster",
    (Datastore, "dynamodb"): "DynamoDB table",
    (Datastore, "efs"): "EFS file system",
    (Datastore, "elasticache"): "ElastiCache cluster",
    (Datastore, "kafka"): "MSK cluster",
    (Datastore, "kinesis"): "Kinesis stream",
    (Datastore, "memorydb"): "MemoryDB cluster",
    (Datastore, "mq"): "MQ broker",
    (Datastore, "neptune"): "Neptune cluster",
    (Datastore, "opensearch"): "OpenSearch domain",
    (Datastore, "rds"): "RDS instance",
    (Datastore, "redshift"): "Redshift cluster",
    (Distribution, "cloudfront"): "CloudFront distribution",
    (EncryptionKey, "kms"): "KMS key",
    (ObjectStore, "s3"): "S3 bucket",
    (Queue, "sqs"): "SQS queue",
    (Stack, "cloudformation"): "CloudFormation stack",
    (Topic, "sns"): "SNS topic",
    (Volume, "ebs"): "EBS volume",
}


def named(fact: Fact) -> str:
    """A resource within a sentence: `DynamoDB table orders`, without a listed product `database orders`; a runbook is its own name."""
    return fact.name if isinstance(fact, Runbook) else f"{_noun(fact)} {fact.name}"


def subject(fact: Fact) -> str:
    """The same at the beginning of a sentence: `Load balancer web`."""
    return capitalised(named(fact))


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
