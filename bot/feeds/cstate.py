"""cState's index.json. Line breaks stand raw inside its strings, and unset values read `<no value>`."""

from bot.feeds._page import Page, address, bare, open_severity, settled, worst
from bot.feeds._payload import FeedError, Item, Payload
from bot.ports import FeedComponent, IncidentSeverity, IncidentState, ProviderIncident

_SEVERITY = {
    "ok": IncidentSeverity.NONE,
    "notice": IncidentSeverity.MINOR,
    "disrupted": IncidentSeverity.MAJOR,
    "down": IncidentSeverity.CRITICAL,
}


def recognise(payload: Payload) -> bool:
    """`cStateVersion`, or systems under a summary."""
    root = payload.root
    return "cStateVersion" in root or ("summaryStatus" in root and isinstance(root.raw("systems"), list))


def parse(payload: Payload) -> Page:
    """Unresolved and pinned issues, each once.

    Raises:
        FeedError: it has no systems under a summary.
    """
    root = payload.root
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


def _issue(one: Item) -> ProviderIncident:
    key = one.word("permalink", "filename", "title")
    if not key:
        raise FeedError("lists an issue without a name")
    over = one.raw("resolved") is True or one.moment("resolvedAt") is not None
    return ProviderIncident(
        provider="",
        id=key,
        title=one.word("title"),
        state=IncidentState.RESOLVED if over else None,
        severity=_SEVERITY.get(bare(one.word("severity"))),
        services=one.words("affected"),
        started_at=one.moment("createdAt"),
        updated_at=one.moment("lastMod"),
        resolved_at=one.moment("resolvedAt"),
        url=address(one.word("permalink")),
    )
