"""Datadog's webhooks: https://docs.datadoghq.com/integrations/webhooks/.

The user defines the body. Paste this into the payload field (the default payload works too, but has tags and a transition only
in its title)::

    {"id": "$ALERT_ID", "cycle": "$ALERT_CYCLE_KEY", "transition": "$ALERT_TRANSITION", "priority": "$ALERT_PRIORITY",
     "title": "$EVENT_TITLE", "scope": "$ALERT_SCOPE", "tags": "$TAGS", "url": "$LINK", "last_updated": "$LAST_UPDATED"}
"""

import re
from typing import Any

from bot.detection.alerts.fields import OneLine, parse_tags, parse_time
from bot.detection.alerts.format import Alerts, HookError, ParseContext, ParsedAlerts, PayloadModel, parse_body

AUTH_METHODS = ("token",)

_TITLE = re.compile(r"\[(?:P\d\]\s*\[)?\s*((?:Re-)?[A-Za-z ]+?)(?:\s+on\s+\{([^}]*)\})?\]")
_RESOLVED = frozenset(("recovered", "success", "resolved"))
_FIRING = frozenset(("triggered", "re-triggered", "renotify", "re-notify", "renotified"))
_WARNING = frozenset(("warn", "re-warn"))
_NO_STATE = frozenset(("no data", "re-no data", "null", "import", "test", "skipped", "ignored"))


class Body(PayloadModel):
    """An event of a monitor."""

    id: OneLine = ""
    cycle: OneLine = ""
    transition: OneLine = ""
    priority: OneLine = ""
    title: OneLine = ""
    scope: OneLine = ""
    tags: Any = None
    url: OneLine = ""
    last_updated: OneLine = ""


BODY = Body


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return one signal; none if the monitor has no data, which says nothing about health.

    Raises:
        HookError: the body is not of this format, or does not say whether the monitor is triggered.
    """
    event = parse_body(Body, body)
    match = _TITLE.search(event.title)
    transition = _filled(event.transition) or (match[1] if match else "")
    scope = _filled(event.scope) or ((match[2] or "") if match else "")
    alerts, word = Alerts(context), transition.strip().lower()
    if word in _NO_STATE:
        alerts.leave_out()
        return alerts.result()
    if word not in _RESOLVED | _FIRING | _WARNING:
        raise HookError("transition: must be Triggered, Warn or Recovered; send $ALERT_TRANSITION", 422)
    cycle = _filled(event.cycle) or f"{_filled(event.id)}/{scope}"
    alerts.add(
        "body",
        id=cycle if cycle != "/" else event.title,
        firing=word not in _RESOLVED,
        labels={**parse_tags(event.tags), **parse_tags(scope)},
        title=event.title or "Unnamed monitor",
        severity="warning" if word in _WARNING else _filled(event.priority),
        url=event.url,
        at=parse_time(_filled(event.last_updated)),
    )
    return alerts.result()


def _filled(word: str) -> str:
    """The value of a variable; empty if Datadog did not replace it."""
    return "" if word.startswith("$") else word
