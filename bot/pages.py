"""Readings of providers' pages, poll after poll -> signals: what they list, what they list no longer, what they announce."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.incidents import Window, signals_of, windows_of
from bot.ports import FeedReading, IncidentSeverity
from bot.signals import Health, Signal
from checks import Scope


@dataclass(slots=True)
class Pages:
    """The last reading of each page, and what it listed."""

    _readings: dict[str, FeedReading] = field(default_factory=dict)
    _listed: dict[str, dict[tuple[str, Scope], Signal]] = field(default_factory=dict)

    def read(self, reading: FeedReading, places: Collection[Scope], now: datetime) -> Iterator[Signal]:
        """What a poll says. What the page no longer lists counts as over only where the page is well."""
        self._readings[reading.provider] = reading
        if reading.error or reading.read_at is None:
            return
        found = {(one.source, one.scope): one for one in signals_of(reading, places, now)}
        before = self._listed.get(reading.provider, {})
        self._listed[reading.provider] = found
        yield from found.values()
        for key, one in before.items():
            if key not in found:
                yield replace(one, state=_unlisted(reading), at=reading.read_at)

    def windows(self, places: Collection[Scope]) -> Iterator[Window]:
        """The maintenance that they announce."""
        for reading in self._readings.values():
            yield from windows_of(reading, places)


def _unlisted(reading: FeedReading) -> Health:
    return Health.GOOD if reading.severity is IncidentSeverity.NONE else Health.UNKNOWN
