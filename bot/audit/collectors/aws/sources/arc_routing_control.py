"""ARC routing controls -> TrafficShift: switches on a data plane of five regions that move traffic between regions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.audit.collectors.aws.parts.dns_records import records_by_health_check
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, TrafficShift, Unread

# The configuration API stands in this region alone: docs "Amazon Application Recovery Controller endpoints".
CONFIGURED_IN: Final = "us-west-2"


def read(aws: Reader) -> Iterator[Fact]:
    """One TrafficShift for each routing control, about the records that follow it."""
    there = aws.at(CONFIGURED_IN)
    service = "route53-recovery-control-config"
    if not there.list(service, "ListClusters", "Clusters"):
        return
    panels = there.list(service, "ListControlPanels", "ControlPanels")
    filled = [panel["ControlPanelArn"] for panel in panels if panel.get("RoutingControlCount", 1)]
    listed = aws.each(
        lambda arn: there.list(service, "ListRoutingControls", "RoutingControls", ControlPanelArn=arn), filled
    )
    controls = [control for rows in listed for control in rows]
    followers = _followers(aws) if controls else {}
    for control in controls:
        yield _shift(aws, control, followers)


def _shift(aws: Reader, control: dict[str, Any], followers: Mapping[str, list[str]]) -> Fact:
    records = tuple(followers.get(control["RoutingControlArn"], ()))
    return aws.fact(
        TrafficShift,
        resource=control["RoutingControlArn"],
        name=control["Name"],
        product="arc",
        tags={},
        about=records,
        kind="routing_control",
        automatic=False,
        protects=records,
    )


def _followers(aws: Reader) -> Mapping[str, list[str]]:
    """Routing control -> the DNS records whose health check it throws."""
    checks = aws.maybe(lambda: aws.list("route53", "ListHealthChecks", "HealthChecks"))
    records = records_by_health_check(aws)
    found: dict[str, list[str]] = {}
    for row in () if isinstance(checks, Unread) else checks:
        control = row["HealthCheckConfig"].get("RoutingControlArn")
        if control:
            found.setdefault(control, []).extend(records.get(row["Id"], ()))
    return found


SOURCE = Source(
    name="aws_routing_controls",
    facts=(TrafficShift,),
    where="global",
    actions=(
        "route53-recovery-control-config:ListClusters",
        "route53-recovery-control-config:ListControlPanels",
        "route53-recovery-control-config:ListRoutingControls",
        "route53:ListHealthChecks",
        "route53:ListHostedZones",
        "route53:ListResourceRecordSets",
    ),
    read=read,
)
