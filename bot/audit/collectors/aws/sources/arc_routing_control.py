"""ARC routing controls: switches that move traffic between regions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of
from bot.audit.collectors.aws.parts.dns_records import records_by_health_check
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, TrafficShift, Unread

# The configuration API exists only in this region: docs "Amazon Application Recovery Controller endpoints".
CONFIGURED_IN: Final = "us-west-2"


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one TrafficShift per routing control, with the DNS records that it controls."""
    config = aws.at(CONFIGURED_IN)
    service = "route53-recovery-control-config"
    if aws.partition != "aws":  # AWS offers routing controls in no other partition
        return
    if not config.list(service, "ListClusters", "Clusters"):
        return
    panels = config.list(service, "ListControlPanels", "ControlPanels")
    used = [panel for panel in panels if panel.get("RoutingControlCount", 1)]
    panel = ItemIdentity[dict[str, Any]](f"{service}:ListControlPanels", lambda row: row["ControlPanelArn"])
    listings = each_of(aws, lambda row: _controls(config, row), used, panel)
    controls = [control for rows in listings for control in rows]
    controlled = _controlled_records(aws) if controls else {}
    control = ItemIdentity[dict[str, Any]](f"{service}:ListRoutingControls", lambda row: row["RoutingControlArn"])
    yield from facts_of(aws, lambda row: _shift(aws, row, controlled), controls, control, calls=False)


def _controls(config: Reader, panel: dict[str, Any]) -> list[dict[str, Any]]:
    service, arn = "route53-recovery-control-config", panel["ControlPanelArn"]
    return config.list(service, "ListRoutingControls", "RoutingControls", ControlPanelArn=arn)


def _shift(aws: Reader, control: dict[str, Any], controlled: Mapping[str, list[str]]) -> Fact:
    records = tuple(controlled.get(control["RoutingControlArn"], ()))
    return aws.fact(
        TrafficShift,
        resource=control["RoutingControlArn"],
        name=control.get("Name") or control["RoutingControlArn"],
        product="arc",
        tags={},
        about=records,
        kind="routing_control",
        automatic=False,
        protects=records,
    )


def _controlled_records(aws: Reader) -> Mapping[str, list[str]]:
    """The ids of the DNS records that each routing control switches through their health check."""
    checks = aws.maybe(lambda: aws.list("route53", "ListHealthChecks", "HealthChecks"))
    records = records_by_health_check(aws)
    found: dict[str, list[str]] = {}
    for row in () if isinstance(checks, Unread) else checks:
        control = row.get("HealthCheckConfig", {}).get("RoutingControlArn")
        if control:
            found.setdefault(control, []).extend(records.get(row.get("Id", ""), ()))
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
