"""SQS queues: dead-letter queues and retention."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Queue, Unread

_ATTRIBUTES = ["QueueArn", "RedrivePolicy", "MessageRetentionPeriod"]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Queue per queue; queues that others name as dead-letter queue are marked."""
    urls = aws.list("sqs", "ListQueues", "QueueUrls", MaxResults=1000)
    responses = aws.each(
        lambda url: aws.maybe(lambda: aws.get("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=_ATTRIBUTES)),
        urls,
    )
    attributes = [
        response if isinstance(response, Unread) else response.get("Attributes", {}) for response in responses
    ]
    dead_letter_queues = {_dead_letter_arn(queue) for queue in attributes if not isinstance(queue, Unread)} - {""}
    for url, queue in zip(urls, attributes, strict=True):
        name = str(url).rpartition("/")[2]
        arn = aws.arn("sqs", name) if isinstance(queue, Unread) else queue.get("QueueArn", aws.arn("sqs", name))
        yield aws.fact(
            Queue,
            resource=arn,
            name=name,
            product="sqs",
            dead_letter=queue if isinstance(queue, Unread) else bool(_dead_letter_arn(queue)),
            is_dead_letter=arn in dead_letter_queues,
            retention=queue if isinstance(queue, Unread) else timedelta(seconds=int(queue["MessageRetentionPeriod"])),
        )


def _dead_letter_arn(attributes: dict[str, Any]) -> str:
    """The ARN of the dead-letter queue that a queue names, else empty."""
    policy = attributes.get("RedrivePolicy")
    return str(json.loads(policy).get("deadLetterTargetArn", "")) if policy else ""


SOURCE = Source(
    name="aws_queues",
    facts=(Queue,),
    actions=("sqs:ListQueues", "sqs:GetQueueAttributes", "tag:GetResources"),
    read=read,
)
