"""Maintenance of one's own: in the settings, in its time, and in what it keeps silent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.posts import START
from support.builders.signals import minutes, probe
from support.harness.watching import watching

from bot.app.settings import load
from bot.catalogue import ConfigError
from bot.incidents.maintenance import RecurringWindow
from bot.model.maintenance import MaintenanceWindow
from checks import Scope


def made(folder: Path, *windows: str) -> tuple[MaintenanceWindow | RecurringWindow, ...]:
    path = folder / "backstay.yaml"
    lines = "".join(f"    - {window}\n" for window in windows)
    path.write_text(f"services: [{{name: Checkout, tier: 1}}]\nwatch:\n  maintenance:\n{lines}")
    return tuple(item.made for item in load(path, {"HOME": str(folder)}).watch.maintenance)


def test_once_and_again(tmp_path: Path) -> None:
    once, again = made(
        tmp_path,
        "{about: aws/us-east-1, begins: 2026-11-23T22:00:00+01:00, ends: 2026-11-25T22:00:00Z, why: moving}",
        "{about: Checkout, cron: '0 2 * * SUN', timezone: Europe/Berlin, lasts: 3h}",
    )
    begins = datetime(2026, 11, 23, 21, tzinfo=UTC)
    ends = datetime(2026, 11, 25, 22, tzinfo=UTC)
    assert once == MaintenanceWindow(Scope("aws", "us-east-1"), begins, ends, "moving", ours=True)
    assert again == RecurringWindow(Scope("checkout"), "0 2 * * SUN", "Europe/Berlin", timedelta(hours=3))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("{about: checkut, cron: '0 2 * * SUN', lasts: 3h}", "unknown service, provider or scope 'checkut'"),
        ("{about: aws}", "expected either begins and ends, or cron and lasts"),
        ("{about: aws, begins: 2026-11-23T22:00:00Z}", "expected either begins and ends, or cron and lasts"),
        (
            "{about: aws, cron: '0 2 * * SUN', lasts: 3h, ends: 2026-11-23T22:00:00Z}",
            "expected either begins and ends, or cron and lasts",
        ),
        ("{about: aws, begins: 2026-11-23T22:00:00Z, ends: 2026-11-23T21:00:00Z}", "must end after it begins"),
        ("{about: aws, begins: 2026-11-23T22:00:00Z, ends: 2027-11-23T21:00:00Z}", "last at most a week"),
        ("{about: aws, cron: '0 2 * * SUN', lasts: 8d}", "last at most a week"),
        ("{about: aws, begins: 2026-11-23T22:00:00, ends: 2026-11-23T23:00:00}", "timezone"),
        ("{about: aws, cron: 'every sunday', lasts: 1h}", "expected minute hour day month weekday"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, window: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        made(tmp_path, window)
    assert said in str(told.value)
    assert "watch.maintenance[0]" in str(told.value)


NIGHT = RecurringWindow(Scope("aws"), "0 2 * * *", "Europe/Berlin", timedelta(hours=2))


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2026, 11, 23, 0, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 3, 1, tzinfo=UTC), False),
        (datetime(2026, 7, 23, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), True),  # 02:00 does not exist on this night
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),  # 02:00 comes twice
    ],
)
def test_it_is_open_in_local_time(now: datetime, is_open: bool) -> None:
    assert (NIGHT.window(now) is not None) is is_open


async def test_trouble_in_it_is_told_to_nobody_and_what_goes_on_after_it_is(tmp_path: Path) -> None:
    own = MaintenanceWindow(Scope("aws", "us-east-1"), START, START + timedelta(days=2), "moving", ours=True)
    other = RecurringWindow(Scope("stripe"), "0 9 * * *", "UTC", timedelta(minutes=30))
    async with watching(tmp_path, maintenance=(own, other)) as here:
        await here.pass_by(minutes(20), lambda at: [probe(at=at), probe("stripe", "", "", at=at)])
        assert here.texts() == []
        assert [(str(item.scope), item.why, item.ours) for item in here.watch.active_maintenance()] == [
            ("stripe", "", True),
            ("aws/us-east-1", "moving", True),
        ]
        await here.pass_by(minutes(12), lambda at: [probe(at=at), probe("stripe", "", "", at=at)])
        (told,) = here.texts()
        assert "Stripe" in told
        assert [str(item.scope) for item in here.watch.active_maintenance()] == ["aws/us-east-1"]
