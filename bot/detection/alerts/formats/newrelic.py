"""New Relic's workflows: https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook.

The default payload is read as it is. To place an issue, add a line to it:
`"labels": {"service": {{json accumulations.tag.service}}, "region": {{json accumulations.tag.aws.region}}}`.
"""

from typing import Any

from pydantic import Field

from bot.detection.alerts.fields import Labels, OneLine, line, moment
from bot.detection.alerts.format import Alerts, ParseContext, ParsedAlerts, PayloadModel, parsed

PROOFS = ("token",)

_FIRES = frozenset(("activated", "created", "acknowledged", "open", "opened"))
_OVER = frozenset(("closed", "resolved", "deactivated"))


class Body(PayloadModel):
    """An issue."""

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


def read(body: bytes, ground: ParseContext) -> ParsedAlerts:
    """One signal.

    Raises:
        HookError: it is no such body, or does not say whether the issue is open.
    """
    issue = parsed(Body, body)
    found, state = Alerts(ground), issue.state.lower()
    if state not in _FIRES | _OVER:
        found.unusable("state", "is neither ACTIVATED nor CLOSED; send {{json state}}")
        return found.taken()
    title = _first(issue.title) or _first(issue.alertConditionNames)
    found.add(
        "body",
        id=issue.id or title,
        firing=state in _FIRES,
        labels={**issue.tags, **issue.labels, **_entity(issue.impactedEntities, ground)},
        title=title or "an issue without a title",
        severity=issue.priority,
        url=issue.issueUrl,
        at=moment(issue.updatedAt),
    )
    return found.taken()


def _first(value: object) -> str:
    return line(value[0]) if isinstance(value, list) and value else line(value)


def _entity(value: object, ground: ParseContext) -> dict[str, str]:
    """The first of its entities that is a service of ours."""
    named = (line(one) for one in (value if isinstance(value, list) else [value])[:200])
    mine = next((one for one in named if one.lower() in ground.names.services), "")
    return {"service": mine} if mine else {}
