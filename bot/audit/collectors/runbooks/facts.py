"""Derives the fields of a `Runbook` fact from its declaration and its stored copy."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.page_text import count_steps
from bot.audit.collectors.runbooks.sections import SECTIONS, sections
from bot.audit.collectors.runbooks.source import GONE
from bot.audit.collectors.runbooks.step_places import step_needs
from bot.catalogue import DeclaredRunbook
from bot.model.records import RunbookCopy
from bot.model.runbooks import PageDetails
from checks import Maybe, Unread

# Domains of pages and the clouds that run them, according to public statements of their vendors.
_CLOUDS_BY_DOMAIN: Mapping[str, tuple[str, ...]] = {
    "atlassian.net": ("aws",),
    "amazonaws.com": ("aws",),
    "awsapps.com": ("aws",),
    "slack.com": ("aws",),
    "pagerduty.com": ("aws",),
    "docs.google.com": ("gcp",),
    "sites.google.com": ("gcp",),
    "drive.google.com": ("gcp",),
    "storage.googleapis.com": ("gcp",),
    "run.app": ("gcp",),
    "web.app": ("gcp",),
    "firebaseapp.com": ("gcp",),
    "gitlab.com": ("gcp",),
    "incident.io": ("gcp",),
    "sharepoint.com": ("azure",),
    "azurewebsites.net": ("azure",),
    "core.windows.net": ("azure",),
    "cloudflareaccess.com": ("cloudflare",),
}
COPY_VALID_FOR = timedelta(days=90)
"""Older copies do not count as copies: the page has probably changed since."""

_REVIEWED = re.compile(r"review(?:ed)?(?:\s+on|\s+at)?\W{1,6}(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_FAILOVER = re.compile(
    r"fail[ -]?over|switch[ -]?over|failback|evacuat|promote|standby|second(?:ary)? region", re.IGNORECASE
)


_OWNER = re.compile(
    r"^\W{0,6}(?:(?:page )?owner|owned by|owning team|maintainer|maintained by|responsible(?: team)?)s?"
    r"\W{1,6}(?P<name>\w.{1,99}?)\W{0,3}$",
    re.IGNORECASE | re.MULTILINE,
)
_READ_FROM_TEXT = ("names_failover", "owner", "sections", "needs", "changed_at", "dead_links")


def runbook_fields(declared: DeclaredRunbook | None, copy: RunbookCopy | None, now: datetime) -> dict[str, Any]:
    """The fields of a `Runbook` fact; fields that depend on the page are `Unread` until it is read."""
    if declared is None:
        return {"missing": True}
    hosted_on = declared.hosted_on if declared.hosted_on is not None else clouds_hosting(declared.url)
    if hosted_on is None and copy is not None:
        hosted_on = copy.details.hosted_on
    fields: dict[str, Any] = {"url": declared.url, "hosted_on": hosted_on}
    if declared.path:
        fields = {"url": f"file:{declared.path}", "hosted_on": declared.hosted_on or ()}
    reviewed = _start_of_day(declared.reviewed) if declared.reviewed else None
    if copy is None:
        unread = Unread("not read yet")
        return {**fields, "reviewed_at": reviewed, "reachable": unread, **dict.fromkeys(_READ_FROM_TEXT, unread)}
    if copy.problem:
        gone = declared.path is not None or copy.problem.startswith(GONE)
        fields["reachable"] = False if gone else Unread(copy.problem)
    else:
        fields["reachable"] = True
    if copy.read_at is None:
        return {**fields, "reviewed_at": reviewed, **dict.fromkeys(_READ_FROM_TEXT, Unread(copy.problem))}
    return {
        **fields,
        "reviewed_at": max(filter(None, (reviewed, _last_review_in(copy.text))), default=None),
        "copy_kept": now - copy.read_at <= COPY_VALID_FOR,
        "steps": count_steps(copy.text),
        "names_failover": bool(_FAILOVER.search(copy.text)),
        **_text_fields(copy),
        **_page_fields(copy.details),
    }


def _text_fields(copy: RunbookCopy) -> dict[str, Any]:
    """What the text itself says. Of a page that was read in part, what it lacks may be in the rest."""
    found, unread = sections(copy.text), copy.details.unread
    named = _OWNER.search(copy.text)
    owner = copy.details.owner or (named["name"].strip() if named else "")
    part = Unread(unread["text"]) if "text" in unread else None
    return {
        "sections": found if part is None or len(found) == len(SECTIONS) else part,
        "needs": part or step_needs(copy.text),
        "owner": owner or part or "",
    }


def _page_fields(details: PageDetails) -> dict[str, Any]:
    """What is known of the page beside its text."""
    tried: Maybe[tuple[str, ...]] = details.dead
    if details.links_tried_at is None:
        tried = Unread("its links were not tried")
    elif details.untried and not details.links:
        tried = Unread("none of its links could be tried from here without a sign-in")
    changed: Maybe[datetime | None] = details.changed_at
    if details.changed_at is None:
        changed = Unread(details.unread.get("changed_at", "not read yet"))
    return {
        "changed_at": changed,
        "changed_by": details.changed_by,
        "links": len(details.links),
        "dead_links": tried,
    }


def clouds_hosting(url: str) -> tuple[str, ...] | None:
    """The clouds that host a page, by its domain; None if unknown."""
    host = (urlsplit(url).hostname or "").lower()
    return next(
        (clouds for domain, clouds in _CLOUDS_BY_DOMAIN.items() if host == domain or host.endswith(f".{domain}")), None
    )


def _last_review_in(text: str) -> datetime | None:
    """The newest review date that the text states. A file's modification date only shows when it was copied."""
    days = []
    for text_of_day in _REVIEWED.findall(text):
        try:
            days.append(date.fromisoformat(text_of_day))
        except ValueError:
            continue  # not a date, such as 2026-13-45
    return _start_of_day(max(days)) if days else None


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
