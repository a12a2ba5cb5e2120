"""Lambda functions and API Gateway. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable

from bot.audit.collectors.aws.support_dates import lambda_supported
from bot.audit.collectors.terraform.aws_parts import key_of, spread, zones_of
from bot.audit.collectors.terraform.gaps import NOT_USED
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import ComputeGroup, ComputeKind, Fact, Gateway, Maybe, Unread

_NOT_READ = Unread(NOT_USED)


def _function(row: PlanResource) -> Iterable[Fact]:
    """A function; outside a VPC it runs in all zones of its region."""
    in_vpc = bool(told(row.blocks("vpc_config"), ()))
    zones: Maybe[tuple[str, ...]] = zones_of(row, "vpc_config.subnet_ids") if in_vpc else ()
    runtime = row.plain("runtime")
    yield row.fact(
        ComputeGroup,
        product="lambda",
        kind=ComputeKind.FUNCTION,
        zones=told(zones, ()),
        zone_redundant=spread(zones) if in_vpc else True,
        dead_letter=_dead_letter(row),
        reserved_concurrency=_NOT_READ,
        runtime=runtime,
        runtime_supported=lambda_supported(runtime, row.identity.observed_at) if runtime else None,
        encryption_key=key_of(row, "kms_key_arn"),
    )


def _dead_letter(row: PlanResource) -> Maybe[bool]:
    """Whether failed asynchronous events are kept: by the function's own setting, or by a resource of its own."""
    if told(row.blocks("dead_letter_config"), ()):
        return True
    configs = row.joined("aws_lambda_function_event_invoke_config", "function_name")
    if any(told(config.blocks("destination_config.on_failure"), ()) for config in configs.found):
        return True
    return configs.doubt or False


def _rest_api(row: PlanResource) -> Iterable[Fact]:
    """A REST API; edge-optimized unless set."""
    kinds = told(row.maybe(row.texts, "endpoint_configuration.types"), ()) or ("EDGE",)
    yield row.fact(Gateway, product="apigateway", kind=kinds[0].lower())


def _http_api(row: PlanResource) -> Iterable[Fact]:
    """An HTTP or WebSocket API, which is regional."""
    yield row.fact(Gateway, product="apigateway", kind="regional")


KINDS = (
    kind("aws_lambda_function", (ComputeGroup,), _function),
    kind("aws_api_gateway_rest_api", (Gateway,), _rest_api),
    kind("aws_apigatewayv2_api", (Gateway,), _http_api),
)
