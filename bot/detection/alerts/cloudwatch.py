"""Reads CloudWatch alarms, as SNS and EventBridge deliver them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import re
from typing import Any

from pydantic import Field

from bot.detection.alerts.fields import OneLine, label_key, one_line, parse_time
from bot.detection.alerts.format import Alerts, PayloadModel
from bot.detection.alerts.placement import PlacementNames, scope_of_labels
from checks import Scope

_ARN_REGION = re.compile(r"arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STATES = {"ALARM": True, "OK": False}
"""INSUFFICIENT_DATA is left out: it says nothing about health."""


class Dimension(PayloadModel):
    """A dimension of a metric."""

    name: OneLine = ""
    value: OneLine = ""


class AlarmTrigger(PayloadModel):
    """The metric of an alarm; a composite alarm has none."""

    Namespace: OneLine = ""
    Dimensions: list[Dimension] = Field(default_factory=list)
    Metrics: Any = None


class CloudWatchAlarm(PayloadModel):
    """An alarm as SNS delivers it."""

    AlarmName: OneLine
    AlarmArn: OneLine = ""
    NewStateValue: OneLine
    NewStateReason: OneLine = ""
    StateChangeTime: OneLine = ""
    Trigger: AlarmTrigger | None = None


def add_sns_alarm(alerts: Alerts, where: str, alarm: CloudWatchAlarm, names: PlacementNames) -> None:
    """Add an alarm delivered by SNS, placed by its region, namespace and dimensions."""
    trigger = alarm.Trigger or AlarmTrigger()
    namespace, dimensions = (
        trigger.Namespace,
        {dimension.name: dimension.value for dimension in trigger.Dimensions[:30]},
    )
    if not namespace:
        namespace, dimensions = _first_metric(trigger.Metrics)
    add_alarm(
        alerts,
        where,
        names,
        name=alarm.AlarmName,
        state=alarm.NewStateValue,
        reason=alarm.NewStateReason,
        at=alarm.StateChangeTime,
        arn=alarm.AlarmArn,
        namespace=namespace,
        dimensions=dimensions,
    )


def add_alarm(  # noqa: PLR0913 - the fields of an alarm, by keyword
    alerts: Alerts,
    where: str,
    names: PlacementNames,
    *,
    name: str,
    state: str,
    reason: str,
    at: object,
    arn: str,
    namespace: str,
    dimensions: dict[str, str],
) -> None:
    """Add an alarm, whichever way it was delivered."""
    if state == "INSUFFICIENT_DATA":
        alerts.leave_out()
        return
    if state not in _STATES:
        alerts.unusable(where, "NewStateValue: must be ALARM, OK or INSUFFICIENT_DATA")
        return
    region = match[1] if (match := _ARN_REGION.match(arn)) else ""
    labels = {label_key(_HUMPS.sub("_", name)): value for name, value in dimensions.items() if value}
    labels |= {"region": region, "aws_namespace": namespace} if region else {"aws_namespace": namespace}
    alerts.add(
        where,
        id=arn or name,
        firing=_STATES[state],
        labels=labels,
        title=f"{name}: {reason}" if reason else name,
        at=parse_time(at),
        scope=_scope(labels, names),
    )


def _scope(labels: dict[str, str], names: PlacementNames) -> Scope | None:
    """The scope of an alarm: one of our services if it names one, else the zone of an AWS metric of one zone."""
    zone, namespace = labels.get("availability_zone", ""), labels.get("aws_namespace", "")
    found = scope_of_labels(labels, names)
    if not zone or not namespace.upper().startswith("AWS/") or found is None or not found.region:
        return found
    return scope_of_labels({"provider": "aws", "availability_zone": zone, "region": found.region}, names)


def _first_metric(metrics: Any) -> tuple[str, dict[str, str]]:
    """The namespace and dimensions of the first metric that has them, for an alarm on a metric expression."""
    for query in (metrics if isinstance(metrics, list) else [])[:20]:
        stat = query.get("MetricStat") if isinstance(query, dict) else None
        metric = stat.get("Metric") if isinstance(stat, dict) else None
        if isinstance(metric, dict) and one_line(metric.get("Namespace")):
            listed = metric.get("Dimensions")
            items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
            return one_line(metric["Namespace"]), {
                one_line(item.get("name")): one_line(item.get("value")) for item in items[:30]
            }
    return "", {}
