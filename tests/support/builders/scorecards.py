"""Sample scorecards for cards: judged by a small set of checks of their own, so that they change only when cards do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from support.builders.moment import NOW, days_ago
from support.builders.resources import datastore

from checks import (
    DEFAULT_TIERS,
    Check,
    Finding,
    Outcome,
    PastScore,
    Scorecard,
    Service,
    ServiceScore,
    Severity,
    Trend,
    Verdict,
    score,
)

DOCS = "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/welcome.html"
HOSTILE = "<!channel> *x* _y_ `z` <@U1> </script><script>alert(1)</script> ${7*7} {{DATE(1)}} [a](https://evil.example)"
LONG = (
    "payments-settlement-and-reconciliation-service-for-the-nordic-and-baltic-countries-" * 2
    + "with-a-name-of-200-characters-in-all"
)
RIGHT_TO_LEFT = "שירות תשלומים \u202egnp.exe"


def _never(*_: object) -> Verdict:
    raise AssertionError("samples carry their verdicts")


def sample_check(id: str, family: str, title: str, severity: Severity, remediation: str) -> Check:
    lesson = "On 20 October 2025 teams that ran in one region only were down for about 15 hours."
    return Check(id, family, title, severity, lesson, remediation, DOCS, _never, (), wants_now=False)


CHECKS = (
    sample_check(
        "RG01",
        "region",
        "Service runs in more than one region",
        Severity.CRITICAL,
        "Deploy a second stack in another region and put both behind a Route 53 failover record.",
    ),
    sample_check(
        "RG03",
        "region",
        "Primary datastore has a replica in a second region",
        Severity.CRITICAL,
        (
            "DynamoDB: `aws dynamodb update-table --replica-updates 'Create={RegionName=us-west-2}'`; "
            "RDS: `aws rds create-db-instance-read-replica` in the other region; EFS: `aws efs create-replication-configuration`."
        ),
    ),
    sample_check(
        "BK01",
        "backup",
        "Primary datastore has a restorable backup",
        Severity.CRITICAL,
        "Enable point-in-time recovery: `aws dynamodb update-continuous-backups`.",
    ),
    sample_check(
        "RH01",
        "rehearsal",
        "A failover test succeeded within its period",
        Severity.HIGH,
        "Run the failover once outside peak hours and record the date and how long it took.",
    ),
    sample_check(
        "OB02",
        "observability",
        "An alarm on error rate notifies someone",
        Severity.HIGH,
        "`aws cloudwatch put-metric-alarm` with an SNS action that has a confirmed subscriber.",
    ),
    sample_check(
        "DN04",
        "dns",
        "Failover records have a TTL of 60 s or less",
        Severity.MEDIUM,
        "Set the TTL of the record set to 60 in Route 53.",
    ),
    sample_check(
        "AU01",
        "automation",
        "Datastore has deletion protection",
        Severity.LOW,
        "`aws rds modify-db-instance --deletion-protection`, `aws dynamodb update-table --deletion-protection-enabled`.",
    ),
)

_SENTENCES = {
    Outcome.PASS: "{name} meets the condition",
    Outcome.FAIL: "{name} runs only in us-east-1",
    Outcome.UNKNOWN: "{name}: AccessDenied for dynamodb:DescribeContinuousBackups",
    Outcome.WAIVED: "Waived until 2027-03-01 by Ada: it is being retired ({name} runs only in us-east-1)",
    Outcome.NOT_APPLICABLE: "checkout has no such resource",
    Outcome.ERROR: "Check stopped with an internal error on data on {name}",
}
F, P, U, W, N = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.NOT_APPLICABLE
MIXED: Sequence[Sequence[Outcome]] = ((F,), (F, F, P), (P,), (P,), (U,), (W,), (N,))
SOUND: Sequence[Sequence[Outcome]] = ((P,), (P, P), (P,), (P,), (P,), (P,), (P,))
UNSEEN: Sequence[Sequence[Outcome]] = ((U,), (U,), (U,), (P,), (U,), (U,), (U,))


def sample_service(name: str = "checkout", tier: int = 1) -> Service:
    return Service(
        name, DEFAULT_TIERS[tier], owner="payments", audience="payments", users=120_000, revenue_per_hour=42_000.0
    )


def sample_findings(service: Service, outcomes: Sequence[Sequence[Outcome]] = MIXED) -> Iterator[Finding]:
    """One finding for each outcome, check by check, each on a table of its own."""
    for check, found in zip(CHECKS, outcomes, strict=True):
        for number, outcome in enumerate(found):
            store = datastore(f"{service.name}-{number}")
            yield Finding(check, service, store, Verdict(outcome, _SENTENCES[outcome].format(name=store.name), {}))


def sample_scorecard(*services: tuple[Service, Sequence[Sequence[Outcome]]]) -> Scorecard:
    """Services with what their checks came to; one that is mixed where none is named."""
    chosen = services or ((sample_service(), MIXED),)
    findings = [sample_finding for service, outcomes in chosen for sample_finding in sample_findings(service, outcomes)]
    made = score(findings, services=[service for service, _ in chosen], now=NOW)
    return replace(made, generated_at=days_ago(0.02), ruleset="5a3f0c9d1e77")


def sample_estate(number: int, named: Callable[[int], str] = "service-{:03}".format) -> Scorecard:
    """So many services: mixed, sound and unseen in turn, over all tiers."""
    states = (MIXED, SOUND, UNSEEN)
    return sample_scorecard(
        *((sample_service(named(at), 1 + at % 4), states[at % len(states)]) for at in range(number))
    )


def sample_score(name: str = "checkout", outcomes: Sequence[Sequence[Outcome]] = MIXED, tier: int = 1) -> ServiceScore:
    return sample_scorecard((sample_service(name, tier), outcomes)).services[0]


def sample_history(name: str = "", weeks: int = 12) -> tuple[PastScore, ...]:
    """One score a week, slowly rising, with a setback half way."""
    return tuple(
        PastScore(
            name,
            NOW - timedelta(weeks=week),
            30 + 2.5 * (weeks - week) - (9 if week == weeks // 2 else 0),
            "D",
            0.9,
            "5a3f0c9d1e77",
        )
        for week in range(weeks, 0, -1)
    )


def sample_trend(
    change: float = 3.5,
    *,
    rules_changed: bool = False,
    fixed: Sequence[str] = ("DN04",),
    broken: Sequence[str] = ("RG03",),
) -> Trend:
    since = PastScore("", days_ago(7), 55.0, "D", 0.9, "5a3f0c9d1e77", frozenset(fixed))
    return Trend(since, change, rules_changed, tuple(fixed), tuple(broken))
