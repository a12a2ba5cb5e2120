"""Cards of what goes on: incidents, the status of providers, digests, in each state that looks different."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.builders.happenings import (
    NEEDED_BY,
    ago,
    maintenance,
    sample_course,
    sample_incident,
    sample_readings,
    sample_storm,
)
from support.builders.moment import NOW
from support.builders.scorecards import HOSTILE, LONG, RIGHT_TO_LEFT

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card, passed_card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.digest import DigestContext, digest_card
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.incident_forms import assign_form, escalate_form
from bot.cards.messages.incident_resolved import closed_card, closing_card, report_card
from bot.cards.messages.one_provider import provider_card
from bot.cards.messages.provider_status import status_card
from bot.model import FeedReading
from bot.model.incidents import ActiveMaintenance, Incident, NotificationReceipt, Phase, Response
from checks import Scope

_OVER = sample_incident(phase=Phase.RESOLVED, id="inc-51b0", title="Stripe was failing")
_OTHER = sample_incident(0, id="inc-9d2e", title="Heroku is failing in eu", words=())

_QUIET = (
    ActiveMaintenance(Scope("checkout"), NOW + timedelta(minutes=40), "moving the database", ours=True),
    ActiveMaintenance(Scope("stripe"), NOW + timedelta(hours=3), HOSTILE),
)


def _incident(incident: Incident) -> Card:
    return incident_card(incident, currency="EUR")


def _alert(incident: Incident) -> Card:
    return alert_card(incident, currency="EUR", audience="payments")


def _named(number: int, named: Callable[[int], str], title: str) -> Incident:
    return sample_incident(number, named, title=title)


_IS_OVER: dict[str, Any] = {"phase": Phase.RESOLVED, "resolved_at": ago(5), "quiet_since": ago(6)}
_ENDED = sample_incident(
    handling=Response("Ada", ago(30), "Grace", None, ("platform",)), wave=2, timeline=sample_course(), **_IS_OVER
)


def _heard(name: str = "payments") -> tuple[NotificationReceipt, ...]:
    return (
        NotificationReceipt(name, "opened", ago(40), ago(40), "slack:#payments"),
        NotificationReceipt("platform", "opened", ago(28), ago(25), "webhook:pager"),
        NotificationReceipt("web", "opened", ago(28), problem="superseded before it was sent"),
        NotificationReceipt(name, "wave", ago(15), ago(15), "slack:#payments"),
    )


def _closing(incident: Incident, name: str = "payments") -> Card:
    return closing_card(incident, _heard(name), now=NOW, currency="EUR")


def _report(incident: Incident, name: str = "payments") -> Card:
    return report_card(incident, _heard(name), now=NOW, currency="EUR")


_LONG = _named(9, lambda at: f"{at:03}-{LONG}"[:200], LONG)
_HOSTILE = _named(9, lambda at: f"{at}{HOSTILE}", HOSTILE)
_RTL = _named(2, lambda at: f"{RIGHT_TO_LEFT} {at} 🛟", RIGHT_TO_LEFT)
_RUNBOOK = "https://acme.atlassian.net/wiki/checkout"
_LINKED = sample_incident(
    2, affected=tuple(replace(affected, runbook=_RUNBOOK) for affected in sample_incident(2).affected)
)
_HANDLED = sample_incident(handling=Response("Ada", ago(30), "Grace", NOW + timedelta(hours=1), ("platform",)))


def _status(*readings: FeedReading) -> Card:
    return status_card(readings, needed_by=NEEDED_BY, now=NOW)


def _many(number: int) -> tuple[Incident, ...]:
    return tuple(sample_incident(at % 3, id=f"inc-{at:04}", title=f"Provider {at} is failing") for at in range(number))


OUTAGE_CARDS: Mapping[str, Callable[[], Card]] = {
    "alert": lambda: _alert(sample_incident()),
    "alert-1": lambda: _alert(sample_incident(1)),
    "alert-500": lambda: _alert(sample_incident(500)),
    "alert-long": lambda: _alert(_LONG),
    "alert-hostile": lambda: _alert(_HOSTILE),
    "alert-rtl": lambda: _alert(_RTL),
    "alert-handled": lambda: _alert(_HANDLED),
    "alert-linked": lambda: _alert(_LINKED),
    "alert-linked-unread": lambda: _alert(
        replace(_LINKED, affected=tuple(replace(affected, first_steps=()) for affected in _LINKED.affected))
    ),
    "alert-over": lambda: _alert(_OVER),
    "alert-storm": lambda: _alert(sample_storm()),
    "alert-ours": lambda: _alert(sample_incident(0, ours=True, title="Our own network is failing", words=())),
    "alert-passed": lambda: passed_card(sample_incident()),
    "closing": lambda: _closing(_ENDED),
    "closing-1": lambda: _closing(sample_incident(1, phase=Phase.RESOLVED, words=())),
    "closing-500": lambda: _closing(sample_incident(500, phase=Phase.RESOLVED)),
    "closing-long": lambda: _closing(replace(_LONG, **_IS_OVER), LONG),
    "closing-hostile": lambda: _closing(replace(_HOSTILE, **_IS_OVER), HOSTILE),
    "closing-rtl": lambda: _closing(replace(_RTL, **_IS_OVER), RIGHT_TO_LEFT),
    "closing-untold": lambda: closing_card(_OVER, (), now=NOW, currency="EUR"),
    "closing-report": lambda: _report(_ENDED),
    "closing-report-500": lambda: _report(sample_incident(500, phase=Phase.RESOLVED)),
    "closing-report-long": lambda: _report(replace(_LONG, **_IS_OVER), LONG),
    "closing-report-hostile": lambda: _report(replace(_HOSTILE, **_IS_OVER), HOSTILE),
    "closing-report-rtl": lambda: _report(replace(_RTL, **_IS_OVER), RIGHT_TO_LEFT),
    "closing-report-untold": lambda: report_card(_OVER, (), now=NOW, currency="EUR"),
    "closed": lambda: closed_card(_ENDED, _heard(), now=NOW, currency="EUR"),
    "assign-form": lambda: assign_form(sample_incident(), ("U1", "Ada"), audience="payments"),
    "assign-form-wrong": lambda: assign_form(_HOSTILE, ("29:1", HOSTILE), wrong="Enter a person."),
    "escalate-form": lambda: escalate_form(_HANDLED, ("payments", "platform"), audience="payments"),
    "escalate-form-500": lambda: escalate_form(_LONG, [f"team-{at:03}" for at in range(500)]),
    "alert-detail": lambda: detail_card(sample_incident()),
    "alert-detail-500": lambda: detail_card(sample_incident(500)),
    "alert-detail-long": lambda: detail_card(_LONG),
    "alert-detail-hostile": lambda: detail_card(_HOSTILE),
    "alert-detail-rtl": lambda: detail_card(_RTL),
    "alert-detail-storm": lambda: detail_card(sample_storm()),
    "incident": lambda: _incident(sample_incident()),
    "incident-1": lambda: _incident(sample_incident(1)),
    "incident-500": lambda: _incident(sample_incident(500)),
    "incident-long": lambda: _incident(_LONG),
    "incident-hostile": lambda: _incident(_HOSTILE),
    "incident-rtl": lambda: _incident(_RTL),
    "incident-suspected": lambda: _incident(sample_incident(phase=Phase.SUSPECTED, words=())),
    "incident-storm": lambda: _incident(sample_storm()),
    "incident-ours": lambda: _incident(sample_incident(0, ours=True, title="Our own network is failing", words=())),
    "incident-none-of-ours": lambda: _incident(_OTHER),
    "incidents": lambda: incidents_card((sample_incident(), _OTHER, _OVER)),
    "incidents-500": lambda: incidents_card(_many(500)),
    "incidents-none": lambda: incidents_card(()),
    "incidents-blind": lambda: incidents_card((), blind=(("eu-1", ""), ("eu-1", "9.9.9.9"))),
    "incidents-maintenance": lambda: incidents_card((), maintenance=_QUIET),
    "status": lambda: _status(*sample_readings()),
    "status-500": lambda: _status(*sample_readings(500)),
    "status-hostile": lambda: _status(*sample_readings(6, HOSTILE)),
    "status-rtl": lambda: _status(*sample_readings(2, RIGHT_TO_LEFT)),
    "status-well": lambda: _status(sample_readings(2)[1]),
    "status-none": _status,
    "provider": lambda: provider_card(sample_readings()[0], needed_by=NEEDED_BY["aws"], now=NOW),
    "provider-unread": lambda: provider_card(sample_readings()[3], needed_by=(), now=NOW),
    "provider-hostile": lambda: provider_card(sample_readings(1, HOSTILE)[0], needed_by=(HOSTILE, LONG), now=NOW),
    "digest": lambda: digest_card(
        (sample_incident(), _OTHER, _OVER),
        name="payments",
        since=ago(7 * 24 * 60),
        now=NOW,
        known=DigestContext((maintenance(),)),
    ),
    "digest-storm": lambda: digest_card((sample_storm(), _ENDED), name="web", since=ago(1440), now=NOW, audience="web"),
    "digest-unwatched": lambda: digest_card(
        (), name="payments", since=ago(1440), now=NOW, known=DigestContext(watched=False, pages=False)
    ),
    "digest-rtl": lambda: digest_card((_RTL,), name=RIGHT_TO_LEFT, since=ago(1440), now=NOW),
    "digest-long": lambda: digest_card((_LONG,), name=LONG, since=ago(1440), now=NOW),
    "digest-500": lambda: digest_card(_many(500), name="payments", since=NOW - timedelta(days=7), now=NOW),
    "digest-hostile": lambda: digest_card(
        (sample_incident(3, lambda at: f"{at}{HOSTILE}", title=HOSTILE),), name=HOSTILE, since=ago(60), now=NOW
    ),
    "digest-quiet": lambda: digest_card((), name="payments", since=ago(7 * 24 * 60), now=NOW),
}
