"""SNS topics: number of confirmed subscribers."""

from collections import Counter
from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Topic, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Topic per topic; one listing has all subscriptions of the region."""
    topics = aws.list("sns", "ListTopics", "Topics")
    subscriptions = aws.maybe(lambda: aws.list("sns", "ListSubscriptions", "Subscriptions")) if topics else []
    count: Counter[str] = Counter()
    for row in () if isinstance(subscriptions, Unread) else subscriptions:
        if row.get("SubscriptionArn", "").startswith("arn:"):  # else `PendingConfirmation`
            count[row["TopicArn"]] += 1
    for topic in topics:
        arn = topic["TopicArn"]
        yield aws.fact(
            Topic,
            resource=arn,
            name=arn.rpartition(":")[2],
            product="sns",
            subscriptions=subscriptions if isinstance(subscriptions, Unread) else count[arn],
        )


SOURCE = Source(
    name="aws_topics",
    facts=(Topic,),
    actions=("sns:ListTopics", "sns:ListSubscriptions", "tag:GetResources"),
    read=read,
)
