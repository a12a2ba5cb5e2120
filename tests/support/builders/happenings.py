"""Sample incidents and readings of status pages for cards."""

from collections.abc import Callable
from datetime import datetime, timedelta

from support.builders.moment import NOW

from bot.model import (
    FeedComponent,
    FeedReading,
    IncidentSeverity,
    IncidentState,
    IncidentUpdate,
    ProviderIncident,
)
from bot.model.incidents import Affected, Incident, Phase, ProviderStatement, Response, TimelineEntry
from checks import Fate, Scope, Severity

_FATES = (Fate.DOWN, Fate.FAILS_OVER, Fate.DEGRADED, Fate.UNKNOWN, Fate.UNAFFECTED)
Named = Callable[[int], str]
_NAMED: Named = "service-{:03}".format


def ago(minutes: float) -> datetime:
    """That many minutes before NOW."""
    return NOW - timedelta(minutes=minutes)


def sample_affected(number: int, named: Named = _NAMED) -> tuple[Affected, ...]:
    """So many services, every fate in turn; the first has a runbook."""
    return tuple(_affected(at, named(at)) for at in range(number))


def _affected(at: int, name: str) -> Affected:
    fate = _FATES[at % len(_FATES)]
    fails_over = fate is Fate.FAILS_OVER
    steps = ("Say in #ops that you take it.", "Run `failover.sh us-west-2`.", "Watch the error rate.", "Write it down.")
    return Affected(
        service=name,
        tier=1 + at % 3,
        fate=fate,
        because=(f"{name} needs aws/us-east-1/dynamodb", "aws/us-east-1/dynamodb does not answer"),
        audience="payments",
        owner="team-payments",
        users=120_000,
        cost_per_hour=42_000.0 if fate is Fate.DOWN else 0.0,
        rto=timedelta(minutes=12) if fails_over else None,
        proved_at=NOW - timedelta(days=40) if fails_over and at % 2 else None,
        runbook="runbooks/checkout.md" if at == 0 else "",
        first_steps=steps if at == 0 else (),
    )


def sample_incident(
    number: int = 4,
    named: Named = _NAMED,
    *,
    phase: Phase = Phase.CONFIRMED,
    title: str = "DynamoDB is failing in us-east-1",
    **more: object,
) -> Incident:
    """One incident 42 minutes old, confirmed after 80 s, 12 minutes before the provider said so."""
    sure = ago(42) + timedelta(seconds=80)
    over = ago(5) if phase is Phase.RESOLVED else None
    fields: dict[str, object] = {
        "id": "inc-7f3a",
        "phase": phase,
        "title": title,
        "scopes": (Scope("aws", "us-east-1", "dynamodb"),),
        "onset_at": ago(42),
        "updated_at": ago(1),
        "severity": Severity.CRITICAL,
        "confirmed_at": None if phase is Phase.SUSPECTED else sure,
        "resolved_at": over,
        "affected": sample_affected(number, named),
        "evidence": (
            "3 of 3 resolvers have no address for dynamodb.us-east-1.amazonaws.com",
            "TCP to its old addresses times out from 2 vantage points",
        ),
        "words": (
            ProviderStatement(
                "aws", True, sure + timedelta(minutes=12), "Increased error rates", IncidentSeverity.MAJOR,
                "https://health.aws.amazon.com/health/status",
            ),
        ),
        "timeline": (
            TimelineEntry(ago(42), "seen", "first failure observed"),
            TimelineEntry(sure, "confirmed", "confirmed by our own observations"),
            TimelineEntry(ago(28), "provider", "AWS status page: Increased error rates"),
        ),
        "handling": Response(),
    }  # fmt: skip
    return Incident(**(fields | more))  # type: ignore[arg-type]


def sample_course() -> tuple[TimelineEntry, ...]:
    """What a whole incident went through: two waves, people, the provider."""
    return (
        TimelineEntry(ago(42), "seen", "first failure observed"),
        TimelineEntry(ago(40), "confirmed", "confirmed by our own observations"),
        TimelineEntry(ago(30), "person", "Ada acknowledged the incident"),
        TimelineEntry(ago(28), "provider", "AWS status page: Increased error rates"),
        TimelineEntry(ago(28), "told", "escalated to platform: nobody has acknowledged"),
        TimelineEntry(ago(22), "calm", "recovering: no failure observed any more"),
        TimelineEntry(ago(15), "wave", "failing again: wave 2"),
        TimelineEntry(ago(5), "resolved", "resolved: our observations have been good for long enough"),
    )


def sample_storm() -> Incident:
    """Forty providers that fail at once: one incident that names the cloud they run on."""
    scopes = tuple(Scope(f"saas-{at:02}") for at in range(40))
    why = "40 providers are failing at once; 38 of the 40 whose hosting is known run on aws/us-east-1"
    return sample_incident(
        title="AWS us-east-1 is probably failing; 40 others fail with it", scopes=scopes,
        cause=Scope("aws", "us-east-1"), cause_why=why, wave=2,
        words=(), handling=Response("Ada", ago(30), "Grace", NOW + timedelta(hours=1)),
    )  # fmt: skip


def provider_incident(
    provider: str = "aws", title: str = "Increased API error rates", number: int = 1, **more: object
) -> ProviderIncident:
    """An open incident with two updates."""
    fields: dict[str, object] = {
        "state": IncidentState.IDENTIFIED,
        "severity": IncidentSeverity.MAJOR,
        "services": ("DynamoDB", "Lambda"),
        "regions": ("us-east-1",),
        "started_at": ago(35),
        "updated_at": ago(9),
        "updates": (
            IncidentUpdate(ago(9), IncidentState.IDENTIFIED, "We have identified the cause and are working on a fix."),
            IncidentUpdate(ago(30), IncidentState.INVESTIGATING, "We are investigating increased error rates."),
        ),
        "url": "https://health.aws.amazon.com/health/status",
    }
    return ProviderIncident(provider, f"{provider}-{number}", title, **(fields | more))  # type: ignore[arg-type]


def maintenance(provider: str = "stripe") -> ProviderIncident:
    """Announced for tomorrow."""
    return provider_incident(
        provider, "Database upgrade", 9, state=IncidentState.SCHEDULED, severity=IncidentSeverity.MAINTENANCE,
        started_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=1, hours=2), updates=(), services=(),
    )  # fmt: skip


def sample_readings(number: int = 6, title: str = "Increased API error rates") -> tuple[FeedReading, ...]:
    """So many providers: problems, operational, stale, never read, in turn; the second schedules maintenance."""
    return tuple(_reading(at, title) for at in range(number))


def _reading(at: int, title: str) -> FeedReading:
    name = ("aws", "stripe", "slack", "cloudflare")[at] if at < 4 else f"provider-{at:03}"
    match at % 4:
        case 0:
            parts = (FeedComponent("DynamoDB", IncidentSeverity.MAJOR, "us-east-1"), FeedComponent("S3", None))
            incidents = (provider_incident(name, title),)
            return FeedReading(name, "statuspage", incidents, parts, IncidentSeverity.MAJOR, ago(1))
        case 1:
            ahead = (maintenance(name),) if at == 1 else ()
            return FeedReading(name, "statuspage", ahead, (), IncidentSeverity.NONE, ago(1))
        case 2:
            return FeedReading(name, "slack", (), (), IncidentSeverity.NONE, ago(90), error="HTTP 503")
        case _:
            return FeedReading(name, "rss", error="the answer is a web page, not a feed")


NEEDED_BY = {"aws": ("checkout", "login", "search", "storefront"), "stripe": ("checkout",), "slack": ("login",)}
