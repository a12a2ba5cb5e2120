"""Notices when the database is no longer the one that was opened: its file removed or replaced, its tables created again.

A SQLite connection goes on writing to a removed file, and a connection to a new PostgreSQL database finds tables that know
nothing of what was accepted. Both lose it without an error.
"""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import utc_now
from bot.storage.errors import FIX_DAMAGED, LedgerError, is_damage
from bot.storage.tables import ledger_shape

_FIND = "SELECT identity FROM ledger_shape"
_NO_TABLE = ("no such table", "does not exist", "not a database", "malformed")
_SAVED = "What it contained is saved in {0}: move that file to {1}"
_FIX_FILE = (
    "Put the same file or a backup of it back; backstay goes on by itself. To begin with an empty one, restart it"
)
_FIX_DATABASE = "Restore the database, or restart backstay to begin with an empty one"


class Presence:
    """Whether the database at an address is the one that was opened. `path` is None on PostgreSQL."""

    def __init__(self, url: URL) -> None:
        self.path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.where = str(self.path) if self.path else url.render_as_string(hide_password=True)
        self.identity = ""
        self.saved: str | None = None
        """The file that its content was saved in when it was gone; empty: it could not be. None: it is there."""
        self._problem, self._damage = "", ""
        self._file = self._file_now()

    @property
    def gone(self) -> bool:
        """Whether it is known to be gone."""
        return bool(self._problem)

    def recognise(self, connection: Connection) -> None:
        """Remember the ledger's identity; the first time that it is opened, give it one."""
        nameless = ledger_shape.c.identity.is_(None)
        connection.execute(update(ledger_shape).where(nameless).values(identity=secrets.token_hex(8)))
        self.identity = connection.execute(select(ledger_shape.c.identity)).scalar() or ""

    def require(self) -> None:
        """Check what can be checked without a query, before a transaction and after it.

        Raises:
            LedgerError: it is gone.
        """
        if self.path is not None and not self._problem:
            self._look_at_file()
        if self._problem:
            if self._damage:
                raise LedgerError(self._problem, FIX_DAMAGED)
            saved = f"{_SAVED.format(self.saved, self.path)}. " if self.saved else ""
            raise LedgerError(self._problem, saved + _FIX_FILE if self.path else _FIX_DATABASE)

    def connected(self, connection: Any) -> None:
        """Check the row through a new connection of the driver, before anybody uses it.

        Raises:
            LedgerError: it is gone.
        """
        if self.path is not None:
            self.require()
        if not self.identity:
            return
        cursor = connection.cursor()
        try:
            cursor.execute(_FIND)
            row = cursor.fetchone()
        except Exception as error:  # each driver has its own
            if not any(words in str(error) for words in _NO_TABLE):
                raise LedgerError(f"The ledger {self.where} cannot be read", "Check that it is reachable") from error
            row, self._damage = None, str(error) if is_damage(str(error)) else ""
        finally:
            cursor.close()
        connection.rollback()
        self.judge(row[0] if row else None)
        self.require()

    def judge(self, found: str | None) -> None:
        """Remember whether this is the row that must be there. None: there is none."""
        if found is not None and found == self.identity:
            self._problem, self._damage = "", ""
        elif self._damage:
            self._problem = f"The ledger {self.where} is damaged: {self._damage}"
        else:
            self._problem = f"The ledger {self.where} was replaced: it is not the one that was opened"

    def back(self) -> bool:
        """Whether the file is there again and is the same ledger, whatever file it is in now. Opens a connection of its own."""
        if self.path is None:
            return not self._problem
        file = self._file_now()
        if file is None:
            self._look_at_file()
            return False
        try:
            with closing(sqlite3.connect(readable(self.path), uri=True, timeout=1)) as connection:
                row = connection.execute(_FIND).fetchone()
        except sqlite3.Error as error:
            if not any(words in str(error) for words in _NO_TABLE):
                return not self._problem  # locked or out of reach for now
            row, self._damage = None, str(error) if is_damage(str(error)) else ""
        self.judge(row[0] if row else None)
        if not self._problem:
            self._file, self.saved = file, None
        return not self._problem

    async def row(self, connection: AsyncConnection) -> str | None:
        """The row that must be there, through this connection."""
        return (await connection.execute(select(ledger_shape.c.identity))).scalar()

    def save_to(self) -> Path:
        """A new file beside the ledger's."""
        return Path(f"{self.where}.saved-{utc_now():%Y%m%dT%H%M%S%fZ}")

    def moved(self) -> bool:
        """Whether the path leads to another file than the one that was opened, or to none."""
        return self.path is not None and self._file_now() != self._file

    def _look_at_file(self) -> None:
        found = self._file_now()
        if found is None:
            self._problem = f"The ledger {self.where} was removed"
        elif found != self._file:
            self._problem = f"The ledger {self.where} was replaced: it is not the file that was opened"

    def _file_now(self) -> tuple[int, int] | None:
        """Device and inode of the file; None where there is none, or an empty one."""
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found.st_size else None


def readable(path: Path) -> str:
    """The URI of a SQLite file that must exist: opening it never creates one."""
    return f"file:{quote(str(path))}?mode=rw"
