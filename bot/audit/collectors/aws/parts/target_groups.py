"""Reads the target groups of load balancers and the health of their targets."""

from collections.abc import Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.net.aws.errors import ReadError
from checks import Maybe, Unread


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
    """The targets of a group with their health, or why they could not be read."""
    arn = group["TargetGroupArn"]
    return aws.maybe(lambda: aws.list("elbv2", "DescribeTargetHealth", "TargetHealthDescriptions", TargetGroupArn=arn))


def instances_with_traffic(aws: Reader) -> frozenset[str] | None:
    """The instance ids and addresses that receive requests from a load balancer; None if unknown."""
    try:
        groups = [group for some in target_groups(aws).values() for group in some]
        classic = aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    except ReadError:
        return None
    unique = {group["TargetGroupArn"]: group for group in groups}
    found = {machine["InstanceId"] for balancer in classic for machine in balancer.get("Instances", ())}
    for health in aws.each(lambda group: target_health(aws, group), unique.values()):
        if isinstance(health, Unread):
            return None
        found.update(row["Target"]["Id"] for row in health)
    return frozenset(found)
