"""Lambda functions: zones of functions in a VPC, dead-letter targets, runtime support."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from bot.audit.collectors.aws.support_dates import lambda_supported
from checks import ComputeGroup, ComputeKind, Fact


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per function; only functions without a dead-letter queue need a call of their own."""
    functions = aws.list("lambda", "ListFunctions", "Functions")
    any_in_vpc = any(row.get("VpcConfig", {}).get("SubnetIds") for row in functions)
    subnets = Subnets.read(aws) if any_in_vpc else Subnets({})
    identity = ItemIdentity[dict[str, Any]]("lambda:ListFunctions", lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _function(aws, row, subnets), functions, identity)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    arn = row.get("FunctionArn") or aws.arn("lambda", f"function:{row['FunctionName']}")
    return str(arn).removesuffix(":$LATEST")


def _function(aws: Reader, row: dict[str, Any], subnets: Subnets) -> Fact:
    subnet_ids = row.get("VpcConfig", {}).get("SubnetIds", ())
    has_queue = bool(row.get("DeadLetterConfig", {}).get("TargetArn"))
    runtime = row.get("Runtime", "")
    arn = _arn_of(aws, row)
    name = row.get("FunctionName") or arn.rpartition(":")[2]
    return aws.fact(
        ComputeGroup,
        resource=arn,
        name=name,
        product="lambda",
        status=row.get("State", ""),
        encryption_key=row.get("KMSKeyArn", ""),
        kind=ComputeKind.FUNCTION,
        zones=subnets.zones(subnet_ids),
        zone_redundant=subnets.in_several_zones(subnet_ids) if subnet_ids else True,
        free_addresses=subnets.free_addresses(subnet_ids) if subnet_ids else None,
        dead_letter=True if has_queue else part(aws, arn, lambda: _has_failure_destination(aws, name)),
        reserved_concurrency=NOT_READ,
        runtime=runtime,
        runtime_supported=lambda_supported(runtime, aws.now) if runtime else None,
    )


def _has_failure_destination(aws: Reader, name: str) -> bool:
    """Whether failed asynchronous events are sent to a destination."""
    rows = aws.list("lambda", "ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs", FunctionName=name)
    return any(row.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") for row in rows)


SOURCE = Source(
    name="aws_functions",
    facts=(ComputeGroup,),
    shapes=(ComputeKind.FUNCTION,),
    actions=(
        "lambda:ListFunctions",
        "lambda:ListFunctionEventInvokeConfigs",
        "ec2:DescribeSubnets",
        "tag:GetResources",
    ),
    read=read,
)
