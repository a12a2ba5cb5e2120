"""CodePipeline pipelines: staging, approval, gradual deployment and rollback."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.deployment_groups import (
    Group,
    deployment_groups,
    deployment_targets,
    deploys_gradually,
    has_automatic_rollback,
)
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Pipeline, Unread

# These roll back by a setting of their own, which other facts report.
_OWN_ROLLBACK: Final = ("ECS", "CloudFormation", "CloudFormationStackSet")


class _Deploy(NamedTuple):
    """One deploy action of a pipeline, with its CodeDeploy deployment group if it has one."""

    stage: int
    provider: str
    region: str
    configuration: dict[str, str]
    group: "Group | Unread | None"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Pipeline per pipeline."""
    listed = aws.list("codepipeline", "ListPipelines", "pipelines")
    identity = ItemIdentity[dict[str, Any]](
        "codepipeline:GetPipeline", lambda row: aws.arn("codepipeline", row["name"])
    )
    yield from facts_of(aws, lambda row: _pipeline(aws, row["name"]), listed, identity)


def _pipeline(aws: Reader, name: str) -> Fact:
    response = aws.get("codepipeline", "GetPipeline", name=name)
    stages = response["pipeline"]["stages"]
    deploys = [
        _deploy(aws, number, action)
        for number, stage in enumerate(stages)
        for action in stage["actions"]
        if action["actionTypeId"]["category"] == "Deploy"
    ]
    last = max((deploy.stage for deploy in deploys), default=-1)
    return aws.fact(
        Pipeline,
        resource=response.get("metadata", {}).get("pipelineArn") or aws.arn("codepipeline", name),
        name=name,
        product="codepipeline",
        about=tuple(dict.fromkeys(arn for deploy in deploys for arn in _targets(aws, deploy))),
        stages=tuple(stage["name"] for stage in stages),
        approval=any(_has_approval(stage) for stage in stages[: last + 1]) if deploys else None,
        automatic_rollback=_rolls_back_automatically(stages, deploys),
        gradual=_gradual(deploys),
        staging_first=len({deploy.stage for deploy in deploys}) > 1 if deploys else None,
        regions=tuple(sorted({deploy.region for deploy in deploys})),
    )


def _deploy(aws: Reader, stage: int, action: dict[str, Any]) -> _Deploy:
    provider, settings = action["actionTypeId"]["provider"], action.get("configuration", {})
    region = action.get("region") or aws.region
    group: Group | Unread | None = None
    if provider.startswith("CodeDeploy"):
        regional = aws.at(region)
        groups = regional.maybe(lambda: deployment_groups(regional))
        key = (settings.get("ApplicationName", ""), settings.get("DeploymentGroupName", ""))
        missing = Unread(f"deployment group {'/'.join(key)} not found")
        group = groups if isinstance(groups, Unread) else groups.get(key, missing)
    return _Deploy(stage, provider, region, settings, group)


def _has_approval(stage: dict[str, Any]) -> bool:
    return any(action["actionTypeId"]["category"] == "Approval" for action in stage["actions"])


def _rolls_back_automatically(stages: Sequence[dict[str, Any]], deploys: Sequence[_Deploy]) -> Maybe[bool | None]:
    """Whether every deployment is rolled back automatically, by its stage or its deployment group."""
    answers: list[Maybe[bool | None]] = []
    for deploy in deploys:
        if stages[deploy.stage].get("onFailure", {}).get("result") == "ROLLBACK":
            answers.append(True)
        elif deploy.group is None:
            answers.append(None if deploy.provider in _OWN_ROLLBACK else False)
        else:
            answers.append(deploy.group if isinstance(deploy.group, Unread) else has_automatic_rollback(deploy.group))
    return _all_true(answers)


def _gradual(deploys: Sequence[_Deploy]) -> Maybe[bool | None]:
    groups = [deploy.group for deploy in deploys if deploy.group is not None]
    return _all_true([group if isinstance(group, Unread) else deploys_gradually(group) for group in groups])


def _all_true(answers: Sequence[Maybe[bool | None]]) -> Maybe[bool | None]:
    """False if any answer is False, else the first `Unread`, else True if any is True, else None."""
    if False in answers:
        return False
    unread = next((answer for answer in answers if isinstance(answer, Unread)), None)
    return unread or (True if True in answers else None)


def _targets(aws: Reader, deploy: _Deploy) -> tuple[str, ...]:
    """The ARNs of the resources that an action deploys to, as far as its settings name them."""
    regional, settings = aws.at(deploy.region), deploy.configuration
    if deploy.group is not None and not isinstance(deploy.group, Unread):
        return deployment_targets(regional, deploy.group)
    if "ClusterName" in settings and "ServiceName" in settings:
        return (regional.arn("ecs", f"service/{settings['ClusterName']}/{settings['ServiceName']}"),)
    if "FunctionName" in settings:
        return (regional.arn("lambda", f"function:{settings['FunctionName']}"),)
    if "BucketName" in settings:
        return (regional.rootless_arn("s3", settings["BucketName"]),)
    return _stack(regional, settings["StackName"]) if "StackName" in settings else ()


def _stack(aws: Reader, name: str) -> tuple[str, ...]:
    listed = aws.maybe(lambda: aws.list("cloudformation", "DescribeStacks", "Stacks"))
    rows = [] if isinstance(listed, Unread) else listed
    return tuple(row["StackId"] for row in rows if row["StackName"] == name)


SOURCE = Source(
    name="aws_pipelines",
    facts=(Pipeline,),
    actions=(
        "codepipeline:ListPipelines",
        "codepipeline:GetPipeline",
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:BatchGetDeploymentGroups",
        "autoscaling:DescribeAutoScalingGroups",
        "cloudformation:DescribeStacks",
    ),
    read=read,
)
