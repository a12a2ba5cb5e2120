"""Amazon MQ brokers, as Datastore because they hold messages that can be lost."""

from collections.abc import Iterator
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Datastore, Fact, StoreKind, Unread

Row = dict[str, Any]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per broker. Multi-AZ deployment modes fail over automatically."""
    identity = ItemIdentity[dict[str, Any]]("mq:ListBrokers", lambda found: _arn_of(aws, found))
    listed = aws.list("mq", "ListBrokers", "BrokerSummaries")
    yield from facts_of(aws, lambda found: _broker(aws, found), listed, identity)


def _arn_of(aws: Reader, found: dict[str, Any]) -> str:
    return str(found.get("BrokerArn") or aws.arn("mq", f"broker:{found['BrokerName']}:{found['BrokerId']}"))


def _broker(aws: Reader, found: dict[str, Any]) -> Fact:
    arn, mode = _arn_of(aws, found), found.get("DeploymentMode")
    broker = found.get("BrokerId") or arn.rpartition(":")[2]
    described = part(aws, arn, lambda: aws.get("mq", "DescribeBroker", BrokerId=broker))
    multi_az = mode.endswith("_MULTI_AZ") if mode else Unread("ListBrokers returned no DeploymentMode field")
    return aws.fact(
        Datastore,
        resource=arn,
        name=found.get("BrokerName") or arn.split(":")[-2],
        product="mq",
        status=found.get("BrokerState", ""),
        encryption_key=described if isinstance(described, Unread) else _encryption_key(described),
        kind=StoreKind.STREAM,
        engine=found.get("EngineType", "").lower(),
        zone_redundant=multi_az,
        automatic_failover=multi_az,
        replica_regions=described if isinstance(described, Unread) else _other_regions(aws, described),
        replica_of="" if isinstance(described, Unread) else _primary_arn(aws, found, described),
    )


def _encryption_key(described: Row) -> str:
    """The key of ours that encrypts a broker, empty where AWS owns it."""
    return str((described.get("EncryptionOptions") or {}).get("KmsKeyId", ""))


def _counterpart(described: Row) -> Row:
    """The broker at the other end of a cross-region data replication (developer guide, "Cross-Region data replication")."""
    found: Row = (described.get("DataReplicationMetadata") or {}).get("DataReplicationCounterpart") or {}
    return found if described.get("DataReplicationMode") == "CRDR" else {}


def _other_regions(aws: Reader, described: Row) -> tuple[str, ...]:
    region = _counterpart(described).get("Region", "")
    return (region,) if region and region != aws.region else ()


def _primary_arn(aws: Reader, found: Row, described: Row) -> str:
    """The broker that this one is a replica of, empty if it is none."""
    role = (described.get("DataReplicationMetadata") or {}).get("DataReplicationRole")
    if role != "REPLICA" and found.get("BrokerState") != "REPLICA":
        return ""
    other = _counterpart(described)
    return aws.at(other.get("Region", aws.region)).arn("mq", f"broker:{other.get('BrokerId', 'unknown')}")


SOURCE = Source(
    name="aws_brokers",
    facts=(Datastore,),
    shapes=(StoreKind.STREAM,),
    actions=("mq:ListBrokers", "mq:DescribeBroker"),
    read=read,
)
