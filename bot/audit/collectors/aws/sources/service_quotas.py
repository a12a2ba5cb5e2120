"""Service Quotas -> Quota: how much room is left for a failover to grow into, for the limits that one runs into first."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Quota, Unread

WINDOW: Final = timedelta(days=1)
_PERIOD: Final = 3600


class _Watched(NamedTuple):
    """A limit worth watching: its codes, and how to count what is used where Service Quotas names no metric for it."""

    service: str
    code: str
    counted: Callable[[Reader], int] | None = None
    metric: Mapping[str, Any] | None = None


def _count(service: str, operation: str, key: str, **only: str) -> Callable[[Reader], int]:
    """Counts a listing that another source asks for in the same words."""

    def count(aws: Reader) -> int:
        rows = aws.list(service, operation, key)
        return sum(all(row.get(name) == value for name, value in only.items()) for row in rows)

    return count


_BALANCERS: Final = ("elbv2", "DescribeLoadBalancers", "LoadBalancers")
WATCHED: Final = (
    _Watched("ec2", "L-1216C47A"),
    _Watched("ec2", "L-0263D0A3", _count("ec2", "DescribeAddresses", "Addresses", Domain="vpc")),
    _Watched("autoscaling", "L-CDE20ADC", _count("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups")),
    _Watched("elasticloadbalancing", "L-53DA6B97", _count(*_BALANCERS, Type="application")),
    _Watched("elasticloadbalancing", "L-69A177A2", _count(*_BALANCERS, Type="network")),
    _Watched("fargate", "L-3032A538"),
    _Watched(
        "lambda",
        "L-B99A9384",
        metric={"MetricNamespace": "AWS/Lambda", "MetricName": "ConcurrentExecutions", "MetricDimensions": {}},
    ),
    _Watched("rds", "L-7B6409FD", _count("rds", "DescribeDBInstances", "DBInstances")),
)


def read(aws: Reader) -> Iterator[Fact]:
    """One Quota for each watched limit that the region has. All usage metrics come by one call."""
    services = list(dict.fromkeys(watched.service for watched in WATCHED))
    first, *rest = services  # where the first is refused the others would be too
    listed = {first: _limits(aws, first)}
    listed |= zip(rest, aws.each(lambda service: _limits(aws, service), rest), strict=True)
    limits = [(watched, row) for watched in WATCHED if (row := _limit(aws, watched, listed[watched.service]))]
    usage = aws.maybe(lambda: _usage(aws, limits))
    for watched, row in limits:
        yield aws.fact(
            Quota,
            resource=row["QuotaArn"],
            name=row["QuotaName"],
            product=watched.service,
            tags={},
            limit=float(row["Value"]),
            used=_used(aws, watched, row, usage),
            unit="" if row.get("Unit") == "None" else row.get("Unit", ""),
            adjustable=row.get("Adjustable"),
        )


def _limits(aws: Reader, service: str) -> dict[str, dict[str, Any]]:
    rows = aws.list("service-quotas", "ListServiceQuotas", "Quotas", ServiceCode=service, MaxResults=100)
    return {row["QuotaCode"]: row for row in rows}


def _limit(aws: Reader, watched: _Watched, listed: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The limit as it applies; AWS lists only what was ever touched, the rest stands at its default."""
    if watched.code in listed:
        return listed[watched.code]
    told = aws.find(
        "service-quotas",
        "GetAWSDefaultServiceQuota",
        ("NoSuchResourceException",),
        ServiceCode=watched.service,
        QuotaCode=watched.code,
    )
    return told["Quota"] if told else None


def _metric(watched: _Watched, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    told: Mapping[str, Any] | None = row.get("UsageMetric") or watched.metric
    return told if told and told.get("MetricName") else None


def _usage(aws: Reader, limits: list[tuple[_Watched, dict[str, Any]]]) -> dict[str, float]:
    """Peak of the last day by quota code. A usage metric without a value means that nothing ran."""
    metrics = {watched.code: metric for watched, row in limits if (metric := _metric(watched, row))}
    if not metrics:
        return {}
    codes = list(metrics)
    told = aws.get(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=[_query(f"q{turn}", metrics[code]) for turn, code in enumerate(codes)],
        StartTime=aws.now - WINDOW,
        EndTime=aws.now,
    )
    values = {row["Id"]: row.get("Values", ()) for row in told.get("MetricDataResults", ())}
    return {code: max(values.get(f"q{turn}", ()), default=0.0) for turn, code in enumerate(codes)}


def _query(key: str, metric: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.get("MetricDimensions", {}).items()]
    named = {"Namespace": metric["MetricNamespace"], "MetricName": metric["MetricName"], "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": named, "Period": _PERIOD, "Stat": "Maximum"}}


def _used(
    aws: Reader, watched: _Watched, row: Mapping[str, Any], usage: "dict[str, float] | Unread"
) -> Maybe[float | None]:
    if _metric(watched, row):
        return usage if isinstance(usage, Unread) else usage[watched.code]
    counted = watched.counted
    return None if counted is None else aws.maybe(lambda: float(counted(aws)))


SOURCE = Source(
    name="aws_quotas",
    facts=(Quota,),
    actions=(
        "servicequotas:ListServiceQuotas",
        "servicequotas:GetAWSDefaultServiceQuota",
        "cloudwatch:GetMetricData",
        "ec2:DescribeAddresses",
        "autoscaling:DescribeAutoScalingGroups",
        "elasticloadbalancing:DescribeLoadBalancers",
        "rds:DescribeDBInstances",
    ),
    read=read,
)
