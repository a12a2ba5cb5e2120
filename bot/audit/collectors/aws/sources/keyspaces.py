"""Keyspaces tables: the regions of their keyspace, point-in-time recovery, capacity."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

Row = dict[str, Any]
_ACTION: Final = "cassandra:Select"  # Service Authorization Reference: the one action of every operation that reads
_PITR_DAYS: Final = (
    35  # developer guide, "Point-in-time recovery": a table is restored to any moment of the last 35 days
)
_SYSTEM: Final = "system"  # developer guide, "System keyspaces": system, system_schema, system_schema_mcs ...
_MODES: Final = {"PAY_PER_REQUEST": Capacity.ON_DEMAND}


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per table: a listing, one for each keyspace, and a call for each table.

    API reference: the listings need Select on the system keyspaces alone, `GetTable` on the table too. A role that may not
    read rows leaves the settings of a table unread, and its regions known.
    """
    keyspaces = [
        row
        for row in aws.list("keyspaces", "ListKeyspaces", "keyspaces")
        if not row.get("keyspaceName", "").startswith(_SYSTEM)
    ]
    of_keyspace = ItemIdentity[Row](_ACTION, lambda row: row["resourceArn"])
    for keyspace, tables in each_of(aws, lambda row: (row, _tables(aws, row)), keyspaces, of_keyspace):
        of_table = ItemIdentity[Row](_ACTION, lambda row: row["resourceArn"])
        yield from facts_of(aws, partial(_table, aws, keyspace), tables, of_table)


def _tables(aws: Reader, keyspace: Row) -> list[Row]:
    return aws.list("keyspaces", "ListTables", "tables", keyspaceName=keyspace["keyspaceName"])


def _table(aws: Reader, keyspace: Row, row: Row) -> Fact:
    """A table, which is stored in three zones of each of its regions (developer guide, "Resilience")."""
    arn, names = row["resourceArn"], {"keyspaceName": row["keyspaceName"], "tableName": row["tableName"]}
    table: Maybe[Row] = part(aws, arn, lambda: aws.get("keyspaces", "GetTable", **names), _ACTION)
    known = None if isinstance(table, Unread) else table
    restores = _restores(table)
    return aws.fact(
        Datastore,
        resource=arn,
        name=f"{row['keyspaceName']}.{row['tableName']}",
        product="keyspaces",
        status=(known or {}).get("status", ""),
        kind=StoreKind.KEY_VALUE,
        engine="cassandra",
        zone_redundant=True,
        replica_regions=_other_regions(aws, keyspace),
        backup_days=restores if isinstance(restores, Unread) else _PITR_DAYS * restores,
        point_in_time_recovery=restores,
        capacity=table if isinstance(table, Unread) else _capacity(table),
        storage_autoscaling=True,
        encryption_key=table
        if isinstance(table, Unread)
        else table.get("encryptionSpecification", {}).get("kmsKeyIdentifier", ""),
    )


def _restores(table: Maybe[Row]) -> Maybe[bool]:
    if isinstance(table, Unread):
        return table
    status = table.get("pointInTimeRecovery", {}).get("status")
    return Unread("GetTable returned no pointInTimeRecovery field") if status is None else bool(status == "ENABLED")


def _other_regions(aws: Reader, keyspace: Mapping[str, Any]) -> Maybe[tuple[str, ...]]:
    if keyspace.get("replicationStrategy") != "MULTI_REGION":
        return ()
    regions = keyspace.get("replicationRegions")
    if not regions:
        return Unread("ListKeyspaces returned no replicationRegions field")
    return tuple(sorted({*regions} - {aws.region}))


def _capacity(table: Row) -> Maybe[Capacity | None]:
    """The capacity, as far as the mode tells it: whether a provisioned table scales takes a call of its own."""
    mode = table.get("capacitySpecification", {}).get("throughputMode")
    return None if mode is None else _MODES.get(mode)


SOURCE = Source(
    name="aws_keyspaces",
    facts=(Datastore,),
    shapes=(StoreKind.KEY_VALUE,),
    actions=(_ACTION, "tag:GetResources"),
    read=read,
)
