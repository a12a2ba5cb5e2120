"""Amazon MQ brokers, as Datastore because they hold messages that can be lost."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per broker. Multi-AZ deployment modes fail over automatically."""
    identity = ItemIdentity[dict[str, Any]]("mq:ListBrokers", lambda found: _arn_of(aws, found))
    listed = aws.list("mq", "ListBrokers", "BrokerSummaries")
    yield from facts_of(aws, lambda found: _broker(aws, found), listed, identity)


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("BrokerArn") or aws.arn("mq", f"broker:{found['BrokerName']}:{found['BrokerId']}"))


def _broker(aws: Reader, found: dict[str, Any]) -> Fact:
    arn, mode = _arn_of(aws, found), found.get("DeploymentMode")
    multi_az = mode.endswith("_MULTI_AZ") if mode else Unread("ListBrokers returned no DeploymentMode field")
    return aws.fact(
        Datastore,
        resource=arn,
        name=found.get("BrokerName") or arn.split(":")[-2],
        product="mq",
        status=found.get("BrokerState", ""),
        encryption_key=part(aws, arn, lambda: _encryption_key(aws, found.get("BrokerId") or arn.rpartition(":")[2])),
        kind=StoreKind.STREAM,
        engine=found.get("EngineType", "").lower(),
        zone_redundant=multi_az,
        automatic_failover=multi_az,
    )


def _encryption_key(aws: Reader, broker: str) -> str:
    """The key of ours that encrypts a broker, empty where AWS owns it."""
    options = aws.get("mq", "DescribeBroker", BrokerId=broker).get("EncryptionOptions") or {}
    return str(options.get("KmsKeyId", ""))


SOURCE = Source(name="aws_brokers", facts=(Datastore,), actions=("mq:ListBrokers", "mq:DescribeBroker"), read=read)
