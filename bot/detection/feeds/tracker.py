"""Tracks the feeds from poll to poll and returns signals: incidents listed, incidents no longer listed, and maintenance."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.detection.feeds.to_signals import signals_of, windows_of
from bot.model import FeedReading, IncidentSeverity
from bot.model.incidents import Incident, ProviderStatement
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import SILENT_PAGE, Health, Signal
from checks import Scope

_Listed = dict[tuple[str, Scope], Signal]


@dataclass(slots=True)
class _Page:
    """The state of one feed after its last poll. `missing` was listed at the poll before, but not at the last one.

    `first`: the sources of what its first reading listed, of which nobody knows when it appeared. `silent`: it did not answer at the
    last poll.
    """

    reading: FeedReading
    listed: _Listed = field(default_factory=dict)
    missing: _Listed = field(default_factory=dict)
    windows: tuple[MaintenanceWindow, ...] = ()
    places: Collection[Scope] = ()
    first: frozenset[str] = frozenset()
    silent: bool = False


@dataclass(slots=True)
class FeedTracker:
    """Remembers what each feed listed last, by provider and feed."""

    _pages: dict[tuple[str, str], _Page] = field(default_factory=dict)
    _recalled: dict[str, _Listed] = field(default_factory=dict)

    def recall(self, incidents: Iterable[Incident]) -> None:
        """Restore the providers' open statements on these incidents: a page may have dropped them while backstay was down."""
        for incident in incidents:
            for statement in incident.words:
                if incident.open and statement.open:
                    found = {
                        (f"ledger:{statement.provider}", scope): _signal_of(statement, scope)
                        for scope in incident.scopes
                        if scope.provider == statement.provider
                    }
                    self._recalled.setdefault(statement.provider, {}).update(found)
        for (provider, _), page in self._pages.items():
            page.missing |= self._recalled.get(provider, {})

    def read(self, reading: FeedReading, places: Collection[Scope], now: datetime) -> Iterator[Signal]:
        """Return the signals of a poll; if the page could not be read, only that it stopped answering.

        An incident that is no longer listed is over at once if the page reports no problem. If the page reports another
        problem, it takes two polls without the incident, since a cache may have returned an older copy. If the page's
        severity is unknown, a missing incident stays unknown.
        """
        before = self._pages.get((reading.provider, reading.feed))
        if reading.error or reading.read_at is None:
            if before is not None and not reading.feed:
                before.silent = True
                yield _page_signal(reading, Health.UNKNOWN, now)
            return
        if before is not None and before.silent:
            yield _page_signal(reading, Health.GOOD, now)
        found = tuple(signals_of(reading, places, now))
        if before is None:
            first = frozenset(signal.source for signal in found)
            before = _Page(reading, missing=dict(self._recalled.get(reading.provider, {})), first=first)
        listed = {
            (signal.source, signal.scope): replace(signal, first_reading=signal.source in before.first)
            for signal in found
        }
        gone = {key: signal for key, signal in {**before.missing, **before.listed}.items() if key not in listed}
        over = {key for key in gone if _is_over(reading, missing_twice=key in before.missing)}
        missing = {key: signal for key, signal in gone.items() if key not in over}
        windows = tuple(windows_of(reading, places))
        self._pages[reading.provider, reading.feed] = _Page(reading, listed, missing, windows, places, before.first)
        yield from listed.values()
        for key, signal in gone.items():
            yield replace(signal, state=Health.GOOD if key in over else Health.UNKNOWN, at=reading.read_at)

    def windows(self, places: Collection[Scope]) -> Iterator[MaintenanceWindow]:
        """The maintenance windows that the feeds announce."""
        for page in self._pages.values():
            if page.places is not places:
                page.windows, page.places = tuple(windows_of(page.reading, places)), places
            yield from page.windows


def _signal_of(statement: ProviderStatement, scope: Scope) -> Signal:
    return Signal(
        provider=scope.provider,
        region=scope.region,
        service=scope.part,
        kind="feed",
        state=Health.BAD,
        at=statement.since,
        source=f"ledger:{statement.provider}",
        severity=statement.severity,
        detail=statement.title,
        url=statement.url,
        began=statement.began,
        parts=statement.parts,
        progress=statement.progress,
        updates=statement.updates,
    )


def _page_signal(reading: FeedReading, state: Health, now: datetime) -> Signal:
    """That a page which was read before stopped answering (UNKNOWN), or answers again (GOOD).

    Its silence is no failure by itself, but evidence beside one of its provider.
    """
    return Signal(
        provider=reading.provider,
        region="",
        service="",
        kind="feed",
        state=state,
        at=now,
        source=f"{SILENT_PAGE}{reading.provider}",
        detail=reading.error,
    )


def _is_over(reading: FeedReading, *, missing_twice: bool) -> bool:
    return reading.severity is IncidentSeverity.NONE or (missing_twice and reading.severity is not None)
