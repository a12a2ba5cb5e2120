"""A second region helps only when traffic moves there without a person, quickly, and finds running capacity.

Manual failover takes as long as waking a person, finding the runbook and reaching a console that may be down.
"""

from datetime import timedelta

from checks._check import check
from checks._facts import (
    Accelerator,
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
    settling,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject
from checks._places import region_names, requests_end_at, running_as_far_as_read
from checks._region_switches import way_between_regions
from checks._words import duration, listed

_DETECT_WITHIN = timedelta(minutes=3)
_PILOT_LIGHT_IS_ENOUGH = timedelta(hours=4)


@check(
    id="FO01",
    title="Datastore with replicas has automatic failover",
    severity=Severity.HIGH,
    lesson="A replica that a person has to promote is promoted late: on 20 October 2025 the first hour went into "
    "finding out what was wrong.",
    remediation="ElastiCache: a replica in each shard (`aws elasticache increase-replica-count`), then `aws elasticache "
    "modify-replication-group --automatic-failover-enabled`; MemoryDB: `aws memorydb update-cluster "
    "--replica-configuration ReplicaCount=1`; RDS: `--multi-az` instead of a read replica; MongoDB: an odd number of voting "
    "members.",
    docs="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
)
def store_fails_over(_: Service, store: Datastore) -> Verdict:
    """Apply to datastores with more than one node; single-AZ datastores are ZN08."""
    automatic = None if store.replica_of else known(store.automatic_failover)
    if automatic is None:
        return not_applicable(f"{subject(store)} has no failover setting")
    if automatic:
        return passed(f"{subject(store)} has automatic failover", nodes=store.nodes)
    if (store.nodes or 1) < 2:
        return not_applicable(f"{subject(store)} has a single node and nothing to fail over to")
    return failed(f"{subject(store)} has {store.nodes} nodes but no automatic failover; a lost node waits for a person")


@check(
    id="FO02",
    title="Failover DNS records are complete pairs, and the primary has a health check",
    severity=Severity.HIGH,
    lesson="A failover record without its partner, or a primary without a health check, never fails over, and "
    "nothing shows it until the outage.",
    remediation="Run `aws route53 change-resource-record-sets` with both `Failover: PRIMARY` (and a `HealthCheckId`, "
    "or `EvaluateTargetHealth: true` on an alias) and `Failover: SECONDARY`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html",
)
def failover_pairs(_: Service, record: DnsRecord) -> Verdict:
    """Judge a pair at its primary, and a secondary without a primary at itself."""
    if record.policy != "failover":
        return not_applicable(f"{subject(record)} is not a failover record")
    if record.siblings < 2:
        return failed(
            f"{subject(record)} is a {record.role or 'failover'} record without its partner; it never fails over"
        )
    if record.role.lower() == "secondary":
        return not_applicable(f"{subject(record)} is a secondary; its primary is judged")
    if record.health_check or record.evaluates_target_health:
        return passed(f"{subject(record)} fails over when the primary's health check fails")
    return failed(f"Primary {named(record)} has no health check and never fails over")


@check(
    id="FO03",
    title="Health check detects a failure within 3 min, or half the RTO",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 external probes saw the fault within a minute; the provider's status page reported it "
    "after 23 min. Failover cannot start before the health check fails.",
    remediation="Lower the threshold with `aws route53 update-health-check --failure-threshold 3` and use a request "
    "interval of 10 s (set when the check is created: `RequestInterval=10`).",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
)
def notices_soon(service: Service, probe: HealthCheck) -> Verdict:
    """Use the shorter of the two limits; disabled health checks are FO04."""
    if probe.disabled or not probe.detects_in:
        return not_applicable(f"{subject(probe)} is disabled or has no detection time")
    target = service.rto_target
    limit = min(_DETECT_WITHIN, target / 2) if target else _DETECT_WITHIN
    seconds = int(probe.detects_in.total_seconds())
    if probe.detects_in <= limit:
        return passed(f"{subject(probe)} detects a failure within {duration(probe.detects_in)}", seconds=seconds)
    return failed(
        f"{subject(probe)} needs {duration(probe.detects_in)} to detect a failure; the limit for {service.name} is "
        f"{duration(limit)}",
        seconds=seconds,
        limit_seconds=int(limit.total_seconds()),
    )


@check(
    id="FO04",
    title="Health check is enabled",
    severity=Severity.MEDIUM,
    lesson="A disabled health check always counts as healthy: once silenced, it also silences failover.",
    remediation="Enable it: `aws route53 update-health-check --health-check-id ID --no-disabled`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
)
def probe_enabled(_: Service, probe: HealthCheck) -> Verdict:
    """Fail a disabled health check: it reports healthy without probing."""
    if probe.disabled:
        return failed(f"{subject(probe)} is disabled and always reports healthy")
    return passed(f"{subject(probe)} is enabled", target=probe.target)


@check(
    id="FO05",
    title="Traffic leaves a failed region without the control plane",
    severity=Severity.HIGH,
    lesson="In October 2025 changes to global services were impaired while us-east-1 was: teams that had to edit DNS "
    "records waited, teams with health-checked records did not.",
    remediation="Use health-checked failover or latency records in Route 53, routing controls or a region switch "
    "plan in Application Recovery Controller (`aws arc-region-switch create-plan`), or Global Accelerator.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/what-is-route53-recovery.html",
    needs_all_regions="to apply",
)
def region_switch(  # noqa: PLR0913, PLR0917 - each parameter is a kind of fact it needs
    service: Service,
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
    records: tuple[DnsRecord, ...],
    shifts: tuple[TrafficShift, ...],
    accelerators: tuple[Accelerator, ...],
) -> Verdict:
    """Apply to services in several regions."""
    running, doubt = running_as_far_as_read(compute, deployments)
    if len(running) < 2:
        if doubt is not None:
            raise doubt
        return not_applicable(f"{service.name} runs in one region only")
    way = way_between_regions(records, shifts, accelerators)
    if way:
        return passed(f"{way} {service.name} between {region_names(running)}")
    return failed(
        f"{service.name} runs in {region_names(running)}, but no routing control, health-checked record or accelerator moves its "
        "traffic between them"
    )


@check(
    id="FO06",
    title="Load balancer has zonal autoshift enabled",
    severity=Severity.LOW,
    lesson="An AZ that responds slowly passes health checks and degrades every third request for hours; shifting "
    "traffic away first costs nothing.",
    remediation="Run `aws arc-zonal-shift create-practice-run-configuration`, then `aws arc-zonal-shift "
    "update-zonal-autoshift-configuration --zonal-autoshift-status ENABLED`.",
    docs="https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html",
)
def zonal_autoshift(_: Service, balancer: LoadBalancer, shifts: tuple[TrafficShift, ...]) -> Verdict:
    """Apply to load balancers that span several AZs and whose product has zonal shift."""
    if len(set(balancer.zones)) < 2 or not known(balancer.zonal_shift):
        return not_applicable(f"{subject(balancer)} does not support zonal autoshift or spans one AZ")
    mine = (shift for shift in shifts if shift.kind == "zonal" and balancer.resource in shift.protects)
    if settling(shift.automatic for shift in mine):
        return passed(f"{subject(balancer)} has zonal autoshift on")
    return failed(
        f"{subject(balancer)}: zonal autoshift is off; traffic to a failing AZ continues until a person shifts it"
    )


@check(
    id="FO07",
    title="Standby region is not scaled to zero",
    severity=Severity.HIGH,
    lesson="When a large region fails, everyone launches instances in the next one at once; in October 2025 launches "
    "were throttled or failed for hours.",
    remediation="Keep the capacity of the first minutes running: `aws autoscaling update-auto-scaling-group "
    "--min-size`, or `aws ecs update-service --desired-count`.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
    needs_all_regions="to apply",
)
def standby_awake(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """Apply where the RTO is under four hours; with more, starting from zero is a valid plan."""
    running: dict[str, bool] = {}
    for group in requests_end_at(compute):
        copies = group.running if group.running is not None else group.desired
        on = copies is None or copies > 0
        running[group.region] = running.get(group.region, False) or on
    target = service.rto_target
    if len(running) < 2 or target is None or target >= _PILOT_LIGHT_IS_ENOUGH:
        return not_applicable(
            f"{service.name} has no standby region, or its RTO is {duration(_PILOT_LIGHT_IS_ENOUGH)} or more"
        )
    scaled_to_zero = [region for region, on in running.items() if not on]
    if scaled_to_zero:
        return failed(
            f"{service.name} is scaled to zero in {listed(scaled_to_zero)}; failover waits for new capacity",
            regions=listed(scaled_to_zero),
        )
    return passed(f"{service.name} has running capacity in {listed(running)}")


@check(
    id="FO08",
    title="CDN distribution has origin failover",
    severity=Severity.MEDIUM,
    lesson="Changing an origin by hand is a global deployment through a control plane in us-east-1: minutes "
    "normally, hours when us-east-1 is what failed.",
    remediation="Add an origin group with a primary and a secondary origin and the 5xx status codes that trigger "
    "failover (`aws cloudfront update-distribution`, `OriginGroups`).",
    docs="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
)
def second_origin(_: Service, front: Distribution) -> Verdict:
    """Apply to enabled distributions; every path needs it that accepts no requests which change data."""
    if not front.enabled:
        return not_applicable(f"{subject(front)} is disabled")
    if front.paths_without_failover and (front.origin_failover or front.takes_writes):
        paths = listed(front.paths_without_failover)
        return failed(f"{subject(front)} has no origin failover for {paths}; losing the origin there takes these down")
    if front.origin_failover:
        return passed(f"{subject(front)} has origin failover", origins=len(front.origins))
    if front.takes_writes:
        return not_applicable(f"{subject(front)} accepts requests that change data, which cannot have origin failover")
    return failed(
        f"{subject(front)} has no origin failover; losing its primary origin takes it down", origins=len(front.origins)
    )


_HEALING = ("elb", "vpc_lattice", "autohealing", "repairs")
"""Words for health checks of requests by which the provider itself replaces instances."""


@check(
    id="FO09",
    title="Instance group replaces instances that fail load balancer health checks",
    severity=Severity.MEDIUM,
    lesson="An instance with a hung process is healthy to the hypervisor: with EC2 health checks alone the group "
    "keeps it, and the load balancer sends it no traffic.",
    remediation="Run `aws autoscaling update-auto-scaling-group --health-check-type ELB --health-check-grace-period 60`.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html",
)
def replaced_by_health(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to instance groups that receive requests."""
    if group.kind is not ComputeKind.MACHINE_GROUP or not group.traffic:
        return not_applicable(f"{subject(group)} is not an instance group behind a load balancer")
    uses = known(group.health_check)
    if not uses:
        return unknown(f"Health check type of {named(group)} is unknown")
    if any(word in uses.lower() for word in _HEALING):
        return passed(f"{subject(group)} replaces instances that fail load balancer health checks")
    return failed(
        f"{subject(group)} uses {uses} health checks and keeps instances that the load balancer finds unhealthy",
        uses=uses,
    )


@check(
    id="FO10",
    title="Instance group has no suspended self-healing process",
    severity=Severity.MEDIUM,
    lesson="Processes suspended for one night's maintenance are found years later, when instances fail and none is "
    "replaced.",
    remediation="Resume them: `aws autoscaling resume-processes --auto-scaling-group-name NAME`.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html",
)
def nothing_suspended(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to instance groups that have anything to heal."""
    if group.kind is not ComputeKind.MACHINE_GROUP:
        return not_applicable(f"{subject(group)} is not an instance group")
    if group.desired == 0 and not group.running:
        return not_applicable(f"{subject(group)} is scaled to zero and has nothing to replace")
    suspended = known(group.suspended)
    if suspended is None:
        return not_applicable(f"{subject(group)} has no self-healing process that could be suspended")
    if suspended:
        return failed(
            f"{subject(group)} does not replace every failed instance; suspended processes: {listed(suspended)}"
        )
    return passed(f"{subject(group)} has no suspended self-healing process")
