"""Cards of incidents by how certain they are: down, degraded, only reported, flapping, old, our own; and what `status` says beside."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.builders.happenings import NEEDED_BY, ago, maintenance, sample_affected, sample_incident, sample_readings
from support.builders.moment import NOW
from support.builders.scorecards import HOSTILE, LONG

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.digest import digest_card
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.incident_resolved import closed_card, closing_card
from bot.cards.messages.one_provider import provider_card
from bot.cards.messages.provider_status import status_card
from bot.model import FeedComponent, FeedReading, IncidentSeverity, IncidentState, IncidentUpdate
from bot.model.incidents import Affected, Incident, OutageState, Phase, ProviderStatement
from checks import Fate, Scope, Severity

_STRIPE: dict[str, Any] = {"scopes": (Scope("stripe"),), "words": (), "evidence": ()}


def _affected(fate: Fate) -> tuple[Affected, ...]:
    return tuple(replace(service, fate=fate) for service in sample_affected(2))


def statement(title: str = "Increased API error rates", **more: Any) -> ProviderStatement:
    """What Stripe reports: begun 18 minutes before it was read, and updated twice since."""
    updates = (
        IncidentUpdate(ago(9), IncidentState.IDENTIFIED, "We have found the cause and are deploying a fix."),
        IncidentUpdate(ago(30), IncidentState.INVESTIGATING, "We are investigating elevated error rates on the API."),
    )
    fields: dict[str, Any] = {
        "severity": IncidentSeverity.MAJOR,
        "url": "https://status.stripe.com/incidents/x1",
        "began": ago(60),
        "parts": ("API",),
        "progress": IncidentState.IDENTIFIED,
        "updates": updates,
    }
    return ProviderStatement("stripe", True, ago(42), title, **(fields | more))


DOWN = sample_incident(
    title="Stripe is failing", affected=_affected(Fate.DOWN), symptoms=("api.stripe.com: HTTP 503 in 4 of 4 probes",),
    down_since=ago(42), watched=True, **(_STRIPE | {"words": (statement(),)}),
)  # fmt: skip
DEGRADED = sample_incident(
    title="Stripe is degraded", severity=Severity.HIGH, affected=_affected(Fate.DEGRADED), outage=OutageState.DEGRADED,
    symptoms=("api.stripe.com: 30 % of requests fail (12 of 40 probes)",), watched=True, parts=("API",), **_STRIPE,
)  # fmt: skip
REPORTED = sample_incident(
    title="Stripe reports an incident", severity=Severity.MEDIUM, affected=_affected(Fate.UNKNOWN),
    outage=OutageState.REPORTED, symptoms=("our probes of api.stripe.com succeed",), watched=True, parts=("API",),
    **(_STRIPE | {"words": (statement(),)}),
)  # fmt: skip
MINOR = replace(REPORTED, id="inc-d0c5", worth_alert=False, title="Stripe reports an incident with Docs", symptoms=())
OLD = replace(
    REPORTED, id="inc-0ld1", old=True, symptoms=(), watched=False,
    words=(statement(began=NOW - timedelta(days=265), updates=(), progress=IncidentState.MONITORING),),
)  # fmt: skip
PARTLY = replace(DEGRADED, seen_from=("eu-1",), not_seen_from=("ap-1", "us-1"))
FLAPPING = replace(DOWN, flapping=True, wave=5)
BESIDE = replace(DOWN, announced=("Scheduled maintenance in FRA (Frankfurt)",))
RESOLVER = sample_incident(
    0, title="Our own DNS resolver is failing", severity=Severity.LOW, ours=True, own_part="resolver", words=(),
    scopes=(), evidence=("the control group fails: resolver",),
)  # fmt: skip
RECOVERING = replace(
    DOWN,
    phase=Phase.MONITORING,
    title="Stripe was failing",
    calm_since=ago(20),
    quiet_since=ago(20),
    closes_at=NOW + timedelta(minutes=40),
)
_OVER: dict[str, Any] = {"phase": Phase.RESOLVED, "resolved_at": ago(5), "quiet_since": ago(6), "down_since": None}
OVER_DOWN = replace(DOWN, title="Stripe was failing", down_before=timedelta(minutes=20), **_OVER)
OVERRULED = replace(OVER_DOWN, overruled=(DOWN.words[0].open_items[0].key,))
OVER_DEGRADED = replace(DEGRADED, title="Stripe was degraded", **_OVER)
OVER_REPORTED = replace(REPORTED, title="Stripe reported an incident", **_OVER)
OVER_OURS = replace(RESOLVER, title="Our own DNS resolver was failing", **_OVER)
HOSTILE_STATE = replace(
    PARTLY, outage=OutageState.REPORTED, title=HOSTILE, symptoms=(HOSTILE, LONG, HOSTILE, LONG), seen_from=(HOSTILE,),
    not_seen_from=(LONG, HOSTILE), announced=(HOSTILE, LONG), parts=(HOSTILE, LONG), own_part=HOSTILE,
    words=(statement(HOSTILE, parts=(HOSTILE, LONG), updates=(IncidentUpdate(None, None, HOSTILE * 9),)),),
)  # fmt: skip
EVERY = (DOWN, DEGRADED, REPORTED, MINOR, OLD, FLAPPING, RECOVERING, OVER_DOWN, OVER_DEGRADED, OVER_REPORTED)


def _alert(incident: Incident) -> Card:
    return alert_card(incident, currency="EUR", audience="payments")


def _ended(incident: Incident) -> Card:
    return closed_card(incident, (), now=NOW, currency="EUR")


def component_alone() -> FeedReading:
    """A page that is red by a component alone."""
    parts = (FeedComponent("Webhooks", IncidentSeverity.MAJOR), FeedComponent("API", IncidentSeverity.NONE))
    return FeedReading("stripe", "statuspage", (), parts, IncidentSeverity.MAJOR, ago(1))


def in_maintenance() -> FeedReading:
    """A page on which maintenance is in progress and nothing else is wrong."""
    now = replace(maintenance(), state=IncidentState.IN_PROGRESS, started_at=ago(30), ends_at=NOW + timedelta(hours=1))
    return FeedReading("stripe", "statuspage", (now,), (), IncidentSeverity.MAINTENANCE, ago(1))


def behind_login(provider: str = "stripe") -> FeedReading:
    """A page that can be read after a login only."""
    why = "was redirected to a login page at id.example.com; it is not public"
    return FeedReading(provider, "statuspage", error=why)


def _status(*readings: FeedReading, incidents: tuple[Incident, ...] = ()) -> Card:
    return status_card(readings, needed_by=NEEDED_BY, now=NOW, incidents=incidents)


STATE_CARDS: Mapping[str, Callable[[], Card]] = {
    "alert-down": lambda: _alert(DOWN),
    "alert-degraded": lambda: _alert(DEGRADED),
    "alert-reported": lambda: _alert(REPORTED),
    "alert-old": lambda: _alert(OLD),
    "alert-partly": lambda: _alert(PARTLY),
    "alert-flapping": lambda: _alert(FLAPPING),
    "alert-announced": lambda: _alert(BESIDE),
    "alert-resolver": lambda: _alert(RESOLVER),
    "alert-recovering": lambda: _alert(RECOVERING),
    "alert-state-hostile": lambda: _alert(HOSTILE_STATE),
    "alert-detail-reported": lambda: detail_card(REPORTED),
    "alert-detail-state-hostile": lambda: detail_card(HOSTILE_STATE),
    "incident-reported": lambda: incident_card(REPORTED, currency="EUR"),
    "incident-state-hostile": lambda: incident_card(HOSTILE_STATE, currency="EUR"),
    "closing-degraded": lambda: closing_card(OVER_DEGRADED, (), now=NOW, currency="EUR"),
    "closing-reported": lambda: closing_card(OVER_REPORTED, (), now=NOW, currency="EUR"),
    "closing-resolver": lambda: closing_card(OVER_OURS, (), now=NOW, currency="EUR"),
    "closing-overruled": lambda: closing_card(OVERRULED, (), now=NOW, currency="EUR"),
    "closed-down": lambda: _ended(OVER_DOWN),
    "closed-degraded": lambda: _ended(OVER_DEGRADED),
    "closed-reported": lambda: _ended(OVER_REPORTED),
    "incidents-states": lambda: incidents_card(EVERY),
    "digest-states": lambda: digest_card(EVERY, name="payments", since=ago(1440), now=NOW),
    "status-incident": lambda: _status(sample_readings(2)[1], incidents=(DOWN, DEGRADED)),
    "status-incident-hostile": lambda: _status(*sample_readings(), incidents=(HOSTILE_STATE,) * 9),
    "status-maintenance": lambda: _status(in_maintenance()),
    "status-component": lambda: _status(component_alone(), behind_login("asana"), behind_login("slack")),
    "provider-incident": lambda: provider_card(
        sample_readings(2)[1], needed_by=("checkout",), now=NOW, incidents=(DOWN,)
    ),
    "provider-maintenance": lambda: provider_card(in_maintenance(), needed_by=("checkout",), now=NOW),
    "provider-component": lambda: provider_card(component_alone(), needed_by=("checkout",), now=NOW),
    "provider-login": lambda: provider_card(behind_login(), needed_by=("checkout",), now=NOW),
}
