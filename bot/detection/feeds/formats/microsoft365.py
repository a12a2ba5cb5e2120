"""Microsoft 365: Graph's service health (overviews and issues), and the posts of the public page.

https://learn.microsoft.com/graph/api/resources/servicehealth. The public posts only cover access to the admin center.
"""

from bot.detection.feeds.parsing.page import (
    Page,
    last_change,
    newest_first,
    normalised,
    open_severity,
    unique_open_first,
    worst_severity,
)
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
    """Accept Graph's service health under `value`, a single issue, or posts with `Status` and `Message`."""
    if "serviceAnnouncement" in payload.root.string("@odata.context"):
        return isinstance(payload.root.raw("value"), list)
    rows = payload.root.items("value")
    if rows:
        return "service" in rows[0] and ("issues" in rows[0] or "classification" in rows[0] or "status" in rows[0])
    return _is_issue(payload.root) or _is_post(payload.root) or _is_post(payload.head)


def parse(payload: Payload) -> Page:
    """Return all issues; the services of an overview become components.

    Raises:
        FeedError: the payload is neither Graph's service health nor posts.
    """
    if _is_issue(payload.root):
        return _service_health((payload.root,))
    if isinstance(payload.root.raw("value"), list):
        return _service_health(payload.root.items("value"))
    posts = payload.objects()
    if not posts or not all(_is_post(post) for post in posts):
        raise FeedError("is neither service health nor a list of posts")
    found = [
        _post(post) for post in posts if _SERVICE.get(normalised(post.string("Status"))) is not IncidentSeverity.NONE
    ]
    grades = [_SERVICE.get(normalised(post.string("Status"))) for post in posts]
    return Page(
        incidents=unique_open_first(found),
        severity=worst_severity(grades),
        name="Microsoft 365",
        url="https://status.cloud.microsoft",
    )


def _is_issue(row: Item) -> bool:
    return {"startDateTime", "classification", "service"} <= row.data.keys()


def _is_post(row: Item) -> bool:
    return {"Status", "Message", "Title"} <= row.data.keys()


def _service_health(rows: tuple[Item, ...]) -> Page:
    overviews = [row for row in rows if "startDateTime" not in row]
    issues = [row for row in rows if "startDateTime" in row] + [
        issue for row in overviews for issue in row.items("issues")
    ]
    found = [_issue(issue) for issue in issues]
    parts = tuple(
        FeedComponent(overview.string("service"), _SERVICE.get(normalised(overview.string("status"))))
        for overview in overviews
    )
    return Page(
        incidents=unique_open_first(found),
        components=parts,
        severity=worst_severity([*(part.severity for part in parts), open_severity(found)]),
        name="Microsoft 365",
        url="https://status.cloud.microsoft",
    )


def _issue(issue: Item) -> ProviderIncident:
    if not issue.string("id"):
        raise FeedError("lists an issue without an id")
    updates = newest_first(
        IncidentUpdate(post.time("createdDateTime"), None, post.item("description").text("content"))
        for post in issue.items("posts")
    )
    over = issue.raw("isResolved") is True
    now = IncidentState.RESOLVED if over else _STATE.get(normalised(issue.string("status")))
    ended = over or now is IncidentState.RESOLVED
    return ProviderIncident(
        provider="",
        id=issue.string("id"),
        title=issue.string("title"),
        state=now,
        severity=_severity(issue),
        services=tuple(filter(None, (issue.string("service"),))),
        started_at=issue.time("startDateTime"),
        updated_at=issue.time("lastModifiedDateTime") or last_change(updates),
        resolved_at=issue.time("endDateTime") if ended else None,
        updates=updates,
    )


def _severity(issue: Item) -> IncidentSeverity | None:
    """The severity: an advisory is minor, an incident at least major and critical if its status says so."""
    kind, now = issue.string("classification").lower(), _SERVICE.get(normalised(issue.string("status")))
    if kind == "advisory":
        return IncidentSeverity.MINOR
    if kind == "incident":
        return IncidentSeverity.CRITICAL if now is IncidentSeverity.CRITICAL else IncidentSeverity.MAJOR
    return now


def _post(post: Item) -> ProviderIncident:
    at, word = post.time("InternalDateTime", "AuthoredDateTime"), normalised(post.string("Status"))
    return ProviderIncident(
        provider="",
        id=post.string("Id") or post.string("Title"),
        title=post.string("Title") or post.text("Message").split("\n")[0][:200],
        state=_STATE.get(word),
        severity=_SERVICE.get(word),
        started_at=post.time("AuthoredDateTime"),
        updated_at=at,
        updates=(IncidentUpdate(at, _STATE.get(word), post.text("Message")),),
    )
