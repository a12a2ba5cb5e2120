"""Time in which nobody watched does not count as success, and what is over stays as it was."""

from datetime import datetime, timedelta

import pytest
from support.builders.signals import ROUND, Days, minutes, page, probe

from bot.model.incidents import Phase
from bot.model.signals import Signal


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


def test_an_incident_that_is_over_does_not_change_when_the_same_place_fails_hours_later() -> None:
    """It was resolved in spite of the page, so it is remembered; what fails later has a length and a cost of its own."""

    def both(at: datetime, *, bad: bool = False) -> list[Signal]:
        return [probe(bad=bad, at=at), page("aws", "us-east-1", "dynamodb", at=at)]

    days = Days()
    days.pass_by(minutes(10), lambda at: both(at, bad=True))
    days.pass_by(timedelta(hours=4), both, minutes(1))
    over = days.only()
    assert over.phase is Phase.RESOLVED
    days.pass_by(minutes(10), lambda at: both(at, bad=True))
    days.pass_by(minutes(10), both)
    assert days.state.incidents[over.id] == over
    (later,) = [incident for incident in days.state.incidents.values() if incident.id != over.id]
    assert later.down_for(days.now) <= minutes(10)
