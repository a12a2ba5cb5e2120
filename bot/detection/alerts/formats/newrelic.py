"""New Relic's workflows: https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook.

The default payload works. To give an issue a scope, add a line to the payload:
`"labels": {"service": {{json accumulations.tag.service}}, "region": {{json accumulations.tag.aws.region}}}`.
"""

from typing import Any

from pydantic import Field

from bot.detection.alerts.fields import Labels, OneLine, one_line, parse_time
from bot.detection.alerts.format import Alerts, ParseContext, ParsedAlerts, PayloadModel, parse_body

AUTH_METHODS = ("token",)

_FIRING = frozenset(("activated", "created", "acknowledged", "open", "opened"))
_RESOLVED = frozenset(("closed", "resolved", "deactivated"))


class Body(PayloadModel):
    """An issue of New Relic."""

    id: OneLine = ""
    issueUrl: OneLine = ""  # noqa: N815 - the sender's word
    title: Any = ""
    priority: OneLine = ""
    state: OneLine
    updatedAt: Any = None  # noqa: N815 - the sender's word
    impactedEntities: Any = None  # noqa: N815 - the sender's word
    alertConditionNames: Any = None  # noqa: N815 - the sender's word
    labels: Labels = Field(default_factory=dict)
    tags: Labels = Field(default_factory=dict)


BODY = Body


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return one signal.

    Raises:
        HookError: the body is not of this format, or does not say whether the issue is open.
    """
    issue = parse_body(Body, body)
    alerts, state = Alerts(context), issue.state.lower()
    if state not in _FIRING | _RESOLVED:
        alerts.unusable("state", "must be ACTIVATED or CLOSED; send {{json state}}")
        return alerts.result()
    title = _first(issue.title) or _first(issue.alertConditionNames)
    alerts.add(
        "body",
        id=issue.id or title,
        firing=state in _FIRING,
        labels={**issue.tags, **issue.labels, **_entity(issue.impactedEntities, context)},
        title=title or "Untitled issue",
        severity=issue.priority,
        url=issue.issueUrl,
        at=parse_time(issue.updatedAt),
    )
    return alerts.result()


def _first(value: object) -> str:
    return one_line(value[0]) if isinstance(value, list) and value else one_line(value)


def _entity(value: object, context: ParseContext) -> dict[str, str]:
    """A `service` label for the first of its entities that is one of our services."""
    named = (one_line(name) for name in (value if isinstance(value, list) else [value])[:200])
    mine = next((name for name in named if name.lower() in context.names.services), "")
    return {"service": mine} if mine else {}
