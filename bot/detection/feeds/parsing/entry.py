"""Reads the entries of RSS, Atom or JSON Feed as incidents, whatever convention their author follows."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.detection.feeds.parsing.amazon import opening_state
from bot.detection.feeds.parsing.announcement import announces_maintenance, planned_window
from bot.detection.feeds.parsing.dates import parse_time
from bot.detection.feeds.parsing.history import affected_components, dated_lines, dated_paragraphs
from bot.detection.feeds.parsing.page import first_change, last_change, newest_first, regions_in, resolved_by, safe_link
from bot.detection.feeds.parsing.prose import end_of_title, mark_in_title, severity_in_title, state_in_prose
from bot.detection.feeds.parsing.status_words import severity_of
from bot.detection.feeds.parsing.syndication import (
    FeedEntry,
    has_own_page,
    resolved_time_in_text,
    severity_in_text,
    state_and_title,
    state_in_categories,
    state_in_entry_text,
    status_in_text,
    type_in_text,
)
from bot.model import IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_PLANNED = (IncidentState.SCHEDULED, IncidentState.IN_PROGRESS)
_BEGUN = re.compile(
    r"\b(?:in progress|underway|under way|has (?:started|begun)|currently (?:performing|undergoing)|hat begonnen|läuft)\b"
    r"|実施中|開始しました",
    re.IGNORECASE,
)
_CALLED_OFF = re.compile(
    r"\b(?:maintenance|window|work|upgrade)\b[^.\n]{0,60}?\b(?:cancell?ed|called off)\b"
    r"|\bcancell?ed\s*[:\])-]?\s*(?:scheduled |planned )?maintenance"
    r"|wartung\w*\b[^.\n]{0,60}?\b(?:abgesagt|entfällt)|メンテナンス[^。\n]{0,30}中止",
    re.IGNORECASE,
)
_LOOKED_INTO = re.compile(r"^\W*(?:we are )?investigating\s+\w", re.IGNORECASE)
# https://statuscast.com: `/incident/post`.
_POST = re.compile(r"/?(\d{3,})/(\d{3,})")


@dataclass(frozen=True, slots=True)
class _Read:
    """What an entry reports: its state, whether it is planned, and its title without the state."""

    state: IncidentState | None
    planned: bool
    title: str


def incidents_from_entries(entries: Iterable[FeedEntry]) -> list[ProviderIncident]:
    """Read the entries of a feed that follows no known convention: one incident for all posts on it."""
    listed = list(entries)
    links = Counter(entry.link for entry in listed)
    grouped: dict[str, list[FeedEntry]] = {}
    for entry in listed:
        shared = links[entry.link] > 1 and has_own_page(entry.link) and not _POST.fullmatch(entry.id)
        grouped.setdefault(entry.link if shared else incident_key(entry), []).append(entry)
    return [_merged([incident_from_entry(entry) for entry in posts]) for posts in grouped.values()]


def incident_key(entry: FeedEntry) -> str:
    """What identifies an entry's incident: its id, without what only tells one post from the next."""
    if match := _POST.fullmatch(entry.id):
        return match[1]
    page, fragment, _ = entry.id.partition("#")
    return page if fragment and has_own_page(page) else entry.id


def incident_from_entry(entry: FeedEntry) -> ProviderIncident:
    """Read one entry of a feed that follows no known convention."""
    text = entry.text
    dated = dated_paragraphs(entry.body, entry.published, entry.updated, entry.zone)
    updates = dated or dated_lines(text)
    read = _read(entry, text, updates)
    changed = max(filter(None, (entry.updated or entry.published, last_change(updates))), default=None)
    starts, ends = planned_window(text, entry.published or entry.updated, entry.zone) if read.planned else (None, None)
    return ProviderIncident(
        provider="",
        id=incident_key(entry),
        title=read.title,
        state=read.state,
        severity=IncidentSeverity.MAINTENANCE if read.planned else _severity(entry, text),
        services=affected_components(text),
        regions=regions_in(entry.title, *entry.categories),
        started_at=starts or entry.published if read.planned else first_change((*dated, _posted(entry))),
        updated_at=changed,
        resolved_at=_resolved(entry, updates) if read.state is IncidentState.RESOLVED else None,
        updates=updates or (newest_first([IncidentUpdate(changed, read.state, text)]) if text else ()),
        url=safe_link(entry.link),
        ends_at=ends,
    )


def _read(entry: FeedEntry, text: str, updates: tuple[IncidentUpdate, ...]) -> _Read:
    headed, title = state_and_title(entry.title)
    stated = (
        state_in_categories(entry)
        or headed
        or mark_in_title(entry.title)
        or status_in_text(text)
        or next((update.state for update in updates if update.state), None)
        or state_in_entry_text(text)
    )
    planned = stated in _PLANNED or announces_maintenance(title, text, entry.link, entry.categories)
    if stated in (IncidentState.INVESTIGATING, IncidentState.IDENTIFIED):
        planned = announces_maintenance("", "", entry.link)
    state = (
        stated
        or end_of_title(entry.title)
        or state_in_prose(updates[0].text if updates else text)
        or opening_state(text)
        or (IncidentState.INVESTIGATING if _LOOKED_INTO.search(entry.title) else None)
    )
    if planned and (_CALLED_OFF.search(entry.title) or _CALLED_OFF.search(updates[0].text if updates else text)):
        state = IncidentState.RESOLVED
    if planned and state not in (*_PLANNED, IncidentState.RESOLVED):
        begun = state is IncidentState.MONITORING or _BEGUN.search(text)
        state = IncidentState.IN_PROGRESS if begun else IncidentState.SCHEDULED
    return _Read(state, planned, title)


def _posted(entry: FeedEntry) -> IncidentUpdate:
    return IncidentUpdate(entry.published, None, "")


def _resolved(entry: FeedEntry, updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    return (
        resolved_by(updates)
        or resolved_time_in_text(entry.text)
        or next(filter(None, map(parse_time, entry.categories)), None)
        or entry.updated
    )


def _severity(entry: FeedEntry, text: str) -> IncidentSeverity | None:
    """The severity that the entry states in a line of its own, else by its categories, else by its title or its type."""
    return (
        severity_in_text(text)
        or next((grade for word in entry.categories if (grade := severity_of(word))), None)
        or severity_in_title(entry.title)
        or severity_in_title(type_in_text(text))
    )


def _merged(posts: Sequence[ProviderIncident]) -> ProviderIncident:
    """One incident of several posts: as the last one tells it, from the first one on and under the id of that one."""
    if len(posts) == 1:
        return posts[0]
    last = max(posts, key=lambda post: (post.updated_at is not None, post.updated_at))
    first = min(posts, key=lambda post: (post.updated_at is not None, post.updated_at))
    updates = newest_first(update for post in posts for update in post.updates)
    state = last.state or next((update.state for update in updates if update.state), None)
    grades = [post.severity for post in (last, *posts) if post.severity]
    return replace(
        last,
        id=first.id,
        state=state,
        severity=grades[0] if grades else None,
        services=tuple(dict.fromkeys(name for post in posts for name in post.services)),
        regions=tuple(dict.fromkeys(name for post in posts for name in post.regions)),
        started_at=min((post.started_at for post in posts if post.started_at), default=None),
        resolved_at=last.resolved_at or (resolved_by(updates) if state is IncidentState.RESOLVED else None),
        updates=updates,
        ends_at=next((post.ends_at for post in (last, *posts) if post.ends_at), None),
    )
