"""CloudWatch alarms: the resources and signals they watch, and whether they notify anyone."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.alarm_targets import AlarmTargets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Alarm, Fact, Maybe, SignalKind, Unread

# The first match counts: `TargetResponseTime` is latency although `Target...Count` is traffic.
_SIGNALS: Final = (
    (SignalKind.AVAILABILITY, re.compile(r"StatusCheck|HealthyHost|HealthCheck|ReplicaStatus|ClusterStatus|^Up$")),
    (SignalKind.ERRORS, re.compile(r"Error|5XX|5xx|4XX|4xx|Fault|Fail|DeadLetter|Rejected|Aborted")),
    (SignalKind.LATENCY, re.compile(r"Latency|Duration|ResponseTime|Lag|Age|TimeTo|ProcessingTime")),
    (
        SignalKind.SATURATION,
        re.compile(
            r"CPU|Memory|Utilization|Storage|Disk|Throttl|Connections|Queue|Burst|Credit|Swap|Evictions|Spillover"
            r"|Concurrent|MessagesVisible|Consumed|Exceeded|Space|Load"
        ),
    ),
    (SignalKind.TRAFFIC, re.compile(r"Count|Requests?|Invocations|Messages|Bytes|Network|Packets|Records|Hits")),
)
_CHILD: Final = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?([^\"')]+?)[\"']?\s*\)")
Subscribed = Maybe[frozenset[str]]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Alarm per alarm, composite alarms last; one listing shows which topics have a subscriber."""
    single = aws.list("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], MaxRecords=100)
    composite = aws.list(
        "cloudwatch", "DescribeAlarms", "CompositeAlarms", AlarmTypes=["CompositeAlarm"], MaxRecords=100
    )
    if not single and not composite:
        return
    subscribed = aws.maybe(lambda: _subscribed_topics(aws))
    notifies = {row["AlarmArn"]: _notifies_someone(aws, row, subscribed) for row in (*single, *composite)}
    parents = _parents(composite)
    targets = AlarmTargets(aws)
    about: dict[str, tuple[str, ...]] = {}
    for row in single:
        about[row["AlarmName"]] = _watched(targets, row)
        answers = [notifies[row["AlarmArn"]], *(notifies[parent] for parent in _ancestors(row, parents))]
        yield _alarm(aws, row, signal_of(row), about[row["AlarmName"]], _any_true(answers))
    for row in composite:
        children = _children(row)
        watched = tuple(dict.fromkeys(arn for name in children for arn in about.get(name, ())))
        answers = [notifies[row["AlarmArn"]], *(notifies[parent] for parent in _ancestors(row, parents))]
        yield _alarm(aws, row, SignalKind.COMPOSITE, watched, _any_true(answers))


def signal_of(row: Mapping[str, Any]) -> SignalKind:
    """The kind of signal that the alarm watches, by the names of its metrics."""
    names = [metric["MetricName"] for metric in _metrics(row)]
    for kind, pattern in _SIGNALS:
        if any(pattern.search(name) for name in names):
            return kind
    return SignalKind.OTHER


def _alarm(
    aws: Reader, row: Mapping[str, Any], signal: SignalKind, about: tuple[str, ...], notifies: Maybe[bool]
) -> Fact:
    metrics = [f"{metric.get('Namespace', '')}/{metric['MetricName']}" for metric in _metrics(row)]
    return aws.fact(
        Alarm,
        resource=row["AlarmArn"],
        name=row["AlarmName"],
        product="cloudwatch",
        about=about,
        signal=signal,
        metric=", ".join(dict.fromkeys(metrics)),
        enabled=row.get("ActionsEnabled", True),
        actions=tuple(row.get("AlarmActions", ())),
        reaches_someone=notifies,
    )


def _metrics(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm: its own, or those in its expression."""
    if row.get("MetricName"):
        return [dict(row)]
    return [query["MetricStat"]["Metric"] for query in row.get("Metrics", ()) if "MetricStat" in query]


def _watched(targets: AlarmTargets, row: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for metric in _metrics(row):
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", ())}
        found |= dict.fromkeys(targets.resources_of(metric.get("Namespace", ""), dimensions))
    return tuple(found)


def _subscribed_topics(aws: Reader) -> frozenset[str]:
    """The topics with a confirmed subscriber; before confirmation the ARN reads `PendingConfirmation`."""
    rows = aws.list("sns", "ListSubscriptions", "Subscriptions")
    return frozenset(row["TopicArn"] for row in rows if _arn.is_arn(row["SubscriptionArn"]))


def _notifies_someone(aws: Reader, row: Mapping[str, Any], subscribed: Subscribed) -> Maybe[bool]:
    if not row.get("ActionsEnabled", True):
        return False
    return _any_true([_action_notifies_someone(aws, action, subscribed) for action in row.get("AlarmActions", ())])


def _action_notifies_someone(aws: Reader, action: str, subscribed: Subscribed) -> Maybe[bool]:
    """Whether an action notifies someone: a topic with subscribers or Incident Manager; not scaling or restarting."""
    target = _arn.parse_arn(action)
    if target.service == "lambda":
        return Unread("its action is a Lambda function, which may notify anyone")
    if target.service != "sns":
        return target.service == "ssm-incidents"
    if target.account != aws.account:
        return Unread(f"its SNS topic is in account {target.account}")
    return subscribed if isinstance(subscribed, Unread) else action in subscribed


def _any_true(answers: Sequence[Maybe[bool]]) -> Maybe[bool]:
    """True if any answer is True, else the first `Unread`, else False."""
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Unread)), False)


def _children(row: Mapping[str, Any]) -> list[str]:
    """The names of the alarms in the rule of a composite alarm, which contains names or ARNs."""
    return [name.rpartition(":alarm:")[2] for name in _CHILD.findall(row.get("AlarmRule", ""))]


def _parents(composite: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in composite:
        for name in _children(row):
            found[name].append(row)
    return found


def _ancestors(row: Mapping[str, Any], parents: Mapping[str, list[Mapping[str, Any]]]) -> list[str]:
    """The ARNs of the composite alarms that this alarm triggers, directly or through another one."""
    found: dict[str, None] = {}
    waiting = list(parents.get(row["AlarmName"], ()))
    while waiting:
        parent = waiting.pop()
        if parent["AlarmArn"] not in found:
            found[parent["AlarmArn"]] = None
            waiting.extend(parents.get(parent["AlarmName"], ()))
    return list(found)


SOURCE = Source(
    name="aws_alarms",
    facts=(Alarm,),
    actions=(
        "cloudwatch:DescribeAlarms",
        "sns:ListSubscriptions",
        "rds:DescribeDBInstances",
        "autoscaling:DescribeAutoScalingGroups",
        "elasticache:DescribeReplicationGroups",
        "apigateway:GET",
    ),
    read=read,
)
