"""SQS -> Queue: where messages go that fail, and how long they are kept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Queue, Unread

_ASKED = ["QueueArn", "RedrivePolicy", "MessageRetentionPeriod"]


def read(aws: Reader) -> Iterator[Fact]:
    """One Queue each; what others name as their dead-letter queue is one."""
    urls = aws.list("sqs", "ListQueues", "QueueUrls", MaxResults=1000)
    told = aws.each(
        lambda url: aws.maybe(lambda: aws.get("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=_ASKED)), urls
    )
    attributes = [answer if isinstance(answer, Unread) else answer.get("Attributes", {}) for answer in told]
    graves = {_redrive(queue) for queue in attributes if not isinstance(queue, Unread)} - {""}
    for url, queue in zip(urls, attributes, strict=True):
        name = str(url).rpartition("/")[2]
        arn = aws.arn("sqs", name) if isinstance(queue, Unread) else queue.get("QueueArn", aws.arn("sqs", name))
        yield aws.fact(
            Queue,
            resource=arn,
            name=name,
            product="sqs",
            dead_letter=queue if isinstance(queue, Unread) else bool(_redrive(queue)),
            is_dead_letter=arn in graves,
            retention=queue if isinstance(queue, Unread) else timedelta(seconds=int(queue["MessageRetentionPeriod"])),
        )


def _redrive(attributes: dict[str, Any]) -> str:
    """The dead-letter queue that a queue names, empty for none."""
    policy = attributes.get("RedrivePolicy")
    return str(json.loads(policy).get("deadLetterTargetArn", "")) if policy else ""


SOURCE = Source(
    name="aws_queues",
    facts=(Queue,),
    actions=("sqs:ListQueues", "sqs:GetQueueAttributes", "tag:GetResources"),
    read=read,
)
