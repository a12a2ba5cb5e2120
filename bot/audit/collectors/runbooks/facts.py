"""A declared runbook and the copy of it -> what is known of it: where its page stands, whether it opens, what it says."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.audit.collectors.runbooks.fetch import GONE
from bot.audit.collectors.runbooks.page_text import counted
from bot.catalogue import DeclaredRunbook
from bot.model.records import RunbookCopy
from checks import Unread

# Domains of pages -> the cloud that their vendor is publicly documented to run them on.
_HOSTS: Mapping[str, tuple[str, ...]] = {
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
KEPT = timedelta(days=90)
"""A copy that was last read longer ago tells of another page than the one there is now."""

_REVIEWED = re.compile(r"review(?:ed)?(?:\s+on|\s+at)?\W{1,6}(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_FAILOVER = re.compile(
    r"fail[ -]?over|switch[ -]?over|failback|evacuat|promote|standby|second(?:ary)? region", re.IGNORECASE
)


def runbook_fields(declared: DeclaredRunbook | None, copy: RunbookCopy | None, now: datetime) -> dict[str, Any]:
    """The fields of a `Runbook` fact. What nobody has read yet stays unread."""
    if declared is None:
        return {"missing": True}
    told = declared.hosted_on if declared.hosted_on is not None else hosted_on(declared.url)
    at = {"url": f"file:{declared.path}", "hosted_on": declared.hosted_on or ()} if declared.path else {}
    fields: dict[str, Any] = {"url": declared.url, "hosted_on": told, **at}
    reviewed = _moment(declared.reviewed) if declared.reviewed else None
    if copy is None:
        unread = Unread("it was not read yet")
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
        "reviewed_at": max(filter(None, (reviewed, _reviewed_in(copy.text))), default=None),
        "copy_kept": now - copy.read_at <= KEPT,
        "steps": counted(copy.text),
        "names_failover": bool(_FAILOVER.search(copy.text)),
    }


def hosted_on(url: str) -> tuple[str, ...] | None:
    """The clouds a page stands on by its address, None where nothing is published on that."""
    host = (urlsplit(url).hostname or "").lower()
    return next((clouds for end, clouds in _HOSTS.items() if host == end or host.endswith(f".{end}")), None)


def _reviewed_in(text: str) -> datetime | None:
    """The newest date that the text itself gives for a review; the file's own date tells only of its last copying."""
    days = []
    for written in _REVIEWED.findall(text):
        try:
            days.append(date.fromisoformat(written))
        except ValueError:
            continue  # 2026-13-45 is no date, whatever was meant
    return _moment(max(days)) if days else None


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
