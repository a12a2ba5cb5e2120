"""What a service buys can fail as what it runs. Know what it needs, have something to take its place, and know what an hour costs.

On 20 October 2025 firms without a machine in us-east-1 stood still: their telephony, sign-in or payments had one there.
"""

from datetime import datetime, timedelta

from checks._check import check
from checks._evidence import LOAD_SHEDDING, judge_attestation
from checks._facts import Attestation, ComputeGroup, Datastore, Deployment
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import providers
from checks._words import listed

_FIGURES_FRESH = timedelta(days=180)
_LOWEST_TIER = 2


@check(
    id="PR01",
    title="Bought services which it cannot do without have a fallback",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 telephony providers with one routing point in us-east-1 took customer support lines down in "
    "Europe; a second provider behind a switch would have carried them.",
    remediation="A second provider, a queue that holds the work, or a mode without it; then `depends_on: [{on: stripe, "
    "fallback: adyen}]` or `soft: true` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_graceful_degradation.html",
)
def bought_has_fallback(service: Service) -> Verdict:
    """SaaS dependencies of the catalogue."""
    bought = [one for one in service.depends_on if one.kind == "saas"]
    if not bought:
        return not_applicable(f"{service.name} depends on no bought service that it names")
    bare = [one.target for one in bought if one.hard and not one.fallback]
    if bare:
        return failed(f"{service.name} stands still without {listed(bare)}", targets=listed(bare))
    return passed(f"{service.name} can do without {listed(one.target for one in bought)} for a while")


@check(
    id="PR02",
    title="The most important services run on more than one provider",
    severity=Severity.LOW,
    lesson="On 12 June 2025 one change took down Google Cloud in every region: what was spread over regions fell together.",
    remediation="For the few paths that must never stop, a reduced copy on a second provider (read-only, or a queue that takes "
    "orders); tell of it under `deployments:` in backstay.yaml. Waive this where it is not worth its price.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html",
)
def several_providers(
    service: Service,
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Asked of tier 1."""
    if service.tier.number != 1:
        return not_applicable(f"{service.name} is of tier {service.tier.number}")
    clouds = providers(compute, stores, deployments)
    if not clouds:
        return not_applicable(f"Nothing of {service.name} was seen to run anywhere")
    if len(providers(compute, deployments)) >= 2:
        return passed(f"{service.name} runs on {listed(clouds)}", providers=len(clouds))
    return failed(f"{service.name} runs on {listed(clouds)} alone", providers=len(clouds))


@check(
    id="PR03",
    title="Users and revenue at stake are known and not older than 180 days",
    severity=Severity.LOW,
    lesson="What an hour costs decides what prevention may cost, and whom to wake; in the outage there is no time to find out.",
    remediation="`users:`, `revenue_per_hour:` and `revenue_as_of:` of the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_planning_for_recovery_objective_defined_recovery.html",
)
def figures_known(service: Service, now: datetime) -> Verdict:
    """Asked of tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is of tier {service.tier.number}")
    if service.users is None or service.revenue_per_hour is None:
        return failed(f"What an hour of {service.name} costs, and to how many users, is not told")
    if service.revenue_as_of is None:
        return unknown(f"Of which day the revenue of {service.name} is, is not told")
    age = now.date() - service.revenue_as_of
    if age <= _FIGURES_FRESH:
        return passed(f"The revenue of {service.name} is of {service.revenue_as_of}", users=service.users)
    return failed(
        f"The revenue of {service.name} is of {service.revenue_as_of}, older than {_FIGURES_FRESH.days} days",
        age_days=age.days,
    )


@check(
    id="PR04",
    title="Somebody vouches for time-outs, bounded retries and load shedding",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 DNS was mended after two and a half hours; retries without bounds then kept what came back "
    "under water for the rest of the day.",
    remediation="A time-out on every call, retries with a budget and jitter, a breaker, and a limit on what is taken in; "
    "attest it as `load_shedding` in backstay.yaml with a link to a load test.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_limit_retries.html",
)
def load_shed(service: Service, words: tuple[Attestation, ...], now: datetime) -> Verdict:
    """Asked of tiers 1 and 2."""
    if service.tier.number > _LOWEST_TIER:
        return not_applicable(f"{service.name} is of tier {service.tier.number}")
    return judge_attestation(service, words, LOAD_SHEDDING, now)
