"""CodeDeploy deployment groups: gradual deployment and automatic rollback, as Pipeline."""

from collections.abc import Iterator

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.deployment_groups import (
    Group,
    Named,
    deployment_groups,
    deployment_targets,
    deploys_gradually,
    group_arn,
    has_automatic_rollback,
)
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Pipeline


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Pipeline per deployment group; stages and approvals belong to the pipeline that starts it."""
    identity = ItemIdentity[Named]("codedeploy:BatchGetDeploymentGroups", lambda item: group_arn(aws, *item[0]))
    yield from facts_of(aws, lambda item: _group(aws, *item), deployment_groups(aws).items(), identity)


def _group(aws: Reader, key: tuple[str, str], group: Group) -> Fact:
    return aws.fact(
        Pipeline,
        resource=group_arn(aws, *key),
        name="/".join(key),
        product="codedeploy",
        about=deployment_targets(aws, group),
        automatic_rollback=has_automatic_rollback(group),
        gradual=deploys_gradually(group),
        approval=None,
        staging_first=None,
        regions=(aws.region,),
    )


SOURCE = Source(
    name="aws_deployment_groups",
    facts=(Pipeline,),
    actions=(
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:BatchGetDeploymentGroups",
        "autoscaling:DescribeAutoScalingGroups",
    ),
    read=read,
)
