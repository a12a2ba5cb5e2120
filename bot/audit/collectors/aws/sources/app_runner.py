"""App Runner services, which run in several zones of their region by themselves."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.token_pages import all_pages
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

Row = dict[str, Any]
_STATES = {"OPERATION_IN_PROGRESS": "updating"}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per service: one listing, one call each, and one per scaling configuration. Few regions have it."""
    rows = all_pages(aws, "apprunner", "ListServices", "ServiceSummaryList")
    identity = ItemIdentity[Row]("apprunner:ListServices", lambda row: row["ServiceArn"])
    yield from facts_of(aws, lambda row: _service(aws, row), rows, identity)


def _service(aws: Reader, row: Row) -> Fact:
    arn = row["ServiceArn"]
    service = part(aws, arn, lambda: _described(aws, arn), "apprunner:DescribeService")
    sizes: Maybe[Row] = service
    if not isinstance(service, Unread):
        sizes = part(aws, arn, lambda: _sizes(aws, service), "apprunner:DescribeAutoScalingConfiguration")
    state = row.get("Status", "")
    return aws.fact(
        ComputeGroup,
        resource=arn,
        name=row.get("ServiceName") or arn.split("/")[-2],
        product="apprunner",
        status=_STATES.get(state, state),
        encryption_key=service
        if isinstance(service, Unread)
        else service.get("EncryptionConfiguration", {}).get("KmsKey", ""),
        kind=ComputeKind.CONTAINERS,
        zone_redundant=True,
        min_size=sizes if isinstance(sizes, Unread) else sizes.get("MinSize"),
        max_size=sizes if isinstance(sizes, Unread) else sizes.get("MaxSize"),
        traffic=True,
    )


def _described(aws: Reader, arn: str) -> Row:
    found: Row = aws.get("apprunner", "DescribeService", ServiceArn=arn)["Service"]
    return found


def _sizes(aws: Reader, service: Row) -> Row:
    scaling = service["AutoScalingConfigurationSummary"]["AutoScalingConfigurationArn"]
    found: Row = aws.get("apprunner", "DescribeAutoScalingConfiguration", AutoScalingConfigurationArn=scaling)[
        "AutoScalingConfiguration"
    ]
    return found


SOURCE = Source(
    name="aws_app_runner",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.CONTAINERS,),
    actions=(
        "apprunner:ListServices",
        "apprunner:DescribeService",
        "apprunner:DescribeAutoScalingConfiguration",
        "tag:GetResources",
    ),
    read=read,
)
