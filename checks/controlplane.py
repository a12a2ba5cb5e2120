"""Data planes serve requests and are built to survive; control planes make changes and are not. Recovery must not need a control plane.

The control planes of global services run in one region. On 20 October 2025 sign-in, IAM changes, global tables and
support cases failed far from us-east-1, because their control planes run there.
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
from checks._nouns import subject
from checks._places import as_far_as_read, places, region_names, running_as_far_as_read
from checks._words import counted, listed

_GLOBAL_ENDPOINTS = ("sts.amazonaws.com",)


@check(
    id="CP01",
    title="Workloads use the regional STS endpoint",
    severity=Severity.MEDIUM,
    lesson="For years the global STS endpoint was served only from us-east-1: a workload in Frankfurt that used it "
    "got no credentials in Frankfurt when us-east-1 failed.",
    remediation="Set `AWS_STS_REGIONAL_ENDPOINTS=regional` (or `sts_regional_endpoints = regional` in "
    "~/.aws/config), or use an SDK from July 2025 or later, where this is the default.",
    docs="https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html",
)
def regional_sign_in(service: Service, use: EndpointUse) -> Verdict:
    """Judge principals that were seen calling an endpoint."""
    principal = use.principal or use.name
    if use.calls == 0:
        return not_applicable(f"{principal} made no calls")
    if use.endpoint.lower() not in _GLOBAL_ENDPOINTS:
        return passed(f"{principal} uses {use.endpoint}", calls=use.calls)
    return failed(
        f"{principal} called the global endpoint {use.endpoint} in {use.endpoint_region} {use.calls} times in "
        f"{counted(use.window.days, 'day')}; {service.name} may lose sign-in with that region",
        calls=use.calls,
        window_days=use.window.days,
    )


@check(
    id="CP02",
    title="Routing records follow a health check instead of manual changes",
    severity=Severity.HIGH,
    lesson="Changing a weight by hand goes through the DNS control plane, which for Route 53 runs in us-east-1: when "
    "that is the failed region, the change may be refused.",
    remediation="Set a `HealthCheckId` on each record of the set (`aws route53 change-resource-record-sets`), or "
    "`EvaluateTargetHealth: true` on aliases: then the data plane decides.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html",
)
def records_follow_health(_: Service, record: DnsRecord) -> Verdict:
    """Apply to weighted, latency, geographic and multivalue records; failover pairs are FO02."""
    if record.policy in ("simple", "failover") or record.siblings < 2:
        return not_applicable(f"{subject(record)} does not choose between targets")
    if record.health_check or record.evaluates_target_health:
        return passed(f"{subject(record)} follows the health of its targets", policy=record.policy)
    return failed(
        f"{subject(record)} has no health check; it returns a failed target until a person edits it",
        policy=record.policy,
    )


@check(
    id="CP03",
    title="Multi-region service has no hard dependency on one region",
    severity=Severity.HIGH,
    lesson="Incident.io runs in several regions of another cloud, yet its telephony and sign-in were affected on 20 "
    "October 2025: they called services in us-east-1.",
    remediation="Create the dependency in the other region too and declare it (`depends_on: [{on: "
    "aws/us-east-1/dynamodb, fallback: aws/us-west-2/dynamodb}]` in backstay.yaml), or make it a soft dependency "
    "(`soft: true`).",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html",
    needs_all_regions="to apply",
)
def no_regional_pin(
    service: Service, compute: tuple[ComputeGroup, ...], deployments: tuple[Deployment, ...]
) -> Verdict:
    """Judge the scopes with a region in `depends_on`."""
    pins = [dependency for dependency in service.depends_on if dependency.kind == "scope" and "/" in dependency.target]
    hard = [pin.target for pin in pins if pin.hard and not pin.fallback]
    if pins and not hard:
        return passed(
            f"{service.name} has only soft dependencies, or fallbacks, for {listed(pin.target for pin in pins)}"
        )
    running, doubt = running_as_far_as_read(compute, deployments)
    if pins and len(running) < 2 and doubt is not None:
        raise doubt
    if not pins or len(running) < 2:
        return not_applicable(f"{service.name} runs in one region, or declares no regional dependency")
    return failed(
        f"{service.name} runs in several regions, but all of them depend on {listed(hard)}", scopes=listed(hard)
    )


@check(
    id="CP04",
    title="Each region has its own load balancer or API gateway",
    severity=Severity.MEDIUM,
    lesson="A load balancer created during an outage needs a control plane that everyone else is calling too; on 20 "
    "October 2025 new ones failed their health checks.",
    remediation="Create it now, from the same template: `aws elbv2 create-load-balancer` or `aws apigateway "
    "create-rest-api` in the second region.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html",
    needs_all_regions="to apply",
)
def ingress_in_each_region(
    service: Service,
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
) -> Verdict:
    """Apply to services in several regions with a load balancer or gateway in at least one."""
    running, doubt = running_as_far_as_read(compute, ())
    read, hidden = as_far_as_read(balancers + gateways)
    entries = places(read)
    missing = running - entries
    if doubt is not None and (len(running) < 2 or not missing):
        raise doubt
    if hidden is not None and len(running) >= 2 and missing:
        raise hidden
    if len(running) < 2 or not entries:
        return not_applicable(f"{service.name} runs in one region, or has no load balancer or API gateway")
    if not missing:
        return passed(f"{service.name} has a load balancer or API gateway in {region_names(running)}")
    return failed(
        f"{service.name} has no load balancer or API gateway in {region_names(missing)}; it would have to be created "
        "during the outage"
    )


@check(
    id="CP05",
    title="Deployments work while one region is down",
    severity=Severity.MEDIUM,
    lesson="The fix for an outage is often a deployment; when the pipeline runs in the failed region, there is none.",
    remediation="Create a second pipeline in the other region from the same definition (`aws codepipeline "
    "create-pipeline --region`), or deploy from a system outside both regions.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_avoid_control_plane.html",
    needs_all_regions="to fail",
)
def release_while_lost(
    service: Service,
    pipelines: tuple[Pipeline, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Apply to services in several regions with a known pipeline."""
    running, doubt = running_as_far_as_read(compute, deployments)
    read, hidden = as_far_as_read(pipelines)
    deployed_from = places(read)
    if doubt is not None and (len(running) < 2 or (len(deployed_from) < 2 and not deployed_from <= running)):
        raise doubt
    if hidden is not None and len(running) >= 2 and len(deployed_from) < 2:
        raise hidden
    if len(running) < 2 or not deployed_from:
        return not_applicable(f"{service.name} runs in one region, or has no known pipeline")
    if len(deployed_from) >= 2 or not deployed_from <= running:
        return passed(f"{service.name} is deployed from {region_names(deployed_from)}")
    return failed(
        f"{service.name} is deployed only from {region_names(deployed_from)}; losing that region blocks deployments"
    )
