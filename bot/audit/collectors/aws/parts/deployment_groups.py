"""Reads CodeDeploy deployment groups, for their own facts and for the pipelines that deploy through them."""

from collections.abc import Mapping
from typing import Any, Final

from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread

Group = Mapping[str, Any]
_BATCH: Final = 100  # names in one call: API reference of BatchGetDeploymentGroups
_PREDEFINED: Final = "CodeDeployDefault."


def deployment_groups(aws: Reader) -> dict[tuple[str, str], Group]:
    """All deployment groups of the region, by application and name."""
    applications: list[Any] = aws.list("codedeploy", "ListApplications", "applications")
    found = (group for groups in aws.each(lambda name: _groups(aws, name), applications) for group in groups)
    return {(group["applicationName"], group["deploymentGroupName"]): group for group in found}


def _groups(aws: Reader, application: str) -> list[Group]:
    names = aws.list("codedeploy", "ListDeploymentGroups", "deploymentGroups", applicationName=application)
    found: list[Group] = []
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        response = aws.get(
            "codedeploy", "BatchGetDeploymentGroups", applicationName=application, deploymentGroupNames=batch
        )
        found.extend(response.get("deploymentGroupsInfo", ()))
    return found


def has_automatic_rollback(group: Group) -> bool:
    """Whether CodeDeploy rolls back a failed deployment automatically."""
    return bool(group.get("autoRollbackConfiguration", {}).get("enabled"))


def deploys_gradually(group: Group) -> Maybe[bool]:
    """Whether it deploys to a part of the targets first. Known for the predefined configurations only."""
    name = group.get("deploymentConfigName", "")
    if not name.startswith(_PREDEFINED):
        return Unread(f"deployment configuration {name} is a custom one")
    return "AllAtOnce" not in name


def deployment_targets(aws: Reader, group: Group) -> tuple[str, ...]:
    """The ARNs of the Auto Scaling groups and ECS services that a deployment group deploys to."""
    names = {scaling_group["name"] for scaling_group in group.get("autoScalingGroups", ())}
    found = []
    if names:
        listed = aws.maybe(lambda: aws.list("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"))
        rows = [] if isinstance(listed, Unread) else listed
        found = [row["AutoScalingGroupARN"] for row in rows if row["AutoScalingGroupName"] in names]
    services = group.get("ecsServices", ())
    return (
        *found,
        *(aws.arn("ecs", f"service/{service['clusterName']}/{service['serviceName']}") for service in services),
    )
