"""Reads the target groups of load balancers and the health of their targets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.audit.collectors.aws.guarded import if_exists, part
from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread

_PREFIX: Final = "elasticloadbalancing"


def target_groups(aws: Reader) -> "dict[str, list[dict[str, Any]]]":
    """The target groups of each load balancer, by its ARN.

    Raises:
        ReadError: target groups cannot be listed.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for group in aws.list("elbv2", "DescribeTargetGroups", "TargetGroups"):
        for balancer in group.get("LoadBalancerArns", ()):
            found.setdefault(balancer, []).append(group)
    return found


def target_health(aws: Reader, group: Mapping[str, Any]) -> "Maybe[list[dict[str, Any]]]":
    """The targets of a group with their health, none of a group that is gone; or why they could not be read."""
    arn = group.get("TargetGroupArn", "")
    health = part(
        aws, arn or "a target group", lambda: if_exists(lambda: _health(aws, group)), f"{_PREFIX}:DescribeTargetGroups"
    )
    return [] if health is None else health


def _health(aws: Reader, group: Mapping[str, Any]) -> list[dict[str, Any]]:
    arn = group["TargetGroupArn"]
    return aws.list("elbv2", "DescribeTargetHealth", "TargetHealthDescriptions", TargetGroupArn=arn)


@dataclass(frozen=True, slots=True)
class Receivers:
    """The instance ids and addresses that receive requests from a load balancer. `complete`: all of them were read."""

    found: frozenset[str] = frozenset()
    complete: bool = True

    def include(self, names: Collection[str]) -> bool | None:
        """Whether one of these names receives requests; None if unknown."""
        return True if not self.found.isdisjoint(names) else False if self.complete else None


def instances_with_traffic(aws: Reader) -> Receivers:
    """The instances that receive requests from a load balancer of the region."""
    groups = aws.maybe(lambda: target_groups(aws))
    classic = aws.maybe(lambda: aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"))
    complete = not (isinstance(groups, Unread) or isinstance(classic, Unread))
    used = () if isinstance(groups, Unread) else (group for some in groups.values() for group in some)
    unique = {group.get("TargetGroupArn"): group for group in used}
    balancers = () if isinstance(classic, Unread) else classic
    found = {machine.get("InstanceId", "") for balancer in balancers for machine in balancer.get("Instances", ())}
    for health in aws.each(lambda group: target_health(aws, group), unique.values()):
        if isinstance(health, Unread):
            complete = False
        else:
            found.update(row.get("Target", {}).get("Id", "") for row in health)
    return Receivers(frozenset(found - {""}), complete)


def instance_zones_of(aws: Reader) -> dict[str, str]:
    """The zone name of each instance of the region, empty where it is unknown.

    Raises:
        ReadError: instances cannot be listed.
    """
    return {
        instance.get("InstanceId", ""): instance.get("Placement", {}).get("AvailabilityZone", "")
        for reservation in aws.list("ec2", "DescribeInstances", "Reservations")
        for instance in reservation.get("Instances", ())
    }
