"""cState: index.json, and the JSON of one system or of one issue.

Line breaks stand raw inside its strings, unset values read `<no value>`, moments are as Go prints them. An issue that is not
resolved says nothing of how far it is.
"""

from bot.detection.feeds.parsing.page import Page, address, bare, open_severity, regions, settled, worst
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_SEVERITY = {
    "ok": IncidentSeverity.NONE,
    "notice": IncidentSeverity.MINOR,
    "disrupted": IncidentSeverity.MAJOR,
    "down": IncidentSeverity.CRITICAL,
}


def recognise(payload: Payload) -> bool:
    """`cStateVersion`, or systems under a summary."""
    root = payload.root
    if _is_system(root) or _is_issue(root):
        return True
    return "cStateVersion" in root or ("summaryStatus" in root and isinstance(root.raw("systems"), list))


def _is_system(root: Item) -> bool:
    return root.word("is") == "system" and isinstance(root.raw("pages"), list)


def _is_issue(root: Item) -> bool:
    return {"severity", "resolved", "affected", "filename"} <= root.data.keys()


def parse(payload: Payload) -> Page:
    """Unresolved and pinned issues, each once.

    Raises:
        FeedError: it has no systems under a summary.
    """
    root = payload.root
    if _is_issue(root) or _is_system(root):
        return _alone(root)
    if not isinstance(root.raw("systems"), list) or "summaryStatus" not in root:
        raise FeedError("has no systems under a summary")
    systems = root.items("systems")
    issues = [*root.items("pinnedIssues"), *(issue for one in systems for issue in one.items("unresolvedIssues"))]
    found = [_issue(one) for one in issues]
    parts = tuple(FeedComponent(one.word("name"), _SEVERITY.get(bare(one.word("status")))) for one in systems)
    said = _SEVERITY.get(bare(root.word("summaryStatus")))
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([said, *(part.severity for part in parts), open_severity(found)]),
        name=root.word("title"),
        url=root.word("baseURL"),
    )


def _alone(root: Item) -> Page:
    rows = [root] if _is_issue(root) else [one for one in root.items("pages") if "severity" in one]
    found = [_issue(one) for one in rows]
    parts = (FeedComponent(root.word("title"), _SEVERITY.get(bare(root.word("status")))),) if _is_system(root) else ()
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(part.severity for part in parts), open_severity(found)]),
    )


def _issue(one: Item) -> ProviderIncident:
    key = one.word("permalink", "filename", "title")
    if not key:
        raise FeedError("lists an issue without a name")
    ended = one.moment("resolvedAt", "resolved_at")
    over = one.raw("resolved") is True or one.word("resolved").lower() == "true" or ended is not None
    text = one.text("body")
    began, changed = one.moment("createdAt", "created_at"), one.moment("lastMod")
    return ProviderIncident(
        provider="",
        id=key,
        title=one.word("title"),
        state=IncidentState.RESOLVED if over else None,
        severity=_SEVERITY.get(bare(one.word("severity"))),
        services=one.words("affected"),
        regions=regions(*one.words("affected"), one.word("title")),
        started_at=began,
        updated_at=changed,
        resolved_at=ended,
        updates=(IncidentUpdate(changed or began, None, text),) if text else (),
        url=address(one.word("permalink")),
    )
