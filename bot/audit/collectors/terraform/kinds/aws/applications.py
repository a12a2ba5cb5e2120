"""Step Functions, Cognito, App Runner and EventBridge endpoints. Defaults: documentation of Terraform's hashicorp/aws provider."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.aws.parts.state_machine import Tasks
from bot.audit.collectors.terraform.resource import PlanResource, kind
from checks import ComputeGroup, ComputeKind, EventEndpoint, Fact, Maybe, Unread, UserDirectory, Workflow

_SCALING: Final = "aws_apprunner_auto_scaling_configuration_version"
_LEAST, _MOST = 1, 25  # instances of an App Runner service whose scaling configuration sets none


def _workflow(row: PlanResource) -> Iterable[Fact]:
    """A state machine. Its definition is often known only after apply, since it holds the ARNs of what it calls."""
    found = _tasks(row)
    level = row.text_of("logging_configuration.level", "OFF")
    yield row.fact(
        Workflow,
        product="stepfunctions",
        tasks=found if isinstance(found, Unread) else found.count,
        unguarded=found if isinstance(found, Unread) else found.unguarded,
        calls=row.identities_of("definition", "aws_lambda_function") if isinstance(found, Unread) else found.calls,
        keeps_history=row.plain("type", "STANDARD") == "STANDARD",
        logs=level if isinstance(level, Unread) else level != "OFF",
    )


def _tasks(row: PlanResource) -> Maybe[Tasks]:
    definition = row.text_of("definition")
    if isinstance(definition, Unread):
        return definition
    try:
        return Tasks.of(definition)
    except (LookupError, TypeError, ValueError, AttributeError):
        return Unread("definition is no state machine")


def _directory(row: PlanResource) -> Iterable[Fact]:
    """A user pool; deletion protection is off unless set."""
    protection = row.text_of("deletion_protection", "INACTIVE")
    yield row.fact(
        UserDirectory,
        product="cognito",
        deletion_protection=protection if isinstance(protection, Unread) else protection == "ACTIVE",
    )


def _runner(row: PlanResource) -> Iterable[Fact]:
    """An App Runner service, which is multi-AZ, with its scaling configuration."""
    path = "auto_scaling_configuration_arn"
    scaling = row.linked(path, _SCALING)
    unknown = Unread("its scaling configuration is not in the plan")
    yield row.fact(
        ComputeGroup,
        product="apprunner",
        name=row.plain("service_name") or row.identity.name,
        kind=ComputeKind.CONTAINERS,
        zone_redundant=True,
        min_size=scaling[0].number_of("min_size", _LEAST) if scaling else unknown,
        max_size=scaling[0].number_of("max_size", _MOST) if scaling else unknown,
        traffic=True,
    )


def _event_endpoint(row: PlanResource) -> Iterable[Fact]:
    """A global endpoint; it replicates events unless that is disabled."""
    links = row.links("event_bus.event_bus_arn")
    buses = [row.open_other(entry).identity for entry in links.found]
    outside = [arn for arn in links.others if arn.count(":") > 4]
    secondary = row.plain("routing_config.failover_config.secondary.route")
    regions = {*(bus.region for bus in buses), *(arn.split(":")[3] for arn in outside), secondary, row.identity.region}
    yield row.fact(
        EventEndpoint,
        product="events",
        about=tuple(dict.fromkeys((*(bus.resource for bus in buses), *outside))),
        regions=tuple(sorted(regions - {""})),
        replicates=row.plain("replication_config.state", "ENABLED") == "ENABLED",
        health_check=row.needed("routing_config.failover_config.primary.health_check", "aws_route53_health_check"),
    )


KINDS = (
    kind("aws_sfn_state_machine", (Workflow,), _workflow),
    kind("aws_cognito_user_pool", (UserDirectory,), _directory),
    kind("aws_apprunner_service", (ComputeGroup,), _runner),
    kind("aws_cloudwatch_event_endpoint", (EventEndpoint,), _event_endpoint),
)
