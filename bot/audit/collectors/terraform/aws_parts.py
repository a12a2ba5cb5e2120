"""What several AWS types share: the zones of subnets, and the key of ours that encrypts."""

from typing import Final

from bot.audit.collectors.terraform.resource import PlanResource
from checks import Maybe, Unread

SUBNETS: Final = ("aws_subnet", "aws_default_subnet")
_AWS_MANAGED: Final = "alias/aws/"


def zones_of(row: PlanResource, path: str) -> Maybe[tuple[str, ...]]:
    """The zones of the subnets that a field names; `Unread` where one of them is not in the plan and nothing else settles it."""
    links = row.links(path)
    zones = {zone for entry in links.found if (zone := row.open_other(entry).plain("availability_zone"))}
    if len(zones) > 1:
        return tuple(sorted(zones))
    if links.others:
        return Unread(f"subnet {links.others[0]} is not in the plan, so its zone is not known")
    if not links.complete:
        return Unread(f"{path} is known only after apply")
    if links.found and len(zones) < len({entry.address for entry in links.found}) and not zones:
        return Unread(f"the zone of {links.found[0].address} is known only after apply")
    return tuple(sorted(zones))


def spread(zones: Maybe[tuple[str, ...]]) -> Maybe[bool]:
    """Whether these are several zones."""
    return zones if isinstance(zones, Unread) else len(zones) > 1


def key_of(row: PlanResource, path: str) -> str:
    """The key of ours that a field names, empty for one that AWS manages."""
    found = row.identity_of(path, "aws_kms_key", "aws_kms_alias", "aws_kms_replica_key")
    return "" if _AWS_MANAGED in found else found


_WORKLOADS: Final = (
    ("aws_instance", "subnet_id"),
    ("aws_autoscaling_group", "vpc_zone_identifier"),
    ("aws_ecs_service", "network_configuration.subnets"),
    ("aws_eks_node_group", "subnet_ids"),
    ("aws_lambda_function", "vpc_config.subnet_ids"),
    ("aws_lb", "subnets"),
    ("aws_alb", "subnets"),
    ("aws_elb", "subnets"),
    ("aws_db_subnet_group", "subnet_ids"),
    ("aws_docdb_subnet_group", "subnet_ids"),
    ("aws_elasticache_subnet_group", "subnet_ids"),
    ("aws_memorydb_subnet_group", "subnet_ids"),
    ("aws_efs_mount_target", "subnet_id"),
    ("aws_msk_cluster", "broker_node_group_info.client_subnets"),
)
"""What uses addresses of a subnet, and the field that names the subnet."""


def workload_zones(row: PlanResource) -> Maybe[tuple[str, ...]]:
    """The zones of the VPC of a resource (`vpc_id`) in which the plan places workloads.

    Others may use the network too, so fewer than two zones are no answer.
    """
    subnets = [
        subnet
        for network in row.linked("vpc_id", "aws_vpc", "aws_default_vpc")
        for name in SUBNETS
        for subnet in network.joined(name, "vpc_id").found
    ]
    used = (subnet for subnet in subnets if any(subnet.joined(*workload).found for workload in _WORKLOADS))
    zones = tuple(sorted({zone for subnet in used if (zone := subnet.plain("availability_zone"))}))
    return zones if len(zones) > 1 else Unread("the plan places workloads of its network in fewer than two AZs")
