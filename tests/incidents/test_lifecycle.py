from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.moment import NOW
from support.builders.signals import RESOLVERS, Days, controls, minutes, page, probe

from bot.incidents.engine import OWN_NETWORK, EngineState, step
from bot.model import IncidentSeverity
from bot.model.incidents import OutageState, Phase
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import Health, Signal
from checks import Scope

DYNAMO = Scope("aws", "us-east-1", "dynamodb")


def dns(at: datetime, *bad: str) -> list[Signal]:
    return [probe(bad=name in bad, at=at, via=name, source="dns:dynamodb") for name in RESOLVERS]


def test_three_bad_rounds_are_told_to_nobody() -> None:
    days = Days()
    days.pass_by(timedelta(seconds=30), lambda at: [probe(at=at)])
    assert not any(incident.phase is not Phase.SUSPECTED for incident in days.state.incidents.values())
    days.pass_by(minutes(5), lambda at: [probe(bad=False, at=at)])
    assert days.phases == [Phase.SUSPECTED]
    assert not days.state.incidents


def test_four_bad_rounds_confirm() -> None:
    days = Days()
    days.pass_by(timedelta(seconds=40), lambda at: [probe(at=at)])
    one = days.only()
    assert one.phase is Phase.CONFIRMED
    assert one.title == "DynamoDB is failing in us-east-1"
    assert one.onset_at == NOW + timedelta(seconds=10)
    assert one.detected_after == timedelta(seconds=30)
    assert one.evidence == ("no answer",)


@pytest.mark.parametrize(("bad", "confirmed"), [(RESOLVERS[:1], False), (RESOLVERS[:2], True), (RESOLVERS, True)])
def test_most_resolvers_must_agree(bad: tuple[str, ...], confirmed: bool) -> None:
    days = Days()
    days.pass_by(minutes(10), lambda at: dns(at, *bad))
    assert bool(days.state.incidents) is confirmed


def test_what_one_of_two_vantage_points_sees_is_degraded_and_says_who_sees_it() -> None:
    def seen(at: datetime) -> list[Signal]:
        return [probe(at=at, vantage="a"), probe(bad=False, at=at, vantage="b")]

    days = Days()
    days.pass_by(minutes(1), seen)
    assert not any(phase is Phase.CONFIRMED for phase in days.phases)
    days.pass_by(minutes(9), seen)
    partial = days.only()
    assert (partial.phase, partial.outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    assert (partial.seen_from, partial.not_seen_from) == (("a",), ("b",))


def test_when_the_control_group_fails_too_it_is_us() -> None:
    days = Days()
    days.pass_by(minutes(3), lambda at: [probe(at=at), *controls(at, bad=True)])
    one = days.only()
    assert one.ours
    assert one.scopes == (OWN_NETWORK,)
    assert one.title == "Our own network is failing"
    days.pass_by(minutes(30), lambda at: [probe(bad=False, at=at), *controls(at)])
    assert days.only().phase is Phase.RESOLVED


def test_a_resolver_that_fails_for_everybody_counts_for_nothing() -> None:
    def seen(at: datetime) -> list[Signal]:
        group = [
            probe(name, "", "", bad=via in RESOLVERS[:2], at=at, control=True, via=via, source=f"dns:{name}")
            for name in ("example", "wikipedia")
            for via in RESOLVERS
        ]
        return [*dns(at, *RESOLVERS[:2]), *group]

    days = Days()
    days.pass_by(minutes(10), seen)
    assert not days.state.incidents
    assert days.state.blind == {("", RESOLVERS[0]), ("", RESOLVERS[1])}


def test_it_is_over_only_after_sustained_success() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    days.pass_by(minutes(3), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(11), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(5), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.RESOLVED


def test_silence_is_no_success() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    days.pass_by(timedelta(hours=3), lambda _: [])
    assert days.only().phase is Phase.CONFIRMED


def test_a_providers_word_alone_closes_nothing() -> None:
    days = Days()
    both = [True]
    days.pass_by(minutes(10), lambda at: [probe(at=at), page("aws", "us-east-1", "dynamodb", bad=both[0], at=at)])
    both[0] = False
    days.pass_by(timedelta(hours=3), lambda at: [probe(at=at), page("aws", "us-east-1", "dynamodb", bad=False, at=at)])
    one = days.only()
    assert one.phase is Phase.CONFIRMED
    assert [word.open for word in one.words] == [False]
    assert any("AWS status page: resolved" in line.text for line in one.timeline)


def test_what_we_see_well_is_over_in_time_although_the_provider_says_that_it_goes_on() -> None:
    def both(at: datetime, *, bad: bool = False) -> list[Signal]:
        return [probe(bad=bad, at=at), page("aws", "us-east-1", "dynamodb", at=at)]

    days = Days()
    days.pass_by(minutes(10), lambda at: both(at, bad=True))
    days.pass_by(minutes(50), both)
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(30), both)
    closed = days.only()
    assert closed.phase is Phase.RESOLVED
    assert closed.timeline[-1].text.endswith("although the provider's incident is still open")
    days.pass_by(timedelta(hours=20), both, minutes(1))
    assert [wave for _, _, _, wave in days.history if wave > 1] == []
    days.pass_by(minutes(3), lambda at: both(at, bad=True))
    assert [incident.phase for incident in days.state.incidents.values() if incident.open] == [Phase.CONFIRMED]


def test_a_failure_long_after_the_last_end_is_an_incident_of_its_own() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    days.pass_by(timedelta(hours=8), lambda at: [probe(bad=False, at=at)])
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    again = days.only()
    assert (again.phase, again.wave) == (Phase.CONFIRMED, 1)
    assert again.lasted(days.now) <= minutes(5)
    assert again.down_for(days.now) <= minutes(5)


@pytest.mark.parametrize("pause", [minutes(5), minutes(100)])
def test_a_new_wave_belongs_to_the_same_incident(pause: timedelta) -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(at=at)])
    days.pass_by(pause, lambda at: [probe(bad=False, at=at)])
    began = days.now
    days.pass_by(minutes(2), lambda at: [probe(at=at, service="sqs"), probe(bad=False, at=at)])
    one = days.only()
    assert (one.phase, one.wave) == (Phase.CONFIRMED, 2)
    assert set(one.scopes) == {DYNAMO, Scope("aws", "us-east-1", "sqs")}
    again = next(since for since, _, phase, wave in days.history if wave == 2 and phase is Phase.CONFIRMED)
    assert NOW + again - began <= minutes(5)


def test_what_flaps_takes_longer_each_time() -> None:
    days = Days()
    for _ in range(5):
        days.pass_by(minutes(3), lambda at: [probe(at=at)])
        days.pass_by(minutes(6), lambda at: [probe(bad=False, at=at)])
    assert days.only().flapping
    days.pass_by(minutes(60), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(60), lambda at: [probe(bad=False, at=at)])
    assert days.only().phase is Phase.RESOLVED


def test_a_page_that_changes_its_word_for_days_keeps_the_beginning_and_the_newest() -> None:
    days = Days()
    words = count()
    days.pass_by(
        minutes(400), lambda at: [probe(at=at), page("aws", "us-east-1", "dynamodb", bad=next(words) % 6 < 3, at=at)]
    )
    one = days.only()
    assert len(one.timeline) == 300
    assert "seen" in {moment.kind for moment in one.timeline[:5]}
    assert days.now - one.timeline[-1].at < minutes(3)


def test_announced_maintenance_opens_nothing() -> None:
    window = MaintenanceWindow(DYNAMO, NOW, NOW + timedelta(hours=1), "patching")
    days = Days(windows=(window,))
    days.pass_by(minutes(50), lambda at: [probe(at=at)])
    assert not days.state.incidents
    days.pass_by(minutes(12), lambda at: [probe(at=at)])
    assert days.only().phase is Phase.CONFIRMED


def test_a_maintenance_of_months_excuses_nothing() -> None:
    window = MaintenanceWindow(Scope("aws"), NOW - timedelta(days=30), NOW + timedelta(days=30))
    days = Days(windows=(window,))
    days.pass_by(minutes(2), lambda at: [probe(at=at)])
    assert days.only().phase is Phase.CONFIRMED


def test_a_storm_is_one_incident_that_names_the_cloud() -> None:
    names = [f"saas{number:02}" for number in range(40)]
    hosted: dict[str, tuple[str, ...]] = dict.fromkeys(names[:15], ("aws/us-east-1",))
    days = Days(runs_on=hosted | {names[39]: ("gcp",)})

    def seen(at: datetime) -> list[Signal]:
        red = int((at - NOW) / timedelta(seconds=1.5))
        return [*[page(name, at=at) for name in names[:red]], probe(at=at)]

    days.pass_by(minutes(5), seen)
    storm, other = sorted(days.state.incidents.values(), key=lambda incident: len(incident.scopes), reverse=True)
    assert storm.cause == Scope("aws", "us-east-1")
    assert "known to run on AWS" in storm.cause_why
    assert {scope.provider for scope in storm.scopes} == {"aws", *names[:39]}
    assert storm.title == "AWS us-east-1 is failing; saas00, saas01, saas02 and 36 more fail with it"
    assert other.scopes == (Scope(names[39]),)
    assert len({name for _, name, phase, _ in days.history if phase is Phase.CONFIRMED}) == 2


def test_a_storm_without_a_known_cause_says_so() -> None:
    days = Days()
    days.pass_by(minutes(4), lambda at: [page(f"saas{number}", at=at) for number in range(8)])
    one = days.only()
    assert one.cause is None
    assert one.cause_why.endswith("their common cause is unknown")
    assert one.title == "saas0, saas1, saas2 and 5 more report incidents"


observations = st.lists(
    st.builds(
        probe,
        provider=st.sampled_from(("aws", "stripe", "slack")),
        region=st.sampled_from(("", "us-east-1")),
        bad=st.booleans(),
        kind=st.sampled_from(("probe", "feed")),
        via=st.sampled_from(RESOLVERS),
        source=st.sampled_from(("dns", "https", "page")),
        at=st.integers(-60, 0).map(lambda back: NOW + timedelta(seconds=back)),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(observations, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_signals_makes_no_difference(rounds: list[list[Signal]], random: object) -> None:
    one, other = EngineState(), EngineState()
    for number, signals in enumerate(rounds):
        now = NOW + number * minutes(1)
        mixed = list(signals)
        random.shuffle(mixed)  # type: ignore[attr-defined]
        one = step(one, signals, now)
        other = step(other, mixed, now)
        assert one.incidents == other.incidents


def test_of_what_a_provider_says_of_several_parts_the_gravest_is_its_word() -> None:
    def said(at: datetime) -> list[Signal]:
        grades = {"cloudwatch": "minor", "dynamodb": "critical", "lambda": "major"}
        return [
            page("aws", "us-east-1", part, at=at, detail=f"{part} is ill", severity=IncidentSeverity(grade))
            for part, grade in grades.items()
        ]

    days = Days()
    days.pass_by(minutes(3), said)
    [word] = days.only().words
    assert (word.severity, word.title) == (IncidentSeverity.CRITICAL, "dynamodb is ill")


def test_what_looked_bad_while_our_own_network_was_dead_does_not_count_when_it_is_back() -> None:
    days = Days()
    days.pass_by(minutes(3), lambda at: [probe(at=at), *controls(at, bad=True)])
    days.pass_by(timedelta(seconds=20), controls)  # the control group is looked at first
    days.pass_by(timedelta(seconds=20), lambda at: [probe(at=at), *controls(at)])
    assert {incident.id for incident in days.state.incidents.values() if incident.phase is not Phase.SUSPECTED} == {
        incident.id for incident in days.state.incidents.values() if incident.ours
    }
    days.pass_by(minutes(1), lambda at: [probe(at=at), *controls(at)])
    assert Phase.CONFIRMED in {incident.phase for incident in days.state.incidents.values() if not incident.ours}


def _at(seen: tuple[Signal, ...], at: datetime) -> list[Signal]:
    return [replace(seen_service, at=at) for seen_service in seen]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((Health.BAD, Health.GOOD, Health.UNKNOWN, None)), min_size=1, max_size=200))
def test_it_never_closes_without_sustained_success(states: list[Health | None]) -> None:
    """A single failed round between good ones is noise: with ten targets and 1 % of it there is one in every other minute."""
    days = Days()
    days.pass_by(minutes(2), lambda at: [probe(at=at)])
    good_since, before = None, None
    for state in states:
        seen = () if state is None else (probe(state=state),)
        days.pass_by(minutes(1), partial(_at, seen), minutes(1))
        alone = state is Health.BAD and before is Health.GOOD
        if state is Health.GOOD:
            good_since = good_since or days.now
        elif not alone and (state is not None or days.only().calm_since is None):
            good_since = None
        before = state
        if days.only().phase is Phase.RESOLVED:
            assert good_since is not None
            assert days.now - good_since >= minutes(14)
