"""Google Cloud's Atom feed: an entry per update, with the state before the title's colon and no regions."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.detection.feeds.parsing.dates import utc_time
from bot.detection.feeds.parsing.page import Page, newest_first, regions_in, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import FeedEntry, read_channel, severity_of_entries, state_and_title
from bot.model import IncidentState, IncidentUpdate, ProviderIncident

_ID = re.compile(r"feed:([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$")
_SPAN = re.compile(
    r"began at\s+(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2})(?:\s+and ended at\s+(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}))?"
)


def recognise(payload: Payload) -> bool:
    """Accept Atom titled `Google Cloud ...`, or whose ids name an incident and an update."""
    read = read_channel(payload)
    if read is None or read.kind != "atom":
        return False
    return read.title.startswith("Google Cloud") or bool(read.first and _ID.search(read.first.id))


def parse(payload: Payload) -> Page:
    """Return one incident for all entries that share its id.

    Raises:
        FeedError: the payload is not Atom.
    """
    read = read_channel(payload)
    if read is None or read.kind != "atom":
        raise FeedError("is not an Atom feed")
    grouped: dict[str, list[FeedEntry]] = {}
    for entry in read.entries:
        match = _ID.search(entry.id)
        grouped.setdefault(match[1] if match else entry.id, []).append(entry)
    found = [_incident(key, entries) for key, entries in grouped.items()]
    return Page(
        incidents=unique_open_first(found), severity=severity_of_entries(found), name="Google Cloud", url=read.link
    )


def _incident(id: str, entries: list[FeedEntry]) -> ProviderIncident:
    updates = newest_first(
        IncidentUpdate(entry.updated, state_and_title(entry.title)[0], entry.text) for entry in entries
    )
    newest = max(entries, key=lambda entry: str(entry.updated))
    began, ended = _span(entries)
    now = state_and_title(newest.title)[0]
    over = now is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=id,
        title=state_and_title(newest.title)[1],
        state=now,
        regions=regions_in(state_and_title(newest.title)[1]),
        started_at=began,
        updated_at=newest.updated,
        resolved_at=(ended or newest.updated) if over else None,
        updates=updates,
        url=safe_link(newest.link),
    )


def _span(entries: list[FeedEntry]) -> tuple[datetime | None, datetime | None]:
    """The start and end that an entry's text gives in US Pacific time; None for one that is missing."""
    for entry in entries:
        if match := _SPAN.search(" ".join(entry.text.split())):
            numbers = [int(word) if word else 0 for word in match.groups()]
            return _pacific(numbers[:5]), _pacific(numbers[5:]) if numbers[5] else None
    return None, None


def _pacific(numbers: list[int]) -> datetime | None:
    """A US Pacific time as UTC; whether daylight saving applies follows from the date."""
    return utc_time(*numbers, at=ZoneInfo("America/Los_Angeles"))
