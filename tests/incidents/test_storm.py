"""Forty pages turn red in a minute: one alert that names what is behind them, in whatever order they are read."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.builders.moment import service
from support.builders.signals import minutes
from support.harness.watching import Watching, estate, watching

from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.estate import Estate
from checks import Dependency

NAMES = tuple(f"saas{number:02}" for number in range(40))
HOSTED = dict.fromkeys(NAMES[:30], ("aws/us-east-1",))


def stands_on_all(names: Sequence[str] = NAMES) -> Estate:
    """The payments team needs a few of the forty."""
    needs = tuple(Dependency(name, "saas") for name in (*names[:3], names[35]))
    return estate(service("shop", depends_on=needs), runs_on={**HOSTED})


def red(name: str, at: datetime, since: datetime) -> FeedReading:
    told = ProviderIncident(
        name, "1", f"{name} has elevated errors", IncidentState.INVESTIGATING, IncidentSeverity.MAJOR,
        started_at=since, updated_at=since,
    )  # fmt: skip
    return FeedReading(name, "statuspage", (told,), (), IncidentSeverity.MAJOR, at)


def green(name: str, at: datetime) -> FeedReading:
    return FeedReading(name, "statuspage", (), (), IncidentSeverity.NONE, at)


async def blow(here: Watching, lasts: timedelta, red_after: dict[str, timedelta], chance: random.Random) -> None:
    """Let time pass; every page is read once in 30 s, in an order of its own each time."""
    began = here.now
    since = {name: began + after for name, after in red_after.items()}
    while here.now < began + lasts:
        names = list(NAMES)
        chance.shuffle(names)
        for name in names:
            trouble = since.get(name)
            at = here.now
            here.watch.observe_feed(
                red(name, at, trouble) if trouble is not None and at >= trouble else green(name, at)
            )
        await here.pass_by(timedelta(seconds=30), lambda _: [])


@pytest.mark.parametrize("seed", range(4))
async def test_forty_pages_in_a_minute_are_one_alert_that_names_the_cause(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    async with watching(tmp_path, stands_on_all()) as here:
        await blow(here, minutes(1), {}, chance)
        reds = {name: timedelta(seconds=chance.uniform(0, 60)) for name in NAMES}
        await blow(here, minutes(6), reds, chance)
        (alert,) = here.texts()
        assert alert.startswith("Medium: AWS us-east-1 is probably failing; saas00, saas01, saas02 and 37 more")
        one = await here.only()
        assert "shop possibly affected" in alert
        assert one.down_for(here.now) == timedelta(0)
        assert str(one.cause) == "aws/us-east-1"
        assert {scope.provider for scope in one.scopes} == {*NAMES}
        assert {hit.service for hit in one.affected} == {"shop"}
        assert here.office.slack.violations == []


async def test_who_joins_later_is_put_into_the_same_message(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - an order, no secret
    async with watching(tmp_path, stands_on_all()) as here:
        await blow(here, minutes(4), dict.fromkeys(NAMES[:20], timedelta(0)), chance)
        assert len(here.texts()) == 1
        calls = len(here.office.slack.called("chat.postMessage"))
        late = dict.fromkeys(NAMES[:20], timedelta(0)) | dict.fromkeys(NAMES[20:30], timedelta(seconds=10))
        await blow(here, minutes(5), late, chance)
        (alert,) = here.office.slack.top("payments")
        assert len(here.office.slack.called("chat.postMessage")) == calls
        assert "27 more" in alert["text"]
        (detail,) = here.office.slack.under("payments", alert["ts"])
        assert "saas20, saas21, saas22, saas23, saas24 and 5 more are failing too" in str(detail["blocks"])


async def test_a_storm_that_takes_in_what_was_told_before_leaves_one_message_that_is_current(tmp_path: Path) -> None:
    chance = random.Random(2)  # noqa: S311 - an order, no secret
    async with watching(tmp_path, stands_on_all()) as here:
        first = {NAMES[0]: timedelta(0)}
        await blow(here, minutes(3), first, chance)
        assert len(here.texts()) == 1
        everything = first | {name: timedelta(seconds=5) for name in NAMES}
        await blow(here, minutes(6), everything, chance)
        (one,) = [each for each in await here.watch.incidents(since=here.now - minutes(60)) if not each.part_of]
        assert len(one.scopes) == 40
        (alert,) = here.texts()
        assert alert.startswith("Medium: AWS us-east-1 is probably failing; saas00, saas01, saas02 and 37 more")
