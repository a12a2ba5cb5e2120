"""Workflows, user pools, event endpoints, App Runner and Spot groups: what AWS answers, and the verdict of it."""

import json
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read, read_with_gaps
from support.builders.moment import NOW
from support.fakes.aws import FakeAws, Fault, fake_aws
from support.harness.aws_verdicts import State
from support.harness.serving import moto_aws
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.collectors.aws.parts.state_machine import Tasks
from bot.audit.collectors.aws.sources import app_runner, cognito, step_functions
from checks import ComputeGroup, ComputeKind, LifePhase, Unread, UserDirectory, Workflow

RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}]
CALL = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
WAIT = {"Type": "Wait", "Seconds": 1, "End": True}


def states(**found: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(found)), "States": found}


TASKS = [
    ("no retry", states(Charge=CALL), 1, ("Charge",)),
    ("a retry", states(Charge={**CALL, "Retry": RETRY}), 1, ()),
    ("a catch", states(Charge={**CALL, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund"}]}), 1, ()),
    ("an empty retry", states(Charge={**CALL, "Retry": []}), 1, ("Charge",)),
    ("no task", states(Pause=WAIT), 0, ()),
    ("in a branch", states(Both={"Type": "Parallel", "Branches": [states(A=CALL), states(B=WAIT)]}), 1, ("A",)),
    ("in a guarded branch", states(Both={"Type": "Parallel", "Retry": RETRY, "Branches": [states(A=CALL)]}), 1, ()),
    ("in a map", states(Each={"Type": "Map", "ItemProcessor": states(A=CALL)}), 1, ("A",)),
    ("in an old map", states(Each={"Type": "Map", "Iterator": states(A=CALL)}), 1, ("A",)),
]


@pytest.mark.parametrize(
    ("definition", "count", "unguarded"), [row[1:] for row in TASKS], ids=[row[0] for row in TASKS]
)
def test_tasks_that_neither_retry_nor_catch(definition: dict[str, Any], count: int, unguarded: tuple[str, ...]) -> None:
    assert Tasks.of(json.dumps(definition)) == Tasks(count, unguarded)


def test_a_workflow_names_the_functions_that_it_calls() -> None:
    named_twice = {**CALL, "Parameters": {"FunctionName": arn("lambda", "function:charge:live")}}
    definition = states(A=named_twice, B={**CALL, "Resource": arn("lambda", "function:charge")})
    assert Tasks.of(json.dumps(definition)).calls == (arn("lambda", "function:charge"),)


def test_a_user_pool_names_the_functions_that_it_calls() -> None:
    triggers = {
        "PreSignUp": arn("lambda", "function:check"),
        "CustomEmailSender": {"LambdaArn": arn("lambda", "function:mail")},
    }
    (found,) = State("triggers", "AU11", FAIL, pool(LambdaConfig={**triggers, "KMSKeyID": "k"}), POOLS).facts()
    assert isinstance(found, UserDirectory)
    assert found.calls == (arn("lambda", "function:check"), arn("lambda", "function:mail"))


def workflow(definition: Any, kind: str = "EXPRESS", **told: Any) -> Any:
    own = {"stateMachineArn": arn("states", "stateMachine:refund"), "name": "refund", "type": kind, "creationDate": NOW}
    found = {**own, "definition": json.dumps(definition), "roleArn": "r", "status": "ACTIVE", **told}
    return {
        ("stepfunctions", "ListStateMachines"): {"stateMachines": [own]},
        ("stepfunctions", "DescribeStateMachine"): found,
    }


def pool(*replicas: str, name: str = "us-east-1_a", **told: Any) -> Any:
    return {
        ("cognito-idp", "ListUserPools"): {
            "UserPools": [{"Id": name, "Name": "customers", "ReplicaRegions": list(replicas)}]
        },
        ("cognito-idp", "DescribeUserPool"): {"UserPool": told},
    }


def event_endpoint(check: str = "arn:check", replicates: str = "ENABLED", state: str = "ACTIVE") -> Any:
    failover = {"Primary": {"HealthCheck": check}, "Secondary": {"Route": "us-west-2"}}
    row = {"Name": "orders", "Arn": arn("events", "endpoint/orders"), "State": state}
    routing = {"RoutingConfig": {"FailoverConfig": failover}, "ReplicationConfig": {"State": replicates}}
    buses = [{"EventBusArn": arn("events", "event-bus/orders", region)} for region in ("us-east-1", "us-west-2")]
    return {("events", "ListEndpoints"): {"Endpoints": [{**row, **routing, "EventBuses": buses}]}}


def spot(on_demand: int | None, **told: Any) -> Any:
    mix = {"InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": on_demand}} if on_demand is not None else {}
    row = {"AutoScalingGroupName": "web", "AutoScalingGroupARN": arn("autoscaling", "web"), "MinSize": 1, "MaxSize": 2}
    own = {**row, "DesiredCapacity": 1, "DefaultCooldown": 1, "AvailabilityZones": [], "HealthCheckType": "EC2"}
    listed = [{**own, "CreatedTime": NOW, "MixedInstancesPolicy": mix, **told}]
    return {("autoscaling", "DescribeAutoScalingGroups"): {"AutoScalingGroups": listed}}


FLOWS, POOLS, EVENTS, GROUPS = (
    ("aws_workflows",),
    ("aws_user_directories",),
    ("aws_event_endpoints",),
    ("aws_machine_groups",),
)
PYTHON = "arn:aws:elasticbeanstalk:us-east-1::platform/Python 3.9 running on 64bit Amazon Linux 2/3.9.2"


def environment(state: str | None = "retired", **answers: Any) -> Any:
    """The group of an Elastic Beanstalk environment, whose platform branch is in this state."""
    group = spot(None, Tags=[{"Key": "elasticbeanstalk:environment-id", "Value": "e-1"}])
    told = {"PlatformBranchLifecycleState": state} if state else {}
    branch = {"PlatformArn": PYTHON, "PlatformBranchName": "Python 3.9 running on 64bit Amazon Linux 2", **told}
    return {
        **group,
        ("elasticbeanstalk", "DescribeEnvironments"): {
            "Environments": [{"EnvironmentId": "e-1", "PlatformArn": PYTHON}]
        },
        ("elasticbeanstalk", "DescribePlatformVersion"): {"PlatformDescription": branch},
        **{("elasticbeanstalk", name): answer for name, answer in answers.items()},
    }


DENIED = Fault("AccessDeniedException", 403)
LOGS: dict[str, Any] = {"loggingConfiguration": {"level": "ERROR"}}

STATES = [
    State("guarded", "PR05", PASS, workflow(states(A={**CALL, "Retry": RETRY})), FLOWS),
    State("unguarded", "PR05", FAIL, workflow(states(A=CALL)), FLOWS, says="first error of A"),
    State("no task", "PR05", NOT_APPLICABLE, workflow(states(A=WAIT)), FLOWS),
    State("being deleted", "PR05", NOT_APPLICABLE, workflow(states(A=CALL), status="DELETING"), FLOWS),
    State("no states", "PR05", UNKNOWN, workflow({}), FLOWS, says="no field States"),
    State("standard", "OB10", PASS, workflow(states(A=CALL), "STANDARD"), FLOWS),
    State("express logged", "OB10", PASS, workflow(states(A=CALL), **LOGS), FLOWS),
    State("express silent", "OB10", FAIL, workflow(states(A=CALL)), FLOWS),
    State("express off", "OB10", FAIL, workflow(states(A=CALL), loggingConfiguration={"level": "OFF"}), FLOWS),
    State("protected", "AU11", PASS, pool(DeletionProtection="ACTIVE"), POOLS),
    State("unprotected", "AU11", FAIL, pool(DeletionProtection="INACTIVE"), POOLS),
    State("protection not told", "AU11", FAIL, pool(), POOLS),
    State("replica", "RG06", PASS, pool("us-west-2"), POOLS, says="us-west-2"),
    State("is a replica", "RG06", PASS, pool(name="eu-west-1_a"), POOLS, says="eu-west-1"),
    State("no replica", "RG06", FAIL, pool(), POOLS),
    State("itself alone", "RG06", FAIL, pool("us-east-1"), POOLS),
    State("replicates", "RG07", PASS, event_endpoint(), EVENTS, says="us-east-1, us-west-2"),
    State("replicates nothing", "RG07", FAIL, event_endpoint(replicates="DISABLED"), EVENTS),
    State("no health check", "RG07", FAIL, event_endpoint(check=""), EVENTS, says="never fails over"),
    State("being made", "RG07", NOT_APPLICABLE, event_endpoint(state="CREATING"), EVENTS),
    State("could not be made", "RG07", UNKNOWN, event_endpoint(state="CREATE_FAILED"), EVENTS),
    State("rebalances", "CA12", PASS, spot(0, CapacityRebalance=True), GROUPS),
    State("does not rebalance", "CA12", FAIL, spot(50, CapacityRebalance=False), GROUPS),
    State("rebalance not told", "CA12", FAIL, spot(0), GROUPS),
    State("on demand", "CA12", NOT_APPLICABLE, spot(100), GROUPS),
    State("no mix", "CA12", NOT_APPLICABLE, spot(None), GROUPS),
    State("retired platform", "PO01", FAIL, environment(), GROUPS, says="Python 3.9"),
    State("deprecated platform", "PO01", PASS, environment("deprecated"), GROUPS),
    State("supported platform", "PO01", PASS, environment("Supported"), GROUPS),
    State("platform not told", "PO01", NOT_APPLICABLE, environment(None), GROUPS),
    State("platform denied", "PO01", UNKNOWN, environment(DescribePlatformVersion=DENIED), GROUPS),
    State("environment gone", "PO01", NOT_APPLICABLE, environment(DescribeEnvironments={"Environments": []}), GROUPS),
    State("own group", "PO01", NOT_APPLICABLE, spot(None), GROUPS),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_state_and_its_verdict(state: State) -> None:
    state.hold()


def runner(name: str, status: str = "RUNNING") -> dict[str, Any]:
    return {"ServiceName": name, "ServiceArn": arn("apprunner", f"service/{name}/1"), "Status": status}


def test_app_runner_services_run_in_several_zones_and_share_a_scaling_configuration() -> None:
    scaling = arn("apprunner", "autoscalingconfiguration/default/1/1")
    rest: dict[str, Any] = {"ServiceId": "1", "CreatedAt": NOW, "UpdatedAt": NOW, "SourceConfiguration": {}}
    rest |= {"InstanceConfiguration": {}, "NetworkConfiguration": {}}

    def described(asked: dict[str, Any]) -> Any:
        name = asked["ServiceArn"].split("/")[1]
        if name == "hidden":
            return Fault("AccessDeniedException")
        return {
            "Service": {
                **runner(name),
                **rest,
                "AutoScalingConfigurationSummary": {"AutoScalingConfigurationArn": scaling},
            }
        }

    with fake_aws() as aws:
        pages = [
            {"ServiceSummaryList": [runner("web"), runner("hidden")], "NextToken": "2"},
            {"ServiceSummaryList": [runner("api", "PAUSED"), runner("old", "DELETED")]},
        ]
        aws.on("apprunner", "ListServices", pages)
        aws.on("apprunner", "DescribeService", described)
        sizes = {"AutoScalingConfiguration": {"MinSize": 1, "MaxSize": 25}}
        aws.on("apprunner", "DescribeAutoScalingConfiguration", sizes)
        facts, unread = read_with_gaps(aws, app_runner.SOURCE)
        asked = len(aws.asked("apprunner", "DescribeAutoScalingConfiguration"))
        nowhere = read(aws, app_runner.SOURCE, "eu-south-1")
        regions = {call.region for call in aws.asked("apprunner")}
    found = named(facts, ComputeGroup)
    web, hidden = found["web"], found["hidden"]
    assert (web.kind, web.zone_redundant, web.max_size, web.traffic) == (ComputeKind.CONTAINERS, True, 25, True)
    assert hidden.max_size == Unread("access denied to apprunner:DescribeService")
    assert [gap.resource for gap in unread] == [hidden.resource]
    assert (found["api"].phase, found["old"].phase) == (LifePhase.STOPPED, LifePhase.DELETED)
    assert (asked, nowhere, regions) == (1, [], {"us-east-1"})


def test_another_implementation_of_the_same_apis() -> None:
    with moto_aws() as there:
        moto = FakeAws(there["AWS_ENDPOINT_URL"])
        flows: Any = moto.session().create_client("stepfunctions", region_name="us-east-1")
        flows.create_state_machine(
            name="refund", definition=json.dumps(states(A=CALL)), roleArn="arn:aws:iam::123456789012:role/r"
        )
        users: Any = moto.session().create_client("cognito-idp", region_name="us-east-1")
        users.create_user_pool(PoolName="customers", DeletionProtection="ACTIVE")
        flow = named(read(moto, step_functions.SOURCE), Workflow)["refund"]
        directory = named(read(moto, cognito.SOURCE), UserDirectory)["customers"]
    assert (flow.tasks, flow.unguarded, flow.keeps_history, flow.phase) == (1, ("A",), True, LifePhase.RUNNING)
    assert (directory.deletion_protection, directory.replica_regions) == (True, ())
