"""What serves requests is built to last, what makes changes is not; for global services it lives in one region. Recovery must not need it.

On 20 October 2025 sign-in, IAM updates, global tables and support cases were impaired far from us-east-1, because
their control planes are there.
"""

from checks._check import check
from checks._facts import (
    ComputeGroup,
    Deployment,
    DnsRecord,
    EndpointUse,
    Gateway,
    LoadBalancer,
    Pipeline,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._places import places, region_names, requests_end_at, running_in
from checks._words import listed

_GLOBAL_ENDPOINTS = ("sts.amazonaws.com",)


@check(
    id="CP01",
    title="Nobody signs in by an endpoint of another region",
    severity=Severity.MEDIUM,
    lesson="The global STS endpoint was for years one place in us-east-1: who used it from Frankfurt could not get "
    "credentials in Frankfurt when Virginia failed.",
    remediation="Set `AWS_STS_REGIONAL_ENDPOINTS=regional` (or `sts_regional_endpoints = regional` in ~/.aws/config), or "
    "take an SDK of July 2025 or later, where it is the default.",
    docs="https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html",
)
def regional_sign_in(service: Service, use: EndpointUse) -> Verdict:
    """A principal that was seen calling the global endpoint."""
    if use.calls == 0:
        return not_applicable(f"{use.principal or use.name} made no calls")
    if use.endpoint.lower() not in _GLOBAL_ENDPOINTS:
        return passed(f"{use.principal or use.name} uses {use.endpoint}", calls=use.calls)
    return failed(
        f"{use.principal or use.name} called {use.endpoint} in {use.endpoint_region} {use.calls} times; so may whoever "
        f"recovers {service.name}",
        calls=use.calls,
        window_days=use.window.days,
    )


@check(
    id="CP02",
    title="Records that choose between targets follow a health check, not a person",
    severity=Severity.HIGH,
    lesson="A weight turned by hand is a change to the DNS control plane, which for Route 53 is in us-east-1: just when the "
    "region to leave is that one, it may refuse.",
    remediation="A `HealthCheckId` on each record of the set (`aws route53 change-resource-record-sets`), or "
    "`EvaluateTargetHealth: true` on aliases: the data plane then decides.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html",
)
def records_follow_health(service: Service, record: DnsRecord) -> Verdict:
    """Weighted, latency, geographic and multivalue records; failover pairs are asked apart."""
    if record.policy in ("simple", "failover") or record.siblings < 2:
        return not_applicable(f"{record.name} does not choose between targets")
    if record.health_check or record.evaluates_target_health:
        return passed(f"{record.name} follows the health of its targets", policy=record.policy)
    return failed(
        f"{record.name} of {service.name} goes on naming a dead target until somebody edits it", policy=record.policy
    )


@check(
    id="CP03",
    title="No hard dependency pins a service of several regions to one of them",
    severity=Severity.HIGH,
    lesson="Incident.io runs in several regions of another cloud, and still its telephony and sign-in suffered on 20 October "
    "2025: what they called stood in us-east-1.",
    remediation="Give the dependency a twin in the other region and name it (`depends_on: [{on: aws/us-east-1/dynamodb, "
    "fallback: aws/us-west-2/dynamodb}]` in backstay.yaml), or make it one that the service can do without (`soft: true`).",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html",
)
def no_regional_pin(
    service: Service, compute: tuple[ComputeGroup, ...], deployments: tuple[Deployment, ...]
) -> Verdict:
    """Scopes with a region in `depends_on`."""
    pins = [one for one in service.depends_on if one.kind == "scope" and "/" in one.target]
    hard = [one.target for one in pins if one.hard and not one.fallback]
    if not pins or (hard and len(running_in(compute, deployments)) < 2):
        return not_applicable(f"{service.name} has no second region, or names no region that it needs")
    if not hard:
        return passed(f"{service.name} can do without {listed(one.target for one in pins)}")
    return failed(f"{service.name} runs in several regions, but all of them need {listed(hard)}", scopes=listed(hard))


@check(
    id="CP04",
    title="Each region that the service runs in has a front door of its own",
    severity=Severity.MEDIUM,
    lesson="A load balancer that has to be created during the outage is created through a control plane that everybody else "
    "is calling too; on 20 October 2025 new ones came up with failing health checks.",
    remediation="Create it now and leave it idle: `aws elbv2 create-load-balancer` or `aws apigateway create-rest-api` in the "
    "second region, from the same template.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html",
)
def front_doors(
    service: Service,
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """Asked of services in several regions that have a load balancer or gateway in one at least."""
    running, entries = places(requests_end_at(compute)), places([*balancers, *gateways])
    if len(running) < 2 or not entries:
        return not_applicable(f"{service.name} has no second region or no front door that was seen")
    missing = running - entries
    if not missing:
        return passed(f"{service.name} has a front door in {region_names(running)}")
    return failed(f"{service.name} would have to create a front door in {region_names(missing)} during the outage")


@check(
    id="CP05",
    title="Releases can be made while one region is lost",
    severity=Severity.MEDIUM,
    lesson="The fix for an outage is often a release; when the pipeline stands in the region that failed, there is none.",
    remediation="A second pipeline in the other region from the same definition (`aws codepipeline create-pipeline --region`), "
    "or a delivery system outside of both.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_avoid_control_plane.html",
)
def release_while_lost(
    service: Service,
    pipelines: tuple[Pipeline, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Asked of services in several regions with a pipeline that was seen."""
    running = running_in(compute, deployments)
    stand = places(pipelines)
    if len(running) < 2 or not stand:
        return not_applicable(f"{service.name} has no second region, or no pipeline that was seen")
    if len(stand) >= 2 or not stand <= running:
        return passed(f"Releases of {service.name} are made from {region_names(stand)}")
    return failed(f"All releases of {service.name} are made from {region_names(stand)}, which it may have to leave")
