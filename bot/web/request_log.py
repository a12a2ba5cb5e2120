"""Writes HTTP requests to the audit log, rate limited so that a flood cannot fill the disk."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import Clock
from bot.storage.ledger import AuditLogEntry

EVERY = timedelta(minutes=1)
"""One line per minute for equal entries; the next line counts those left out."""
_KINDS = 1000
_LINES = 60
"""Maximum lines per minute in all."""


@dataclass(slots=True)
class _Kind:
    written_at: datetime
    unwritten: int = 0


class AuditLogWriter(Protocol):
    """The part of the ledger that the HTTP server writes to."""

    async def log(self, entry: AuditLogEntry) -> None:
        """Write a line of the audit log. `detail` contains JSON, never a secret."""
        ...


class RequestLog:
    """Writes rate-limited lines to the audit log. `note` may be called for every request."""

    def __init__(self, ledger: AuditLogWriter, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._kinds: OrderedDict[tuple[str, ...], _Kind] = OrderedDict()
        self._minute: tuple[datetime, int] = (clock(), 0)

    async def note(self, actor: str, action: str, **detail: str | int) -> None:
        """Record a request. Repeats of actor, action and status within a minute are counted in the next line.

        Raises:
            LedgerError: the line could not be written.
        """
        now, what = self._clock(), (actor, action, str(detail.get("status", "")))
        kind = self._kinds.get(what)
        if (kind is not None and abs(now - kind.written_at) < EVERY) or not self._has_capacity(now):
            self._remember(what, kind or _Kind(now - EVERY)).unwritten += 1
            return
        unwritten = {"more": kind.unwritten} if kind is not None and kind.unwritten else {}
        self._remember(what, _Kind(now))
        await self._ledger.log(AuditLogEntry(now, actor, action, {**detail, **unwritten}))

    def _has_capacity(self, now: datetime) -> bool:
        begun, lines = self._minute
        if abs(now - begun) >= EVERY:  # a clock may be set back
            begun, lines = now, 0
        self._minute = begun, lines + 1
        return lines < _LINES

    def _remember(self, what: tuple[str, ...], kind: _Kind) -> _Kind:
        self._kinds[what] = kind
        self._kinds.move_to_end(what)
        while len(self._kinds) > _KINDS:
            self._kinds.popitem(last=False)
        return kind
