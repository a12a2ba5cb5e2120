"""CodeDeploy's deployment groups: read once for the groups themselves and for the pipelines that deploy through them."""

from collections.abc import Mapping
from typing import Any, Final

from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread

Group = Mapping[str, Any]
_BATCH: Final = 100  # names in one call: API reference of BatchGetDeploymentGroups
_OWN: Final = "CodeDeployDefault."


def deployment_groups(aws: Reader) -> dict[tuple[str, str], Group]:
    """Every deployment group of the region, by application and name."""
    applications: list[Any] = aws.list("codedeploy", "ListApplications", "applications")
    found = (group for groups in aws.each(lambda name: _groups(aws, name), applications) for group in groups)
    return {(group["applicationName"], group["deploymentGroupName"]): group for group in found}


def _groups(aws: Reader, application: str) -> list[Group]:
    names = aws.list("codedeploy", "ListDeploymentGroups", "deploymentGroups", applicationName=application)
    found: list[Group] = []
    for start in range(0, len(names), _BATCH):
        asked = names[start : start + _BATCH]
        told = aws.get(
            "codedeploy", "BatchGetDeploymentGroups", applicationName=application, deploymentGroupNames=asked
        )
        found.extend(told.get("deploymentGroupsInfo", ()))
    return found


def rolls_back(group: Group) -> bool:
    """Whether a failed deployment is undone without a person."""
    return bool(group.get("autoRollbackConfiguration", {}).get("enabled"))


def gradual(group: Group) -> Maybe[bool]:
    """Whether it changes a part first: told by the names of CodeDeploy's own configurations, a custom one hides it."""
    name = group.get("deploymentConfigName", "")
    if not name.startswith(_OWN):
        return Unread(f"deployment configuration {name} is not one of CodeDeploy's own")
    return "AllAtOnce" not in name


def deploys_to(aws: Reader, group: Group) -> tuple[str, ...]:
    """The Auto Scaling groups and container services under a deployment group."""
    names = {machines["name"] for machines in group.get("autoScalingGroups", ())}
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
