"""Scores over time."""

from datetime import timedelta

import pytest
from support.builders.facts import NOW, days_ago, service
from support.builders.findings import findings, rule, scored

from checks import PastScore, Scorecard, remember, ruleset, trend

ONE, TWO, THREE = rule("ZZ01"), rule("ZZ02"), rule("ZZ03")


def card(one: str, two: str = "P", three: str = "P") -> Scorecard:
    return scored([*findings(ONE, one), *findings(TWO, two), *findings(THREE, three)])


def past(days: float, score: float = 50, *failing: str, service: str = "", rules: str | None = None) -> PastScore:
    rules = ruleset() if rules is None else rules
    return PastScore(service, days_ago(days), score, "D", 1, rules, frozenset(failing))


@pytest.mark.parametrize(
    ("days", "expected"),
    [([], None), ([0.5], None), ([0.5, 2], 2), ([1], 1), ([30, 8, 5], 8), ([6.5, 8, 14], 6.5), ([30], 30)],
)
def test_compares_with_the_score_nearest_to_a_week_ago_and_a_day_old(days: list[float], expected: float | None) -> None:
    found = trend(card("P"), [past(day) for day in days], now=NOW)
    assert (found and found.since.at) == (None if expected is None else NOW - timedelta(days=expected))


def test_lists_fixed_and_newly_failing_checks() -> None:
    found = trend(card("F", "P", "U"), [past(7, 50, "ZZ02", "ZZ03", "GONE")], now=NOW)
    assert found is not None
    assert found.broken == ("ZZ01",)
    assert found.fixed == ("ZZ02",), "what can no longer be read, or is no longer checked, is not fixed"
    assert found.change == pytest.approx(100 / 3 - 50)
    assert not found.rules_changed


def test_a_change_of_the_set_of_checks_is_marked() -> None:
    found = trend(card("P"), [past(7, rules="older")], now=NOW)
    assert found is not None
    assert found.rules_changed


def test_a_service_is_compared_with_its_own_past() -> None:
    current = card("P").services[0]
    found = trend(current, [past(7, 10), past(6, 20, service="checkout"), past(7, 30, service="other")], now=NOW)
    assert found is not None
    assert (found.since.score, found.change) == (20, 80)


def test_a_scorecard_compared_with_itself_is_unchanged() -> None:
    now = card("F", "P", "U")
    kept = remember(now)
    assert [entry.service for entry in kept] == ["", service().name]
    later = NOW + timedelta(days=7)
    for current in (now, now.services[0]):
        found = trend(current, kept, now=later)
        assert found is not None
        assert (found.change, found.fixed, found.broken, found.rules_changed) == (0, (), (), False)
