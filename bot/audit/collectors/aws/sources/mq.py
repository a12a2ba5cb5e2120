"""Amazon MQ brokers, as Datastore because they hold messages that can be lost."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per broker, from the listing alone. Multi-AZ deployment modes fail over automatically."""
    for found in aws.list("mq", "ListBrokers", "BrokerSummaries"):
        multi_az = found.get("DeploymentMode", "").endswith("_MULTI_AZ")
        yield aws.fact(
            Datastore,
            resource=found["BrokerArn"],
            name=found["BrokerName"],
            product="mq",
            kind=StoreKind.STREAM,
            engine=found.get("EngineType", "").lower(),
            zone_redundant=multi_az,
            automatic_failover=multi_az,
        )


SOURCE = Source(name="aws_brokers", facts=(Datastore,), actions=("mq:ListBrokers",), read=read)
