"""Load balancers, CloudFront and VPCs. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.terraform.aws_inspection import inspection_of, routes_of
from bot.audit.collectors.terraform.aws_parts import SUBNETS, zones_of
from bot.audit.collectors.terraform.gaps import NOT_USED, ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Distribution, Fact, LoadBalancer, Maybe, Network, Unread

_NOT_READ = Unread(NOT_USED)
_SHIFTED: Final = ("application", "network")  # as the collector of AWS says
_GROUPS: Final = ("aws_lb_target_group", "aws_alb_target_group")
_LISTENERS: Final = ("aws_lb_listener", "aws_alb_listener")
_RULES: Final = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_RECEIVERS: Final = (
    ("aws_autoscaling_group", "target_group_arns"),
    ("aws_autoscaling_group", "traffic_source.identifier"),
    ("aws_ecs_service", "load_balancer.target_group_arn"),
)
_ATTACHMENTS: Final = (
    ("aws_lb_target_group_attachment", "target_group_arn", "target_id"),
    ("aws_alb_target_group_attachment", "target_group_arn", "target_id"),
    ("aws_autoscaling_attachment", "lb_target_group_arn", "autoscaling_group_name"),
    ("aws_autoscaling_attachment", "alb_target_group_arn", "autoscaling_group_name"),
)


def _balancer(row: PlanResource) -> Iterable[Fact]:
    """An application, network or gateway load balancer; its targets are found through listeners and target groups."""
    application = row.plain("load_balancer_type", "application") == "application"
    by_mapping = bool(told(row.blocks("subnet_mapping"), ())) and not row.entry.values.get("subnets")
    zones = zones_of(row, "subnet_mapping.subnet_id" if by_mapping else "subnets")
    yield row.fact(
        LoadBalancer,
        product="elasticloadbalancing",
        kind=row.plain("load_balancer_type", "application"),
        zones=told(zones, ()),
        zonal_shift=row.plain("load_balancer_type", "application") in _SHIFTED or None,
        internet_facing=not told(row.flag_of("internal"), otherwise=False),
        cross_zone=True if application else row.flag_of("enable_cross_zone_load_balancing"),
        deletion_protection=row.flag_of("enable_deletion_protection"),
        access_logs=row.flag_of("access_logs.enabled"),
        listeners=_NOT_READ,
        targets=_targets(row),
        healthy_by_zone=Unread(ONLY_AFTER_DEPLOYMENT),
    )


def _targets(row: PlanResource) -> tuple[str, ...]:
    found = (target for group in _target_groups(row) for target in _receivers(group))
    return tuple(dict.fromkeys(found))


def _target_groups(row: PlanResource) -> Iterator[PlanResource]:
    for listener_kind in _LISTENERS:
        for listener in row.joined(listener_kind, "load_balancer_arn").found:
            rules = [rule for name in _RULES for rule in listener.joined(name, "listener_arn").found]
            for source, block in ((listener, "default_action"), *((rule, "action") for rule in rules)):
                yield from source.linked(f"{block}.target_group_arn", *_GROUPS)
                yield from source.linked(f"{block}.forward.target_group.arn", *_GROUPS)


def _receivers(group: PlanResource) -> Iterator[str]:
    for name, path in _RECEIVERS:
        yield from (receiver.identity.resource for receiver in group.joined(name, path).found)
    for name, path, target in _ATTACHMENTS:
        for attachment in group.joined(name, path).found:
            yield from attachment.identities_of(target)


def _classic(row: PlanResource) -> Iterable[Fact]:
    """A classic load balancer; cross-zone balancing is on unless set."""
    named = row.maybe(row.texts, "availability_zones")
    zones: Maybe[tuple[str, ...]] = (
        tuple(sorted(named)) if named and not isinstance(named, Unread) else zones_of(row, "subnets")
    )
    groups = row.joined("aws_autoscaling_group", "load_balancers").found
    yield row.fact(
        LoadBalancer,
        product="elasticloadbalancing",
        kind="classic",
        zones=told(zones, ()),
        internet_facing=not told(row.flag_of("internal"), otherwise=False),
        cross_zone=row.flag_of("cross_zone_load_balancing", default=True),
        access_logs=bool(told(row.blocks("access_logs"), ())),
        listeners=_NOT_READ,
        targets=tuple(dict.fromkeys((*row.identities_of("instances"), *(group.identity.resource for group in groups)))),
        healthy_by_zone=Unread(ONLY_AFTER_DEPLOYMENT),
    )


def _distribution(row: PlanResource) -> Iterable[Fact]:
    """A CloudFront distribution; an origin group of two members fails over."""
    aliases = told(row.maybe(row.texts, "aliases"), ())
    groups = told(row.blocks("origin_group"), ())
    failover = {told(group.maybe(group.text, "origin_id"), "") for group in groups if len(group.rows("member")) > 1}
    ordered = told(row.blocks("ordered_cache_behavior"), ())
    default = row.row("default_cache_behavior")
    yield row.fact(
        Distribution,
        product="cloudfront",
        name=aliases[0] if aliases else row.plain("comment") or row.identity.name,
        origins=tuple(told(origin.maybe(origin.text, "domain_name"), "") for origin in told(row.blocks("origin"), ())),
        origin_failover=default.text("target_origin_id") in failover,
        paths_without_failover=tuple(
            behaviour.text("path_pattern")
            for behaviour in ordered
            if behaviour.text("target_origin_id") not in failover
            and not _takes_writes(behaviour.texts("allowed_methods"))
        ),
        takes_writes=_takes_writes(default.texts("allowed_methods")),
        enabled=told(row.flag_of("enabled", default=True), otherwise=True),
    )


def _takes_writes(methods: Iterable[str]) -> bool:
    return not {"GET", "HEAD", "OPTIONS"}.issuperset(methods)


def _network(row: PlanResource) -> Iterable[Fact]:
    """A VPC with its subnets, NAT gateways and routes, each of which is a resource of its own."""
    subnets = [subnet for name in SUBNETS for subnet in row.joined(name, "vpc_id").found]
    gateways = [gateway for subnet in subnets for gateway in subnet.joined("aws_nat_gateway", "subnet_id").found]
    uses = [(subnet, gateway) for subnet in subnets for gateway in _gateways_of(subnet)[:1]]
    borrowed = []
    doubt = None
    for subnet, gateway in uses:
        own = subnet.plain("availability_zone")
        other = next(iter(told(zones_of(gateway, "subnet_id"), ())), "")
        if not (own and other):
            doubt = Unread(
                f"the zone of {gateway.entry.address} or of {subnet.entry.address} is known only after apply"
            )
        elif own != other:
            borrowed.append((subnet.identity.name, own, other))
    inspection = inspection_of(row, subnets)
    yield row.fact(
        Network,
        product="vpc",
        zones=_zones(subnets),
        nat_zones=tuple(sorted({zone for gateway in gateways for zone in told(zones_of(gateway, "subnet_id"), ())})),
        private_subnet_zones=_zones(subnet for subnet, _ in uses),
        borrowed_egress=tuple(sorted(borrowed)) if borrowed or not doubt else doubt,
        inspection_zones=inspection.zones,
        borrowed_inspection=inspection.borrowed,
        default=row.resource_type == "aws_default_vpc",
    )


def _gateways_of(subnet: PlanResource) -> list[PlanResource]:
    """The NAT gateways in the routes of a subnet's own route table."""
    return [
        gateway for row, path in routes_of(subnet) for gateway in row.linked(f"{path}nat_gateway_id", "aws_nat_gateway")
    ]


def _zones(subnets: Iterable[PlanResource]) -> tuple[str, ...]:
    return tuple(sorted({zone for subnet in subnets if (zone := subnet.plain("availability_zone"))}))


KINDS = (
    kind("aws_lb", (LoadBalancer,), _balancer),
    kind("aws_alb", (LoadBalancer,), _balancer),
    kind("aws_elb", (LoadBalancer,), _classic),
    kind("aws_cloudfront_distribution", (Distribution,), _distribution),
    kind("aws_vpc", (Network,), _network),
    kind("aws_default_vpc", (Network,), _network),
)
