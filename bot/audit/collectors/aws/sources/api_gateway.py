"""API Gateway REST and HTTP APIs, with their endpoint types."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Gateway


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Gateway per API, from two listings."""
    for row in aws.list("apigateway", "GetRestApis", "items", limit=500):
        kinds = row.get("endpointConfiguration", {}).get("types") or ["EDGE"]
        arn = f"{_arn_prefix(aws)}/restapis/{row['id']}"
        yield aws.fact(
            Gateway,
            resource=arn,
            name=row.get("name", row["id"]),
            product="apigateway",
            tags=aws.tags(arn, row.get("tags") or None),
            kind=kinds[0].lower(),
        )
    for row in aws.list("apigatewayv2", "GetApis", "Items"):
        arn = f"{_arn_prefix(aws)}/apis/{row['ApiId']}"
        yield aws.fact(
            Gateway,
            resource=arn,
            name=row.get("Name", row["ApiId"]),
            product="apigateway",
            tags=aws.tags(arn, row.get("Tags") or None),
            kind="regional",
        )


def _arn_prefix(aws: Reader) -> str:
    """The start of API ARNs, which contain no account."""
    return aws.arn("apigateway", "").replace(f":{aws.account}:", "::")


SOURCE = Source(name="aws_gateways", facts=(Gateway,), actions=("apigateway:GET", "tag:GetResources"), read=read)
