"""CloudFormation stacks: termination protection, rollback triggers, drift."""

from collections.abc import Iterator
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Stack, Unread

DRIFT: Final = {"DRIFTED": True, "IN_SYNC": False}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Stack per stack, from the listing alone."""
    identity = ItemIdentity[dict[str, Any]](
        "cloudformation:DescribeStacks",
        lambda found: _arn_of(aws, found),
        lambda found: tag_map(found.get("Tags")),
    )
    listed = aws.list("cloudformation", "DescribeStacks", "Stacks")
    yield from facts_of(aws, lambda found: _stack(aws, found), listed, identity, calls=False)


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("StackId") or aws.arn("cloudformation", f"stack/{found['StackName']}"))


def _stack(aws: Reader, found: dict[str, Any]) -> Fact:
    drift = found.get("DriftInformation", {}).get("StackDriftStatus", "")
    return aws.fact(
        Stack,
        resource=_arn_of(aws, found),
        name=found["StackName"],
        product="cloudformation",
        tags=tag_map(found.get("Tags")),
        stack=found["StackName"],
        termination_protection=_protected(found),
        rollback_triggers=len(found.get("RollbackConfiguration", {}).get("RollbackTriggers", ())),
        status=found.get("StackStatus", ""),
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
