"""Watches the disk of a ledger: whether there is room, and whether it refused a write lately."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from bot.storage.errors import LedgerError

LEAST_BYTES = 1024 * 1024
"""Below this much room the disk counts as full: small writes still fit where SQLite reuses space, larger ones fail."""
RECENT_SECONDS = 15.0


class Disk:
    """The disk of a SQLite file; that of a PostgreSQL server is its own concern, but refused writes count."""

    def __init__(self, url: URL) -> None:
        self._path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self._failure: LedgerError | None = None
        self._failed_at = float("-inf")

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Remember a write that the disk refuses."""
        try:
            yield
        except LedgerError as error:
            if error.disk:
                self._failure, self._failed_at = error, time.monotonic()
            raise

    def recent_failure(self) -> LedgerError | None:
        """The last refused write, if it was a moment ago. Others that fitted since prove nothing."""
        return self._failure if time.monotonic() - self._failed_at < RECENT_SECONDS else None

    def require_room(self) -> None:
        """Check that there is room for more.

        Raises:
            LedgerError: the disk is full.
        """
        if self._path is None:
            return
        try:
            found = os.statvfs(self._path.parent)
        except OSError:
            return  # the ledger itself will say so
        room = found.f_bavail * found.f_frsize
        if found.f_blocks and room < LEAST_BYTES:
            problem = f"The disk of the ledger {self._path} is full: {room // 1024} KiB are left"
            raise LedgerError(problem, "Free space on it; backstay recovers by itself", disk=True)
