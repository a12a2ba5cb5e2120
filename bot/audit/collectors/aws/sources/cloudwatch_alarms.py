"""CloudWatch alarms: the resources and signals they watch, and whether they notify anyone."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of
from bot.audit.collectors.aws.metric_signals import signal_of_metrics
from bot.audit.collectors.aws.parts import arn as _arn
from bot.audit.collectors.aws.parts.alarm_targets import AlarmTargets
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Alarm, Fact, Maybe, SignalKind, Unread

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
    identity = ItemIdentity[dict[str, Any]]("cloudwatch:DescribeAlarms", lambda row: _identified(aws, row)["AlarmArn"])
    single = list(each_of(aws, lambda row: _identified(aws, row), single, identity, calls=False))
    composite = list(each_of(aws, lambda row: _identified(aws, row), composite, identity, calls=False))
    alarms = _Alarms(aws, (*single, *composite), _parents(composite))
    yield from facts_of(aws, alarms.single, single, identity, calls=False)
    yield from facts_of(aws, alarms.composite, composite, identity, calls=False)


def _identified(aws: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """The alarm with its name and ARN, of which one suffices."""
    name = row.get("AlarmName") or row["AlarmArn"].rpartition(":alarm:")[2]
    return {**row, "AlarmName": name, "AlarmArn": row.get("AlarmArn") or aws.arn("cloudwatch", f"alarm:{name}")}


class _Alarms:
    """The alarms of a region: what each watches, and whether it notifies anyone, itself or through a composite alarm."""

    def __init__(self, aws: Reader, rows: Sequence[dict[str, Any]], parents: "_Parents") -> None:
        self._aws, self._parents, self._targets = aws, parents, AlarmTargets(aws)
        subscribed = aws.maybe(lambda: _subscribed_topics(aws))
        self._notifies = {row["AlarmArn"]: _notifies_someone(aws, row, subscribed) for row in rows}
        self._watched: dict[str, tuple[str, ...]] = {}

    def single(self, row: dict[str, Any]) -> Fact:
        """The fact of an alarm on a metric or an expression."""
        watched = self._watched[row["AlarmName"]] = _watched(self._targets, row)
        return _alarm(self._aws, row, signal_of(row), watched, self._notifies_anyone(row))

    def composite(self, row: dict[str, Any]) -> Fact:
        """The fact of a composite alarm: it watches what its children watch, which come first."""
        names = _children(row)
        watched = tuple(dict.fromkeys(arn for name in names for arn in self._watched.get(name, ())))
        return _alarm(self._aws, row, SignalKind.COMPOSITE, watched, self._notifies_anyone(row))

    def _notifies_anyone(self, row: Mapping[str, Any]) -> Maybe[bool]:
        arns = (row["AlarmArn"], *_ancestors(row, self._parents))
        return _any_true([self._notifies[arn] for arn in arns])


def signal_of(row: Mapping[str, Any]) -> SignalKind:
    """The kind of signal that the alarm watches, by the names of its metrics."""
    return signal_of_metrics([metric.get("MetricName", "") for metric in _metrics(row)])


def _alarm(
    aws: Reader, row: Mapping[str, Any], signal: SignalKind, about: tuple[str, ...], notifies: Maybe[bool]
) -> Fact:
    metrics = [f"{metric.get('Namespace', '')}/{metric.get('MetricName', '')}" for metric in _metrics(row)]
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
    return [query["MetricStat"].get("Metric", {}) for query in row.get("Metrics", ()) if "MetricStat" in query]


def _watched(targets: AlarmTargets, row: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for metric in _metrics(row):
        dimensions = {row["Name"]: row["Value"] for row in metric.get("Dimensions", ())}
        found |= dict.fromkeys(targets.resources_of(metric.get("Namespace", ""), dimensions))
    return tuple(found)


def _subscribed_topics(aws: Reader) -> frozenset[str]:
    """The topics with a confirmed subscriber; before confirmation the ARN reads `PendingConfirmation`."""
    rows = aws.list("sns", "ListSubscriptions", "Subscriptions")
    return frozenset(row.get("TopicArn", "") for row in rows if _arn.is_arn(row.get("SubscriptionArn")))


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


_Parents = Mapping[str, list[Mapping[str, Any]]]


def _parents(composite: Sequence[Mapping[str, Any]]) -> _Parents:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in composite:
        for name in _children(row):
            found[name].append(row)
    return found


def _ancestors(row: Mapping[str, Any], parents: _Parents) -> list[str]:
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
        "redshift-serverless:ListNamespaces",
        "redshift-serverless:ListWorkgroups",
        "autoscaling:DescribeAutoScalingGroups",
        "elasticache:DescribeReplicationGroups",
        "apigateway:GET",
    ),
    read=read,
)
