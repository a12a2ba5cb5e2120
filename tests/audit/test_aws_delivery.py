"""What stands between a commit and production: pipelines, deployment groups, stacks."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import FakeAws, Fault, fake_aws

from bot.audit.collectors.aws.sources import cloudformation as aws_stacks
from bot.audit.collectors.aws.sources import codedeploy as aws_deployment_groups
from bot.audit.collectors.aws.sources import codepipeline as aws_pipelines
from bot.net.aws.errors import ReadError
from checks import Pipeline, Stack, Unread

GROUP = arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web")


def group(name: str, **told: Any) -> dict[str, Any]:
    return {
        "applicationName": "shop",
        "deploymentGroupName": name,
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        "autoScalingGroups": [{"name": "web"}],
    } | told


def groups(aws: FakeAws, *rows: dict[str, Any]) -> None:
    by_name = {row["deploymentGroupName"]: row for row in rows}
    aws.on("codedeploy", "ListApplications", {"applications": ["shop"]})
    aws.on("codedeploy", "ListDeploymentGroups", {"applicationName": "shop", "deploymentGroups": list(by_name)})
    aws.on(
        "codedeploy",
        "BatchGetDeploymentGroups",
        lambda asked: {"deploymentGroupsInfo": [by_name[name] for name in asked["deploymentGroupNames"]]},
    )
    listed = [{"AutoScalingGroupName": "web", "AutoScalingGroupARN": GROUP}]
    aws.on("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroups": listed})


def test_a_deployment_group_tells_whether_it_goes_slowly_and_back() -> None:
    services = [{"clusterName": "c", "serviceName": "s"}]
    with fake_aws() as aws:
        groups(
            aws,
            group("careful"),
            group(
                "bold",
                deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
                autoRollbackConfiguration={"enabled": False},
                autoScalingGroups=[],
                ecsServices=services,
            ),
            group("own", deploymentConfigName="by-thirds"),
        )
        found = named(read(aws, aws_deployment_groups.SOURCE), Pipeline)
    careful, bold = found["shop/careful"], found["shop/bold"]
    assert careful.resource == arn("codedeploy", "deploymentgroup:shop/careful")
    assert (careful.automatic_rollback, careful.gradual, careful.about) == (True, True, (GROUP,))
    assert (careful.approval, careful.staging_first, careful.regions) == (None, None, ("us-east-1",))
    assert (bold.automatic_rollback, bold.gradual, bold.about) == (False, False, (arn("ecs", "service/c/s"),))
    assert isinstance(found["shop/own"].gradual, Unread)


def action(category: str, provider: str = "CodeDeploy", region: str = "", **settings: str) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": category, "actionTypeId": kind, "configuration": settings} | ({"region": region} if region else {})


def stage(name: str, *actions: dict[str, Any], **told: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions)} | told


def pipeline(aws: FakeAws, *stages: dict[str, Any]) -> Pipeline:
    aws.on("codepipeline", "ListPipelines", {"pipelines": [{"name": "deliver"}]})
    told = {"name": "deliver", "roleArn": "r", "version": 1, "stages": list(stages)}
    metadata = {"pipelineArn": arn("codepipeline", "deliver")}
    aws.on("codepipeline", "GetPipeline", {"pipeline": told, "metadata": metadata})
    return named(read(aws, aws_pipelines.SOURCE), Pipeline)["deliver"]


LIVE = action("Deploy", ApplicationName="shop", DeploymentGroupName="live")


def test_a_pipeline_with_staging_and_approval() -> None:
    with fake_aws() as aws:
        groups(aws, group("live"))
        found = pipeline(
            aws,
            stage("Source", action("Source", "CodeCommit")),
            stage("Staging", action("Deploy", "CloudFormation", StackName="staging")),
            stage("Ask", action("Approval", "Manual")),
            stage("Production", LIVE, action("Deploy", "S3", region="us-west-2", BucketName="site")),
        )
    assert (found.resource, found.stages) == (
        arn("codepipeline", "deliver"),
        ("Source", "Staging", "Ask", "Production"),
    )
    assert (found.approval, found.staging_first) == (True, True)
    assert found.regions == ("us-east-1", "us-west-2")
    assert found.about == (GROUP, "arn:aws:s3:::site")
    assert (found.automatic_rollback, found.gradual) == (False, True)


def test_every_deployment_is_undone_where_stage_or_group_says_so() -> None:
    bucket = action("Deploy", "S3", BucketName="site")
    with fake_aws() as aws:
        groups(aws, group("live"))
        found = pipeline(aws, stage("Site", bucket, onFailure={"result": "ROLLBACK"}), stage("Live", LIVE))
    assert found.automatic_rollback is True


def test_a_pipeline_straight_to_production() -> None:
    late = stage("Ask", action("Approval", "Manual"))
    with fake_aws() as aws:
        found = pipeline(aws, stage("Live", action("Deploy", "S3", BucketName="site")), late)
    assert (found.approval, found.staging_first, found.automatic_rollback, found.gradual) == (False, False, False, None)


def test_a_pipeline_that_deploys_nothing_is_judged_on_nothing() -> None:
    with fake_aws() as aws:
        found = pipeline(aws, stage("Build", action("Build", "CodeBuild")))
    assert (found.approval, found.staging_first, found.automatic_rollback, found.regions) == (None, None, None, ())


def test_container_services_are_named_and_judge_their_own_rollback() -> None:
    with fake_aws() as aws:
        found = pipeline(aws, stage("Live", action("Deploy", "ECS", ClusterName="c", ServiceName="s")))
    assert (found.about, found.automatic_rollback) == ((arn("ecs", "service/c/s"),), None)


def test_a_stack_that_is_deployed_is_named() -> None:
    row = {"StackId": arn("cloudformation", "stack/live/1"), "StackName": "live", "StackStatus": "CREATE_COMPLETE"}
    with fake_aws() as aws:
        aws.on("cloudformation", "DescribeStacks", {"Stacks": [row | {"CreationTime": "2026-01-01T00:00:00Z"}]})
        found = pipeline(aws, stage("Live", action("Deploy", "CloudFormation", StackName="live")))
    assert found.about == (arn("cloudformation", "stack/live/1"),)


def test_deployment_groups_that_are_denied_leave_rollback_unread() -> None:
    with fake_aws() as aws:
        aws.on("codedeploy", "ListApplications", Fault("AccessDeniedException"))
        found = pipeline(aws, stage("Live", LIVE))
    assert found.automatic_rollback == found.gradual == Unread("access denied to codedeploy:ListApplications")


def test_a_deployment_group_that_is_gone_is_unread() -> None:
    with fake_aws() as aws:
        groups(aws, group("other"))
        found = pipeline(aws, stage("Live", LIVE))
    assert found.automatic_rollback == Unread("deployment group shop/live not found")


def stack(name: str, **told: Any) -> dict[str, Any]:
    return {
        "StackId": arn("cloudformation", f"stack/{name}/1"),
        "StackName": name,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": "2026-01-01T00:00:00Z",
    } | told


def test_a_stack_tells_its_guards_and_its_drift() -> None:
    triggers = {"RollbackTriggers": [{"Arn": arn("cloudwatch", "alarm:a"), "Type": "AWS::CloudWatch::Alarm"}]}
    rows = [
        stack(
            "guarded",
            EnableTerminationProtection=True,
            RollbackConfiguration=triggers,
            DriftInformation={"StackDriftStatus": "IN_SYNC"},
            Tags=[{"Key": "service", "Value": "shop"}],
        ),
        stack("bare", EnableTerminationProtection=False, DriftInformation={"StackDriftStatus": "DRIFTED"}),
        stack("nested", ParentId="p", EnableTerminationProtection=False),
        stack("vague", DriftInformation={"StackDriftStatus": "NOT_CHECKED"}),
    ]
    with fake_aws() as aws:
        aws.on("cloudformation", "DescribeStacks", {"Stacks": rows})
        found = named(read(aws, aws_stacks.SOURCE), Stack)
    guarded, bare = found["guarded"], found["bare"]
    assert (guarded.resource, guarded.stack, guarded.tags) == (rows[0]["StackId"], "guarded", {"service": "shop"})
    assert (guarded.termination_protection, guarded.rollback_triggers, guarded.drifted) == (True, 1, False)
    assert (bare.termination_protection, bare.rollback_triggers, bare.drifted) == (False, 0, True)
    assert (guarded.status, found["nested"].termination_protection) == ("CREATE_COMPLETE", None)
    assert isinstance(found["vague"].termination_protection, Unread)
    assert found["vague"].drifted is None


@pytest.mark.parametrize(
    ("source", "service", "operation"),
    [
        (aws_pipelines.SOURCE, "codepipeline", "ListPipelines"),
        (aws_deployment_groups.SOURCE, "codedeploy", "ListApplications"),
        (aws_stacks.SOURCE, "cloudformation", "DescribeStacks"),
    ],
)
def test_a_denied_delivery_listing_names_the_permission(source: Any, service: str, operation: str) -> None:
    with fake_aws() as aws:
        aws.on(service, operation, Fault("AccessDenied", 403))
        with pytest.raises(ReadError, match=f"access denied to {service}:{operation}"):
            read(aws, source)
