"""Amazon MQ brokers -> Datastore: messages that wait in a broker are data that can be lost with it."""

from collections.abc import Iterator

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind


def read(aws: Reader) -> Iterator[Fact]:
    """One Datastore each, from the listing alone. Both modes with several zones fail over by themselves."""
    for found in aws.list("mq", "ListBrokers", "BrokerSummaries"):
        spread = found.get("DeploymentMode", "").endswith("_MULTI_AZ")
        yield aws.fact(
            Datastore,
            resource=found["BrokerArn"],
            name=found["BrokerName"],
            product="mq",
            kind=StoreKind.STREAM,
            engine=found.get("EngineType", "").lower(),
            zone_redundant=spread,
            automatic_failover=spread,
        )


SOURCE = Source(name="aws_brokers", facts=(Datastore,), actions=("mq:ListBrokers",), read=read)
