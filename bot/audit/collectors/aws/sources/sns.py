"""SNS topics: number of confirmed subscribers, encryption key."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Topic, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Topic per topic; one listing has all subscriptions of the region."""
    topics = aws.list("sns", "ListTopics", "Topics")
    subscriptions = aws.maybe(lambda: aws.list("sns", "ListSubscriptions", "Subscriptions")) if topics else []
    count: Counter[str] = Counter()
    for row in () if isinstance(subscriptions, Unread) else subscriptions:
        if row.get("SubscriptionArn", "").startswith("arn:"):  # else `PendingConfirmation`
            count[row.get("TopicArn", "")] += 1
    identity = ItemIdentity[dict[str, Any]]("sns:ListTopics", lambda topic: topic["TopicArn"])
    known = subscriptions if isinstance(subscriptions, Unread) else count
    yield from facts_of(aws, lambda topic: _topic(aws, topic["TopicArn"], known), topics, identity)


def _topic(aws: Reader, arn: str, count: "Maybe[Counter[str]]") -> Fact:
    return aws.fact(
        Topic,
        resource=arn,
        name=arn.rpartition(":")[2],
        product="sns",
        encryption_key=part(aws, arn, lambda: _encryption_key(aws, arn)),
        subscriptions=count if isinstance(count, Unread) else count[arn],
    )


def _encryption_key(aws: Reader, arn: str) -> str:
    """The key that encrypts a topic, empty where none does."""
    return str(aws.get("sns", "GetTopicAttributes", TopicArn=arn).get("Attributes", {}).get("KmsMasterKeyId", ""))


SOURCE = Source(
    name="aws_topics",
    facts=(Topic,),
    actions=("sns:ListTopics", "sns:ListSubscriptions", "sns:GetTopicAttributes", "tag:GetResources"),
    read=read,
)
