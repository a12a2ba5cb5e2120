"""Which migration a ledger is at, which versions of backstay may use it, and whether it has moved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import URL

from bot.storage.engine import FIX_MOVED, LedgerError
from bot.storage.evidence_verification import adopt_rows
from bot.storage.tables import ledger_shape

HEAD = "0020"
"""The migration that this code was written for."""

CHAINED_FROM = "0017"
"""The migration since which evidence rows are chained; those of before are chained together with it."""

USABLE_FROM = "0004"
"""The oldest `HEAD` whose code may still run on the tables as they are now.

The version that migrates writes it into the ledger, so that an older version knows whether it may use it: during a rollout
old and new replicas share a ledger as long as migrations only add. Raise it together with a migration that removes
something; then every older replica must be stopped first.
"""

FILLING = "filling:"
"""Prefix of the migration while a copy fills the ledger, so that no version takes it for a complete one."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shape:
    """The state of a database. `revision` empty: it has no tables yet. `usable_from` empty: unknown."""

    revision: str = ""
    usable_from: str = ""
    moved_to: str = ""
    filling: bool = False

    @property
    def newer(self) -> bool:
        """Whether a later version of backstay has migrated it."""
        return bool(self.revision) and self.revision not in {f"{number:04}" for number in range(1, int(HEAD) + 1)}


def shape_of(connection: Connection) -> Shape:
    """Reads the state of a database without changing it."""
    inspected = inspect(connection)
    if not inspected.has_table("alembic_version"):
        return Shape()
    stored = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    revision, filling = stored.removeprefix(FILLING), stored.startswith(FILLING)
    if not inspected.has_table(ledger_shape.name):
        return Shape(revision, filling=filling)
    query = select(ledger_shape.c.usable_from, ledger_shape.c.moved_to)
    usable_from, moved_to = connection.execute(query).one_or_none() or ("", "")
    return Shape(revision, usable_from, moved_to or "", filling)


def needs_migration(found: Shape, url: URL, *, for_copy: bool) -> bool:
    """Whether a ledger must be migrated.

    Raises:
        LedgerError: this version must not use it.
    """
    where = url.render_as_string(hide_password=True)
    if found.newer and not (found.usable_from and found.usable_from <= HEAD):
        raise LedgerError(
            f"The ledger {where} was written by a newer backstay ({found.revision})",
            "Run that version, or set `ledger:` to another ledger",
        )
    if found.filling and not for_copy:
        raise LedgerError(
            f"The ledger {where} is incomplete: `backstay ledger copy` is running or was interrupted",
            "Wait until it ends, or finish it with `backstay ledger copy --resume`",
        )
    if found.moved_to and not for_copy:
        raise LedgerError(f"The ledger {where} has moved to {found.moved_to}", FIX_MOVED)
    if found.newer:
        _log.warning("ledger_is_newer", ledger=where, its=found.revision, ours=HEAD, usable_from=found.usable_from)
    return not found.newer and found.revision != HEAD


def bring_to_head(connection: Connection, found: Shape) -> None:
    """Migrate, and record which versions may use the ledger from now on."""
    migrate(connection, HEAD)
    if found.revision < CHAINED_FROM:
        adopt_rows(connection, {"reason": "written before rows were chained"})
    filled = connection.execute(select(ledger_shape.c.id)).scalar()
    values: dict[str, Any] = {"usable_from": USABLE_FROM}
    connection.execute(ledger_shape.update().values(values) if filled else ledger_shape.insert().values(id=1, **values))
    if found.filling:
        mark_filling(connection, filling=True)


def migrate(connection: Connection, revision: str) -> None:
    """Run the migrations up to this one."""
    from alembic import command  # noqa: PLC0415 - takes 0.1 s that a migrated ledger need not pay
    from alembic.config import Config  # noqa: PLC0415

    mark_filling(connection, filling=False)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, revision)


def mark_filling(connection: Connection, *, filling: bool) -> None:
    """Mark the ledger as being filled by a copy, or as complete."""
    if inspect(connection).has_table("alembic_version"):
        stored = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
        now = (FILLING if filling else "") + stored.removeprefix(FILLING)
        connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": now})


def head_of_migrations() -> Any:
    """The newest migration on disk, which `HEAD` must name."""
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
