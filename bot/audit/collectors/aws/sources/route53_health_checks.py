"""Route 53 health checks: target and detection time."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.dns_records import records_by_health_check
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, HealthCheck

Checks = Mapping[str, dict[str, Any]]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one HealthCheck per health check, with the records that use it."""
    listed = aws.list("route53", "ListHealthChecks", "HealthChecks")
    found = {row["Id"]: row for row in listed if row.get("Id")}
    records = records_by_health_check(aws) if listed else {}
    identity = ItemIdentity[dict[str, Any]]("route53:ListHealthChecks", lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _health_check(aws, row, found, records), listed, identity, calls=False)


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return aws.rootless_arn("route53", f"healthcheck/{row['Id']}")


def _health_check(aws: Reader, row: dict[str, Any], found: Checks, records: Mapping[str, list[str]]) -> Fact:
    config, arn = row["HealthCheckConfig"], _arn_of(aws, row)
    tags = aws.tags(arn)
    return aws.fact(
        HealthCheck,
        resource=arn,
        name=tags.get("Name") or _target(config) or row["Id"],
        product="route53",
        tags=tags,
        about=tuple(records.get(row["Id"], ())),
        target=_target(config),
        detects_in=detection_time(row, found),
        disabled=config.get("Disabled", False),
    )


def detection_time(row: Mapping[str, Any], others: Checks, depth: int = 0) -> timedelta:
    """The time until a failure is detected: interval x threshold; an alarm's periods; the slowest child.

    A routing control is switched manually and takes effect at once. AWS does not nest calculated checks: docs "Types of
    Amazon Route 53 health checks"; `depth` guards against responses that do.
    """
    config = row.get("HealthCheckConfig", {})
    alarm = row.get("CloudWatchAlarmConfiguration")
    if alarm:
        return timedelta(seconds=alarm.get("Period", 0) * alarm.get("EvaluationPeriods", 0))
    children = [others[key] for key in config.get("ChildHealthChecks", ()) if key in others and depth < 2]
    if children:
        return max(detection_time(child, others, depth + 1) for child in children)
    return timedelta(seconds=config.get("RequestInterval", 0) * config.get("FailureThreshold", 0))


def _target(config: Mapping[str, Any]) -> str:
    kind = config.get("Type", "").partition("_")[0].lower()
    host = config.get("FullyQualifiedDomainName") or config.get("IPAddress")
    if host:
        port = f":{config['Port']}" if config.get("Port") else ""
        return f"{kind}://{host}{port}{config.get('ResourcePath', '')}"
    alarm = config.get("AlarmIdentifier", {})
    return config.get("RoutingControlArn") or alarm.get("Name") or ", ".join(config.get("ChildHealthChecks", ()))


SOURCE = Source(
    name="aws_health_checks",
    facts=(HealthCheck,),
    where="global",
    actions=("route53:ListHealthChecks", "route53:ListHostedZones", "route53:ListResourceRecordSets"),
    read=read,
)
