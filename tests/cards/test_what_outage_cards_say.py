"""What a reader learns when something fails, or might: which services it affects, how certain that is, what to do first."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.builders.happenings import NEEDED_BY, ago, sample_incident, sample_readings
from support.builders.moment import NOW, days_ago
from support.builders.whatifs import sample_impact

from bot.cards.card import Button, Buttons, Card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.digest import digest_card
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.one_provider import provider_card
from bot.cards.messages.provider_status import status_card
from bot.cards.messages.whatif import answer, whatif_card
from bot.cards.render import text as to_text
from bot.model.incidents import Phase, Response
from checks import Fate, Scope


def said(card: Card) -> str:
    """Everything a card says on one line."""
    return " ".join(to_text.render(card, 200).split())


def buttons(card: Card) -> list[Button]:
    return [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]


def test_a_whatif_answers_first() -> None:
    impact = sample_impact()
    assert whatif_card(impact, currency="EUR").summary == (
        "4 of 9 services expected down (service-000, service-001, service-006 and 1 other): about 1.9 M EUR in 15 h, "
        "600,000 users. 2 expected to fail over (service-002 and service-008). "
        "service-003 should fail over, but this was never tested; its full cost is counted. "
        "Impact on 1 service unknown (service-004). "
        "No revenue set for service-000 and service-006; excluded from the total."
    )


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"proved_at": None, "rto": None}, "this was never tested"),
        ({"proved_at": days_ago(400), "rto": timedelta(hours=1)}, "the last test is too old"),
        ({"proved_at": days_ago(9), "rto": None}, "the recovery time is unknown"),
    ],
)
def test_a_whatif_says_which_failovers_are_counted_in_full_and_why(changed: dict[str, Any], doubt: str) -> None:
    impact = sample_impact(4)
    (untested,) = [
        service for service in impact.services if service.fate is Fate.FAILS_OVER and service.down_for == impact.lasts
    ]
    answered = answer(replace(impact, services=(replace(untested, **changed),)), "EUR")
    assert f"service-003 should fail over, but {doubt}; its full cost is counted." in answered
    card = whatif_card(replace(impact, services=(replace(untested, **changed),)), currency="EUR")
    assert "630,000 EUR (full outage)" in said(card)


def test_a_failover_that_takes_longer_than_the_outage_is_no_reproach() -> None:
    impact = sample_impact(4)
    slow = replace(impact.services[2], rto=timedelta(hours=20), down_for=impact.lasts)
    assert "full cost" not in answer(replace(impact, services=(slow,)), "EUR")


def test_a_whatif_that_strikes_nobody_says_how_far_that_is_known() -> None:
    impact = replace(
        sample_impact(6),
        services=tuple(service for service in sample_impact(6).services if service.fate is Fate.UNAFFECTED),
    )
    assert answer(impact, "EUR") == "No impact expected on 1 service, as far as the last audit shows."


@pytest.mark.parametrize("kept", [(Fate.UNKNOWN,), (Fate.UNKNOWN, Fate.UNAFFECTED), (Fate.UNKNOWN, Fate.FAILS_OVER)])
def test_a_whatif_that_could_judge_little_gives_no_all_clear(kept: tuple[Fate, ...]) -> None:
    whole = sample_impact(12)
    left = replace(whole, services=tuple(service for service in whole.services if service.fate in kept), cost=0)
    answered = whatif_card(left, currency="EUR").summary
    assert answered.startswith(f"Impact on 2 of {len(left.services)} services unknown (service-004 and service-010)")
    assert "None" not in answered


def test_a_whatif_tells_a_proved_failover_from_one_that_never_was() -> None:
    words = said(whatif_card(sample_impact(), currency="EUR"))
    assert "✓ 12 min (RTO 24 h) 14 Oct 2026, 12 min" in words
    assert "? unknown (RTO 1 h) ✗ never" in words
    assert "only when the region is back" in words
    assert "✗ Lost with us-east-1: slack #payments (primary of payments)" in words
    assert "? Unknown, runs_on not set: webhook pager (fallback 1 of payments)" in words
    assert "✓ Available: teams_workflow (fallback 2 of payments)" in words


@pytest.mark.parametrize(
    ("scope", "lost", "back"),
    [
        ("aws", "aws", "aws"),
        ("aws/us-east-1", "us-east-1", "the region"),
        ("aws/us-east-1/us-east-1a", "aws/us-east-1/us-east-1a", "the zone"),
        ("aws/us-east-1/use1-az4", "aws/us-east-1/use1-az4", "the zone"),
        ("aws/us-east-1/dynamodb", "aws/us-east-1/dynamodb", "dynamodb"),
    ],
)
def test_a_whatif_names_what_is_lost(scope: str, lost: str, back: str) -> None:
    words = said(whatif_card(replace(sample_impact(), scope=Scope.parse(scope)), currency="EUR"))
    assert f"✗ Lost with {lost}: slack #payments" in words
    assert f"only when {back} is back" in words


def test_a_late_failover_is_bad_even_where_it_was_proved() -> None:
    impact = sample_impact(9)
    late = tuple(replace(service, rto=timedelta(hours=30)) if service.rto else service for service in impact.services)
    words = said(whatif_card(replace(impact, services=late), currency="EUR"))
    assert "✗ 30 h (RTO 24 h)" in words


def test_a_scope_where_nothing_stands_is_told_as_a_possible_typo() -> None:
    card = whatif_card(sample_impact(0, known=False), currency="EUR")
    assert "Check its spelling" in said(card)
    assert card.tone == "warning"


def test_the_pages_of_a_whatif_hold_every_struck_service_and_the_terminal_all() -> None:
    impact = sample_impact(60)
    shown = [said(whatif_card(impact, currency="EUR", page=page)) for page in range(1, 6)]
    assert all(" ".join(shown).count(f"service-{at:03} {1 + at % 3} ") == 1 for at in range(60) if at % 6 != 5)
    everything = said(whatif_card(impact, currency="EUR", page=None))
    assert all(f"service-{at:03} {1 + at % 3} " in everything for at in range(60))


@pytest.mark.parametrize(
    ("phase", "lead", "tone"),
    [
        (Phase.SUSPECTED, "Suspected: ", "neutral"),
        (Phase.CONFIRMED, "Critical: ", "bad"),
        (Phase.MONITORING, "Recovering: ", "warning"),
        (Phase.RESOLVED, "Resolved: ", "good"),
    ],
)
def test_an_incident_says_first_how_far_it_is(phase: Phase, lead: str, tone: str) -> None:
    card = incident_card(sample_incident(phase=phase), currency="EUR")
    assert card.title.startswith(lead)
    assert card.tone == tone
    assert ("Acknowledge" in [button.label for button in buttons(card)]) == (phase is not Phase.RESOLVED)


def test_an_incident_names_whom_it_hits_what_it_costs_and_what_to_do_first() -> None:
    card = incident_card(sample_incident(), currency="EUR")
    assert card.summary.startswith("service-000 expected down, ")
    words = said(card)
    assert "Revenue at risk: 42,000 EUR/h, 480,000 users" in words
    assert "1. Say in #ops that you take it." in words
    assert "Owner: ! nobody has acknowledged" in words
    assert "Started: 23 Nov 2026, 11:18 UTC (detected after 1 min)" in words
    assert "“Increased error rates”" in words
    assert "12 min after our alert" in words
    assert "runbook service-000" in words


def test_what_people_have_done_is_told_and_not_asked_for_again() -> None:
    handling = Response("Ada", ago(30), "Grace", NOW + timedelta(hours=1))
    card = incident_card(sample_incident(handling=handling))
    assert "Grace, acknowledged by Ada 23 Nov 2026, 11:30 UTC, muted until 23 Nov 2026, 13:00 UTC" in said(card)
    assert [button.label for button in buttons(card)] == ["Assign", "Escalate", "Runbook", "Details"]


@pytest.mark.parametrize(
    ("watched", "since", "line"),
    [
        (True, ago(5), "probes succeed since 23 Nov 2026, 11:55 UTC, closing at 23 Nov 2026, 12:09 UTC"),
        (False, ago(5), "no problem reported since 23 Nov 2026, 11:55 UTC, closing at 23 Nov 2026, 12:09 UTC"),
        (True, None, "a problem was reported again, not confirmed yet"),
    ],
)
def test_a_recovering_incident_says_when_it_closes(watched: bool, since: datetime | None, line: str) -> None:
    incident = sample_incident(
        phase=Phase.MONITORING, watched=watched, quiet_since=since, words=(), closes_at=NOW + timedelta(minutes=9)
    )
    assert f"Recovering: {line}" in said(incident_card(incident))


def test_our_own_network_is_not_told_as_a_providers_outage() -> None:
    assert "our own network" in incident_card(sample_incident(0, ours=True)).summary


def test_many_services_are_cut_with_a_count() -> None:
    words = said(incident_card(sample_incident(500)))
    assert "and 97 others expected down" in words
    assert "✗ expected down (100): service-000, service-015" in words
    assert words.count("service-385") == 1


def test_the_detail_of_a_storm_names_every_service_as_far_as_a_message_takes_it() -> None:
    small = said(detail_card(sample_incident(100)))
    assert all(f"service-{at:03}" in small for at in range(100) if at % 5 != 4)
    many = said(detail_card(sample_incident(2000)))
    assert "! expected degraded (400): service-012" in many
    assert " more" in many


def test_incidents_begin_with_how_many_are_ours() -> None:
    others = sample_incident(0, id="inc-2", title="Elsewhere")
    card = incidents_card((sample_incident(), others))
    assert card.summary == "2 incidents open, 1 affecting our services."
    assert "none affected" in said(card)


def test_a_status_tells_first_what_touches_us() -> None:
    card = status_card(sample_readings(), needed_by=NEEDED_BY, now=NOW)
    assert card.title == "Problems reported: aws"
    words = said(card)
    assert words.index("used by checkout") < words.index("Problems elsewhere: provider-004")
    assert "? unknown slack, last read 23 Nov 2026, 10:30 UTC: HTTP 503" in words


def test_what_was_read_too_long_ago_is_unknown_and_never_well() -> None:
    fine = sample_readings(2)[1]
    old = replace(fine, read_at=ago(16))
    card = status_card((old,), needed_by=NEEDED_BY, now=NOW)
    assert card.title == "Provider status partly unknown"
    assert card.tone == "warning"
    assert status_card((fine,), needed_by=NEEDED_BY, now=NOW).tone == "good"
    assert provider_card(old, needed_by=(), now=NOW).title == "stripe: unknown"


def test_a_reading_without_a_severity_is_unknown() -> None:
    silent = replace(sample_readings(2)[1], severity=None)
    assert "unknown stripe" in said(status_card((silent,), needed_by=NEEDED_BY, now=NOW))


def test_announced_maintenance_is_told_with_both_its_ends() -> None:
    words = said(provider_card(sample_readings(2)[1], needed_by=("checkout",), now=NOW))
    assert "from 24 Nov 2026, 12:00 UTC to 24 Nov 2026, 14:00 UTC" in words


def test_a_digest_tells_ours_from_others() -> None:
    over = sample_incident(phase=Phase.RESOLVED, id="inc-2")
    others = sample_incident(0, id="inc-3", title="Heroku is failing in eu")
    card = digest_card((sample_incident(), over, others), name="payments", since=ago(9000), now=NOW)
    assert card.summary == "2 incidents affected your services, 1 still open."
    words = said(card)
    assert "Heroku is failing in eu. No service of ours depends on it." in words
    assert "Detected before the provider: 2 of 2" in words
    assert "Time to resolve: 37 min (median)" in words
    quiet = digest_card((), name="payments", since=ago(9000), now=NOW)
    assert (quiet.summary, quiet.tone) == ("No incidents.", "good")


def test_a_what_if_says_which_regions_it_is_based_on() -> None:
    words = said(whatif_card(sample_impact(), currency="EUR", regions="only us-east-1 read"))
    assert "; only us-east-1 read." in words
