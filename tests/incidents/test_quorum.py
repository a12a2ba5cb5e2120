"""Whatever is seen by whom: no alert by a minority, one by a majority, none of a moment, and the same in any order."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.moment import NOW
from support.builders.signals import RESOLVERS, Days, controls, minutes, probe
from support.harness.watching import watching

from bot.cards.messages.incident import incidents_card
from bot.cards.render import text as to_text
from bot.incidents.engine import EngineState, step
from bot.model.incidents import OutageState, Phase
from bot.model.signals import Signal
from bot.model.thresholds import Thresholds

PLACES = ("a", "b", "c", "d", "e")
ROUND = timedelta(seconds=10)
SURE = (Phase.CONFIRMED, Phase.MONITORING, Phase.RESOLVED)

paths = st.sets(st.sampled_from(RESOLVERS))
sights = st.dictionaries(st.sampled_from(PLACES), paths, min_size=1)


def seen(bad: dict[str, set[str]], at: datetime) -> list[Signal]:
    """Each place looks through three resolvers; `bad` names those through which it sees it bad."""
    return [
        probe(bad=via in vias, at=at, vantage=place, via=via, source="dns:dynamodb")
        for place, vias in bad.items()
        for via in RESOLVERS
    ]


def outvoted(bad: dict[str, set[str]]) -> bool:
    """Whether those that see it bad through most of their resolvers are no majority."""
    return sum(len(vias) * 2 > len(RESOLVERS) for vias in bad.values()) * 2 <= len(bad)


@settings(max_examples=150, deadline=None)
@given(sights)
def test_a_majority_says_that_it_is_down_and_a_minority_never_does(bad: dict[str, set[str]]) -> None:
    days = Days()
    days.pass_by(minutes(2), lambda at: seen(bad, at))
    sees = {place for place, vias in bad.items() if len(vias) * 2 > len(RESOLVERS)}
    told = [incident for incident in days.state.incidents.values() if incident.phase in SURE]
    assert bool(told) is bool(sees)
    for incident in told:
        assert (incident.outage is OutageState.DOWN) is not outvoted(bad)
        assert not outvoted(bad) or set(incident.seen_from) == sees


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sets(st.sampled_from(RESOLVERS)), min_size=5, max_size=5), min_size=4, max_size=40))
def test_a_minority_that_changes_all_the_time_is_never_down(rounds: list[list[set[str]]]) -> None:
    days = Days()
    for vias in rounds:
        bad = dict(zip(PLACES, vias, strict=True))
        while not outvoted(bad):
            bad[max(bad, key=lambda place: (len(bad[place]), place))] = set()
        days.pass_by(ROUND, lambda at, bad=bad: seen(bad, at))  # type: ignore[misc]
        told = [incident for incident in days.state.incidents.values() if incident.phase in SURE]
        assert all(incident.outage is OutageState.DEGRADED for incident in told)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=120))
def test_bad_rounds_in_a_row_open_and_only_long_calm_closes(rounds: list[bool]) -> None:
    policy, days, row, good_since = Thresholds(), Days(), 0, NOW
    for bad in rounds:
        days.pass_by(ROUND, lambda at, bad=bad: [probe(bad=bad, at=at)])  # type: ignore[misc]
        row = row + 1 if bad else 0
        good_since = days.now if bad else good_since
        sure = [incident for incident in days.state.incidents.values() if incident.phase in SURE]
        if row >= policy.rise:
            assert sure[0].phase is Phase.CONFIRMED
        if sure and sure[0].confirmed_at == days.now and row < policy.rise:
            assert sure[0].outage is OutageState.DEGRADED
        if sure and sure[0].phase is Phase.RESOLVED:
            assert days.now - good_since >= policy.settle
        if sure and days.now - good_since < policy.calm:
            assert sure[0].phase is not Phase.RESOLVED


@settings(max_examples=100, deadline=None)
@given(sights, st.sets(st.sampled_from(PLACES)))
def test_who_is_cut_off_counts_for_nothing(bad: dict[str, set[str]], cut_off: set[str]) -> None:
    """A place whose control group fails sees everything bad: what the others see decides, and without others it is us."""
    places = {**bad, **{place: set(RESOLVERS) for place in cut_off}}

    def at_once(at: datetime) -> list[Signal]:
        group = [
            replace(control, vantage=place, via=via, source=f"dns:{control.provider}")
            for place in places
            for via in RESOLVERS
            for control in controls(at, bad=place in cut_off)
        ]
        return [*seen(places, at), *group]

    days = Days()
    days.pass_by(minutes(2), at_once)
    sure = [incident for incident in days.state.incidents.values() if incident.phase in SURE]
    others = {place: vias for place, vias in bad.items() if place not in cut_off}
    if not others:
        assert [item.ours for item in sure] == [True]
    else:
        down = [item for item in sure if not item.ours and item.outage is OutageState.DOWN]
        assert bool(down) is not outvoted(others)


@settings(max_examples=60, deadline=None)
@given(st.lists(sights, min_size=1, max_size=6), st.integers())
def test_the_order_of_vantage_points_makes_no_difference(rounds: list[dict[str, set[str]]], seed: int) -> None:
    dice, one, other = random.Random(seed), EngineState(), EngineState()  # noqa: S311 - an order, not a secret
    for number, bad in enumerate(rounds):
        now = NOW + number * ROUND
        signals = seen(bad, now)
        mixed = dice.sample(signals, len(signals))
        one, other = step(one, signals, now), step(other, mixed, now)
        assert one == other


async def test_a_way_that_the_control_group_cannot_be_reached_by_is_told_and_is_no_all_clear(tmp_path: Path) -> None:
    def seen(at: datetime) -> list[Signal]:
        by_dns = [replace(control, via="9.9.9.9", source=f"dns:{control.provider}") for control in controls(at)]
        return [probe(at=at), *controls(at, bad=True), *by_dns]

    async with watching(tmp_path) as here:
        await here.pass_by(minutes(3), seen)
        assert all("Our own network is failing" in text for text in here.texts())
        assert here.watch.blind() == (("", ""),)
        card = incidents_card(await here.watch.incidents(), blind=here.watch.blind())
        assert "Monitoring is blind: no connectivity" in to_text.render(card)
        await here.pass_by(minutes(3), lambda at: [probe(bad=False, at=at), *controls(at)])
        assert here.watch.blind() == ()


@pytest.mark.parametrize(("failing", "by"), [(3, "3 resolvers"), (2, "2 resolvers")])
def test_a_name_that_several_resolvers_do_not_know_is_told_once(failing: int, by: str) -> None:
    def seen(at: datetime) -> list[Signal]:
        detail = "zoom.us: DNS name does not exist (NXDOMAIN) (resolver {})"
        rounds = [
            probe("zoom", "", "", at=at, bad=number < failing, via=via, source="dns:zoom.us", detail=detail.format(via))
            for number, via in enumerate(RESOLVERS)
        ]
        return [*controls(at), *rounds]

    days = Days()
    days.pass_by(minutes(2), seen)
    (symptom,) = days.only().symptoms
    assert symptom.startswith(f"zoom.us: DNS name does not exist (NXDOMAIN) ({by}) in ")


def test_what_dns_returned_for_a_host_is_said_once() -> None:
    what = "DNS returned {}, which is no address of a host"

    def seen(at: datetime) -> list[Signal]:
        named = [
            probe("zoom", "", "", at=at, via=via, source="dns:zoom.us", detail=f"zoom.us: {what.format('::')}")
            for via in RESOLVERS
        ]
        refused = f"zoom.us/signin: connection refused; {what.format('0.0.0.0')}"  # noqa: S104 - what DNS returned
        web = probe("zoom", "", "", at=at, source="http:zoom.us:443/signin", detail=refused)
        return [*controls(at), *named, web]

    days = Days()
    days.pass_by(minutes(2), seen)
    shown = "; ".join(days.only().symptoms)
    assert shown.count("no address of a host") == 1
    assert "zoom.us/signin: connection refused in " in shown
