"""What load balancers send requests to: their target groups, and the health of what is in them."""

from collections.abc import Mapping
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.net.aws.errors import ReadError
from checks import Maybe, Unread


def target_groups(aws: Reader) -> "dict[str, list[dict[str, Any]]]":
    """Target groups by the ARN of each load balancer that uses them.

    Raises:
        ReadError: they cannot be listed.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for group in aws.list("elbv2", "DescribeTargetGroups", "TargetGroups"):
        for balancer in group.get("LoadBalancerArns", ()):
            found.setdefault(balancer, []).append(group)
    return found


def health_of(aws: Reader, group: Mapping[str, Any]) -> "Maybe[list[dict[str, Any]]]":
    """The targets of a group with their health."""
    arn = group["TargetGroupArn"]
    return aws.maybe(lambda: aws.list("elbv2", "DescribeTargetHealth", "TargetHealthDescriptions", TargetGroupArn=arn))


def instances_with_traffic(aws: Reader) -> frozenset[str] | None:
    """Ids or addresses of what some load balancer sends requests to; None where that cannot be told."""
    try:
        groups = [group for some in target_groups(aws).values() for group in some]
        classic = aws.list("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    except ReadError:
        return None
    unique = {group["TargetGroupArn"]: group for group in groups}
    found = {machine["InstanceId"] for balancer in classic for machine in balancer.get("Instances", ())}
    for health in aws.each(lambda group: health_of(aws, group), unique.values()):
        if isinstance(health, Unread):
            return None
        found.update(row["Target"]["Id"] for row in health)
    return frozenset(found)
