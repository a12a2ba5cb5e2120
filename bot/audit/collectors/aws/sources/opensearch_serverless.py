"""OpenSearch Serverless collections: standby replicas, deletion protection."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, in_batches
from bot.audit.collectors.aws.parts.newer_services import all_pages
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind, Unread

_BATCH_SIZE = 100  # collections in one BatchGetCollection call: API reference
_SNAPSHOT_DAYS = 14  # OpenSearch Serverless guide, "Backing up collections": hourly snapshots are kept 14 days


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per collection."""
    listed = all_pages(
        aws, "opensearchserverless", "ListCollections", "collectionSummaries", "nextToken", maxResults=100
    )
    of_row = ItemIdentity[dict[str, Any]]("aoss:ListCollections", lambda row: row.get("arn") or _arn(aws, row["id"]))
    names = list(each_of(aws, lambda row: str(row["id"]), listed, of_row, calls=False))
    by_id = ItemIdentity[str]("aoss:BatchGetCollection", lambda name: _arn(aws, name))
    rows = in_batches(aws, lambda batch: _described(aws, batch), names, _BATCH_SIZE, by_id)
    identity = ItemIdentity[dict[str, Any]](
        "aoss:BatchGetCollection", lambda row: row.get("arn") or _arn(aws, row["id"])
    )
    yield from facts_of(aws, lambda row: _collection(aws, row), rows, identity, calls=False)


def _arn(aws: Reader, name: str) -> str:
    return aws.arn("aoss", f"collection/{name}")


def _described(aws: Reader, ids: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = aws.get("opensearchserverless", "BatchGetCollection", ids=list(ids))[
        "collectionDetails"
    ]
    return rows


def _collection(aws: Reader, row: dict[str, Any]) -> Fact:
    standby, protection = row.get("standbyReplicas"), row.get("deletionProtection")
    arn = row.get("arn") or _arn(aws, row["id"])
    return aws.fact(
        Datastore,
        resource=arn,
        name=row.get("name") or arn.rpartition("/")[2],
        product="opensearchserverless",
        status=row.get("status", ""),
        kind=StoreKind.SEARCH,
        engine="opensearch",
        zone_redundant=Unread("BatchGetCollection returned no standbyReplicas field")
        if standby is None
        else standby == "ENABLED",
        backup_days=_SNAPSHOT_DAYS,
        deletion_protection=None if protection is None else protection == "ENABLED",
        capacity=Capacity.ON_DEMAND,
        encryption_key="" if row.get("kmsKeyArn") == "auto" else row.get("kmsKeyArn", ""),
    )


SOURCE = Source(
    name="aws_search_serverless",
    facts=(Datastore,),
    shapes=(StoreKind.SEARCH,),
    actions=("aoss:ListCollections", "aoss:BatchGetCollection", "tag:GetResources"),
    read=read,
)
