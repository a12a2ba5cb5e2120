"""CodeDeploy deployment groups: gradual deployment and automatic rollback, as Pipeline."""

from collections.abc import Iterator

from bot.audit.collectors.aws.parts.deployment_groups import (
    deployment_groups,
    deployment_targets,
    deploys_gradually,
    has_automatic_rollback,
)
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Pipeline


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Pipeline per deployment group; stages and approvals belong to the pipeline that starts it."""
    for (application, name), group in deployment_groups(aws).items():
        yield aws.fact(
            Pipeline,
            resource=aws.arn("codedeploy", f"deploymentgroup:{application}/{name}"),
            name=f"{application}/{name}",
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
