"""Cards keep apart what we see down, what is degraded, what only a provider reports, and what is our own; the past is past."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders.happenings import NEEDED_BY, ago, sample_incident, sample_readings
from support.builders.moment import NOW
from support.samples.state_cards import (
    BESIDE,
    DEGRADED,
    DOWN,
    EVERY,
    FLAPPING,
    MINOR,
    OLD,
    OVER_DEGRADED,
    OVER_DOWN,
    OVER_OURS,
    OVER_REPORTED,
    OVERRULED,
    PARTLY,
    RECOVERING,
    REPORTED,
    RESOLVER,
    behind_login,
    component_alone,
    in_maintenance,
    statement,
)

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.digest import digest_card
from bot.cards.messages.incident import incident_card, incidents_card
from bot.cards.messages.incident_resolved import closed_card, closing_card, report_card
from bot.cards.messages.one_provider import provider_card
from bot.cards.messages.provider_status import status_card
from bot.cards.render import text as to_text
from bot.incidents.post_mortem import post_mortem
from bot.model import FeedReading, IncidentSeverity
from bot.model.incident_costs import service_costs
from bot.model.incidents import Incident

Draw = Callable[[Incident], Card]
OPEN: tuple[Draw, ...] = (
    lambda incident: alert_card(incident, currency="EUR", audience="payments"),
    lambda incident: incident_card(incident, currency="EUR"),
)
CLOSED: tuple[Draw, ...] = (
    lambda incident: alert_card(incident, currency="EUR"),
    lambda incident: closing_card(incident, (), now=NOW, currency="EUR"),
    lambda incident: report_card(incident, (), now=NOW, currency="EUR"),
    lambda incident: closed_card(incident, (), now=NOW, currency="EUR"),
)
EVERYWHERE: tuple[Draw, ...] = (
    detail_card,
    lambda incident: incidents_card((incident,)),
    lambda incident: digest_card((incident,), name="payments", since=ago(1440), now=NOW),
    lambda incident: status_card(sample_readings(2)[1:], needed_by=NEEDED_BY, now=NOW, incidents=(incident,)),
)


def said(card: Card) -> str:
    return " ".join(to_text.render(card, 400).split())


@pytest.mark.parametrize("draw", [*OPEN, *EVERYWHERE])
@pytest.mark.parametrize(
    ("incident", "state", "impact"),
    [
        (DOWN, "✗ down", "expected down"),
        (DEGRADED, "! degraded", "may be affected"),
        (REPORTED, "? reported by the provider only", "possibly affected"),
        (FLAPPING, "✗ down, flapping (up and down)", "expected down"),
    ],
)
def test_each_state_has_its_words_on_every_card(draw: Draw, incident: Incident, state: str, impact: str) -> None:
    words = said(draw(incident))
    assert state in words
    if draw(incident).kind != "incidents" or incident not in (DOWN, FLAPPING):  # there the names of the services do
        assert impact in words
    if incident in (DEGRADED, REPORTED):
        assert "expected" not in words
        assert "EUR" not in words


@pytest.mark.parametrize("draw", OPEN)
def test_an_alert_shows_what_the_page_says_and_what_we_see(draw: Draw) -> None:
    words = said(draw(REPORTED))
    assert "“Increased API error rates”" in words
    assert "We see: our probes of api.stripe.com succeed" in words
    assert "We see: api.stripe.com: HTTP 503 in 4 of 4 probes" in said(draw(DOWN))


def test_an_incident_shows_the_report_its_times_and_its_newest_update() -> None:
    words = said(incident_card(REPORTED, currency="EUR"))
    assert "Stripe reports: “Increased API error rates”." in words
    assert "Started: 23 Nov 2026, 11:00 UTC by its status page; we saw it at 23 Nov 2026, 11:18 UTC" in words
    assert "Latest update: 23 Nov 2026, 11:51 UTC, cause identified: We have found the cause" in words


def test_a_report_that_nothing_of_ours_observes_says_so() -> None:
    assert "We see: nothing: no probe of ours covers it" in said(
        alert_card(replace(REPORTED, symptoms=(), watched=False))
    )
    assert "We see: our own probes succeed" in said(alert_card(replace(REPORTED, symptoms=())))


@pytest.mark.parametrize("draw", [*OPEN, detail_card])
def test_vantage_points_that_differ_and_maintenance_beside_it_are_named(draw: Draw) -> None:
    assert "Seen from: eu-1; not from ap-1 and us-1" in said(draw(PARTLY))
    announced = "Maintenance: “Scheduled maintenance in FRA (Frankfurt)” is on, and does not explain it"
    assert announced in said(draw(BESIDE))


@pytest.mark.parametrize("draw", [*OPEN, *EVERYWHERE[:3]])
def test_an_old_incident_is_told_as_old(draw: Draw) -> None:
    words = said(draw(OLD))
    assert "open since 3 Mar 2026, before backstay started watching" in words.replace("Open since", "open since")
    assert "our alert" not in words


@pytest.mark.parametrize("draw", [*CLOSED, *EVERYWHERE[:3], None])
@pytest.mark.parametrize(
    ("incident", "past"),
    [(OVER_DOWN, "down"), (OVER_DEGRADED, "degraded"), (OVER_REPORTED, "reported by the provider only")],
)
def test_what_is_over_is_told_in_the_past_tense(draw: Draw | None, incident: Incident, past: str) -> None:
    card = said(draw(incident)) if draw else post_mortem(incident, (), now=NOW, currency="EUR")
    for present in ("expected down", "expected to fail over", "may be affected", " reports:", "We see", "is failing"):
        assert present not in card
    if "State:" in card:
        assert f"was {past}" in card


@pytest.mark.parametrize("draw", OPEN)
def test_a_recovering_incident_says_what_was_and_that_the_page_still_reports_it(draw: Draw) -> None:
    words = said(draw(RECOVERING))
    assert "service-000 and service-001 were down." in words
    assert "closing at 23 Nov 2026, 12:40 UTC; the status page still reports it" in words
    assert "expected down" not in words
    assert "EUR" not in words


def test_an_incident_closed_on_our_own_observations_says_so() -> None:
    closed = "Closed: by our own observations; the status page still reported it"
    assert closed in said(closing_card(OVERRULED, (), now=NOW, currency="EUR"))
    assert closed not in said(closing_card(OVER_DOWN, (), now=NOW, currency="EUR"))


def test_money_is_counted_only_for_the_time_in_which_we_saw_it_down() -> None:
    down = service_costs(OVER_DOWN, NOW)[0]
    assert (down.down_for, down.cost) == (timedelta(minutes=20), 14_000)
    partly = replace(OVER_DEGRADED, affected=OVER_DOWN.affected, down_before=timedelta(minutes=6))
    assert service_costs(partly, NOW)[0].cost == 4_200
    for incident in (OVER_DEGRADED, OVER_REPORTED, REPORTED):
        never = replace(incident, affected=OVER_DOWN.affected)
        assert {(cost.down_for, cost.cost) for cost in service_costs(never, NOW)} == {(timedelta(0), 0.0)}
        assert "EUR" not in post_mortem(never, (), now=NOW, currency="EUR")
    stored_before = sample_incident(down_since=None)
    assert service_costs(stored_before, NOW)[0].cost == pytest.approx(42_000 * 42 / 60)


@pytest.mark.parametrize(
    ("part", "now", "then"),
    [
        ("resolver", "Our own DNS resolver does not answer.", "Our own DNS resolver did not answer."),
        ("IPv6", "IPv6 does not work from here.", "IPv6 did not work from here."),
        ("packet loss", "Our own network loses packets.", "Our own network lost packets."),
        ("DNS servers", "The DNS servers that probes ask do not answer from here.", "did not answer from here."),
        ("way out", "this is our own network, not a provider.", "this was our own network, not a provider."),
        (
            "resolver and IPv6",
            "Our own network fails: resolver and IPv6.",
            "Our own network failed: resolver and IPv6.",
        ),
    ],
)
def test_our_own_network_is_named_and_nobody_is_blamed(part: str, now: str, then: str) -> None:
    card = alert_card(replace(RESOLVER, own_part=part), currency="EUR")
    assert now in card.summary
    assert "none is blamed" in card.summary
    for name in ("Provider status page", "Revenue", "our alert"):
        assert name not in said(card)
    over = closing_card(replace(OVER_OURS, own_part=part), (), now=NOW, currency="EUR")
    assert then in over.summary
    assert "Provider status page" not in said(over)


def test_what_is_not_worth_an_alert_is_a_line_of_the_digest_apart() -> None:
    card = digest_card((DOWN, MINOR), name="payments", since=ago(1440), now=NOW)
    assert card.summary == "1 incident affected your services, 1 still open. 1 more, minor."
    assert said(card).index("Your services") < said(card).index("Minor, no alert sent")
    assert digest_card((MINOR,), name="payments", since=ago(1440), now=NOW).summary == (
        "1 minor incident may concern your services; no alert was sent."
    )


def test_tones_follow_how_certain_it_is() -> None:
    tones = [alert_card(incident).tone for incident in (DOWN, DEGRADED, REPORTED, MINOR, RESOLVER, RECOVERING)]
    assert tones == ["bad", "warning", "warning", "neutral", "warning", "warning"]
    assert incidents_card(EVERY).summary.startswith(
        "7 incidents open, 3 affecting our services, 4 that may affect them."
    )


def status(*readings: FeedReading, incidents: tuple[Incident, ...] = ()) -> Card:
    return status_card(readings, needed_by=NEEDED_BY, now=NOW, incidents=incidents)


def test_status_is_never_well_beside_an_incident_of_ours() -> None:
    fine = sample_readings(2)[1]
    for card in (
        status(fine, incidents=(DOWN,)),
        provider_card(fine, needed_by=("checkout",), now=NOW, incidents=(DOWN,)),
    ):
        assert card.title == "Critical: Stripe is failing"
        assert card.tone == "bad"
        assert "no incident" not in said(card).lower()
        assert "✗ down: Stripe is failing" in said(card)
    assert status(incidents=(DOWN,)).title == "Critical: Stripe is failing"
    aws = provider_card(sample_readings(1)[0], needed_by=(), now=NOW, incidents=(DOWN,))
    assert "Stripe is failing" not in said(aws)


def test_a_page_that_calls_itself_well_beside_an_open_incident_is_not_well() -> None:
    (incident,) = sample_readings(1)[0].incidents
    for severity in (IncidentSeverity.NONE, IncidentSeverity.MAINTENANCE):
        reading = FeedReading("stripe", "statuspage", (replace(incident, severity=None),), (), severity, ago(1))
        assert status(reading).title == "Problems reported: stripe"
        assert provider_card(reading, needed_by=(), now=NOW).title == "stripe: problems reported"


def test_status_never_says_that_nothing_is_on_beside_maintenance() -> None:
    for card in (status(in_maintenance()), provider_card(in_maintenance(), needed_by=("checkout",), now=NOW)):
        assert "aintenance in progress" in card.title
        assert "no incident" not in said(card).lower()
        assert "no problems" not in said(card).lower()
        assert card.tone == "warning"
    assert "maintenance in progress: " in status(in_maintenance(), incidents=(DOWN,)).summary
    ahead = provider_card(sample_readings(2)[1], needed_by=(), now=NOW)
    assert ahead.summary == "Maintenance is scheduled. Status pages lag behind."


def test_status_names_what_is_wrong_with_each_red_provider() -> None:
    many = tuple(
        replace(sample_readings(1)[0], provider=f"p{at:02}", incidents=(replace(incident, title=f"Error {at:02}"),))
        for at in range(14)
        for incident in sample_readings(1)[0].incidents
    )
    used = {reading.provider: ("checkout",) for reading in many}
    everywhere = (said(status_card(many, needed_by=needed, now=NOW)) for needed in (used, {}))
    for words in everywhere:
        assert all(f"Error {at:02}" in words for at in range(14))
    assert "✗ major Webhooks" in said(status(component_alone()))
    assert provider_card(component_alone(), needed_by=(), now=NOW).summary == "Failing on its status page: Webhooks."
    silent = replace(component_alone(), components=())
    assert "the status page as a whole, without details" in said(status(silent))


def test_a_region_that_fails_elsewhere_is_no_all_clear() -> None:
    far = replace(sample_readings(1)[0], provider="aws (us-west-2)")
    near = replace(far, provider="aws", incidents=(), components=(), severity=IncidentSeverity.NONE)
    card = provider_card(near, needed_by=("checkout",), now=NOW, beside=(far,))
    assert card.title == "aws: no problems reported where our services run"
    assert card.summary == "Problems elsewhere: aws (us-west-2): “Increased API error rates”."


def test_a_page_behind_a_login_is_told_as_that() -> None:
    login = "was redirected to a login page at id.example.com; it is not public"
    assert login in said(status(behind_login()))
    assert login in provider_card(behind_login(), needed_by=(), now=NOW).summary
    assert "Status pages that ask for a login, so that they cannot be read: asana." in said(
        status(behind_login("asana"))
    )


def test_updates_of_several_providers_name_each() -> None:
    other = replace(statement("Errors"), provider="github")
    words = said(detail_card(replace(REPORTED, words=(statement(), other))))
    assert "- Stripe, 23 Nov 2026, 11:51 UTC, cause identified: " in words
    assert "- GitHub, 23 Nov 2026, 11:51 UTC, cause identified: " in words
