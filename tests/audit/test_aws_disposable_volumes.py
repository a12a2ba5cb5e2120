"""Volumes of machines that are replaced when they fail: no snapshot of a root volume is asked for."""

from typing import Any

import pytest
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, UNKNOWN

from checks import Outcome

ROOT, DATA = "/dev/xvda", "/dev/sdf"
REPLACED = ("aws:autoscaling:groupName", "eks:nodegroup-name", "karpenter.sh/nodepool")


def state(title: str, outcome: Outcome, device: str, *tags: str, machines: Answer | None = None, **told: Any) -> State:
    machine = {"InstanceId": "i-1", "RootDeviceName": ROOT, "Tags": [{"Key": key, "Value": "x"} for key in tags]}
    attachment = {"InstanceId": "i-1", "Device": device, **told}
    answers: dict[Operation, Answer] = {
        ("ec2", "DescribeVolumes"): {"Volumes": [{"VolumeId": "v-1", "Attachments": [attachment]}]},
        ("ec2", "DescribeInstances"): machines or {"Reservations": [{"Instances": [machine]}]},
    }
    return State(title, "BK06", outcome, answers, ("aws_volumes",), "v-1")


STATES = [
    *(state(f"root of a machine with {tag}", NOT_APPLICABLE, ROOT, tag) for tag in REPLACED),
    state("root of a standalone machine", FAIL, ROOT, "team"),
    state("root of a standalone machine, deleted with it", FAIL, ROOT, DeleteOnTermination=True),
    state("data of a machine that is replaced", FAIL, DATA, REPLACED[0]),
    state("data that is deleted with such a machine", NOT_APPLICABLE, DATA, REPLACED[0], DeleteOnTermination=True),
    state("machines denied", UNKNOWN, ROOT, machines=lambda _: Fault("UnauthorizedOperation", 403)),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_volumes(state: State) -> None:
    state.hold()
