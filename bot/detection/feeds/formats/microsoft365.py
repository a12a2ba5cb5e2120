"""Microsoft 365: Graph's service health (overviews and issues) and the posts of the public page.

https://learn.microsoft.com/graph/api/resources/servicehealth. The public posts cover reachability of the admin centre alone.
"""

from bot.detection.feeds.parsing.page import Page, bare, last_change, newest_first, open_severity, settled, worst
from bot.detection.feeds.parsing.payload import FeedError, Item, Payload
from bot.model import FeedComponent, IncidentSeverity, IncidentState, IncidentUpdate, ProviderIncident

_SERVICE = {
    "serviceoperational": IncidentSeverity.NONE,
    "falsepositive": IncidentSeverity.NONE,
    "postincidentreviewpublished": IncidentSeverity.NONE,
    "servicerestored": IncidentSeverity.NONE,
    "resolved": IncidentSeverity.NONE,
    "resolvedexternal": IncidentSeverity.NONE,
    "mitigated": IncidentSeverity.NONE,
    "mitigatedexternal": IncidentSeverity.NONE,
    "available": IncidentSeverity.NONE,
    "reported": IncidentSeverity.MINOR,
    "confirmed": IncidentSeverity.MINOR,
    "investigating": IncidentSeverity.MINOR,
    "investigationsuspended": IncidentSeverity.MINOR,
    "verifyingservice": IncidentSeverity.MINOR,
    "extendedrecovery": IncidentSeverity.MINOR,
    "restoringservice": IncidentSeverity.MAJOR,
    "servicedegradation": IncidentSeverity.MAJOR,
    "serviceinterruption": IncidentSeverity.CRITICAL,
}
_STATE = {
    "reported": IncidentState.INVESTIGATING,
    "confirmed": IncidentState.INVESTIGATING,
    "investigating": IncidentState.INVESTIGATING,
    "servicedegradation": IncidentState.INVESTIGATING,
    "serviceinterruption": IncidentState.INVESTIGATING,
    "restoringservice": IncidentState.IDENTIFIED,
    "extendedrecovery": IncidentState.MONITORING,
    "verifyingservice": IncidentState.MONITORING,
} | dict.fromkeys(
    (
        "falsepositive",
        "postincidentreviewpublished",
        "servicerestored",
        "resolved",
        "resolvedexternal",
        "mitigated",
        "mitigatedexternal",
    ),
    IncidentState.RESOLVED,
)


def recognise(payload: Payload) -> bool:
    """Graph's `value` of service health, one issue of it, or posts with `Status` and `Message`."""
    if "serviceAnnouncement" in payload.root.word("@odata.context"):
        return isinstance(payload.root.raw("value"), list)
    rows = payload.root.items("value")
    if rows:
        return "service" in rows[0] and ("issues" in rows[0] or "classification" in rows[0] or "status" in rows[0])
    return _is_issue(payload.root) or _is_post(payload.root) or _is_post(payload.head)


def parse(payload: Payload) -> Page:
    """Issues, wherever they stand; services of an overview are components.

    Raises:
        FeedError: it is neither of Graph's nor a post.
    """
    if _is_issue(payload.root):
        return _graph((payload.root,))
    if isinstance(payload.root.raw("value"), list):
        return _graph(payload.root.items("value"))
    posts = payload.objects()
    if not posts or not all(_is_post(one) for one in posts):
        raise FeedError("is neither service health nor a post")
    found = [_post(one) for one in posts if _SERVICE.get(bare(one.word("Status"))) is not IncidentSeverity.NONE]
    grades = [_SERVICE.get(bare(one.word("Status"))) for one in posts]
    return Page(
        incidents=settled(found), severity=worst(grades), name="Microsoft 365", url="https://status.cloud.microsoft"
    )


def _is_issue(one: Item) -> bool:
    return {"startDateTime", "classification", "service"} <= one.data.keys()


def _is_post(one: Item) -> bool:
    return {"Status", "Message", "Title"} <= one.data.keys()


def _graph(rows: tuple[Item, ...]) -> Page:
    overviews = [one for one in rows if "startDateTime" not in one]
    issues = [one for one in rows if "startDateTime" in one] + [i for one in overviews for i in one.items("issues")]
    found = [_issue(one) for one in issues]
    parts = tuple(FeedComponent(one.word("service"), _SERVICE.get(bare(one.word("status")))) for one in overviews)
    return Page(
        incidents=settled(found),
        components=parts,
        severity=worst([*(part.severity for part in parts), open_severity(found)]),
        name="Microsoft 365",
        url="https://status.cloud.microsoft",
    )


def _issue(one: Item) -> ProviderIncident:
    if not one.word("id"):
        raise FeedError("lists an issue without an id")
    updates = newest_first(
        IncidentUpdate(post.moment("createdDateTime"), None, post.item("description").text("content"))
        for post in one.items("posts")
    )
    over = one.raw("isResolved") is True
    now = IncidentState.RESOLVED if over else _STATE.get(bare(one.word("status")))
    ended = over or now is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=one.word("id"),
        title=one.word("title"),
        state=now,
        severity=_severity(one),
        services=tuple(filter(None, (one.word("service"),))),
        started_at=one.moment("startDateTime"),
        updated_at=one.moment("lastModifiedDateTime") or last_change(updates),
        resolved_at=one.moment("endDateTime") if ended else None,
        updates=updates,
    )


def _severity(one: Item) -> IncidentSeverity | None:
    """An advisory is minor; an incident is as bad as its status says, at least major."""
    kind, now = one.word("classification").lower(), _SERVICE.get(bare(one.word("status")))
    if kind == "advisory":
        return IncidentSeverity.MINOR
    if kind == "incident":
        return IncidentSeverity.CRITICAL if now is IncidentSeverity.CRITICAL else IncidentSeverity.MAJOR
    return now


def _post(one: Item) -> ProviderIncident:
    at, word = one.moment("InternalDateTime", "AuthoredDateTime"), bare(one.word("Status"))
    return ProviderIncident(
        provider="",
        id=one.word("Id") or one.word("Title"),
        title=one.word("Title") or one.text("Message").split("\n")[0][:200],
        state=_STATE.get(word),
        severity=_SERVICE.get(word),
        started_at=one.moment("AuthoredDateTime"),
        updated_at=at,
        updates=(IncidentUpdate(at, _STATE.get(word), one.text("Message")),),
    )
