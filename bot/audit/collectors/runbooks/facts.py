"""Derives the fields of a `Runbook` fact from its declaration and its stored copy."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.fetch import GONE
from bot.audit.collectors.runbooks.page_text import count_steps
from bot.catalogue import DeclaredRunbook
from bot.model.records import RunbookCopy
from checks import Unread

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


def runbook_fields(declared: DeclaredRunbook | None, copy: RunbookCopy | None, now: datetime) -> dict[str, Any]:
    """The fields of a `Runbook` fact; fields that depend on the page are `Unread` until it is read."""
    if declared is None:
        return {"missing": True}
    hosted_on = declared.hosted_on if declared.hosted_on is not None else clouds_hosting(declared.url)
    fields: dict[str, Any] = {"url": declared.url, "hosted_on": hosted_on}
    if declared.path:
        fields = {"url": f"file:{declared.path}", "hosted_on": declared.hosted_on or ()}
    reviewed = _start_of_day(declared.reviewed) if declared.reviewed else None
    if copy is None:
        unread = Unread("not read yet")
        return {**fields, "reviewed_at": reviewed, "reachable": unread, "names_failover": unread}
    if copy.problem:
        gone = declared.path is not None or copy.problem.startswith(GONE)
        fields["reachable"] = False if gone else Unread(copy.problem)
    else:
        fields["reachable"] = True
    if copy.read_at is None:
        return {**fields, "reviewed_at": reviewed, "names_failover": Unread(copy.problem)}
    return {
        **fields,
        "reviewed_at": max(filter(None, (reviewed, _last_review_in(copy.text))), default=None),
        "copy_kept": now - copy.read_at <= COPY_VALID_FOR,
        "steps": count_steps(copy.text),
        "names_failover": bool(_FAILOVER.search(copy.text)),
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
