"""The shape of a ledger: which migration it is at, which versions of backstay may use it, and whether it has moved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import URL

from bot.storage.engine import FIX_MOVED, LedgerError
from bot.storage.tables import ledger_shape

HEAD = "0012"
"""The migration which this code was written for."""

USABLE_FROM = "0004"
"""The oldest `HEAD` whose code may still run on the tables as they are now.

It is written into the ledger by whoever migrates, so that code older than the ledger knows whether it may go on: a
replica that runs or restarts in the middle of a rollout may, as long as migrations only add. Raise it together with a
migration that takes something away; then every replica of before must be stopped first.
"""

FILLING = "filling:"
"""Stands before the migration while a copy fills the ledger: no version, of before or after, takes it for a whole one."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a database says of itself. `revision` empty: it has no tables yet. `usable_from` empty: it does not say."""

    revision: str = ""
    usable_from: str = ""
    moved_to: str = ""
    filling: bool = False

    @property
    def newer(self) -> bool:
        """Whether a later version of backstay has migrated it."""
        return bool(self.revision) and self.revision not in {f"{number:04}" for number in range(1, int(HEAD) + 1)}


def shape_of(connection: Connection) -> Shape:
    """Look, changing nothing."""
    seen = inspect(connection)
    if not seen.has_table("alembic_version"):
        return Shape()
    noted = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    revision, filling = noted.removeprefix(FILLING), noted.startswith(FILLING)
    if not seen.has_table(ledger_shape.name):
        return Shape(revision, filling=filling)
    query = select(ledger_shape.c.usable_from, ledger_shape.c.moved_to)
    usable_from, moved_to = connection.execute(query).one_or_none() or ("", "")
    return Shape(revision, usable_from, moved_to or "", filling)


def judge(found: Shape, url: URL, *, for_copy: bool) -> bool:
    """Whether it has to be migrated.

    Raises:
        LedgerError: this program must keep its hands off it.
    """
    where = url.render_as_string(hide_password=True)
    if found.newer and not (found.usable_from and found.usable_from <= HEAD):
        raise LedgerError(
            f"The ledger {where} was written by a newer backstay ({found.revision})",
            "Run that version, or name another ledger",
        )
    if found.filling and not for_copy:
        raise LedgerError(
            f"The ledger {where} is being filled by `backstay ledger copy`, or that was broken off",
            "Let it end, or finish it with `backstay ledger copy --resume`",
        )
    if found.moved_to and not for_copy:
        raise LedgerError(f"The ledger {where} has moved to {found.moved_to}", FIX_MOVED)
    if found.newer:
        _log.warning("ledger_is_newer", ledger=where, its=found.revision, ours=HEAD, usable_from=found.usable_from)
    return not found.newer and found.revision != HEAD


def bring_to_head(connection: Connection, found: Shape) -> None:
    """Migrate, and write down who may use the ledger from now on."""
    migrate(connection, HEAD)
    filled = connection.execute(select(ledger_shape.c.id)).scalar()
    said: dict[str, Any] = {"usable_from": USABLE_FROM}
    connection.execute(ledger_shape.update().values(said) if filled else ledger_shape.insert().values(id=1, **said))
    if found.filling:
        mark_filling(connection, filling=True)


def migrate(connection: Connection, revision: str) -> None:
    """Run the migrations up to this one."""
    from alembic import command  # noqa: PLC0415 - a tenth of a second that an up-to-date ledger need not pay
    from alembic.config import Config  # noqa: PLC0415

    mark_filling(connection, filling=False)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, revision)


def mark_filling(connection: Connection, *, filling: bool) -> None:
    """Say that the ledger is being filled, or that it is whole."""
    if inspect(connection).has_table("alembic_version"):
        noted = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
        now = (FILLING if filling else "") + noted.removeprefix(FILLING)
        connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": now})


def head_of_migrations() -> Any:
    """The newest migration on disk, which `HEAD` must name."""
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
