"""Readings of providers' pages, poll after poll -> signals: what they list, what they list no longer, what they announce."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.detection.feeds.to_signals import signals_of, windows_of
from bot.model import FeedReading, IncidentSeverity
from bot.model.incidents import Health, Incident, ProviderStatement, Signal
from bot.model.maintenance import MaintenanceWindow
from checks import Scope

_Listed = dict[tuple[str, Scope], Signal]


@dataclass(slots=True)
class _Page:
    """What one feed said last: what it lists, what it listed at the poll before and no longer does, what it announces."""

    reading: FeedReading
    listed: _Listed = field(default_factory=dict)
    missing: _Listed = field(default_factory=dict)
    windows: tuple[MaintenanceWindow, ...] = ()
    places: Collection[Scope] = ()


@dataclass(slots=True)
class FeedTracker:
    """The last word of each feed, by its provider and which of its feeds it is."""

    _pages: dict[tuple[str, str], _Page] = field(default_factory=dict)
    _recalled: dict[str, _Listed] = field(default_factory=dict)

    def recall(self, incidents: Iterable[Incident]) -> None:
        """Take up what providers said last of these, as the ledger has it: a page may drop it while nobody here reads it."""
        for one in incidents:
            for word in one.words:
                if one.open and word.open:
                    found = {
                        (f"ledger:{word.provider}", scope): _said(word, scope)
                        for scope in one.scopes
                        if scope.provider == word.provider
                    }
                    self._recalled.setdefault(word.provider, {}).update(found)
        for (provider, _), page in self._pages.items():
            page.missing |= self._recalled.get(provider, {})

    def read(self, reading: FeedReading, places: Collection[Scope], now: datetime) -> Iterator[Signal]:
        """What a poll says. A page that could not be read says nothing, not even that something is gone.

        What is listed no longer is over at once where the page is well. Where it tells of other trouble, or a cache
        answered with an older copy, it takes two polls without it; where nobody knows how the page means itself, it is
        never over by that.
        """
        if reading.error or reading.read_at is None:
            return
        before = self._pages.get((reading.provider, reading.feed))
        if before is None:
            before = _Page(reading, missing=dict(self._recalled.get(reading.provider, {})))
        listed = {(one.source, one.scope): one for one in signals_of(reading, places, now)}
        gone = {key: one for key, one in {**before.missing, **before.listed}.items() if key not in listed}
        over = {key for key in gone if _over(reading, again=key in before.missing)}
        missing = {key: one for key, one in gone.items() if key not in over}
        windows = tuple(windows_of(reading, places))
        self._pages[reading.provider, reading.feed] = _Page(reading, listed, missing, windows, places)
        yield from listed.values()
        for key, one in gone.items():
            yield replace(one, state=Health.GOOD if key in over else Health.UNKNOWN, at=reading.read_at)

    def windows(self, places: Collection[Scope]) -> Iterator[MaintenanceWindow]:
        """The maintenance that they announce."""
        for page in self._pages.values():
            if page.places is not places:
                page.windows, page.places = tuple(windows_of(page.reading, places)), places
            yield from page.windows


def _said(word: ProviderStatement, scope: Scope) -> Signal:
    return Signal(
        provider=scope.provider,
        region=scope.region,
        service=scope.part,
        kind="feed",
        state=Health.BAD,
        at=word.since,
        source=f"ledger:{word.provider}",
        severity=word.severity,
        detail=word.title,
        url=word.url,
    )


def _over(reading: FeedReading, *, again: bool) -> bool:
    return reading.severity is IncidentSeverity.NONE or (again and reading.severity is not None)
