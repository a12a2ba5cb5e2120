"""RSS of AWS's status page, for all services or one: an item per update, with severity and state in the title.

Items whose guid names the same service and region form one incident until one of them resolves it, however long AWS is silent
in between. An incident of `multipleservices` is one of the whole region, and names no service. AWS adds
[RESOLVED] to the titles of earlier items of a resolved incident, so the state of those items is read from their text.
"""

import re

from bot.detection.feeds.parsing.amazon import (
    state_in_text,
    text_says_resolved,
    title_says_resolved,
    title_severity,
    without_tags,
)
from bot.detection.feeds.parsing.page import (
    Page,
    host_of,
    last_change,
    newest_first,
    open_severity,
    regions_in,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import Channel, FeedEntry, read_channel
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

URL = "https://health.aws.amazon.com/health/status"
_GUID = re.compile(r"#(.+?)_(\d{9,11})$")
_TITLE = re.compile(r"^(.*?)\s*\(([^()]+)\)\s*Service Status$", re.IGNORECASE)
_REGION_WIDE = frozenset({"multipleservices", "multiple services"})
_HOSTS = ("status.aws.amazon.com", "health.aws.amazon.com")


def recognise(payload: Payload) -> bool:
    """Accept RSS by AWS's generator, or that links to AWS's status page."""
    read = read_channel(payload)
    if read is None or read.kind != "rss":
        return False
    return "AWS Service Health" in read.generator or host_of(read.link) in _HOSTS


def parse(payload: Payload) -> Page:
    """Return an incident for each run of items. A channel without items means no incidents.

    Raises:
        FeedError: the payload is not RSS.
    """
    read = read_channel(payload)
    if read is None or read.kind != "rss":
        raise FeedError("is not an RSS feed")
    found = [_incident(run, read) for run in _runs(read)]
    return Page(incidents=unique_open_first(found), severity=open_severity(found), name="Amazon Web Services", url=URL)


def _runs(read: Channel) -> list[list[FeedEntry]]:
    """Items grouped by incident, oldest first."""
    grouped: dict[str, list[FeedEntry]] = {}
    for entry in sorted(dict.fromkeys(read.entries), key=lambda entry: str(entry.published)):
        grouped.setdefault(_key(entry), []).append(entry)
    runs: list[list[FeedEntry]] = []
    for entries in grouped.values():
        for entry in entries:
            if entry is entries[0] or _apart(runs[-1][-1], entry):
                runs.append([])
            runs[-1].append(entry)
    return runs


def _apart(before: FeedEntry, entry: FeedEntry) -> bool:
    # The tag comes to every item of an event once that is over, so what has none is another.
    if text_says_resolved(before.text) or (title_says_resolved(before.title) > title_says_resolved(entry.title)):
        return True
    return _over(before) and without_tags(before.title).casefold() != without_tags(entry.title).casefold()


def _key(entry: FeedEntry) -> str:
    match = _GUID.search(entry.id)
    return match[1] if match else without_tags(entry.title)


def _over(entry: FeedEntry) -> bool:
    return (
        title_says_resolved(entry.title)
        or title_severity(entry.title) is IncidentSeverity.NONE
        or text_says_resolved(entry.text)
    )


def _incident(run: list[FeedEntry], read: Channel) -> ProviderIncident:
    first, last = run[0], run[-1]
    updates = newest_first(_update(entry, last=entry is last) for entry in run)
    grades = [grade for entry in run if (grade := title_severity(entry.title)) and grade is not IncidentSeverity.NONE]
    named = _TITLE.match(read.title)
    key = _key(first)
    ended = _over(last)
    return ProviderIncident(
        provider="",
        id=first.id.rpartition("#")[2]
        if "#" in first.id
        else f"{key}@{first.published:%Y-%m-%d}"
        if first.published
        else key,
        title=without_tags(last.title),
        state=IncidentState.RESOLVED if ended else next((u.state for u in updates if u.state), None),
        severity=worst_severity(grades) if grades else None,
        services=_services(named[1] if named else _service(key)),
        regions=regions_in(key.replace("-", " ", 1)) or regions_in(last.text),
        started_at=first.published,
        updated_at=last_change(updates),
        resolved_at=last.published if ended else None,
        updates=updates,
        url=URL,
    )


def _services(name: str) -> tuple[str, ...]:
    """The service, or none for an event of all services of a region."""
    return () if not name or name.lower() in _REGION_WIDE else (name,)


def _service(key: str) -> str:
    """The service's short name, without the region: `directconnect-us-east-1` -> `directconnect`."""
    return re.sub(r"-(us-gov|[a-z]{2})-[a-z]+-\d$", "", key)


def _update(entry: FeedEntry, *, last: bool) -> IncidentUpdate:
    ended = _over(entry) if last else text_says_resolved(entry.text)
    return IncidentUpdate(entry.published, IncidentState.RESOLVED if ended else state_in_text(entry.text), entry.text)
