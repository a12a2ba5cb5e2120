"""When an error budget burns too fast, by the table of the SRE workbook; how long it lasts; where an episode begins and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.audit.slos.burn import conditions_for, elapsed, judged, next_episode, windows_of
from bot.model.slos import BurnEpisode, BurnLevel, Indicator, Slo, SloReading
from checks import SignalKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLO = Slo(
    "checkout",
    "availability",
    "Availability",
    0.999,
    30 * DAY,
    SignalKind.ERRORS,
    Indicator(good="good", total="total"),
    "prometheus",
    conditions=conditions_for(30 * DAY),
)


def reading(slo: Slo = SLO, covered: float = 1.0, **bad: float | None) -> SloReading:
    """The reading by shares of windows such as `m5`, `h1`, `d30`; the others are 0."""
    units = {"m": MINUTE, "h": HOUR, "d": DAY}
    shares: dict[timedelta, float | None] = dict.fromkeys(windows_of(slo, NOW), 0.0)
    shares |= {int(name[1:]) * units[name[0]]: share for name, share in bad.items()}
    return judged(slo, shares, NOW, covered)


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def test_the_conditions_are_those_of_the_workbook() -> None:
    found = [(each.long, each.short, round(each.factor, 6), each.level) for each in conditions_for(30 * DAY)]
    assert found == [
        (HOUR, 5 * MINUTE, 14.4, BurnLevel.FAST),
        (6 * HOUR, 30 * MINUTE, 6.0, BurnLevel.FAST),
        (3 * DAY, 6 * HOUR, 1.0, BurnLevel.SLOW),
    ]


def test_they_fit_the_period() -> None:
    assert [round(each.factor, 2) for each in conditions_for(7 * DAY)] == [3.36, 1.4, 1.0]
    assert [round(each.factor, 2) for each in conditions_for(28 * DAY)] == [13.44, 5.6, 1.0]
    assert [each.long for each in conditions_for(DAY)] == [HOUR, 6 * HOUR]
    assert all(each.factor >= 1 for period in (2 * HOUR, DAY, 90 * DAY, 365 * DAY) for each in conditions_for(period))


@pytest.mark.parametrize(
    ("bad", "level", "lasts"),
    [
        ({}, BurnLevel.NONE, None),
        ({"m5": 0.12, "h1": 0.12}, BurnLevel.FAST, 6 * HOUR),
        ({"m5": 1.0, "h1": 1.0}, BurnLevel.FAST, 43.2 * MINUTE),
        ({"h1": 0.12}, BurnLevel.NONE, None),
        ({"m5": 0.12}, BurnLevel.NONE, None),
        ({"m5": 0.0144, "h1": 0.0144}, BurnLevel.FAST, 50 * HOUR),
        ({"m5": 0.0143, "h1": 0.0143}, BurnLevel.NONE, None),
        ({"m30": 0.006, "h6": 0.006}, BurnLevel.FAST, 5 * DAY),
        ({"h6": 0.002, "d3": 0.002}, BurnLevel.SLOW, 15 * DAY),
        ({"m5": None, "h1": 0.5}, BurnLevel.NONE, None),
    ],
)
def test_a_budget_burns_only_if_both_windows_say_so(
    bad: dict[str, float | None], level: BurnLevel, lasts: timedelta | None
) -> None:
    found = reading(SLO, 1.0, **bad)
    assert found.level is level
    assert seconds(found.budget_lasts) == (None if lasts is None else pytest.approx(lasts.total_seconds()))


def test_what_is_left_of_the_budget_and_when_it_is_gone() -> None:
    found = reading(m5=0.12, h1=0.12, d30=0.0006)
    assert found.spent == pytest.approx(0.6)
    assert seconds(found.exhausted_in) == pytest.approx(2.4 * 3600)
    assert reading(m5=0.12, h1=0.12, d30=0.002).exhausted_in == timedelta()
    assert reading(d30=None).spent is None
    assert reading(SLO, 0.5, d30=0.0006).spent == pytest.approx(0.3), "half of the period is not known"
    assert reading(SLO, 0.01, d30=0.5).spent is None


def test_a_calendar_period_has_used_what_went_of_it() -> None:
    slo = replace(SLO, begins=NOW - 3 * 30 * DAY - 6 * DAY)
    assert elapsed(slo, NOW) == 6 * DAY
    assert windows_of(slo, NOW)[-1] == 6 * DAY
    found = reading(slo, d6=0.001)
    assert found.spent == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("begins", "months", "gone"),
    [
        (datetime(2021, 5, 1, tzinfo=UTC), 1, timedelta(days=22, hours=12)),
        (datetime(2021, 1, 1, tzinfo=UTC), 3, timedelta(days=53, hours=12)),
        (datetime(2025, 11, 23, 12, tzinfo=UTC), 12, 5 * MINUTE),
        (datetime(2025, 11, 24, tzinfo=UTC), 12, timedelta(days=364, hours=12)),
        (datetime(2021, 1, 31, tzinfo=UTC), 1, timedelta(days=26, hours=12)),
        (datetime(2027, 1, 1, tzinfo=UTC), 1, timedelta(days=22, hours=12)),
    ],
)
def test_calendar_months_have_the_length_that_they_have(begins: datetime, months: int, gone: timedelta) -> None:
    assert elapsed(replace(SLO, begins=begins, months=months), NOW) == gone


def test_one_episode_is_told_once_and_once_more_if_it_gets_worse() -> None:
    slow, fast, fine = reading(h6=0.002, d3=0.002), reading(m5=0.12, h1=0.12), reading()
    episode, told = next_episode(None, slow, NOW)
    assert episode is not None
    assert (told, episode.since, episode.told) == (BurnLevel.SLOW, NOW, BurnLevel.SLOW)
    assert next_episode(episode, slow, NOW + MINUTE) == (episode, None)
    worse, told = next_episode(episode, fast, NOW + 2 * MINUTE)
    assert told is BurnLevel.FAST
    assert next_episode(worse, slow, NOW + 3 * MINUTE)[1] is None, "better again is not news"
    calm, told = next_episode(worse, fine, NOW + 4 * MINUTE)
    assert calm is not None
    assert told is None
    again, told = next_episode(calm, fast, NOW + 10 * MINUTE)
    assert (told, again and again.quiet_since) == (None, None), "it flaps within one episode"
    assert next_episode(calm, fine, NOW + 18 * MINUTE)[1] is None
    assert next_episode(calm, fine, NOW + 19 * MINUTE) == (None, BurnLevel.NONE)


def test_what_cannot_be_read_begins_and_ends_nothing() -> None:
    unread = replace(reading(m5=1.0, h1=1.0), problem="no answer", level=BurnLevel.NONE)
    assert next_episode(None, unread, NOW) == (None, None)
    episode = BurnEpisode("slo:a", NOW - HOUR, BurnLevel.FAST)
    assert next_episode(episode, unread, NOW) == (episode, None)
