"""What a reader learns from each card: the answer first, nothing hidden, nothing better than it is."""

import json
import re
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

from bot.cards.card import Button, Buttons, Card, Chart, Heading, Items, Table
from bot.cards.messages.checklist import checklist_card
from bot.cards.messages.error import error_card
from bot.cards.messages.explain import explain_card
from bot.cards.messages.finding import finding_card
from bot.cards.messages.findings import details_card
from bot.cards.messages.help import help_card
from bot.cards.messages.missed_posts import missed_card
from bot.cards.messages.progress import progress_card
from bot.cards.messages.regions_read import regions_read
from bot.cards.messages.remediation import for_products
from bot.cards.messages.scorecard import estate_card, estate_page, service_card
from bot.cards.messages.weekly_scorecard import weekly_card
from bot.cards.render import slack as to_slack
from bot.cards.render import terminal as to_terminal
from bot.cards.render import text as to_text
from bot.cards.wording import points
from bot.model import Progress, Schedule
from checks import Gap, PastScore, explain_service
from checks import score as score_of


def said(card: Card) -> str:
    """Everything a card says on one line."""
    return " ".join(to_text.render(card, 200).split())


def buttons(card: Card) -> list[Button]:
    return [button for part in card.blocks if isinstance(part, Buttons) for button in part.buttons]


def service(**more: object) -> Card:
    return service_card(sample_score(), now=NOW, read_at=days_ago(0.1), whole=True, **more)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("whole", [True, False])
def test_a_change_of_the_rules_is_not_told_as_a_change_of_the_estate(*, whole: bool) -> None:
    card = service_card(sample_score(), now=NOW, read_at=None, trend=sample_trend(5, rules_changed=True), whole=whole)
    assert "▲ +5 points since 16 Nov. The set of checks changed since." in said(card)


def test_a_change_is_told_once_with_its_date() -> None:
    estate, trend = sample_estate(3), sample_trend()
    older = replace(trend, since=replace(trend.since, at=days_ago(20)))
    for changed, day in ((trend, "16 Nov"), (older, "3 Nov")):
        words = said(estate_card(estate, organisation="Acme", now=NOW, trend=changed, history=sample_history()))
        assert f"▲ +3.5 points since {day}." in words
        assert words.count("3.5") == words.count("▲") == 1


@pytest.mark.parametrize(
    ("regions", "left_out", "says"),
    [
        (["us-east-1", "global", "us-east-1", "eu-west-1"], False, "; eu-west-1, us-east-1 read."),
        (["us-east-1", "eu-west-1"], True, "; only eu-west-1, us-east-1 read."),
        ([f"eu-west-{number}" for number in range(17)], False, "; 17 regions read."),
        ([f"eu-west-{number}" for number in range(4)], True, "; only 4 regions read."),
        (["global", ""], False, "."),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_scorecard_says_which_regions_were_read(
    regions: list[str], says: str, *, left_out: bool, whole: bool
) -> None:
    others = [Gap("aws", "aws", "1", "", "only these", (), only_regions=tuple(regions))] if left_out else []
    read = regions_read([("aws_tables", "1", region) for region in regions], others)
    words = said(estate_card(sample_estate(1), organisation="Acme", now=NOW, regions=read, whole_list=whole))
    assert re.search(rf"Last audit [^;]*?{re.escape(says)}", words), words


def test_an_explanation_says_which_regions_were_read() -> None:
    words = said(explain_card(sample_score(), read_at=days_ago(1), regions="only us-east-1 read"))
    assert re.search(r"Last audit [^;]*; only us-east-1 read\.", words)


def test_too_little_seen_is_no_grade_and_no_praise() -> None:
    card = service_card(sample_score(outcomes=UNSEEN), now=NOW, read_at=None)
    assert "no grade, coverage too low" in card.title
    assert card.tone == "neutral"
    assert "All checks pass" not in card.summary


def test_a_sound_service_says_that_nothing_fails() -> None:
    card = service_card(sample_score(outcomes=SOUND), now=NOW, read_at=None)
    assert card.tone == "good"
    assert card.summary == "First scorecard, no trend yet. All checks pass."


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
    assert "9 findings: 3 failed, 1 unknown, 1 waived, 3 passed, 1 not applicable." in words


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
    tables = [part for page in pages for part in page.blocks if isinstance(part, Table)]
    named = [row[0][0].text for table in tables for row in table.rows]
    assert sorted(named) == [f"service-{at:03}" for at in range(45)]
    assert "Score caps" in said(pages[0])
    assert "Score caps" not in said(pages[1])
    assert [[button.label for button in buttons(page)] for page in pages] == [
        ["Next", "Overview"],
        ["Previous", "Next", "Overview"],
        ["Previous", "Overview"],
    ]


def test_services_under_the_same_cap_are_told_together() -> None:
    estate = sample_scorecard(*((sample_service(f"s{at}"), MIXED) for at in range(5)))
    words = said(estate_page(estate, organisation="Acme", now=NOW, page=2))
    assert "Scores of s0, s1, s2 and 2 others capped at 59: tier-1 service runs in a single region" in words


def test_the_scheduled_post_tells_the_change_three_fixes_and_who_owns_them() -> None:
    card = weekly_card(sample_estate(9), name="payments", trend=sample_trend())
    words = said(card)
    assert "▲ +3.5 points since 16 Nov. 1 check newly failing, 1 fixed." in words
    fixes = next(part for part in card.blocks if isinstance(part, Items))
    shown = ["".join(span.text for span in item) for item in fixes.items]
    assert [line.partition(" (owner")[0] for line in shown] == [
        f"+{points} points on service-000 and 2 others" for points in (16.7, 11.1)
    ]
    assert all("(owner: payments)" in "".join(span.text for span in item) for item in fixes.items)
    assert next((button.label, button.primary) for button in buttons(card)) == ("Details", True)


def test_details_tell_regressions_before_progress() -> None:
    words = said(estate_page(sample_estate(3), organisation="Acme", now=NOW, page=2, trend=sample_trend()))
    broken = words.index("✗ failing RG03 Primary datastore has a replica in a second region")
    assert broken < words.index("✓ fixed DN04 Failover records have a TTL")


def test_an_explanation_adds_up_to_the_score() -> None:
    score = sample_score()
    words = said(explain_card(score, read_at=None))
    told = explain_service(score)
    assert sum(family.points for family in told.families) == pytest.approx(score.score)
    for family in told.families:
        assert f"{family.points:.1f} of {family.possible:.1f}" in words


def test_the_pages_of_an_explanation_hold_every_row_once() -> None:
    many = [replace(CHECKS[at % len(CHECKS)], id=f"XX{at:02}") for at in range(50)]
    score = sample_score()
    findings = tuple(score.findings[0]._replace(check=item) for item in many)
    wide = score_of(findings, services=[score.service], now=NOW).services[0]
    pages = [explain_card(wide, read_at=None, page=page) for page in (1, 2, 3)]
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
    words = said(finding_card(CHECKS[1], sample_score(), read_at=None))
    assert "Failed on 2 resources: checkout-0 runs only in us-east-1." in words
    assert "RDS: aws rds create-db-instance-read-replica in the other region." in words
    assert "dynamodb" not in words
    sound = finding_card(CHECKS[1], sample_score(outcomes=SOUND), read_at=None)
    assert sound.tone == "good"
    assert Heading("Fix") not in sound.blocks
    assert Heading("Fix") in finding_card(CHECKS[1], sample_score(), read_at=None).blocks


def test_a_finding_that_was_never_judged_does_not_apply() -> None:
    other = replace(CHECKS[0], id="ZZ99")
    card = finding_card(other, sample_score(), read_at=None)
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
    assert "1 check: 1 unknown" in said(details_card(sample_score(outcomes=outcomes), page=2, now=NOW, read_at=None))


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
