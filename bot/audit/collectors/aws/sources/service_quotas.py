"""Service quotas that limit a failover: their values and current usage."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, Quota, Unread

WINDOW: Final = timedelta(days=1)
_PERIOD: Final = 3600


class _Watched(NamedTuple):
    """A quota to read: its codes, and how to count usage if Service Quotas provides no metric."""

    service: str
    code: str
    count_usage: Callable[[Reader], int] | None = None
    metric: Mapping[str, Any] | None = None


def _count(service: str, operation: str, key: str, **only: str) -> Callable[[Reader], int]:
    """A function that counts the rows of a listing; another source reads the same listing, so it costs no call."""

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


_Applied = tuple[_Watched, dict[str, Any]]  # a watched quota and its value


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Quota per watched quota of the region; one call reads all usage metrics."""
    services = list(dict.fromkeys(watched.service for watched in WATCHED))
    first, *rest = services  # if the first is denied, the others are too
    listed = {first: _limits(aws, first)}
    by_service = ItemIdentity[str](
        "servicequotas:ListServiceQuotas", lambda name: aws.arn("servicequotas", name), _no_tags
    )
    listed.update(each_of(aws, lambda service: (service, _limits(aws, service)), rest, by_service))
    by_code = ItemIdentity[_Watched]("servicequotas:GetAWSDefaultServiceQuota", _quota_arn(aws), _no_tags)
    known = [watched for watched in WATCHED if watched.service in listed]
    found = each_of(aws, lambda watched: (watched, _limit(aws, watched, listed[watched.service])), known, by_code)
    limits = [(watched, row) for watched, row in found if row]
    usage = aws.maybe(lambda: _usage(aws, limits))
    identity = ItemIdentity[_Applied]("servicequotas:ListServiceQuotas", lambda item: _arn_of(aws, *item), _no_tags)
    yield from facts_of(aws, lambda item: _quota(aws, *item, usage), limits, identity, calls=False)


def _no_tags(_: object) -> Mapping[str, str]:
    """Quotas have no tags."""
    return {}


def _quota_arn(aws: Reader) -> Callable[[_Watched], str]:
    return lambda watched: aws.arn("servicequotas", f"{watched.service}/{watched.code}")


def _arn_of(aws: Reader, watched: _Watched, row: Mapping[str, Any]) -> str:
    return str(row.get("QuotaArn") or _quota_arn(aws)(watched))


def _quota(aws: Reader, watched: _Watched, row: Mapping[str, Any], usage: "dict[str, float] | Unread") -> Fact:
    return aws.fact(
        Quota,
        resource=_arn_of(aws, watched, row),
        name=row.get("QuotaName") or watched.code,
        product=watched.service,
        tags={},
        limit=float(row["Value"]),
        used=_used(aws, watched, row, usage),
        unit="" if row.get("Unit") == "None" else row.get("Unit", ""),
        adjustable=row.get("Adjustable"),
    )


def _limits(aws: Reader, service: str) -> dict[str, dict[str, Any]]:
    rows = aws.list("service-quotas", "ListServiceQuotas", "Quotas", ServiceCode=service, MaxResults=100)
    return {row.get("QuotaCode", ""): row for row in rows}


def _limit(aws: Reader, watched: _Watched, listed: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The applied quota; AWS lists only changed or used quotas, the others have their default value."""
    if watched.code in listed:
        return listed[watched.code]
    default = aws.find(
        "service-quotas",
        "GetAWSDefaultServiceQuota",
        ("NoSuchResourceException",),
        ServiceCode=watched.service,
        QuotaCode=watched.code,
    )
    return default.get("Quota") if default else None


def _metric(watched: _Watched, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    metric: Mapping[str, Any] | None = row.get("UsageMetric") or watched.metric
    return metric if metric and metric.get("MetricName") and metric.get("MetricNamespace") else None


def _usage(aws: Reader, limits: list[tuple[_Watched, dict[str, Any]]]) -> dict[str, float]:
    """The peak usage of the last day by quota code. A metric without values means no usage."""
    metrics = {watched.code: metric for watched, row in limits if (metric := _metric(watched, row))}
    if not metrics:
        return {}
    codes = list(metrics)
    response = aws.get(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=[_query(f"q{number}", metrics[code]) for number, code in enumerate(codes)],
        StartTime=aws.now - WINDOW,
        EndTime=aws.now,
    )
    values = {row.get("Id", ""): row.get("Values", ()) for row in response.get("MetricDataResults", ())}
    return {code: max(values.get(f"q{number}", ()), default=0.0) for number, code in enumerate(codes)}


def _query(key: str, metric: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.get("MetricDimensions", {}).items()]
    named = {"Namespace": metric["MetricNamespace"], "MetricName": metric["MetricName"], "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": named, "Period": _PERIOD, "Stat": "Maximum"}}


def _used(
    aws: Reader, watched: _Watched, row: Mapping[str, Any], usage: "dict[str, float] | Unread"
) -> Maybe[float | None]:
    if _metric(watched, row):
        return usage if isinstance(usage, Unread) else usage[watched.code]
    count_usage = watched.count_usage
    return None if count_usage is None else aws.maybe(lambda: float(count_usage(aws)))


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
