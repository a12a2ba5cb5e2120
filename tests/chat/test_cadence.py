"""Days and times as people type them become cron expressions, and are said in words again."""

from datetime import UTC, datetime

import pytest
from support.builders.moment import NOW

from bot.chat.cadence import in_words, next_time, parse_cadence, parse_time, time_zone
from bot.chat.command import UsageError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", "0 9 * * MON"),
        ("monday", "0 9 * * MON"),
        ("tuesdays and thursdays 10:00", "0 10 * * TUE,THU"),
        ("every day 23:59", "59 23 * * *"),
        ("12am", "0 0 * * *"),
        ("12pm", "0 12 * * *"),
        ("*/30 9 * * 1", None),
        ("m 9:00", None),
        ("monday 9:99", None),
    ],
)
def test_days_and_times(typed: str, kept: str | None) -> None:
    if kept is not None:
        assert parse_cadence(typed.split()) == kept
        return
    with pytest.raises(UsageError):
        parse_cadence(typed.split())


def test_times_in_words() -> None:
    assert in_words("0 9 * * MON", "Europe/Berlin") == "every Monday at 09:00 (Europe/Berlin)"
    assert in_words("5 17 * * TUE,THU", "UTC") == "every Tuesday and Thursday at 17:05 (UTC)"
    assert in_words("0 9 1 * *", "UTC") == "on the schedule 0 9 1 * * (UTC)"
    assert next_time("0 9 * * MON", "Europe/Berlin", NOW) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert (time_zone("europe/berlin"), time_zone("nowhere"), parse_time("7.30pm")) == ("Europe/Berlin", None, "30 19")
