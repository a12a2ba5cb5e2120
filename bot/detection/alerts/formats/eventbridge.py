"""EventBridge's API destinations: AWS Health events and CloudWatch alarm state changes.

https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html. The connection of the API
destination sends the token: authorization type "API key", key name `X-Backstay-Token`.
"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import Field

from bot.detection.alerts import cloudwatch
from bot.detection.alerts.fields import OneLine, one_line, parse_time
from bot.detection.alerts.format import Alerts, HookError, ParseContext, ParsedAlerts, PayloadModel, parse_body
from bot.detection.feeds.to_signals import product_name
from checks import GLOBAL, Scope

AUTH_METHODS = ("token",)

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z0-9]+)+|global")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_NO_SERVICE = frozenset(("multipleservices", "multiple_services", "internetconnectivity"))


class Event(PayloadModel):
    """An event from any source."""

    detail_type: OneLine = Field(alias="detail-type")
    source: OneLine
    id: OneLine = ""
    time: OneLine = ""
    region: OneLine = ""
    resources: Any = None
    detail: dict[str, Any] = Field(default_factory=dict)


BODY = Event


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Return one signal; none for announcements.

    Raises:
        HookError: the body is not an event, or its source is neither AWS Health nor CloudWatch.
    """
    event, alerts = parse_body(Event, body), Alerts(context)
    add_event(alerts, event, context)
    return alerts.result()


def add_event(alerts: Alerts, event: Event, context: ParseContext) -> None:
    """Add an event.

    Raises:
        HookError: the event's source is neither AWS Health nor CloudWatch.
    """
    if event.source == "aws.health":
        _add_health_event(alerts, event)
    elif event.source == "aws.cloudwatch" and event.detail_type == "CloudWatch Alarm State Change":
        _add_alarm_event(alerts, event, context)
    else:
        kind = f"{one_line(event.source, 60)}, {one_line(event.detail_type, 60)}"
        raise HookError(f"source: {kind} says nothing about health; send aws.health and aws.cloudwatch only", 422)


def _add_health_event(alerts: Alerts, event: Event) -> None:
    detail = event.detail
    category, status = one_line(detail.get("eventTypeCategory")), one_line(detail.get("statusCode")).lower()
    if category != "issue" or status not in ("open", "closed"):
        alerts.leave_out()  # scheduled changes, notifications and unconfirmed investigations
        return
    region = (one_line(detail.get("eventRegion")) or event.region).lower()
    code = one_line(detail.get("eventTypeCode"), 120)
    description = _description(detail.get("eventDescription"))
    alerts.add(
        "detail",
        id=one_line(detail.get("eventArn")) or event.id,
        firing=status == "open",
        labels={},
        title=f"AWS Health: {description or code}",
        at=_time(detail.get("lastUpdatedTime")) or parse_time(event.time),
        scope=_scope(region, one_line(detail.get("service"))),
    )


def _scope(region: str, service: str) -> Scope:
    found = product_name(service)
    part = found if _SERVICE.fullmatch(found) and found not in _NO_SERVICE else ""
    if not _REGION.fullmatch(region):
        return Scope("aws", GLOBAL if part else "", part)
    return Scope("aws", region, part)


def _description(value: object) -> str:
    first = value[0] if isinstance(value, list) and value else None
    return one_line(first.get("latestDescription")) if isinstance(first, dict) else ""


def _time(value: object) -> datetime | None:
    """Parse AWS Health's times, which are RFC 822: `Mon, 20 Oct 2025 07:11:00 GMT`."""
    try:
        return parse_time(parsedate_to_datetime(one_line(value)).isoformat())
    except (ValueError, TypeError):
        return None


def _add_alarm_event(alerts: Alerts, event: Event, context: ParseContext) -> None:
    detail = event.detail
    state, configuration = detail.get("state"), detail.get("configuration")
    state = state if isinstance(state, dict) else {}
    metrics = configuration.get("metrics") if isinstance(configuration, dict) else None
    namespace, dimensions = _first_metric(metrics)
    arn = one_line(event.resources[0], 300) if isinstance(event.resources, list) and event.resources else ""
    cloudwatch.add_alarm(
        alerts,
        "detail",
        context.names,
        name=one_line(detail.get("alarmName")) or "Unnamed alarm",
        state=one_line(state.get("value")),
        reason=one_line(state.get("reason")),
        at=state.get("timestamp"),
        arn=arn,
        namespace=namespace,
        dimensions=dimensions,
    )


def _first_metric(metrics: object) -> tuple[str, dict[str, str]]:
    for query in (metrics if isinstance(metrics, list) else [])[:20]:
        stat = query.get("metricStat") if isinstance(query, dict) else None
        metric = stat.get("metric") if isinstance(stat, dict) else None
        if isinstance(metric, dict) and one_line(metric.get("namespace")):
            dimensions = metric.get("dimensions")
            items = list(dimensions.items())[:30] if isinstance(dimensions, dict) else []
            return one_line(metric["namespace"]), {one_line(name): one_line(value) for name, value in items}
    return "", {}
