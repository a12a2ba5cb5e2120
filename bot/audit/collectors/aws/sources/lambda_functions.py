"""Lambda functions: zones of functions in a VPC, dead-letter targets, runtime support."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from bot.audit.collectors.aws.parts.subnets import Subnets
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from checks import ComputeGroup, ComputeKind, Fact

# Deprecation dates of runtimes: Lambda developer guide, "Lambda runtimes".
_DEPRECATED = {
    "dotnetcore1.0": date(2019, 6, 27),
    "dotnetcore2.0": date(2019, 5, 30),
    "dotnetcore2.1": date(2022, 1, 5),
    "dotnetcore3.1": date(2023, 4, 3),
    "dotnet5.0": date(2022, 5, 10),
    "dotnet6": date(2024, 12, 20),
    "dotnet7": date(2024, 5, 14),
    "dotnet8": date(2026, 11, 10),
    "go1.x": date(2024, 1, 8),
    "java8": date(2024, 1, 8),
    "nodejs": date(2016, 10, 31),
    "nodejs4.3": date(2020, 3, 5),
    "nodejs6.10": date(2019, 8, 12),
    "nodejs8.10": date(2020, 3, 6),
    "nodejs10.x": date(2021, 7, 30),
    "nodejs12.x": date(2023, 3, 31),
    "nodejs14.x": date(2023, 12, 4),
    "nodejs16.x": date(2024, 6, 12),
    "nodejs18.x": date(2025, 9, 1),
    "nodejs20.x": date(2026, 4, 30),
    "provided": date(2024, 1, 8),
    "provided.al2": date(2026, 7, 31),
    "python2.7": date(2021, 7, 15),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "python3.10": date(2026, 10, 31),
    "ruby2.5": date(2021, 7, 30),
    "ruby2.7": date(2023, 12, 7),
    "ruby3.2": date(2026, 3, 31),
}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ComputeGroup per function; only functions without a dead-letter queue need a call of their own."""
    functions = aws.list("lambda", "ListFunctions", "Functions")
    any_in_vpc = any(row.get("VpcConfig", {}).get("SubnetIds") for row in functions)
    subnets = Subnets.read(aws) if any_in_vpc else Subnets({})
    yield from aws.each(lambda row: _function(aws, row, subnets), functions)


def _function(aws: Reader, row: dict[str, Any], subnets: Subnets) -> Fact:
    subnet_ids = row.get("VpcConfig", {}).get("SubnetIds", ())
    has_queue = bool(row.get("DeadLetterConfig", {}).get("TargetArn"))
    runtime = row.get("Runtime", "")
    return aws.fact(
        ComputeGroup,
        resource=row["FunctionArn"].removesuffix(":$LATEST"),
        name=row["FunctionName"],
        product="lambda",
        kind=ComputeKind.FUNCTION,
        zones=subnets.zones(subnet_ids),
        zone_redundant=subnets.in_several_zones(subnet_ids) if subnet_ids else True,
        free_addresses=subnets.free_addresses(subnet_ids) if subnet_ids else None,
        dead_letter=True if has_queue else aws.maybe(lambda: _has_failure_destination(aws, row["FunctionName"])),
        reserved_concurrency=NOT_READ,
        runtime=runtime,
        runtime_supported=_is_supported(runtime, aws.now) if runtime else None,
    )


def _has_failure_destination(aws: Reader, name: str) -> bool:
    """Whether failed asynchronous events are sent to a destination."""
    rows = aws.list("lambda", "ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs", FunctionName=name)
    return any(row.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") for row in rows)


def _is_supported(runtime: str, now: datetime) -> bool:
    deprecated_on = _DEPRECATED.get(runtime)
    return deprecated_on is None or now.astimezone(UTC).date() < deprecated_on


SOURCE = Source(
    name="aws_functions",
    facts=(ComputeGroup,),
    actions=(
        "lambda:ListFunctions",
        "lambda:ListFunctionEventInvokeConfigs",
        "ec2:DescribeSubnets",
        "tag:GetResources",
    ),
    read=read,
)
