"""What a service buys can fail like what it runs. Know its dependencies, have a fallback for each, and know what an hour of outage costs.

On 20 October 2025 companies without a machine in us-east-1 were down: their telephony, sign-in or payments ran there.
"""

from datetime import datetime, timedelta

from checks._check import check
from checks._evidence import LOAD_SHEDDING, judge_attestation
from checks._facts import Attestation, ComputeGroup, Datastore, Deployment, Gateway, LoadBalancer, Workflow, known
from checks._model import Outcome, Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import subject
from checks._places import providers
from checks._words import listed

_FIGURES_FRESH = timedelta(days=180)
_LOWEST_TIER = 2


@check(
    id="PR01",
    title="Critical SaaS dependencies have a fallback",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 telephony providers with one routing point in us-east-1 took customer support lines "
    "down in Europe; a second provider would have carried the calls.",
    remediation="Add a second provider, a queue that holds the work, or a degraded mode; then declare `depends_on: "
    "[{on: stripe, fallback: adyen}]` or `soft: true` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_graceful_degradation.html",
)
def bought_has_fallback(service: Service) -> Verdict:
    """Judge the SaaS dependencies in the catalogue."""
    bought = [dependency for dependency in service.depends_on if dependency.kind == "saas"]
    if not bought:
        return not_applicable(f"{service.name} declares no SaaS dependency")
    bare = [dependency.target for dependency in bought if dependency.hard and not dependency.fallback]
    if bare:
        return failed(
            f"{service.name} has no fallback for {listed(bare)}; an outage there takes it down", targets=listed(bare)
        )
    return passed(f"{service.name} has a fallback, or a soft dependency, for {listed(saas.target for saas in bought)}")


@check(
    id="PR02",
    title="Tier-1 service runs on more than one provider",
    severity=Severity.LOW,
    lesson="On 12 June 2025 one change took Google Cloud down in every region: services spread only over regions "
    "failed together.",
    remediation="Run a reduced copy on a second provider for the few paths that must not stop (read-only, or a queue "
    "that accepts orders); declare it under `deployments:` in backstay.yaml. Waive this check where the cost is too "
    "high.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html",
)
def several_providers(
    service: Service,
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Apply to tier 1."""
    if service.tier.number != 1:
        return not_applicable(f"{service.name} is tier {service.tier.number}; this applies to tier 1")
    clouds, doubt = providers(compute, stores, deployments)
    if len(providers(compute, deployments)[0]) >= 2:
        return passed(f"{service.name} runs on {listed(clouds)}", providers=len(clouds))
    if doubt is not None:
        raise doubt
    if not clouds:
        return not_applicable(f"No running resources of {service.name} found")
    if len(clouds) >= 2:
        return failed(
            f"{service.name} has data on {listed(clouds)}, but compute on a single provider", providers=len(clouds)
        )
    return failed(f"{service.name} depends on a single provider: {listed(clouds)}", providers=len(clouds))


@check(
    id="PR03",
    title="Users and revenue at risk are set and at most 180 days old",
    severity=Severity.LOW,
    lesson="What an hour of outage costs decides what prevention may cost and whom to wake; during the outage there "
    "is no time to find out.",
    remediation="Set `users:`, `revenue_per_hour:` and `revenue_as_of:` of the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_objective_defined_recovery.html",
)
def figures_known(service: Service, now: datetime) -> Verdict:
    """Apply to tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is tier {service.tier.number}; this applies to tiers 1 and 2")
    if service.users is None or service.revenue_per_hour is None:
        return failed(f"Revenue per hour and users of {service.name} are not set")
    if service.revenue_as_of is None:
        return unknown(f"Date of the revenue figure of {service.name} is not set")
    age = now.date() - service.revenue_as_of
    if age <= _FIGURES_FRESH:
        return passed(f"Revenue figure of {service.name} is from {service.revenue_as_of}", users=service.users)
    return failed(
        f"Revenue figure of {service.name} is from {service.revenue_as_of}, more than {_FIGURES_FRESH.days} days ago",
        age_days=age.days,
    )


@check(
    id="PR04",
    title="Timeouts, bounded retries and load shedding are attested",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 DNS was fixed after two and a half hours; unbounded retries then overloaded the "
    "recovering services for the rest of the day.",
    remediation="Set a timeout on every call, retries with a budget and jitter, a circuit breaker and a rate limit; "
    "attest `load_shedding` in backstay.yaml with a link to a load test.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_limit_retries.html",
)
def load_shed(  # noqa: PLR0913, PLR0917 - each parameter is a kind of fact it needs
    service: Service,
    attestations: tuple[Attestation, ...],
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
    deployments: tuple[Deployment, ...],
    now: datetime,
) -> Verdict:
    """Apply to tiers 1 and 2 where something calls or is called: code, an entry for requests, or a declared dependency."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is tier {service.tier.number}; this applies to tiers 1 and 2")
    verdict = judge_attestation(service, attestations, LOAD_SHEDDING, now)
    if (
        verdict.outcome is Outcome.PASS
        or service.depends_on
        or any(True for _ in compute + balancers + gateways + deployments)
    ):
        return verdict
    return not_applicable(f"{service.name} has no code, no entry for requests and no dependency")


@check(
    id="PR05",
    title="Workflow retries or catches errors of every task",
    severity=Severity.MEDIUM,
    lesson="One throttled call ends a run where its task has neither a retry nor a catch: after an outage of an hour, the "
    "runs of that hour have to be found and started again by hand.",
    remediation="Give each task of the definition a `Retry` with `IntervalSeconds`, `MaxAttempts`, `BackoffRate` and "
    '`JitterStrategy: "FULL"`, or a `Catch`: `aws stepfunctions update-state-machine --definition`.',
    docs="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
)
def tasks_guarded(_: Service, workflow: Workflow) -> Verdict:
    """Apply to workflows with tasks."""
    if not known(workflow.tasks):
        return not_applicable(f"{subject(workflow)} has no tasks")
    unguarded = known(workflow.unguarded)
    if not unguarded:
        return passed(f"{subject(workflow)} retries or catches errors of every task", tasks=known(workflow.tasks))
    return failed(
        f"{subject(workflow)} ends at the first error of {listed(unguarded)}, without a retry or a catch",
        unguarded=len(unguarded),
    )
