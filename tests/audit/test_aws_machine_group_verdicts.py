"""Auto Scaling groups: which instance types they accept, and which suspended processes keep them from healing."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

RUNNING = {"LifecycleState": "InService", "AvailabilityZone": "us-east-1a", "InstanceType": "m7g.large"}


def state(title: str, check: str, outcome: Outcome, says: str = "", **told: Any) -> State:
    instances = [{"InstanceId": f"i-{number}", **RUNNING} for number in range(told.get("DesiredCapacity", 2))]
    own = {"AutoScalingGroupName": "web", "AutoScalingGroupARN": arn("autoscaling", "autoScalingGroup:1:web")}
    row = {**own, "MinSize": 0, "MaxSize": 4, "DesiredCapacity": 2, "Instances": instances, **told}
    answers: dict[Operation, Answer] = {
        ("autoscaling", "DescribeAutoScalingGroups"): {"AutoScalingGroups": [row]},
        ("ec2", "DescribeLaunchTemplateVersions"): template_version,
    }
    return State(title, check, outcome, answers, ("aws_machine_groups",), "web", says)


def template_version(params: Mapping[str, Any]) -> Any:
    name = params.get("LaunchTemplateId") or params["LaunchTemplateName"]
    if name == "denied":
        return Fault("UnauthorizedOperation", 403)
    if name == "gone":
        return Fault("InvalidLaunchTemplateName.NotFoundException", 400)
    chosen = NEEDS if name == "by attributes" and params["Versions"] == ["3"] else {"InstanceType": "m7g.large"}
    return {"LaunchTemplateVersions": [{"LaunchTemplateName": name, "LaunchTemplateData": chosen}]}


def template(name: str, version: str = "3") -> dict[str, Any]:
    return {"LaunchTemplate": {"LaunchTemplateName": name, "Version": version}}


def mixed(name: str) -> dict[str, Any]:
    used = {"LaunchTemplateSpecification": {"LaunchTemplateId": name, "Version": "3"}}
    return {"MixedInstancesPolicy": {"LaunchTemplate": used}}


def suspended(*names: str, **told: Any) -> dict[str, Any]:
    return {"SuspendedProcesses": [{"ProcessName": name} for name in names], **told}


def overrides(*rows: dict[str, Any]) -> dict[str, Any]:
    template = {"LaunchTemplateSpecification": {"LaunchTemplateName": "web"}, "Overrides": list(rows)}
    return {"MixedInstancesPolicy": {"LaunchTemplate": template}}


NEEDS = {"InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 4096}}}
BALANCED: dict[str, Any] = {"TargetGroupARNs": [arn("elasticloadbalancing", "targetgroup/web/1")]}

STATES = [
    state("types by attributes", "CA08", PASS, "every instance type", **overrides(NEEDS)),
    state("types by name", "CA08", PASS, **overrides({"InstanceType": "m7g.large"}, {"InstanceType": "m6g.large"})),
    state("one type by name", "CA08", FAIL, **overrides({"InstanceType": "m7g.large"})),
    state("one type", "CA08", FAIL),
    state("attributes in the launch template", "CA08", PASS, "every instance type", **template("by attributes")),
    state("attributes in the template of a mix", "CA08", PASS, **mixed("by attributes")),
    state("another version of the template", "CA08", FAIL, **template("by attributes", "4")),
    state("one type in the template", "CA08", FAIL, **template("by name")),
    state("template denied", "CA08", UNKNOWN, "ec2:DescribeLaunchTemplateVersions", **template("denied")),
    state("template gone", "CA08", FAIL, **template("gone")),
    *(
        state(f"{name} suspended", "FO10", FAIL, name, **suspended(name))
        for name in ("Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy")
    ),
    *(
        state(f"{name} suspended", "FO10", PASS, **suspended(name))
        for name in ("AlarmNotification", "ScheduledActions", "InstanceRefresh", "AZRebalance")
    ),
    state("AddToLoadBalancer suspended, behind none", "FO10", PASS, **suspended("AddToLoadBalancer")),
    state("AddToLoadBalancer suspended", "FO10", FAIL, **suspended("AddToLoadBalancer", **BALANCED)),
    state("Launch suspended, scaled to zero", "FO10", NOT_APPLICABLE, **suspended("Launch", DesiredCapacity=0)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_machine_groups(state: State) -> None:
    state.hold()
