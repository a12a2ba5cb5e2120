"""A second place helps only when traffic gets there by itself, soon, and finds it awake.

Failover which waits for a person waits for that person to be woken, to find the page and to reach a console that may be down.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from checks._check import check
from checks._facts import (
    ComputeGroup,
    ComputeKind,
    Datastore,
    Deployment,
    Distribution,
    DnsRecord,
    HealthCheck,
    LoadBalancer,
    TrafficShift,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import region_names, requests_end_at, running_in
from checks._words import duration, listed

_NOTICE_WITHIN = timedelta(minutes=3)
_PILOT_LIGHT_WILL_DO = timedelta(hours=4)
_REGION_SWITCHES = ("routing_control", "region_switch")


@check(
    id="FO01",
    title="Datastores with copies fail over by themselves",
    severity=Severity.HIGH,
    lesson="A standby that a person has to promote is promoted late: on 20 October 2025 the first hour went by with "
    "finding out what was wrong.",
    remediation="ElastiCache: `aws elasticache modify-replication-group --automatic-failover-enabled`; RDS: `--multi-az` "
    "rather than a read replica; MongoDB: an odd number of voting members.",
    docs="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
)
def store_fails_over(service: Service, store: Datastore) -> Verdict:
    """Asked of stores with more than one node; a single one is the zone family's matter."""
    automatic = known(store.automatic_failover)
    if automatic is None or store.replica_of:
        return not_applicable(f"{store.name} has no failover of its own")
    if automatic:
        return passed(f"{store.name} fails over by itself", nodes=store.nodes)
    if (store.nodes or 1) < 2:
        return not_applicable(f"{store.name} has a single node and nothing to fail over to")
    return failed(f"{store.name} of {service.name} has {store.nodes} nodes but needs a person to fail over")


@check(
    id="FO02",
    title="Failover records come in pairs, the primary with a health check",
    severity=Severity.HIGH,
    lesson="A failover record without its partner, or without a health check on the primary, never fails over: it looks "
    "like a plan until the day it is needed.",
    remediation="`aws route53 change-resource-record-sets` with both `Failover: PRIMARY` (and a `HealthCheckId`, or "
    "`EvaluateTargetHealth: true` on an alias) and `Failover: SECONDARY`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html",
)
def failover_pairs(service: Service, record: DnsRecord) -> Verdict:
    """A pair is judged at its primary; a secondary that stands alone, at itself."""
    if record.policy != "failover":
        return not_applicable(f"{record.name} is no failover record")
    if record.siblings < 2:
        return failed(f"{record.name} of {service.name} has a {record.role or 'failover'} record without its partner")
    if record.role.lower() == "secondary":
        return not_applicable(f"{record.name} is judged at its primary")
    if record.health_check or record.evaluates_target_health:
        return passed(f"{record.name} fails over when the primary's health check fails")
    return failed(f"The primary record of {record.name} has no health check and never fails over")


@check(
    id="FO03",
    title="Health checks notice within three minutes, or half the recovery target",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 outside probes saw the fault within a minute, the status page told of it after 23: what "
    "decides about traffic must not be slower than the first.",
    remediation="`aws route53 update-health-check --failure-threshold 3`, and a request interval of 10 s (set when the "
    "check is made: `RequestInterval=10`).",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
)
def notices_soon(service: Service, probe: HealthCheck) -> Verdict:
    """The shorter of the two limits; disabled ones are asked apart."""
    if probe.disabled or not probe.detects_in:
        return not_applicable(f"How fast {probe.name} notices cannot matter or is not set")
    target = service.rto_target
    limit = min(_NOTICE_WITHIN, target / 2) if target else _NOTICE_WITHIN
    seconds = int(probe.detects_in.total_seconds())
    if probe.detects_in <= limit:
        return passed(f"{probe.name} notices within {duration(probe.detects_in)}", seconds=seconds)
    return failed(
        f"{probe.name} needs {duration(probe.detects_in)} to notice, more than {duration(limit)}",
        seconds=seconds,
        limit_seconds=int(limit.total_seconds()),
    )


@check(
    id="FO04",
    title="No health check is switched off",
    severity=Severity.MEDIUM,
    lesson="A disabled health check counts as healthy for ever: somebody silenced it once, and failover with it.",
    remediation="`aws route53 update-health-check --health-check-id ID --no-disabled`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
)
def probe_enabled(service: Service, probe: HealthCheck) -> Verdict:
    """Disabled means: reported healthy without a look."""
    if probe.disabled:
        return failed(f"The health check {probe.name} of {service.name} is switched off and reports healthy for ever")
    return passed(f"The health check {probe.name} is on", target=probe.target)


def _steering_between_regions(records: Iterable[DnsRecord]) -> str:
    """The name that health-checked records steer by, empty where none does.

    Where the regions of the targets are told, they must be two at least: a pair within one region leaves with it.
    """
    regions: dict[tuple[str, str], set[str]] = defaultdict(set)
    watched: set[tuple[str, str]] = set()
    for record in records:
        regions[record.name, record.type].update(record.target_regions)
        if (
            record.policy != "simple"
            and record.siblings >= 2
            and (record.health_check or record.evaluates_target_health)
        ):
            watched.add((record.name, record.type))
    return next((key[0] for key in sorted(watched) if len(regions[key]) != 1), "")


@check(
    id="FO05",
    title="A switch that needs no control plane takes traffic away from a lost region",
    severity=Severity.HIGH,
    lesson="In October 2025 changes to global services were impaired while us-east-1 was: who had to edit records in the "
    "outage waited, who had health-checked ones did not.",
    remediation="Health-checked failover or latency records in Route 53, routing controls or a plan of Application Recovery "
    "Controller (`aws arc-region-switch create-plan`), or Global Accelerator.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/what-is-route53-recovery.html",
)
def region_switch(
    service: Service,
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
    records: tuple[DnsRecord, ...],
    shifts: tuple[TrafficShift, ...],
) -> Verdict:
    """Asked of services in several regions."""
    running = running_in(compute, deployments)
    if len(running) < 2:
        return not_applicable(f"{service.name} runs in no second region")
    shift = next((one for one in shifts if one.kind in _REGION_SWITCHES), None)
    if shift is not None:
        return passed(f"{shift.name} switches {service.name} between {region_names(running)}")
    name = _steering_between_regions(records)
    if name:
        return passed(f"{name} steers by health between {region_names(running)}")
    return failed(f"{service.name} runs in {region_names(running)}, but nothing that was seen switches between them")


@check(
    id="FO06",
    title="Zonal autoshift is on for each load balancer",
    severity=Severity.LOW,
    lesson="A zone that answers slowly passes health checks and spoils every third request for hours; moving away first and "
    "asking why later costs nothing.",
    remediation="`aws arc-zonal-shift create-practice-run-configuration`, then "
    "`aws arc-zonal-shift update-zonal-autoshift-configuration --zonal-autoshift-status ENABLED`.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html",
)
def zonal_autoshift(service: Service, balancer: LoadBalancer, shifts: tuple[TrafficShift, ...]) -> Verdict:
    """Application and network load balancers over several zones."""
    if balancer.kind not in ("application", "network") or len(set(balancer.zones)) < 2:
        return not_applicable(f"{balancer.name} cannot shift away from a zone")
    mine = [shift for shift in shifts if shift.kind == "zonal" and balancer.resource in shift.protects]
    if any(known(shift.automatic) for shift in mine):
        return passed(f"{balancer.name} moves away from a failing zone by itself")
    return failed(f"{balancer.name} of {service.name} stays in a failing zone until somebody shifts it")


@check(
    id="FO07",
    title="The standby is not scaled to zero",
    severity=Severity.HIGH,
    lesson="When a big region fails, everybody starts machines in the next one at the same time; new launches were scarce "
    "or refused for hours in October 2025.",
    remediation="Keep a floor of what the first minutes need: `aws autoscaling update-auto-scaling-group --min-size`, "
    "`aws ecs update-service --desired-count`, or on-demand capacity reservations "
    "(`aws ec2 create-capacity-reservation`).",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
)
def standby_awake(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """Asked where the target leaves less than four hours; with more, starting from nothing is a plan."""
    awake: dict[str, bool] = {}
    for group in requests_end_at(compute):
        copies = group.running if group.running is not None else group.desired
        on = copies is None or copies > 0
        awake[group.region] = awake.get(group.region, False) or on
    target = service.rto_target
    if len(awake) < 2 or target is None or target >= _PILOT_LIGHT_WILL_DO:
        return not_applicable(f"{service.name} has no standby that must take over within hours")
    asleep = [region for region, on in awake.items() if not on]
    if asleep:
        return failed(
            f"Nothing of {service.name} runs in {listed(asleep)}, which has to take over", regions=listed(asleep)
        )
    return passed(f"{service.name} is awake in {listed(awake)}")


@check(
    id="FO08",
    title="The content delivery network takes a second origin by itself",
    severity=Severity.MEDIUM,
    lesson="Changing an origin by hand means a global deployment through a control plane in us-east-1, minutes to hours "
    "when that is what has failed.",
    remediation="An origin group with a primary and a secondary origin and the 5xx status codes that make it switch "
    "(`aws cloudfront update-distribution`, `OriginGroups`).",
    docs="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
)
def second_origin(service: Service, front: Distribution) -> Verdict:
    """Fronts that are switched on."""
    if not front.enabled:
        return not_applicable(f"{front.name} is switched off")
    if front.origin_failover:
        return passed(f"{front.name} takes a second origin when the first one fails", origins=len(front.origins))
    return failed(f"{front.name} of {service.name} has no origin to fail over to", origins=len(front.origins))


@check(
    id="FO09",
    title="Groups behind a load balancer are replaced by its health checks",
    severity=Severity.MEDIUM,
    lesson="A machine whose process hangs is healthy to the hypervisor: without the load balancer's view the group keeps it "
    "and the load balancer keeps it out.",
    remediation="`aws autoscaling update-auto-scaling-group --health-check-type ELB --health-check-grace-period 60`.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html",
)
def replaced_by_health(service: Service, group: ComputeGroup) -> Verdict:
    """Machine groups that are sent requests."""
    if group.kind is not ComputeKind.MACHINE_GROUP or not group.traffic:
        return not_applicable(f"{group.name} is no group of machines behind a load balancer")
    if not group.health_check:
        return unknown(f"How {group.name} tells the healthy is not told")
    if "elb" in group.health_check.lower() or "vpc_lattice" in group.health_check.lower():
        return passed(f"{group.name} replaces what its load balancer finds unhealthy")
    return failed(
        f"{group.name} of {service.name} keeps what its load balancer finds unhealthy", uses=group.health_check
    )


@check(
    id="FO10",
    title="No self-healing of a group is suspended",
    severity=Severity.MEDIUM,
    lesson="Processes suspended for one night's maintenance are found years later, when machines die and none comes back.",
    remediation="`aws autoscaling resume-processes --auto-scaling-group-name NAME`.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html",
)
def nothing_suspended(service: Service, group: ComputeGroup) -> Verdict:
    """Machine groups only."""
    if group.kind is not ComputeKind.MACHINE_GROUP:
        return not_applicable(f"{group.name} is no group of machines")
    if group.suspended:
        return failed(f"{listed(group.suspended)} of {group.name} for {service.name} is suspended")
    return passed(f"{group.name} replaces what dies")
