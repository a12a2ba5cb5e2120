"""CloudFormation stacks: termination protection, rollback triggers, drift."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Stack, Unread

DRIFT: Final = {"DRIFTED": True, "IN_SYNC": False}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Stack per stack, from the listing alone."""
    for found in aws.list("cloudformation", "DescribeStacks", "Stacks"):
        drift = found.get("DriftInformation", {}).get("StackDriftStatus", "")
        yield aws.fact(
            Stack,
            resource=found["StackId"],
            name=found["StackName"],
            product="cloudformation",
            tags=tag_map(found.get("Tags")),
            stack=found["StackName"],
            termination_protection=_protected(found),
            rollback_triggers=len(found.get("RollbackConfiguration", {}).get("RollbackTriggers", ())),
            status=found["StackStatus"],
            drifted=DRIFT.get(drift),
        )


def _protected(found: dict[str, Any]) -> Maybe[bool | None]:
    """Termination protection; None for a nested stack, which is covered by its root stack."""
    if found.get("ParentId"):
        return None
    protected = found.get("EnableTerminationProtection")
    return (
        Unread("DescribeStacks returned no EnableTerminationProtection field") if protected is None else bool(protected)
    )


SOURCE = Source(name="aws_stacks", facts=(Stack,), actions=("cloudformation:DescribeStacks",), read=read)
