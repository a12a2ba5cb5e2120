"""The public endpoints of the clouds that probes use, by product and region; those of other providers are in providers.yaml.

AWS: https://docs.aws.amazon.com/general/latest/gr/rande.html. Google: https://cloud.google.com/apis/docs/overview.
Without credentials an endpoint returns a 4xx, which shows that DNS, network, TLS and front end work.
"""

from collections.abc import Iterator, Mapping

from checks import GLOBAL, Scope

# AWS product as named in facts -> the first label of its regional endpoint.
_AWS_LABELS: Mapping[str, str] = {
    "acm": "acm",
    "apigateway": "apigateway",
    "apprunner": "apprunner",
    "appsync": "appsync",
    "athena": "athena",
    "autoscaling": "autoscaling",
    "backup": "backup",
    "batch": "batch",
    "bedrock": "bedrock-runtime",
    "cloudformation": "cloudformation",
    "cloudhsm": "cloudhsmv2",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "monitoring",
    "codeartifact": "codeartifact",
    "codebuild": "codebuild",
    "codedeploy": "codedeploy",
    "codepipeline": "codepipeline",
    "cognito": "cognito-idp",
    "dax": "dax",
    "dms": "dms",
    "docdb": "rds",
    "ds": "ds",
    "dynamodb": "dynamodb",
    "ebs": "ebs",
    "ec2": "ec2",
    "ecr": "api.ecr",
    "ecs": "ecs",
    "efs": "elasticfilesystem",
    "eks": "eks",
    "elasticache": "elasticache",
    "elasticacheserverless": "elasticache",
    "elasticloadbalancing": "elasticloadbalancing",
    "eventbridge": "events",
    "events": "events",
    "firehose": "firehose",
    "fis": "fis",
    "fsx": "fsx",
    "glue": "glue",
    "kafka": "kafka",
    "keyspaces": "cassandra",
    "kinesis": "kinesis",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "memorydb": "memory-db",
    "mq": "mq",
    "neptune": "rds",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "rds": "rds",
    "redshift": "redshift",
    "redshiftserverless": "redshift-serverless",
    "s3": "s3",
    "sagemaker": "api.sagemaker",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "servicediscovery": "servicediscovery",
    "ses": "email",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "stepfunctions": "states",
    "storagegateway": "storagegateway",
    "sts": "sts",
    "transfer": "transfer",
    "transitgateway": "ec2",
    "vpc": "ec2",
    "vpn": "ec2",
}
_AWS_GLOBAL = {
    "globalaccelerator": "globalaccelerator.us-west-2.amazonaws.com",
    "organizations": "organizations.us-east-1.amazonaws.com",
    "cloudfront": "cloudfront.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "route53": "route53.amazonaws.com",
}
# The products that are probed for a region if no product is named.
_AWS_REGION = ("sts", "ec2", "dynamodb", "s3")

_GOOGLE: Mapping[str, str] = {
    "bigquery": "bigquery",
    "compute": "compute",
    "firestore": "firestore",
    "functions": "cloudfunctions",
    "gke": "container",
    "iam": "iam",
    "kms": "cloudkms",
    "pubsub": "pubsub",
    "run": "run",
    "secretmanager": "secretmanager",
    "spanner": "spanner",
    "sql": "sqladmin",
    "storage": "storage",
    "vertexai": "aiplatform",
}
# Products with an endpoint in each region. Its name resolves to a nearby Google front end, which forwards to the region:
# https://cloud.google.com/vpc/docs/regional-service-endpoints, https://cloud.google.com/pubsub/docs/reference/service_apis_overview.
_GOOGLE_REGIONAL = frozenset({"kms", "pubsub", "run", "vertexai"})

_AZURE: Mapping[str, str] = {
    "entra": "login.microsoftonline.com",
    "frontdoor": "portal.azure.com",
    "resourcemanager": "management.azure.com",
}
# Azure Monitor takes custom metrics by region: https://learn.microsoft.com/azure/azure-monitor/essentials/metrics-store-custom-rest-api.
# Storage, databases and other products have a name for each customer, which belongs in the endpoints of the settings.
_AZURE_REGIONAL: Mapping[str, str] = {"monitor": "monitoring.azure.com"}
CONTROLS = ("example.com", "www.wikipedia.org", "www.debian.org")
"""The control group: hosts on networks of their own, on none of the clouds. If all fail, the problem is our own network."""


def endpoints_for(scope: Scope) -> Iterator[tuple[Scope, str]]:
    """The hosts to probe for a scope of AWS, Google Cloud or Azure, each with the scope that its result is about."""
    match scope.provider:
        case "aws":
            yield from _aws(scope)
        case "gcp":
            yield from _google(scope)
        case "azure":
            yield from _azure(scope)


def _aws(scope: Scope) -> Iterator[tuple[Scope, str]]:
    if scope.part in _AWS_GLOBAL:
        yield Scope("aws", GLOBAL, scope.part), _AWS_GLOBAL[scope.part]
        return
    if not scope.region or scope.region == GLOBAL:
        return
    ending = "amazonaws.com.cn" if scope.region.startswith("cn-") else "amazonaws.com"
    for part in (scope.part,) if scope.part in _AWS_LABELS else _AWS_REGION:
        yield Scope("aws", scope.region, part), f"{_AWS_LABELS[part]}.{scope.region}.{ending}"


def _google(scope: Scope) -> Iterator[tuple[Scope, str]]:
    region = "" if scope.region == GLOBAL else scope.region
    usual = ["storage", "iam", *(["pubsub"] if region else [])]
    for part in [scope.part] if scope.part else usual:
        if part in _GOOGLE:
            place = f"{region}-" if region and part in _GOOGLE_REGIONAL else ""
            yield Scope("gcp", region or GLOBAL, part), f"{place}{_GOOGLE[part]}.googleapis.com"


def _azure(scope: Scope) -> Iterator[tuple[Scope, str]]:
    for part, host in _AZURE.items():
        if scope.part in ("", part):
            yield Scope("azure", GLOBAL, part), host
    if scope.region and scope.region != GLOBAL:
        for part, ending in _AZURE_REGIONAL.items():
            if scope.part in ("", part):
                yield Scope("azure", scope.region, part), f"{scope.region}.{ending}"
