"""Readings of providers' pages, poll after poll -> signals: what they list, what they list no longer, what they announce."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.incidents import Window, signals_of, windows_of
from bot.ports import FeedReading, IncidentSeverity
from bot.signals import Health, Signal
from checks import Scope

_Listed = dict[tuple[str, Scope], Signal]


@dataclass(slots=True)
class _Page:
    """What one feed said last: what it lists, what it listed at the poll before and no longer does, what it announces."""

    reading: FeedReading
    listed: _Listed = field(default_factory=dict)
    missing: _Listed = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    places: Collection[Scope] = ()


@dataclass(slots=True)
class Pages:
    """The last word of each feed, by its provider and which of its feeds it is."""

    _pages: dict[tuple[str, str], _Page] = field(default_factory=dict)

    def read(self, reading: FeedReading, places: Collection[Scope], now: datetime) -> Iterator[Signal]:
        """What a poll says. A page that could not be read says nothing, not even that something is gone.

        What is listed no longer is over at once where the page is well. Where it tells of other trouble, or a cache
        answered with an older copy, it takes two polls without it; where nobody knows how the page means itself, it is
        never over by that.
        """
        if reading.error or reading.read_at is None:
            return
        before = self._pages.get((reading.provider, reading.feed), _Page(reading))
        listed = {(one.source, one.scope): one for one in signals_of(reading, places, now)}
        gone = {key: one for key, one in {**before.missing, **before.listed}.items() if key not in listed}
        over = {key for key in gone if _over(reading, again=key in before.missing)}
        missing = {key: one for key, one in gone.items() if key not in over}
        windows = tuple(windows_of(reading, places))
        self._pages[reading.provider, reading.feed] = _Page(reading, listed, missing, windows, places)
        yield from listed.values()
        for key, one in gone.items():
            yield replace(one, state=Health.GOOD if key in over else Health.UNKNOWN, at=reading.read_at)

    def windows(self, places: Collection[Scope]) -> Iterator[Window]:
        """The maintenance that they announce."""
        for page in self._pages.values():
            if page.places is not places:
                page.windows, page.places = tuple(windows_of(page.reading, places)), places
            yield from page.windows


def _over(reading: FeedReading, *, again: bool) -> bool:
    return reading.severity is IncidentSeverity.NONE or (again and reading.severity is not None)
