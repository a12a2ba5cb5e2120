"""Azure's RSS: current incidents, without severity or state; services and regions are both listed as categories.

An item without categories may name its region in the title. Azure reuses a guid years later, so the incident's id includes its
start. The body changes while pubDate does not. An empty channel means that Azure has posted nothing, which it may do late
during an outage.
"""

import re
from datetime import datetime

from bot.detection.feeds.parsing.dates import month_number, utc_time
from bot.detection.feeds.parsing.page import Page, safe_link, unique_open_first
from bot.detection.feeds.parsing.payload import FeedError, Payload
from bot.detection.feeds.parsing.syndication import FeedEntry, read_channel
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

# Display names of regions: a direction and a country, with an optional number, and names of services without a region
# (https://learn.microsoft.com/azure/reliability/regions-list).
_COUNTRY = (
    "asia|australia|austria|belgium|brazil|canada|chile|china|denmark|europe|finland|france|germany|india|indonesia|israel|italy|japan"
    "|jio india|korea|malaysia|mexico|new zealand|norway|poland|qatar|singapore|south africa|spain|sweden|switzerland|taiwan|uae|uk|us"
    "|us dod|us gov|usgov|usdod|saudi arabia|greece"
)
_SIDE = r"north|south|east|west|central|north ?central|south ?central|west ?central|south ?east|north ?east|south ?west|north ?west"
_REGION = re.compile(
    rf"(?:(?:{_SIDE}) (?:{_COUNTRY})|(?:{_COUNTRY}) (?:{_SIDE}|arizona|texas|virginia|iowa))(?: \d)?(?: euap)?"
    r"|singapore|global|(?:public )?non-regional|azure china|azure government",
    re.IGNORECASE,
)
_BEGAN = re.compile(
    r"(?:starting|started|beginning|began)\s+(?:at\s+)?(?:approximately\s+)?(\d{1,2}):(\d{2})\s*UTC\s+on\s+(\d{1,2})\s+([A-Za-z]+),?\s+(\d{4})"
    r"|(?:starting|started|beginning|began)\s+on\s+(\d{1,2})\s+([A-Za-z]+),?\s+(\d{4})\s+at\s+(\d{1,2}):(\d{2})\s*UTC",
    re.IGNORECASE,
)


def recognise(payload: Payload) -> bool:
    """Accept RSS titled `Azure Status`, or that links to Azure's status page."""
    read = read_channel(payload)
    if read is None or read.kind != "rss":
        return False
    return read.title.lower() == "azure status" or ("azure" in read.link and "status" in read.link)


def parse(payload: Payload) -> Page:
    """Return every item: an incident is open for as long as it is listed.

    Raises:
        FeedError: the payload is not RSS.
    """
    read = read_channel(payload)
    if read is None or read.kind != "rss":
        raise FeedError("is not an RSS feed")
    found = [_incident(entry) for entry in read.entries]
    # The feed has no severity: an open incident counts as minor.
    grade = IncidentSeverity.NONE if not any(incident.open for incident in found) else IncidentSeverity.MINOR
    return Page(
        incidents=unique_open_first(found),
        severity=grade,
        name="Microsoft Azure",
        url="https://azure.status.microsoft/status",
    )


def _incident(entry: FeedEntry) -> ProviderIncident:
    text = entry.text
    began = _began(text) or entry.published
    places = tuple(word for word in entry.categories or entry.title.split(" - ") if _REGION.fullmatch(word.strip()))
    return ProviderIncident(
        provider="",
        id=f"{entry.id}@{began:%Y-%m-%d}" if began else entry.id,
        title=entry.title,
        state=_state(entry.title),
        services=tuple(word for word in entry.categories if word not in places),
        regions=places,
        started_at=began,
        updated_at=entry.updated or entry.published,
        updates=(IncidentUpdate(entry.updated or entry.published, _state(entry.title), text),),
        url=safe_link(entry.link),
    )


def _state(title: str) -> IncidentState | None:
    """The state: Azure removes resolved incidents, or marks them in the title for a while."""
    return IncidentState.RESOLVED if re.search(r"\b(?:mitigated|resolved)\b", title, re.IGNORECASE) else None


def _began(text: str) -> datetime | None:
    match = _BEGAN.search(text)
    if not match:
        return None
    if match[1]:
        hour, minute, day, name, year = match.group(1, 2, 3, 4, 5)
    else:
        day, name, year, hour, minute = match.group(6, 7, 8, 9, 10)
    number = month_number(name)
    return utc_time(int(year), number, int(day), int(hour), int(minute)) if number else None
