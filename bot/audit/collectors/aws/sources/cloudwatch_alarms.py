"""CloudWatch alarms -> Alarm: on which signal of what, and whether anybody hears it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.alarm_targets import AlarmTargets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Alarm, Fact, Maybe, SignalKind, Unread

# Read in this order: `TargetResponseTime` is latency before `Target...Count` could be traffic.
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
    """One Alarm each, composite ones after what they watch. One listing tells which topics have a subscriber."""
    single = aws.list("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], MaxRecords=100)
    composite = aws.list(
        "cloudwatch", "DescribeAlarms", "CompositeAlarms", AlarmTypes=["CompositeAlarm"], MaxRecords=100
    )
    if not single and not composite:
        return
    subscribed = aws.maybe(lambda: _subscribed(aws))
    heard = {row["AlarmArn"]: _reaches(aws, row, subscribed) for row in (*single, *composite)}
    parents = _parents(composite)
    targets = AlarmTargets(aws)
    about: dict[str, tuple[str, ...]] = {}
    for row in single:
        about[row["AlarmName"]] = _watched(targets, row)
        own = [heard[row["AlarmArn"]], *(heard[parent] for parent in _above(row, parents))]
        yield _alarm(aws, row, signal_of(row), about[row["AlarmName"]], _any(own))
    for row in composite:
        children = _children(row)
        watched = tuple(dict.fromkeys(arn for name in children for arn in about.get(name, ())))
        own = [heard[row["AlarmArn"]], *(heard[parent] for parent in _above(row, parents))]
        yield _alarm(aws, row, SignalKind.COMPOSITE, watched, _any(own))


def signal_of(row: Mapping[str, Any]) -> SignalKind:
    """What the alarm's metric tells of, judged by its name."""
    names = [metric["MetricName"] for metric in _metrics(row)]
    for kind, pattern in _SIGNALS:
        if any(pattern.search(name) for name in names):
            return kind
    return SignalKind.OTHER


def _alarm(aws: Reader, row: Mapping[str, Any], signal: SignalKind, about: tuple[str, ...], heard: Maybe[bool]) -> Fact:
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
        reaches_someone=heard,
    )


def _metrics(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics behind an alarm: its own, or those that its expression is made of."""
    if row.get("MetricName"):
        return [dict(row)]
    return [query["MetricStat"]["Metric"] for query in row.get("Metrics", ()) if "MetricStat" in query]


def _watched(targets: AlarmTargets, row: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for metric in _metrics(row):
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", ())}
        found |= dict.fromkeys(targets.resources_of(metric.get("Namespace", ""), dimensions))
    return tuple(found)


def _subscribed(aws: Reader) -> frozenset[str]:
    """Topics with a subscriber who has confirmed: until then the ARN reads PendingConfirmation."""
    rows = aws.list("sns", "ListSubscriptions", "Subscriptions")
    return frozenset(row["TopicArn"] for row in rows if _arn.is_arn(row["SubscriptionArn"]))


def _reaches(aws: Reader, row: Mapping[str, Any], subscribed: Subscribed) -> Maybe[bool]:
    if not row.get("ActionsEnabled", True):
        return False
    return _any([_ends_at_someone(aws, action, subscribed) for action in row.get("AlarmActions", ())])


def _ends_at_someone(aws: Reader, action: str, subscribed: Subscribed) -> Maybe[bool]:
    """A topic reaches its subscribers, Incident Manager pages people; scaling and restarting tell nobody."""
    target = _arn.parse_arn(action)
    if target.service == "lambda":
        return Unread("its action is a function, and whom that tells cannot be seen")
    if target.service != "sns":
        return target.service == "ssm-incidents"
    if target.account != aws.account:
        return Unread(f"its topic belongs to account {target.account}")
    return subscribed if isinstance(subscribed, Unread) else action in subscribed


def _any(told: Sequence[Maybe[bool]]) -> Maybe[bool]:
    """True where one is, else unread where one is, else False."""
    if any(answer is True for answer in told):
        return True
    return next((answer for answer in told if isinstance(answer, Unread)), False)


def _children(row: Mapping[str, Any]) -> list[str]:
    """Names of the alarms in a composite alarm's rule, which may give names or ARNs."""
    return [name.rpartition(":alarm:")[2] for name in _CHILD.findall(row.get("AlarmRule", ""))]


def _parents(composite: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in composite:
        for name in _children(row):
            found[name].append(row)
    return found


def _above(row: Mapping[str, Any], parents: Mapping[str, list[Mapping[str, Any]]]) -> list[str]:
    """Composite alarms that this one makes ring, directly or through another: they speak for it."""
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
