"""EC2 instances, Auto Scaling groups, ECS services and EKS clusters. Defaults: documentation of Terraform's hashicorp/aws provider."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.aws.support_dates import kubernetes_supported
from bot.audit.collectors.terraform.aws_parts import key_of, spread, zones_of
from bot.audit.collectors.terraform.gaps import ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, any_of, kind, told
from bot.audit.collectors.terraform.view import Links
from checks import ComputeGroup, ComputeKind, Fact, Maybe, Unread

_TARGET_GROUPS: Final = ("aws_lb_target_group", "aws_alb_target_group")
_ATTACHMENTS: Final = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_ON_INSTANCES: Final = Unread(
    "its tasks run on the EC2 instances of the cluster, whose zones are not linked to the service"
)


def _instance(row: PlanResource) -> Iterable[Fact]:
    """A machine that nothing replaces. Its zone is its own or that of its subnet."""
    zone = row.plain("availability_zone") or next(iter(told(zones_of(row, "subnet_id"), ())), "")
    zones = (zone,) if zone else ()
    balanced = [row.joined(name, "target_id") for name in _ATTACHMENTS]
    classic = row.joined("aws_elb", "instances")
    yield row.fact(
        ComputeGroup,
        product="ec2",
        kind=ComputeKind.MACHINE,
        zones=zones,
        desired=1,
        traffic=bool(classic.found or any(joined.found for joined in balanced)),
        machine_types=tuple(filter(None, (row.plain("instance_type"),))),
        detailed_monitoring=told(row.flag_of("monitoring"), otherwise=False),
    )


def _group(row: PlanResource) -> Iterable[Fact]:
    """An Auto Scaling group in the zones of its subnets, or in zones that it names."""
    zones = _zones_of_group(row)
    least = row.number_of("min_size", 0)
    attached = row.joined("aws_autoscaling_attachment", "autoscaling_group_name").found
    traffic = bool(attached) or any(
        _is_set(row, path) for path in ("target_group_arns", "load_balancers", "traffic_source")
    )
    yield row.fact(
        ComputeGroup,
        product="autoscaling",
        zonal_shift=True,
        kind=ComputeKind.MACHINE_GROUP,
        zones=told(zones, ()),
        zone_redundant=spread(zones),
        min_size=least,
        max_size=row.number_of("max_size", 0),
        desired=told(row.number_of("desired_capacity", told(least, 0)), told(least, 0)),
        traffic=traffic,
        health_check=row.text_of("health_check_type", "EC2"),
        machine_types=_machine_types(row),
        free_addresses=_free_addresses(row, "vpc_zone_identifier"),
        machine_types_by_attributes=bool(
            told(row.blocks("mixed_instances_policy.launch_template.override.instance_requirements"), ())
        ),
        suspended=_suspended(row),
    )


_HEALING: Final = frozenset({"Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy", "AddToLoadBalancer"})


def _is_set(row: PlanResource, path: str) -> bool:
    """Whether a field has a value now or after apply."""
    return bool(row.entry.values.get(path)) or bool(row.view.configuration.expression(row.entry, path))


def _suspended(row: PlanResource) -> Maybe[tuple[str, ...]]:
    named = row.texts_of("suspended_processes")
    return named if isinstance(named, Unread) else tuple(sorted(set(named) & _HEALING))


def _zones_of_group(row: PlanResource) -> Maybe[tuple[str, ...]]:
    named = row.maybe(row.texts, "availability_zones")
    if named and not isinstance(named, Unread):
        return tuple(sorted(named))
    return zones_of(row, "vpc_zone_identifier")


def _machine_types(row: PlanResource) -> tuple[str, ...]:
    overrides = told(row.blocks("mixed_instances_policy.launch_template.override"), ())
    types = {told(block.maybe(block.text, "instance_type"), "") for block in overrides}
    paths = (
        "launch_template.id",
        "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id",
    )
    for path in (*paths, "launch_template.name", "launch_configuration"):
        for template in row.linked(path, "aws_launch_template", "aws_launch_configuration"):
            types = types or {template.plain("instance_type")}
    return tuple(sorted(types - {""}))


def _service(row: PlanResource) -> Iterable[Fact]:
    """An ECS service with the limits of its scalable target."""
    desired = None if row.plain("scheduling_strategy") == "DAEMON" else told(row.number_of("desired_count", 0), 0)
    in_vpc = bool(told(row.blocks("network_configuration"), ()))
    zones: Maybe[tuple[str, ...]] = zones_of(row, "network_configuration.subnets") if in_vpc else _ON_INSTANCES
    least, most = _task_limits(row, desired)
    balanced = bool(row.entry.values.get("load_balancer")) or _is_set(row, "load_balancer")
    yield row.fact(
        ComputeGroup,
        product="ecs",
        zonal_shift=True,
        kind=ComputeKind.CONTAINERS,
        zones=told(zones, ()),
        zone_redundant=spread(zones),
        min_size=least,
        max_size=most,
        desired=desired,
        traffic=balanced,
        health_check="ELB" if balanced else "",
        free_addresses=_free_addresses(row, "network_configuration.subnets"),
        automatic_rollback=_rolls_back(row),
    )


def _free_addresses(row: PlanResource, path: str) -> Maybe[int | None]:
    """What is left in the subnets that a group names, which only their VPC tells; None for a group without subnets."""
    return Unread(ONLY_AFTER_DEPLOYMENT) if row.links(path) != Links() else None


def _task_limits(row: PlanResource, desired: int | None) -> tuple[Maybe[int | None], Maybe[int | None]]:
    targets = [
        target
        for target in row.joined("aws_appautoscaling_target", "resource_id").found
        if target.plain("service_namespace", "ecs") == "ecs"
    ]
    if not targets:
        return desired, desired
    return targets[0].number_of("min_capacity", 0), targets[0].number_of("max_capacity", 0)


def _rolls_back(row: PlanResource) -> Maybe[bool | None]:
    if row.plain("deployment_controller.type", "ECS") != "ECS":
        return None
    ways = ("deployment_circuit_breaker", "alarms")
    answers = [
        _both(row.flag_of(f"{way}.enable"), row.flag_of(f"{way}.rollback")) for way in ways if told(row.blocks(way), ())
    ]
    return any_of(answers)


def _both(one: Maybe[bool], other: Maybe[bool]) -> Maybe[bool]:
    return other if one is True else one


def _cluster(row: PlanResource) -> Iterable[Fact]:
    """An EKS cluster with its node groups, which are resources of their own."""
    groups = row.joined("aws_eks_node_group", "cluster_name")
    places = [zones_of(group, "subnet_ids") for group in groups.found] or [zones_of(row, "vpc_config.subnet_ids")]
    zones = tuple(sorted({zone for found in places for zone in told(found, ())}))
    doubt = next((found for found in places if isinstance(found, Unread)), groups.doubt)
    version = row.plain("version")
    yield row.fact(
        ComputeGroup,
        product="eks",
        zonal_shift=True,
        kind=ComputeKind.KUBERNETES,
        zones=zones,
        zone_redundant=True if len(zones) > 1 else doubt or False,
        min_size=_total(groups.found, "min_size"),
        max_size=_total(groups.found, "max_size"),
        desired=_total(groups.found, "desired_size"),
        machine_types=tuple(
            sorted({name for group in groups.found for name in told(group.maybe(group.texts, "instance_types"), ())})
        ),
        deletion_protection=row.flag_of("deletion_protection"),
        runtime=f"kubernetes {version}" if version else "",
        runtime_supported=kubernetes_supported(version, row.identity.observed_at) if version else None,
        encryption_key=key_of(row, "encryption_config.provider.key_arn"),
    )


def _total(groups: Iterable[PlanResource], name: str) -> int | None:
    counts = [group.number_of(f"scaling_config.{name}", 0) for group in groups]
    known = [count for count in counts if not isinstance(count, Unread)]
    return sum(known) if counts and len(known) == len(counts) else None


KINDS = (
    kind("aws_instance", (ComputeGroup,), _instance),
    kind("aws_autoscaling_group", (ComputeGroup,), _group),
    kind("aws_ecs_service", (ComputeGroup,), _service),
    kind("aws_eks_cluster", (ComputeGroup,), _cluster),
)
