"""A page drops an incident while backstay is down: the incident still ends after the restart."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.harness.watching import Watching, watch_on, watching

from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Phase


def said(at: datetime, *, listed: bool, severity: IncidentSeverity | None = None) -> FeedReading:
    told = ProviderIncident(
        "aws",
        "1",
        "Increased error rates",
        IncidentState.INVESTIGATING,
        IncidentSeverity.MAJOR,
        ("Amazon DynamoDB",),
        ("us-east-1",),
        updated_at=at,
    )
    worst = severity or (IncidentSeverity.MAJOR if listed else IncidentSeverity.NONE)
    return FeedReading("aws", "aws_currentevents", (told,) if listed else (), (), worst, at)


async def poll(here: Watching, minutes: int, *, listed: bool) -> None:
    for _ in range(minutes):
        here.watch.observe_feed(said(here.now, listed=listed))
        await here.pass_by(timedelta(minutes=1), lambda _: (), every=timedelta(seconds=30))


@pytest.mark.parametrize("read_before", [False, True])
async def test_an_incident_no_longer_listed_is_over(tmp_path: Path, read_before: bool) -> None:
    async with watching(tmp_path) as here:
        await poll(here, 5, listed=True)
        assert (await here.only()).phase is Phase.CONFIRMED
        again = Watching(here.office, watch_on(here.office, here.known), here.known)
        if read_before:  # as a replica that did not judge until now
            again.watch.observe_feed(said(here.now, listed=False))
        await poll(again, 5, listed=False)
        assert [word.open for word in (await again.only()).words] == [False]
        await poll(again, 62, listed=False)
        assert (await again.only()).phase is Phase.RESOLVED


async def test_an_incident_still_listed_continues(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await poll(here, 5, listed=True)
        again = Watching(here.office, watch_on(here.office, here.known), here.known)
        await poll(again, 90, listed=True)
        incident = await again.only()
        assert incident.phase is Phase.CONFIRMED
        assert [statement.open for statement in incident.words] == [True]
