"""CodeDeploy's deployment groups -> Pipeline: whether a bad version is noticed on a part, and undone by itself."""

from collections.abc import Iterator

from bot.audit.collectors.aws.parts.deployment_groups import deployment_groups, deploys_to, gradual, rolls_back
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Pipeline


def read(aws: Reader) -> Iterator[Fact]:
    """One Pipeline for each deployment group; stages and approval belong to whatever starts it."""
    for (application, name), group in deployment_groups(aws).items():
        yield aws.fact(
            Pipeline,
            resource=aws.arn("codedeploy", f"deploymentgroup:{application}/{name}"),
            name=f"{application}/{name}",
            product="codedeploy",
            about=deploys_to(aws, group),
            automatic_rollback=rolls_back(group),
            gradual=gradual(group),
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
