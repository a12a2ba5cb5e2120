"""What a reader learns from each card: the answer first, nothing hidden, nothing better than it is."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console
from support.builders.moment import NOW, days_ago
from support.builders.scorecards import (
    CHECKS,
    MIXED,
    SOUND,
    UNSEEN,
    U,
    sample_estate,
    sample_history,
    sample_score,
    sample_scorecard,
    sample_service,
    sample_trend,
)
from support.samples.cards import CARDS, ENTRIES

from bot.cards.card import Button, Buttons, Card, Chart, Gauge, Heading, Table
from bot.cards.messages.checklist import checklist_card
from bot.cards.messages.error import error_card
from bot.cards.messages.explain import explain_card
from bot.cards.messages.finding import finding_card
from bot.cards.messages.findings import details_card
from bot.cards.messages.help import help_card
from bot.cards.messages.missed_posts import missed_card
from bot.cards.messages.progress import progress_card
from bot.cards.messages.remediation import for_products
from bot.cards.messages.scorecard import estate_card, estate_page, service_card
from bot.cards.messages.weekly_scorecard import weekly_card
from bot.cards.render import slack as to_slack
from bot.cards.render import terminal as to_terminal
from bot.cards.render import text as to_text
from bot.cards.wording import points
from bot.model import Progress, Schedule
from checks import PastScore, explain_service
from checks import score as score_of


def said(card: Card) -> str:
    """Everything a card says on one line."""
    return " ".join(to_text.render(card, 200).split())


def buttons(card: Card) -> list[Button]:
    return [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]


def service(**more: object) -> Card:
    return service_card(sample_score(), now=NOW, read_at=days_ago(0.1), **more)  # type: ignore[arg-type]


def test_a_service_is_told_with_grade_caps_and_what_each_fix_wins() -> None:
    score = sample_score()
    words = said(service())
    assert score.grade in words
    assert "Score capped at 59: tier-1 service runs in a single region RG01" in words
    for number, fix in enumerate(score.fixes[:3], 1):
        assert f"{number}. +{points(fix.gain)} points: {fix.summary} ({fix.check.severity}" in words
        assert for_products(fix.check.remediation, {"rds"}).replace("`", "") in words
    assert "aws rds create-db-instance-read-replica" in words
    assert "aws efs" not in words, "the command of another product is noise"


def test_buttons_run_commands_that_read_a_name_with_spaces_as_one_word() -> None:
    card = service_card(sample_score("payment api"), now=NOW, read_at=None)
    assert [button.command for button in buttons(card)] == [
        "scorecard 'payment api' page=2",
        "check 'payment api'",
        "explain 'payment api'",
    ]


def test_a_change_of_the_rules_is_not_told_as_a_change_of_the_estate() -> None:
    card = service(trend=sample_trend(5, rules_changed=True))
    gauge = next(part for part in card.blocks if isinstance(part, Gauge))
    assert gauge.change is None
    assert "The set of checks changed since" in said(card)


def test_a_week_is_told_beside_the_grade_and_a_longer_while_with_its_date() -> None:
    estate = sample_estate(3)
    trend = sample_trend()
    week = estate_card(estate, organisation="Acme", now=NOW, trend=trend)
    assert next(part for part in week.blocks if isinstance(part, Gauge)).change == trend.change
    older = replace(trend, since=replace(trend.since, at=days_ago(20)))
    card = estate_card(estate, organisation="Acme", now=NOW, trend=older)
    assert next(part for part in card.blocks if isinstance(part, Gauge)).change is None
    assert "since 3 Nov 2026 (then grade D, 55)" in said(card)


def test_too_little_seen_is_no_grade_and_no_praise() -> None:
    card = service_card(sample_score(outcomes=UNSEEN), now=NOW, read_at=None)
    assert "no grade, coverage too low" in card.title
    assert card.tone == "neutral"
    assert "too low for a grade" in card.summary


def test_a_sound_service_says_that_nothing_fails() -> None:
    card = service_card(sample_score(outcomes=SOUND), now=NOW, read_at=None)
    assert card.tone == "good"
    assert card.summary == "All checks pass."


def test_the_chart_has_a_point_a_week_and_says_what_it_shows() -> None:
    card = service(history=sample_history("checkout", 30))
    chart = next(part for part in card.blocks if isinstance(part, Chart))
    assert len(chart.points) == 12
    assert chart.points[-1][0] == "23 Nov"
    assert chart.alt.startswith("From ")


def test_the_chart_tells_when_the_rules_changed() -> None:
    past = (PastScore("", days_ago(8), 40, "D", 1, "a"), PastScore("", days_ago(15), 41, "D", 1, "b"))
    chart = next(part for part in service(history=past).blocks if isinstance(part, Chart))
    assert "The set of checks changed in between." in chart.alt


def test_details_show_the_unknown_with_its_reason_and_the_waived_with_its_end() -> None:
    words = said(details_card(sample_score(), page=2, now=NOW, read_at=None))
    assert "? unknown An alarm on error rate notifies someone" in words
    assert "AccessDenied for dynamodb:DescribeContinuousBackups" in words
    assert "Waived until 2027-03-01 by Ada" in words
    assert "3 failed, 1 unknown, 1 waived, 3 passed. 1 check does not apply." in words


def test_details_begin_with_what_failed() -> None:
    words = said(details_card(sample_score(), page=2, now=NOW, read_at=None))
    assert (
        words.index("failed Service runs")
        < words.index("unknown An alarm")
        < words.index("passed Primary datastore has a restorable backup")
    )


@pytest.mark.parametrize("page", [0, 2, 99])
def test_a_page_that_is_not_there_is_the_nearest(page: int) -> None:
    assert "Page 1 of 1." in details_card(sample_score(), page=page, now=NOW, read_at=None).summary


def test_the_pages_of_an_estate_hold_each_service_once() -> None:
    estate = sample_estate(45)
    pages = [estate_page(estate, organisation="Acme", now=NOW, page=page) for page in (2, 3, 4)]
    words = " ".join(said(page) for page in pages)
    assert all(words.count(f"service-{at:03} ") == 1 for at in range(45))
    assert [[button.label for button in buttons(page)] for page in pages] == [
        ["Next", "Overview"],
        ["Previous", "Next", "Overview"],
        ["Previous", "Overview"],
    ]


def test_services_under_the_same_cap_are_told_together() -> None:
    estate = sample_scorecard(*((sample_service(f"s{at}"), MIXED) for at in range(5)))
    words = said(estate_card(estate, organisation="Acme", now=NOW))
    assert "Score capped at 59: tier-1 service runs in a single region (s0, s1, s2 and 2 others)" in words


def test_the_weekly_post_tells_regressions_before_progress() -> None:
    trends = {"a": sample_trend(4), "b": sample_trend(-6), "c": sample_trend(0)}
    words = said(weekly_card(sample_estate(3), name="payments", now=NOW, trend=sample_trend(), trends=trends))
    assert "- ✗ -6 points: b - ✓ +4 points: a" in words
    assert "points: c" not in words
    assert "✗ failing RG03 Primary datastore has a replica in a second region" in words
    assert "✓ fixed DN04 Failover records have a TTL" in words


def test_an_explanation_adds_up_to_the_score() -> None:
    score = sample_score()
    words = said(explain_card(score, now=NOW, read_at=None))
    told = explain_service(score)
    assert sum(family.points for family in told.families) == pytest.approx(score.score)
    for family in told.families:
        assert f"{family.points:.1f} of {family.possible:.1f}" in words


def test_the_pages_of_an_explanation_hold_every_row_once() -> None:
    many = [replace(CHECKS[at % len(CHECKS)], id=f"XX{at:02}") for at in range(50)]
    score = sample_score()
    findings = tuple(score.findings[0]._replace(check=item) for item in many)
    wide = score_of(findings, services=[score.service], now=NOW).services[0]
    pages = [explain_card(wide, now=NOW, read_at=None, page=page) for page in (1, 2, 3)]
    words = " ".join(said(page) for page in pages)
    assert all(words.count(f"{item.id} ") >= 1 for item in many)
    assert [[button.label for button in buttons(page)][:-2] for page in pages] == [
        ["Next"],
        ["Previous", "Next"],
        ["Previous"],
    ]
    for page in pages:
        shown = next(block for block in to_slack.render(page)["blocks"] if block["type"] == "table")
        assert len(shown["rows"]) - 1 == sum(len(part.rows) for part in page.blocks if isinstance(part, Table))


def test_a_finding_is_told_with_the_remedy_for_its_product() -> None:
    words = said(finding_card(CHECKS[1], sample_score(), now=NOW, read_at=None))
    assert "Failed on 2 resources: checkout-0 runs only in us-east-1." in words
    assert "RDS: aws rds create-db-instance-read-replica in the other region." in words
    assert "dynamodb" not in words
    sound = finding_card(CHECKS[1], sample_score(outcomes=SOUND), now=NOW, read_at=None)
    assert sound.tone == "good"
    assert Heading("Fix") not in sound.blocks
    assert Heading("Fix") in finding_card(CHECKS[1], sample_score(), now=NOW, read_at=None).blocks


def test_a_finding_that_was_never_judged_does_not_apply() -> None:
    other = replace(CHECKS[0], id="ZZ99")
    card = finding_card(other, sample_score(), now=NOW, read_at=None)
    assert card.summary == "ZZ99 is not applicable here."
    assert card.tone == "neutral"


def test_an_error_says_what_to_do_and_offers_a_way_on() -> None:
    card = error_card(
        "No service is called chekout.", fix="Did you mean?", buttons=(Button("my app", "scorecard 'my app'"),)
    )
    assert said(card).startswith("Request failed ============== No service is called chekout. Fix: Did you mean?")
    assert [button.command for button in buttons(card)] == ["scorecard 'my app'"]
    assert "Reference in the log of backstay: 5f1c" in said(error_card("It broke.", reference="5f1c"))


@pytest.mark.parametrize("name", CARDS)
def test_every_card_says_it_for_machines_too(name: str) -> None:
    card = CARDS[name]()
    data = card.data
    assert data or card.form is not None, "a form asks, it tells nothing"
    assert json.loads(json.dumps(data)) == data


def test_help_shows_every_command_as_it_is_typed() -> None:
    words = said(help_card(ENTRIES, prefix="/resilience"))
    assert all(f"/resilience {entry.word} {entry.usage}" in words for entry in ENTRIES)


def test_progress_never_shows_more_than_there_is() -> None:
    assert "12 of 12 steps" in said(progress_card(Progress(12, 10), what="Auditing"))
    assert "starting" in said(progress_card(Progress(0, 0), what="Auditing"))


def test_a_missed_post_says_when_and_why() -> None:
    schedule = Schedule("w", "payments", "0 9 * * 1", "UTC", timedelta(hours=6))
    words = said(missed_card(schedule, (days_ago(7), days_ago(1))))
    assert "2 posts were not sent." in words
    assert "16 Nov 2026, 12:00 UTC" in words
    assert "restarted more than 6 h after them" in words


def test_the_checklist_is_paged_in_a_chat_and_whole_on_a_page() -> None:
    many = [replace(CHECKS[0], id=f"RG{at:02}") for at in range(50)]
    assert len(buttons(checklist_card(many, page=2))) == 2
    assert all(item.id in said(checklist_card(many, page=None)) for item in many)


def test_an_unread_check_is_counted_in_its_family() -> None:
    outcomes = [list(found) for found in SOUND]
    outcomes[4] = [U]
    assert "1 check, none failing, 1 unknown" in said(
        service_card(sample_score(outcomes=outcomes), now=NOW, read_at=None)
    )


def test_a_terminal_without_colours_gets_symbols_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = to_terminal.render(details_card(sample_score(), page=2, now=NOW, read_at=None), width=100)
    assert "✗ failed" in shown
    assert "\x1b" not in shown


def test_a_terminal_with_colours_uses_them() -> None:
    console = Console(force_terminal=True, color_system="standard", width=100)
    with console.capture() as capture:
        console.print(to_terminal.drawing(service()))
    assert "\x1b[1;31m" in capture.get()
