"""Numbers, spans of time and states in words."""

from datetime import timedelta

import pytest

from bot.cards.wording import duration, money, percent, points, rounded_down
from checks import Fate, Outcome


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (money(0, "EUR"), "0 EUR"),
        (money(0.4, "EUR"), "under 1 EUR"),
        (money(630_000, "EUR"), "630,000 EUR"),
        (money(999_600, "EUR"), "1.0 M EUR"),
        (money(1_234_567, "EUR"), "1.2 M EUR"),
        (money(250e6, "USD"), "250 M USD"),
        (money(3.4e9, "USD"), "3.4 bn USD"),
        (duration(timedelta(seconds=45)), "45 s"),
        (duration(timedelta(minutes=90)), "1 h 30 min"),
        (duration(timedelta(minutes=59.9)), "1 h"),
        (duration(timedelta(hours=15)), "15 h"),
        (duration(timedelta(days=2)), "2 days"),
        (duration(timedelta(days=3, hours=5)), "3 days 5 h"),
        (percent(0.996), "99 %"),
        (percent(1), "100 %"),
        (rounded_down(89.99), "89"),
        (rounded_down(75.0), "75"),
        (points(0.04), "under 0.1"),
        (points(12.0), "12"),
    ],
)
def test_numbers_in_words(made: str, expected: str) -> None:
    assert made == expected


def test_every_outcome_and_fate_has_its_word() -> None:
    from bot.cards.wording import FATES, OUTCOMES  # noqa: PLC0415 - beside what it proves

    assert set(OUTCOMES) == set(Outcome)
    assert set(FATES) == set(Fate)
