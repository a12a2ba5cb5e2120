"""cState: index.json, and the JSON of a single system or issue.

Its strings contain raw line breaks, unset values read `<no value>`, and times are formatted as Go prints them. An unresolved
issue has no state.
"""

from bot.detection.feeds.parsing.page import (
    Page,
    normalised,
    open_severity,
    regions_in,
    safe_link,
    unique_open_first,
    worst_severity,
)
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_SEVERITY = {
    "ok": IncidentSeverity.NONE,
    "notice": IncidentSeverity.MINOR,
    "disrupted": IncidentSeverity.MAJOR,
    "down": IncidentSeverity.CRITICAL,
}


def recognise(payload: Payload) -> bool:
    """Accept an object with `cStateVersion`, or with `systems` and `summaryStatus`, or a single system or issue."""
    root = payload.root
    if _is_system(root) or _is_issue(root):
        return True
    return "cStateVersion" in root or ("summaryStatus" in root and isinstance(root.raw("systems"), list))


def _is_system(root: Item) -> bool:
    return root.string("is") == "system" and isinstance(root.raw("pages"), list)


def _is_issue(root: Item) -> bool:
    return {"severity", "resolved", "affected", "filename"} <= root.data.keys()


def parse(payload: Payload) -> Page:
    """Return unresolved and pinned issues, each once.

    Raises:
        FeedError: there are no `systems` and `summaryStatus`.
    """
    root = payload.root
    if _is_issue(root) or _is_system(root):
        return _system_or_issue(root)
    if not isinstance(root.raw("systems"), list) or "summaryStatus" not in root:
        raise FeedError("has no `systems` and `summaryStatus`")
    systems = root.items("systems")
    issues = [*root.items("pinnedIssues"), *(issue for system in systems for issue in system.items("unresolvedIssues"))]
    found = [_issue(issue) for issue in issues]
    parts = tuple(
        FeedComponent(system.string("name"), _SEVERITY.get(normalised(system.string("status")))) for system in systems
    )
    overall = _SEVERITY.get(normalised(root.string("summaryStatus")))
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([overall, *(part.severity for part in parts), open_severity(found)]),
        name=root.string("title"),
        url=root.string("baseURL"),
    )


def _system_or_issue(root: Item) -> Page:
    rows = [root] if _is_issue(root) else [page for page in root.items("pages") if "severity" in page]
    found = [_issue(row) for row in rows]
    parts = (
        (FeedComponent(root.string("title"), _SEVERITY.get(normalised(root.string("status")))),)
        if _is_system(root)
        else ()
    )
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*(part.severity for part in parts), open_severity(found)]),
    )


def _issue(issue: Item) -> ProviderIncident:
    key = issue.string("permalink", "filename", "title")
    if not key:
        raise FeedError("lists an issue without a name")
    ended = issue.time("resolvedAt", "resolved_at")
    over = issue.raw("resolved") is True or issue.string("resolved").lower() == "true" or ended is not None
    text = issue.text("body")
    began, changed = issue.time("createdAt", "created_at"), issue.time("lastMod")
    return ProviderIncident(
        provider="",
        id=key,
        title=issue.string("title"),
        state=IncidentState.RESOLVED if over else None,
        severity=_SEVERITY.get(normalised(issue.string("severity"))),
        services=issue.strings("affected"),
        regions=regions_in(*issue.strings("affected"), issue.string("title")),
        started_at=began,
        updated_at=changed,
        resolved_at=ended,
        updates=(IncidentUpdate(changed or began, None, text),) if text else (),
        url=safe_link(issue.string("permalink")),
    )
