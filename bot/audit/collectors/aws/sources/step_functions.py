"""Step Functions state machines: their tasks, the retries of these, and the logs of their runs."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.parts.state_machine import Tasks
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Unread, Workflow

Row = dict[str, Any]
_ACTION = "states:DescribeStateMachine"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Workflow per state machine: one listing, and one call each."""
    rows = aws.list("stepfunctions", "ListStateMachines", "stateMachines")
    identity = ItemIdentity[Row](_ACTION, lambda row: row["stateMachineArn"])
    yield from facts_of(aws, lambda row: _workflow(aws, row), rows, identity)


def _workflow(aws: Reader, row: Row) -> Fact:
    arn = row["stateMachineArn"]
    machine = part(aws, arn, lambda: aws.get("stepfunctions", "DescribeStateMachine", stateMachineArn=arn), _ACTION)
    if isinstance(machine, Unread):
        tasks: Tasks | Unread = machine
        logs: bool | Unread = machine
    else:
        tasks = part(aws, arn, lambda: Tasks.of(machine["definition"]), _ACTION)
        logs = machine.get("loggingConfiguration", {}).get("level", "OFF") != "OFF"
    return aws.fact(
        Workflow,
        resource=arn,
        name=row["name"],
        product="stepfunctions",
        status="" if isinstance(machine, Unread) else machine.get("status", ""),
        encryption_key=machine if isinstance(machine, Unread) else _encryption_key(machine),
        tasks=tasks if isinstance(tasks, Unread) else tasks.count,
        unguarded=tasks if isinstance(tasks, Unread) else tasks.unguarded,
        calls=() if isinstance(tasks, Unread) else tasks.calls,
        keeps_history=row["type"] == "STANDARD",
        logs=logs,
    )


def _encryption_key(machine: Row) -> str:
    """The key of ours that encrypts definition and runs, empty where AWS owns it."""
    return str(machine.get("encryptionConfiguration", {}).get("kmsKeyId") or "")


SOURCE = Source(
    name="aws_workflows",
    facts=(Workflow,),
    actions=("states:ListStateMachines", _ACTION, "tag:GetResources"),
    read=read,
)
