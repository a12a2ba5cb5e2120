"""The Retry-After header (RFC 9110, 10.2.3): seconds or a date, within bounds, and nothing else."""

from datetime import timedelta

import pytest
from support.builders.posts import START

from bot.net.http import LONGEST_WAIT, retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("2.5", 2.5),
        ("9" * 400, 3600),
        ("Mon, 23 Nov 2026 09:00:30 GMT", 30),
        ("Monday, 23-Nov-26 09:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 10:00:30 +0100", 30),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
    ],
)
def test_seconds_and_dates_are_read_within_bounds(value: str, seconds: float) -> None:
    assert retry_after(value, START) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "1e3", "nan", "inf", "٣", "1 2", "2026-11-23T09:00:30Z", "0x10", "5s"]
)
def test_anything_else_says_nothing(value: str) -> None:
    assert retry_after(value, START) is None


def test_the_longest_wait_may_be_shorter() -> None:
    assert retry_after("7200", START) == LONGEST_WAIT
    assert retry_after("7200", START, timedelta(minutes=1)) == timedelta(minutes=1)
