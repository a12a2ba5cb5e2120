"""Time in which nobody watched, because the machine slept or no replica ran, does not count as success."""

from datetime import timedelta

import pytest
from support.builders.signals import ROUND, Days, minutes, probe

from bot.model.incidents import Phase


@pytest.mark.parametrize("silent", [0, 1, 3], ids=["results at once", "one silent step first", "three"])
def test_while_nobody_watched_nothing_was_well(silent: int) -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    days.pass_by(timedelta(seconds=40), lambda at: [probe(bad=False, at=at)])
    days.now += timedelta(hours=1)
    if silent:
        days.pass_by(silent * ROUND, lambda _: [])
    days.pass_by(minutes(13), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is not Phase.RESOLVED
    days.pass_by(minutes(5), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.RESOLVED
