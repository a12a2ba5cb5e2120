"""What a phone shows of an alert and of a scorecard: few words, few buttons, each fact once. Held over every approved card."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.limits.words_on_cards import ShownCard, shown_in_slack, shown_in_teams
from support.samples.cards import CARDS

GOLDEN = Path(__file__).parent / "golden"
KINDS = {name: draw().kind for name, draw in CARDS.items()}
WHOLE = ("estate-whole", "service-whole")
ALERTS = [name for name, kind in KINDS.items() if kind == "alert"]
SCORECARDS = [name for name, kind in KINDS.items() if kind in ("scorecard", "weekly") and name not in WHOLE]
ALERT_WORDS, SCORECARD_WORDS = 60, 120
AGES = re.compile(r"\b(?:\d+ ?(?:s|min|h|m|d|hours?|minutes?|days?)(?: \d+ min)? ago|just now)\b")
ERRORS = re.compile(
    r"\b[a-z]*[A-Z]\w*(?:Error|Exception|Timeout)\b|\b(?:gaierror|timeout_error|errno)\b", re.IGNORECASE
)
OURS = re.compile(r"KeyError: 'Region'")
"""Not an exception's name on a card of ours: the verdict of a check that failed, in the samples."""


def shown(name: str) -> Iterator[ShownCard]:
    for platform, read in (("slack", shown_in_slack), ("teams", shown_in_teams)):
        yield read(json.loads((GOLDEN / f"{name}.{platform}.json").read_text("utf-8")))


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_read_at_a_glance(name: str) -> None:
    for card in shown(name):
        assert card.total <= ALERT_WORDS, card.words
        assert len(card.buttons) <= 3
        assert card.primary <= 1
        assert len(card.menu) <= 5


@pytest.mark.parametrize("name", [name for name in ALERTS if name != "alert-passed"])
def test_an_alert_has_its_id_and_one_way_on(name: str) -> None:
    for card in shown(name):
        assert "inc-" in card.words
        assert card.primary == 1


@pytest.mark.parametrize("name", SCORECARDS)
def test_a_scorecard_fits_a_phone(name: str) -> None:
    for card in shown(name):
        assert card.total <= SCORECARD_WORDS, card.words
        assert card.primary == 1
        assert card.buttons[0] == "Details"


@pytest.mark.parametrize("name", [*SCORECARDS, *WHOLE])
def test_grade_trend_and_interval_are_told_once(name: str) -> None:
    for card in shown(name):
        assert len(re.findall(r"\bof 100\b", card.words)) <= 1
        assert len(re.findall(r"\bgrade [A-F]\b|\bno grade, coverage", card.words, re.IGNORECASE)) == 1
        assert len(re.findall("[▲▼●]", card.words)) <= 1
        assert len(re.findall(r"\bCoverage \d+ %", card.words)) == 1
        assert len(re.findall(r", score \d+(?:-\d+)?\.", card.words)) == 1


@pytest.mark.parametrize("name", CARDS)
def test_the_siren_is_for_incidents_alone(name: str) -> None:
    for card in shown(name):
        if KINDS[name] not in ("alert", "incident", "incidents"):
            assert "🚨" not in card.words


@pytest.mark.parametrize("name", CARDS)
def test_no_number_stands_still(name: str) -> None:
    for card in shown(name):
        assert not AGES.findall(card.words)


@pytest.mark.parametrize("name", CARDS)
def test_no_exception_is_named(name: str) -> None:
    for card in shown(name):
        assert not ERRORS.findall(OURS.sub("", card.words))


@pytest.mark.parametrize("name", CARDS)
def test_at_most_one_button_stands_out(name: str) -> None:
    for card in shown(name):
        assert card.primary <= 1


@pytest.mark.parametrize("name", [name for name in CARDS if name.startswith(("whatif", "alert"))])
def test_a_forecast_reads_as_one(name: str) -> None:
    for card in shown(name):
        for state in re.findall(r"(?:(\w+) )?(?<![\w/-])(?:fails over|goes down|will be down)\b", card.words):
            raise AssertionError(f"{name}: {state}")


def test_a_daily_post_is_not_called_weekly() -> None:
    for card in shown("daily"):
        assert "Daily scorecard" in card.words
        assert "eekly" not in card.words
