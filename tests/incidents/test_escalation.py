import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders.moment import NOW, seen, service
from support.builders.resources import datastore
from support.builders.signals import minutes
from support.harness.watching import Watching, broken, watch_on, watching, well

from bot.incidents.escalation import with_escalation
from bot.model.estate import Estate
from bot.model.incidents import Affected, Incident, Phase
from checks import Fate, Scope, Seen

NEXT = ("platform", "board")


def again(here: Watching) -> Watching:
    """The watch after a restart, on the same ledger."""
    return Watching(here.office, watch_on(here.office, here.known, escalate_to=NEXT), here.known)


async def told(here: Watching) -> list[tuple[str, str]]:
    """Each alert that was sent, by audience and why."""
    found: list[tuple[str, str]] = []
    for audience in ("payments", *NEXT):
        receipts = await here.office.ledger.receipts(audience=audience, limit=1000)
        first = (
            receipt.message for receipt in receipts if receipt.outcome == "sent" and receipt.message.endswith(":1:1")
        )
        found += [(audience, message.split(":")[3]) for message in first]
    return found


async def test_it_goes_from_audience_to_audience_over_restarts_and_to_each_once(tmp_path: Path) -> None:
    opened = [(name, "opened") for name in ("payments", *NEXT)]
    async with watching(tmp_path, escalate_to=NEXT) as here:
        await here.pass_by(minutes(10), broken)
        assert await told(here) == opened[:1]
        second = again(here)
        await second.pass_by(minutes(6), broken)
        assert await told(here) == opened[:2]
        third = again(here)
        await third.pass_by(minutes(13), broken)
        assert await told(here) == opened[:2]
        await third.pass_by(minutes(3), broken)
        assert await told(here) == opened
        fourth = again(here)
        await fourth.pass_by(minutes(20), broken)
        assert await told(here) == opened
        assert (await fourth.only()).handling.escalated_to == NEXT


@pytest.mark.parametrize("first", ["acknowledge", "tick"])
async def test_an_acknowledgement_in_the_very_moment_stops_it_or_comes_after_it(tmp_path: Path, first: str) -> None:
    async with watching(tmp_path, escalate_to=NEXT) as here:
        await here.pass_by(minutes(15), broken)
        one = await here.only()
        here.office.clock.at = (one.confirmed_at or one.onset_at) + minutes(15)
        for signal in broken(here.now):
            here.watch.observe(signal)
        race = [here.watch.acknowledge(one.id, "Ada"), here.watch.evaluate()]
        await asyncio.gather(*(race if first == "acknowledge" else reversed(race)))
        await here.pass_by(minutes(40), broken)
        lines = [line.text for line in (await here.only()).timeline if line.kind in ("person", "told")]
        if lines[0] == "Ada acknowledged the incident":
            assert lines == ["Ada acknowledged the incident"]
            assert await told(here) == [("payments", "opened")]
        else:
            assert lines == ["escalated to platform: nobody has acknowledged", "Ada acknowledged the incident"]
            assert await told(here) == [("payments", "opened"), ("platform", "opened")]


async def test_whoever_is_told_later_sees_who_is_on_it(tmp_path: Path) -> None:
    async with watching(tmp_path, escalate_to=NEXT) as here:
        await here.pass_by(minutes(17), broken)
        await here.watch.acknowledge((await here.only()).id, "Ada")
        await here.pass_by(minutes(1), broken)
        alerts = here.office.slack.top("payments")
        assert len(alerts) == 2
        assert all("acknowledged by Ada" in str(alert["blocks"]) for alert in alerts)


async def test_who_took_on_what_is_over_is_not_taken_to_be_on_it_when_it_comes_back(tmp_path: Path) -> None:
    async with watching(tmp_path, escalate_to=NEXT) as here:
        await here.pass_by(minutes(5), broken)
        await here.watch.acknowledge((await here.only()).id, "Ada")
        await here.pass_by(minutes(40), well)
        assert not (await here.only()).open
        await here.pass_by(minutes(5), broken)
        one = await here.only()
        assert (one.wave, one.handling.acknowledged_by) == (2, "")
        assert one.handling.escalated_to == (), "the next audience waits anew"
        await here.pass_by(minutes(12), broken)
        assert (await here.only()).handling.escalated_to == NEXT[:1]


async def test_what_may_hit_tier_1_goes_on_to_the_next_audience_as_well(tmp_path: Path) -> None:
    blog = seen(datastore(product="dynamodb", replica_regions=()), of=service("blog", tier=4))
    async with watching(tmp_path, Estate((Seen(service("checkout")), blog)), escalate_to=NEXT) as here:
        await here.pass_by(minutes(17), broken)
        one = await here.only()
        assert {hit.service: hit.fate for hit in one.affected} == {"blog": Fate.DOWN, "checkout": Fate.UNKNOWN}
        assert one.handling.escalated_to == NEXT[:1]


def test_what_is_not_worth_an_alert_escalates_only_once_it_is_and_then_anew() -> None:
    small = Incident(
        "i1",
        Phase.CONFIRMED,
        "Stripe reports an incident",
        (Scope("stripe"),),
        NOW,
        NOW,
        confirmed_at=NOW,
        affected=(Affected("checkout", 1, Fate.UNKNOWN, audience="payments"),),
        worth_alert=False,
    )
    incident = small
    for minute in range(1, 100):
        incident = with_escalation(incident, NEXT, minutes(15), NOW + minutes(minute))
    assert incident.handling.escalated_to == ()
    assert [entry.text for entry in incident.timeline] == ["below the alert level: nobody is notified"]
    incident, told = replace(incident, worth_alert=True), dict[int, tuple[str, ...]]()
    for minute in range(100, 135):
        incident = with_escalation(incident, NEXT, minutes(15), NOW + minutes(minute))
        told[minute] = incident.handling.escalated_to
    assert (told[114], told[115], told[129], told[130]) == ((), NEXT[:1], NEXT[:1], NEXT)
