"""Reads CodeDeploy deployment groups, for their own facts and for the pipelines that deploy through them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, in_batches
from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread

Group = Mapping[str, Any]
Named = tuple[tuple[str, str], Group]
"""A group with its application and name."""
_BATCH: Final = 100  # names in one call: API reference of BatchGetDeploymentGroups
_PREDEFINED: Final = "CodeDeployDefault."


def deployment_groups(aws: Reader) -> dict[tuple[str, str], Group]:
    """All deployment groups of the region that can be read, by application and name; the others are in `aws.unread`."""
    applications: list[Any] = aws.list("codedeploy", "ListApplications", "applications")
    identity = ItemIdentity[str](
        "codedeploy:ListDeploymentGroups", lambda name: aws.arn("codedeploy", f"application:{name}")
    )
    return {
        key: group
        for groups in each_of(aws, lambda name: _groups(aws, name), applications, identity)
        for key, group in groups
    }


def group_arn(aws: Reader, application: str, name: str) -> str:
    """The ARN of a deployment group."""
    return aws.arn("codedeploy", f"deploymentgroup:{application}/{name}")


def _groups(aws: Reader, application: str) -> list[Named]:
    names: list[Any] = aws.list("codedeploy", "ListDeploymentGroups", "deploymentGroups", applicationName=application)
    identity = ItemIdentity[str]("codedeploy:BatchGetDeploymentGroups", lambda name: group_arn(aws, application, name))
    described = in_batches(aws, lambda batch: _described(aws, application, batch), names, _BATCH, identity)
    by_row = ItemIdentity[Group](
        "codedeploy:BatchGetDeploymentGroups", lambda _: aws.arn("codedeploy", f"application:{application}")
    )
    return list(
        each_of(aws, lambda group: ((application, group["deploymentGroupName"]), group), described, by_row, calls=False)
    )


def _described(aws: Reader, application: str, names: Sequence[str]) -> list[dict[str, Any]]:
    response = aws.get(
        "codedeploy", "BatchGetDeploymentGroups", applicationName=application, deploymentGroupNames=list(names)
    )
    found: list[dict[str, Any]] = response.get("deploymentGroupsInfo", [])
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
    names = {scaling_group.get("name") for scaling_group in group.get("autoScalingGroups", ())}
    found = []
    if names:
        listed = aws.maybe(lambda: aws.list("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"))
        rows = [] if isinstance(listed, Unread) else listed
        arns = {row.get("AutoScalingGroupName"): row.get("AutoScalingGroupARN") for row in rows}
        found = [arn for name, arn in arns.items() if name in names and arn]
    services = group.get("ecsServices", ())
    return (
        *found,
        *(
            aws.arn("ecs", f"service/{service['clusterName']}/{service['serviceName']}")
            for service in services
            if service.get("clusterName") and service.get("serviceName")
        ),
    )
