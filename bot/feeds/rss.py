"""RSS of whatever making: an item an incident, its state where prose or categories say one.

An item without a state may be over or not: it is shown, and the page is unknown rather than green.
"""

from bot.feeds._page import Page, address, newest_first, regions, settled, severity
from bot.feeds._payload import FeedError, Payload
from bot.feeds._syndication import Entry, categorised, channel, graded, is_rss, silent_severity, stated, titled
from bot.ports import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

GENERIC = True


def recognise(payload: Payload) -> bool:
    """Any RSS."""
    return is_rss(payload)


def parse(payload: Payload) -> Page:
    """Every item.

    Raises:
        FeedError: it is not RSS.
    """
    read = channel(payload)
    if read is None or read.kind != "rss":
        raise FeedError("is not RSS")
    found = [incident(entry) for entry in read.entries]
    return Page(incidents=settled(found), severity=silent_severity(found), name=read.title, url=read.link)


def incident(entry: Entry) -> ProviderIncident:
    """An entry of a feed that follows no convention that is known."""
    text = entry.text
    headed, title = titled(entry.title)
    now = categorised(entry) or headed or stated(text)
    changed = entry.updated or entry.published
    over = now is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=entry.id,
        title=title,
        state=now,
        severity=_severity(entry, text, now),
        regions=regions(entry.title, *entry.categories),
        started_at=entry.published,
        updated_at=changed,
        resolved_at=changed if over and entry.updated else None,
        updates=newest_first([IncidentUpdate(changed, now, text)]) if text else (),
        url=address(entry.link),
    )


def _severity(entry: Entry, text: str, now: IncidentState | None) -> IncidentSeverity | None:
    if now in (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS):
        return IncidentSeverity.MAINTENANCE
    return graded(text) or next((grade for word in entry.categories if (grade := severity(word))), None)
