"""Snapshots that people or scripts made: the recovery points of a store without automated backups."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.audit.collectors.aws.reader import Reader
from checks import Datastore, Maybe, Unread

Row = Mapping[str, Any]
_COMPLETE = ("", "available", "completed")


def latest_by(rows: Iterable[Row], name: Callable[[Row], Any], at: str, status: str) -> dict[str, datetime]:
    """The newest complete snapshot of each store, by what `name` returns. `at`, `status`: the fields of a row."""
    newest: dict[str, datetime] = {}
    for row in rows:
        store, made = str(name(row) or ""), row.get(at)
        if made and str(row.get(status, "")).lower() in _COMPLETE and (store not in newest or made > newest[store]):
            newest[store] = made
    return newest


def with_snapshots(
    aws: Reader, stores: Iterable[Datastore], newest: Callable[[], Mapping[str, datetime]]
) -> Iterator[Datastore]:
    """The stores, those without automated backups with their newest snapshot.

    `newest` lists the region's snapshots by store, only where one of these needs it.
    """
    found: Maybe[Mapping[str, datetime]] | None = None
    for store in stores:
        if store.backup_days != 0 or not store.primary:
            yield store
            continue
        if found is None:
            found = aws.maybe(newest)
        yield replace(store, last_snapshot_at=found if isinstance(found, Unread) else found.get(store.name))
