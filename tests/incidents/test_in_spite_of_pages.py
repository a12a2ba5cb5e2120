"""While a page still reports what we see well: what is told, when it closes, and what brings it back."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.builders.signals import Days, minutes, page, probe
from support.harness.office import HOOK
from support.harness.watching import Watching, watch_on, watching

from bot.model import IncidentSeverity, IncidentState, RouteSpec
from bot.model.incidents import Incident, Phase
from bot.model.signals import Signal
from checks import Severity

FIXED, WORKING = IncidentState.MONITORING, IncidentState.INVESTIGATING
MAJOR, CRITICAL = IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL
Seen = Callable[[datetime], Iterable[Signal]]


def stripe(*items: tuple[IncidentState, IncidentSeverity], probes: str = "well", open_there: bool = True) -> Seen:
    """What Stripe's page lists, each with an address of its own, and how our probe of it fares."""

    def seen(at: datetime) -> list[Signal]:
        listed = [
            page(
                "stripe",
                at=at,
                bad=open_there,
                progress=progress,
                severity=severity,
                source=f"statuspage:stripe/{number}",
                url=f"{number}",
            )
            for number, (progress, severity) in enumerate(items)
        ]
        ours = [] if probes == "none" else [probe("stripe", "", "", bad=probes == "bad", at=at)]
        return [*listed, *ours]

    return seen


def reported(days: Days) -> Incident:
    return max(days.state.incidents.values(), key=lambda incident: incident.onset_at)


@pytest.mark.parametrize("probes", ["well", "bad"])
def test_it_closes_an_hour_after_we_saw_it_well_and_says_when(probes: str) -> None:
    days = Days()
    days.pass_by(minutes(10), stripe((WORKING, CRITICAL), probes=probes))
    days.pass_by(minutes(5), stripe((FIXED, CRITICAL)))
    incident = days.only()
    assert (incident.phase, incident.quiet_since is not None) == (Phase.MONITORING, True)
    closes = incident.closes_at
    assert closes is not None
    assert closes == (incident.quiet_since or days.now) + timedelta(hours=1)
    days.pass_by(closes - days.now - minutes(1), stripe((FIXED, CRITICAL)))
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(2), stripe((FIXED, CRITICAL)))
    assert (days.only().phase, days.only().closes_at) == (Phase.RESOLVED, None)


def test_it_stays_open_while_another_item_is_not_fixed() -> None:
    days = Days()
    days.pass_by(timedelta(hours=3), stripe((FIXED, CRITICAL), (WORKING, MAJOR)))
    assert days.only().phase is Phase.CONFIRMED


def test_an_item_whose_fix_failed_is_open_again() -> None:
    days = Days()
    days.pass_by(minutes(10), stripe((WORKING, CRITICAL)))
    days.pass_by(timedelta(hours=2), stripe((FIXED, CRITICAL)))
    assert days.only().phase is Phase.RESOLVED
    days.pass_by(timedelta(hours=5), stripe((FIXED, CRITICAL)))
    assert days.only().phase is Phase.RESOLVED
    days.pass_by(minutes(10), stripe((WORKING, CRITICAL)))
    again = reported(days)
    assert (again.phase, days.now - again.onset_at < minutes(10)) == (Phase.CONFIRMED, True)


def test_what_we_saw_end_ourselves_is_not_brought_back_by_the_page_alone() -> None:
    days = Days()
    days.pass_by(minutes(5), stripe((WORKING, CRITICAL), probes="bad"))
    days.pass_by(timedelta(hours=5), stripe((WORKING, CRITICAL)))
    assert [incident.phase for incident in days.state.incidents.values()] == [Phase.RESOLVED]


@pytest.mark.parametrize("severity", [MAJOR, CRITICAL])
@pytest.mark.parametrize("first", [True, False])
def test_an_overruled_item_hides_no_other_one(severity: IncidentSeverity, *, first: bool) -> None:
    days = Days()
    days.pass_by(minutes(10), stripe((WORKING, CRITICAL)))
    days.pass_by(timedelta(hours=2), stripe((FIXED, CRITICAL)))
    assert days.only().phase is Phase.RESOLVED

    def seen(at: datetime) -> list[Signal]:
        new = page(
            "stripe",
            at=at,
            progress=WORKING,
            severity=severity,
            source="statuspage:stripe/" + ("!" if first else "z"),
            url="new",
        )
        return [new, *stripe((FIXED, CRITICAL))(at)]

    days.pass_by(minutes(10), seen)
    incident = reported(days)
    assert incident.phase is Phase.CONFIRMED
    assert [(word.url, word.severity) for word in incident.words] == [("new", severity)]


def test_our_own_alert_closes_a_quarter_of_an_hour_after_its_end_and_says_so() -> None:
    def alert(*, firing: bool) -> Seen:
        return lambda at: [probe("stripe", "", "", bad=firing, at=at, kind="hook", source="hook:mine", severity=MAJOR)]

    days = Days()
    days.pass_by(minutes(5), alert(firing=True))
    days.pass_by(timedelta(seconds=10), alert(firing=False))
    ended = days.now
    days.pass_by(minutes(5), lambda _: [])
    assert days.only().closes_at == ended + minutes(15)
    days.pass_by(minutes(10), lambda _: [])
    assert days.only().phase is Phase.RESOLVED


async def test_the_end_of_a_page_is_told_as_past_and_as_severe_as_it_was(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), stripe((WORKING, CRITICAL), probes="none"))
        await here.pass_by(minutes(1.5), stripe((WORKING, CRITICAL), probes="none", open_there=False))
        incident = await here.only()
        assert (incident.phase, incident.severity) == (Phase.CONFIRMED, Severity.HIGH)
        assert here.texts() == ["High: Stripe reported an incident: checkout possibly affected."]
        await here.pass_by(minutes(61), stripe((WORKING, CRITICAL), probes="none", open_there=False))
        assert (await here.only()).phase is Phase.RESOLVED


def _told(here: Watching) -> list[tuple[str, str]]:
    return [
        (post.json["incident"]["reason"], post.json["title"].partition(":")[0]) for post in here.office.hook.received
    ]


async def test_who_gets_no_edits_hears_that_we_see_it_well(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.watch = watch_on(here.office, here.known, routes=(RouteSpec("webhook", HOOK),))
        await here.pass_by(minutes(5), stripe((WORKING, CRITICAL), probes="bad"))
        await here.pass_by(minutes(14), stripe((FIXED, CRITICAL)))
        assert _told(here) == [("opened", "Critical")]
        await here.pass_by(minutes(2), stripe((FIXED, CRITICAL)))
        told = here.office.hook.received[-1].json
        assert told["incident"]["state"] == "firing"
        assert "We saw:     no answer in" in told["text"]
        said = " ".join(told["text"].split())
        assert "probes succeed, closing at 23 Nov 2026, 10:05 UTC; the status page still reports it" in said
        await here.pass_by(minutes(46), stripe((FIXED, CRITICAL)))
        assert _told(here) == [("opened", "Critical"), ("recovering", "Recovering"), ("resolved", "Resolved")]


async def test_who_gets_no_edits_hears_once_that_it_comes_and_goes(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.watch = watch_on(here.office, here.known, routes=(RouteSpec("webhook", HOOK),))
        for _ in range(9):
            await here.pass_by(minutes(4), stripe(probes="bad"))
            await here.pass_by(minutes(4), stripe())
        titles = [post.json["title"] for post in here.office.hook.received]
        assert titles == ["Critical: Stripe is failing"] * 2 + ["Critical: Stripe is failing, on and off"]
