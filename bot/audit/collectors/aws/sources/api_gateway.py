"""API Gateway REST and HTTP APIs, with their endpoint types."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Gateway


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Gateway per API, from two listings."""
    root = _arn_prefix(aws)
    rest = ItemIdentity[dict[str, Any]](
        "apigateway:GET", lambda row: f"{root}/restapis/{row['id']}", lambda row: row.get("tags") or None
    )
    http = ItemIdentity[dict[str, Any]](
        "apigateway:GET", lambda row: f"{root}/apis/{row['ApiId']}", lambda row: row.get("Tags") or None
    )
    listed = aws.list("apigateway", "GetRestApis", "items", limit=500)
    yield from facts_of(aws, lambda row: _rest_api(aws, row, rest), listed, rest, calls=False)
    listed = aws.list("apigatewayv2", "GetApis", "Items")
    yield from facts_of(aws, lambda row: _http_api(aws, row, http), listed, http, calls=False)


def _rest_api(aws: Reader, row: dict[str, Any], identity: ItemIdentity[dict[str, Any]]) -> Fact:
    kinds = row.get("endpointConfiguration", {}).get("types") or ["EDGE"]
    arn = identity.resource(row)
    return aws.fact(
        Gateway,
        resource=arn,
        name=row.get("name", row["id"]),
        product="apigateway",
        tags=aws.tags(arn, identity.tags(row)),
        kind=kinds[0].lower(),
    )


def _http_api(aws: Reader, row: dict[str, Any], identity: ItemIdentity[dict[str, Any]]) -> Fact:
    arn = identity.resource(row)
    return aws.fact(
        Gateway,
        resource=arn,
        name=row.get("Name", row["ApiId"]),
        product="apigateway",
        tags=aws.tags(arn, identity.tags(row)),
        kind="regional",
    )


def _arn_prefix(aws: Reader) -> str:
    """The start of API ARNs, which contain no account."""
    return aws.arn("apigateway", "").replace(f":{aws.account}:", "::")


SOURCE = Source(name="aws_gateways", facts=(Gateway,), actions=("apigateway:GET", "tag:GetResources"), read=read)
