"""A declared runbook -> what can be told of it without asking anybody: where its page stands, what a local file says."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.catalogue import DeclaredRunbook
from checks import Unread

MAX_CHARACTERS = 1_000_000
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
_STEP = re.compile(r"^\s*(?:\d+[.)]\s|[-*+]\s*\[[ xX]\]\s)", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*+]\s", re.MULTILINE)
_REVIEWED = re.compile(r"review(?:ed)?(?:\s+on|\s+at)?\W{1,6}(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_FAILOVER = re.compile(
    r"fail[ -]?over|switch[ -]?over|failback|evacuat|promote|standby|second(?:ary)? region", re.IGNORECASE
)


def runbook_fields(declared: DeclaredRunbook | None) -> dict[str, Any]:
    """The fields of a `Runbook` fact. A page on the web is not opened here: what it says stays unread."""
    if declared is None:
        return {"missing": True}
    reviewed = _moment(declared.reviewed) if declared.reviewed else None
    if declared.path is not None:
        return {
            "url": f"file:{declared.path}",
            "hosted_on": declared.hosted_on or (),
            **_of_file(declared.path, reviewed),
        }
    told = declared.hosted_on if declared.hosted_on is not None else hosted_on(declared.url)
    unread = Unread(f"the page {declared.url} is not read, only local files are")
    return {"url": declared.url, "reviewed_at": reviewed, "hosted_on": told, "names_failover": unread}


def hosted_on(url: str) -> tuple[str, ...] | None:
    """The clouds a page stands on by its address, None where nothing is published on that."""
    host = (urlsplit(url).hostname or "").lower()
    return next((clouds for end, clouds in _HOSTS.items() if host == end or host.endswith(f".{end}")), None)


def _of_file(path: Path, reviewed: datetime | None) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_CHARACTERS)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        reason = Unread(f"{path.name} cannot be read: {said}")
        return {"reviewed_at": reviewed, "reachable": False, "names_failover": reason}
    return {
        "reviewed_at": max(filter(None, (reviewed, _reviewed_in(text))), default=None),
        "reachable": True,
        "copy_kept": True,
        "steps": len(_STEP.findall(text)) or len(_BULLET.findall(text)),
        "names_failover": bool(_FAILOVER.search(text)),
    }


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
