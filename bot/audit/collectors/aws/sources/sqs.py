"""SQS queues: dead-letter queues and retention."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, part
from bot.audit.collectors.aws.parts.dead_letter_targets import (
    ACTIONS,
    Candidate,
    dead_letter_targets,
    redrive_target,
)
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Queue, Unread

_ATTRIBUTES = ["QueueArn", "RedrivePolicy", "RedriveAllowPolicy", "MessageRetentionPeriod", "Policy", "KmsMasterKeyId"]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Queue per queue; queues that anybody names as dead-letter queue are marked."""
    urls: list[Any] = aws.list("sqs", "ListQueues", "QueueUrls", MaxResults=1000)
    by_url = ItemIdentity[str]("sqs:GetQueueAttributes", lambda url: aws.arn("sqs", _name(url)))
    queues = list(each_of(aws, lambda url: _described(aws, url), urls, by_url))
    dead_letter_queues = _dead_letter_queues(aws, queues)
    identity = ItemIdentity[_Described]("sqs:GetQueueAttributes", lambda queue: queue.arn)
    yield from facts_of(aws, lambda queue: _queue(aws, queue, dead_letter_queues), queues, identity, calls=False)


class _Described(NamedTuple):
    """A queue and its attributes, or why they could not be read. `dead_letter_arn`: the dead-letter queue that it names."""

    name: str
    arn: str
    attributes: Maybe[dict[str, Any]]
    dead_letter_arn: str = ""
    offered: bool = False


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _described(aws: Reader, url: str) -> _Described:
    arn = aws.arn("sqs", _name(url))
    attributes = part(aws, arn, lambda: _attributes(aws, url), "sqs:GetQueueAttributes")
    if isinstance(attributes, Unread):
        return _Described(_name(url), arn, attributes)
    target, offered = redrive_target(attributes.get("RedrivePolicy")), _is_offered(attributes)
    return _Described(_name(url), attributes.get("QueueArn", arn), attributes, target, offered)


def _attributes(aws: Reader, url: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.get("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=_ATTRIBUTES)["Attributes"]
    return found


def _is_offered(attributes: Mapping[str, Any]) -> bool:
    """Whether a queue's own policy offers it to other queues as their dead-letter queue."""
    policy = attributes.get("RedriveAllowPolicy")
    return bool(policy) and json.loads(str(policy)).get("redrivePermission") in ("allowAll", "byQueue")


def _dead_letter_queues(aws: Reader, queues: Sequence[_Described]) -> dict[str, Maybe[bool]]:
    """Which queues are somebody's dead-letter queue. Others than queues are asked only for queues that have none themselves."""
    named = {queue.dead_letter_arn for queue in queues}
    found: dict[str, Maybe[bool]] = {queue.arn: queue.arn in named or queue.offered for queue in queues}
    candidates = [
        Candidate(queue.arn, str(queue.attributes.get("Policy", "")))
        for queue in queues
        if not (found[queue.arn] or queue.dead_letter_arn or isinstance(queue.attributes, Unread))
    ]
    return found | dead_letter_targets(aws, candidates)


def _queue(aws: Reader, queue: _Described, dead_letter_queues: Mapping[str, Maybe[bool]]) -> Fact:
    attributes = queue.attributes
    return aws.fact(
        Queue,
        resource=queue.arn,
        name=queue.name,
        product="sqs",
        encryption_key="" if isinstance(attributes, Unread) else attributes.get("KmsMasterKeyId", ""),
        dead_letter=attributes if isinstance(attributes, Unread) else bool(queue.dead_letter_arn),
        is_dead_letter=dead_letter_queues[queue.arn],
        retention=_retention(attributes),
    )


def _retention(attributes: Maybe[dict[str, Any]]) -> Maybe[timedelta]:
    if isinstance(attributes, Unread):
        return attributes
    seconds = attributes.get("MessageRetentionPeriod")
    if seconds is None:
        return Unread("GetQueueAttributes returned no MessageRetentionPeriod attribute")
    return timedelta(seconds=int(seconds))


SOURCE = Source(
    name="aws_queues",
    facts=(Queue,),
    actions=("sqs:ListQueues", "sqs:GetQueueAttributes", "tag:GetResources", *ACTIONS),
    read=read,
)
