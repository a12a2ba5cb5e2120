"""Where a provider's products can be reached from outside: what probes look at, by provider, product and region.

AWS: https://docs.aws.amazon.com/general/latest/gr/rande.html. Google: https://cloud.google.com/apis/docs/overview.
Without credentials an endpoint answers a 4xx: that is enough to tell that name, network, TLS and front end stand.
"""

from collections.abc import Iterator, Mapping

from checks import GLOBAL, Scope

# AWS product as facts call it -> the first label of its regional endpoint, where it is not the product's own name.
_AWS_LABELS: Mapping[str, str] = {
    "acm": "acm",
    "apigateway": "apigateway",
    "athena": "athena",
    "autoscaling": "autoscaling",
    "backup": "backup",
    "batch": "batch",
    "bedrock": "bedrock-runtime",
    "cloudformation": "cloudformation",
    "cloudwatch": "monitoring",
    "codebuild": "codebuild",
    "codedeploy": "codedeploy",
    "codepipeline": "codepipeline",
    "cognito": "cognito-idp",
    "dynamodb": "dynamodb",
    "ebs": "ebs",
    "ec2": "ec2",
    "ecr": "api.ecr",
    "ecs": "ecs",
    "efs": "elasticfilesystem",
    "eks": "eks",
    "elasticache": "elasticache",
    "elasticloadbalancing": "elasticloadbalancing",
    "eventbridge": "events",
    "firehose": "firehose",
    "glue": "glue",
    "kafka": "kafka",
    "kinesis": "kinesis",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "mq": "mq",
    "opensearch": "es",
    "rds": "rds",
    "redshift": "redshift",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "ses": "email",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
}
_AWS_GLOBAL = {
    "cloudfront": "cloudfront.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "route53": "route53.amazonaws.com",
}
# What tells of a region as a whole, where nobody says which of its products is needed.
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
_AZURE: Mapping[str, str] = {
    "entra": "login.microsoftonline.com",
    "frontdoor": "portal.azure.com",
    "resourcemanager": "management.azure.com",
}
_SAAS: Mapping[str, str] = {
    "anthropic": "api.anthropic.com",
    "cloudflare": "api.cloudflare.com",
    "datadog": "api.datadoghq.com",
    "docker-hub": "registry-1.docker.io",
    "fastly": "api.fastly.com",
    "github": "api.github.com",
    "gitlab": "gitlab.com",
    "openai": "api.openai.com",
    "pagerduty": "api.pagerduty.com",
    "paypal": "api-m.paypal.com",
    "sendgrid": "api.sendgrid.com",
    "slack": "slack.com",
    "stripe": "api.stripe.com",
    "twilio": "api.twilio.com",
}

CONTROLS = ("example.com", "www.wikipedia.org", "www.debian.org")
"""Names on networks of their own, which no cloud of ours carries: when all fail, it is our own network."""


def endpoints(scope: Scope) -> Iterator[tuple[Scope, str]]:
    """Names to look at for a scope, each with the scope that it tells of. None where the table knows no endpoint."""
    match scope.provider:
        case "aws":
            yield from _aws(scope)
        case "gcp":
            names = [scope.part] if scope.part else ["storage", "iam"]
            for part in names:
                if part in _GOOGLE:
                    yield Scope("gcp", scope.region or GLOBAL, part), f"{_GOOGLE[part]}.googleapis.com"
        case "azure":
            for part, host in _AZURE.items():
                if not scope.part or scope.part == part:
                    yield Scope("azure", GLOBAL, part), host
        case saas if saas in _SAAS:
            yield Scope(saas), _SAAS[saas]


def _aws(scope: Scope) -> Iterator[tuple[Scope, str]]:
    if scope.part in _AWS_GLOBAL:
        yield Scope("aws", GLOBAL, scope.part), _AWS_GLOBAL[scope.part]
        return
    if not scope.region or scope.region == GLOBAL:
        return
    ending = "amazonaws.com.cn" if scope.region.startswith("cn-") else "amazonaws.com"
    for part in (scope.part,) if scope.part in _AWS_LABELS else _AWS_REGION:
        yield Scope("aws", scope.region, part), f"{_AWS_LABELS[part]}.{scope.region}.{ending}"
