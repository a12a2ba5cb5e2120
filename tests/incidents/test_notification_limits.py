"""However an incident goes up and down: few new messages, and an end for whoever was told the beginning."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.moment import NOW
from support.builders.signals import minutes, probe
from support.harness.watching import estate

from bot.incidents.engine import EngineState, step, with_affected_services
from bot.incidents.notifier import Notifier
from bot.incidents.routing import AudienceRouting
from bot.model import Audience, Message, RouteSpec
from bot.model.incidents import Affected, Incident, OutageState, Phase, Response
from bot.model.notifications import NotificationReason
from bot.model.signals import Signal
from checks import Fate, Scope, Severity

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
ROUTING = AudienceRouting({name: Audience(name, (RouteSpec("slack", "slack:#p"),)) for name in ("payments", "ops")})
DOWN = Affected("checkout", 1, Fate.DOWN, audience="payments")
FAILING = Incident(
    "aws-1", Phase.CONFIRMED, "DynamoDB is failing", (Scope("aws"),), NOW, NOW, Severity.CRITICAL, affected=(DOWN,)
)


@dataclass
class Told:
    """What a notifier sends as incidents change: new messages, and edits."""

    notifier: Notifier = field(default_factory=lambda: Notifier(ROUTING))
    new: list[tuple[datetime, Message]] = field(default_factory=list)
    edits: list[tuple[datetime, Message]] = field(default_factory=list)

    def see(self, incidents: Iterable[Incident], now: datetime) -> None:
        plan = self.notifier.due(incidents, now)
        self.notifier.sent(plan)
        for post in plan.posts:
            if not post.message.under:
                (self.edits if post.message.replaces else self.new).append((now, post.message))

    def again(self) -> None:
        """As after a restart."""
        states = list(self.notifier._states.values())  # noqa: SLF001 - what the ledger would give back
        self.notifier = Notifier(ROUTING)
        self.notifier.load(states)

    @property
    def reasons(self) -> list[str]:
        return [message.reason for _, message in self.new]

    def check(self) -> None:
        times = [at for at, _ in self.new]
        for at in times:
            assert sum(at <= other < at + AN_HOUR for other in times) <= 3, times
            assert sum(at <= other < at + A_DAY for other in times) <= 8, times
        ends = [message.reason == NotificationReason.RESOLVED for _, message in self.new]
        assert not any(first and second for first, second in pairwise(ends)), "no end is told twice"


def flapping(lengths: list[int], total: timedelta) -> Iterator[tuple[timedelta, bool]]:
    """Rounds of half a minute, up and down for these minutes in turn; then well for six hours."""
    spent, number, bad = timedelta(0), 0, True
    while spent < total:
        for _ in range(lengths[number % len(lengths)] * 2):
            yield timedelta(seconds=30), bad
        spent += minutes(lengths[number % len(lengths)])
        number, bad = number + 1, not bad
    for _ in range(12 * 60):
        yield timedelta(seconds=30), False


def live(rounds: Iterable[tuple[timedelta, bool]], observe: Callable[[datetime, bool], Signal]) -> Told:
    """The engine and the notifier through all rounds."""
    told, state, now, known = Told(), EngineState(), NOW, estate()
    for passed, bad in rounds:
        now += passed
        state = step(state, [observe(now, bad)], now)
        incidents = {
            name: with_affected_services(incident, known, now)
            if incident.open and incident.phase is not Phase.SUSPECTED
            else incident
            for name, incident in state.incidents.items()
        }
        state = replace(state, incidents=incidents)
        told.see(incidents.values(), now)
    assert all(not incident.open for incident in state.incidents.values())
    return told


@settings(max_examples=2, deadline=None)
@given(st.lists(st.integers(2, 5), min_size=2, max_size=8))
def test_what_flaps_for_a_day_is_one_message_now_and_then_and_one_end(lengths: list[int]) -> None:
    told = live(flapping(lengths, A_DAY), lambda at, bad: probe(at=at, bad=bad))
    told.check()
    assert told.reasons.count("opened") == told.reasons.count("resolved") == 1
    assert told.reasons[-1] == "resolved"
    assert told.edits


@settings(max_examples=2, deadline=None)
@given(st.integers(2, 15))
def test_an_alert_every_20_minutes_for_a_day(firing: int) -> None:
    told = live(
        flapping([firing, 20 - firing], A_DAY),
        lambda at, bad: probe(
            at=at, bad=bad, kind="hook", source="hook:prometheus", detail="prometheus: HighErrorRate"
        ),
    )
    told.check()
    assert told.reasons.count("opened") == 1
    assert told.reasons.count("resolved") <= 2, "the first pause may be long enough for an end of its own"
    assert told.reasons[-1] == "resolved"


PHASES: dict[str, dict[str, Any]] = {
    "down": {"phase": Phase.CONFIRMED},
    "better": {"phase": Phase.MONITORING},
    "over": {"phase": Phase.RESOLVED},
    "worse": {"severity": Severity.CRITICAL},
    "milder": {"severity": Severity.MEDIUM},
    **{
        f"tier 2 {name}": {"affected": (DOWN, Affected(f"billing-{name}", 2, Fate.DOWN, audience="payments"))}
        for name in "abcd"
    },
    "tier 2 no more": {"affected": (DOWN,)},
    "small": {"worth_alert": False},
    "big": {"worth_alert": True},
    "muted": {"handling": Response(muted_until=NOW + A_DAY)},
    "heard": {"handling": Response()},
}


def changed(incident: Incident, what: str, now: datetime) -> Incident:
    """The incident after one of `PHASES`; only what the engine could do."""
    after = replace(incident, **PHASES[what], updated_at=now)
    if what == "down" and incident.phase is not Phase.CONFIRMED:
        after = replace(after, wave=incident.wave + 1, flapping=incident.wave >= 2, resolved_at=None)
    if what == "over":
        after = replace(after, resolved_at=incident.resolved_at or now)
    return after


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PHASES)), st.integers(1, 25)), min_size=5, max_size=60), st.booleans())
def test_whatever_happens_the_limits_hold_and_whoever_was_told_the_beginning_is_told_the_end(
    happenings: list[tuple[str, int]], restarts: bool
) -> None:
    told, incident, now = Told(), FAILING, NOW
    told.see([incident], now)
    for what, pause in [*happenings, ("over", 30), ("over", 30)]:
        # Nothing ends within a quarter of an hour after it failed.
        now += minutes(pause if what != "over" else pause + 30)
        incident = changed(incident, what, now)
        told.see([incident], now)
        if restarts:
            told.again()
    told.check()
    assert told.reasons.count("opened") == 1
    assert told.reasons[-1] == "resolved"
    last = told.notifier._states["aws-1", "payments"]  # noqa: SLF001 - what the ledger keeps
    assert not last.open


def reasons(*states: tuple[float, Incident]) -> list[str]:
    """The new messages of an incident that is so at these minutes."""
    told = Told()
    for at, incident in states:
        told.see([incident], NOW + minutes(at))
    return told.reasons


def hit(*services: Affected) -> Incident:
    return replace(FAILING, affected=services)


MUTED = Response(muted_until=NOW + timedelta(hours=2))
BILLING = Affected("billing", 2, Fate.DOWN, audience="payments")


def test_a_service_that_is_newly_hit_while_it_is_muted_is_told_once() -> None:
    muted, more = replace(FAILING, handling=MUTED), replace(hit(DOWN, BILLING), handling=MUTED)
    assert reasons((0, FAILING), (5, muted), (6, more), (7, more), (20, more)) == ["opened", "worse"]


def test_what_was_possible_and_is_down_now_is_newly_hit() -> None:
    possible = replace(BILLING, fate=Fate.UNKNOWN)
    before = replace(hit(DOWN, possible), handling=MUTED)
    after = replace(before, affected=(DOWN, BILLING))
    assert reasons((0, hit(DOWN, possible)), (5, before), (9, before), (10, after)) == ["opened", "worse"]


def test_a_mute_holds_back_everything_else() -> None:
    muted = replace(FAILING, handling=MUTED)
    again = replace(muted, wave=2)
    milder = replace(FAILING, severity=Severity.HIGH)
    assert reasons((0, milder), (5, muted), (6, again)) == ["opened"]
    over = replace(again, phase=Phase.RESOLVED, resolved_at=NOW + minutes(30))
    assert reasons((0, milder), (5, muted), (30, over)) == ["opened", "resolved"]


def test_from_reported_to_down_is_a_new_message() -> None:
    reported = replace(
        FAILING, severity=Severity.MEDIUM, outage=OutageState.REPORTED, affected=(replace(DOWN, fate=Fate.UNKNOWN),)
    )
    assert reasons((0, reported), (5, FAILING)) == ["opened", "worse"]


def test_a_report_that_becomes_a_little_more_severe_is_an_edit() -> None:
    possible = (replace(DOWN, fate=Fate.UNKNOWN),)
    reported = replace(FAILING, severity=Severity.LOW, outage=OutageState.REPORTED, affected=possible)
    assert reasons((0, reported), (5, replace(reported, severity=Severity.MEDIUM))) == ["opened"]
    assert reasons((0, reported), (5, replace(reported, severity=Severity.HIGH))) == ["opened", "worse"]


def test_the_limit_holds_nothing_back_that_takes_a_tier_1_service_down_for_the_first_time() -> None:
    names = [f"tier-2-{number}" for number in range(4)]
    services = [replace(BILLING, service=name) for name in names]
    states = [(number * 3, hit(*services[: number + 1])) for number in range(4)]
    assert reasons(*states) == ["opened", "worse"]
    assert reasons(*states, (13, hit(*services, DOWN))) == ["opened", "worse", "worse"]
    gone = replace(FAILING, affected=tuple(services))
    assert reasons(*states, (13, hit(*services, DOWN)), (14, gone), (15, hit(*services, DOWN))) == [
        "opened",
        "worse",
        "worse",
    ]


def test_what_was_held_back_is_told_once_there_is_room() -> None:
    more = [hit(*(replace(BILLING, service=name) for name in "abc"[:number])) for number in (1, 2, 3)]
    told = Told()
    for at, incident in ((0, more[0]), (5, more[1]), (10, more[2]), (12, more[2])):
        told.see([incident], NOW + minutes(at))
    assert told.reasons == ["opened", "worse"]
    assert "c" in str(told.edits[-1][1].card), "the message in place says it at once"
    told.see([more[2]], NOW + minutes(61))
    assert told.reasons == ["opened", "worse", "worse"]


@pytest.mark.parametrize("restarts", [False, True])
def test_what_is_not_worth_an_alert_is_told_when_it_is(*, restarts: bool) -> None:
    small = replace(FAILING, worth_alert=False, severity=Severity.LOW, outage=OutageState.REPORTED)
    told, over = Told(), replace(FAILING, phase=Phase.RESOLVED, resolved_at=NOW + minutes(90))
    for at, incident, expected in (
        (0, small, []),
        (60, FAILING, ["opened"]),
        (70, replace(small, wave=2), ["opened"]),
        (90, replace(over, worth_alert=False), ["opened", "resolved"]),
        (95, replace(over, worth_alert=False), ["opened", "resolved"]),
    ):
        told.see([incident], NOW + minutes(at))
        assert told.reasons == expected
        if restarts:
            told.again()


def test_what_was_never_worth_an_alert_has_no_end_either() -> None:
    small = replace(FAILING, worth_alert=False)
    assert reasons((0, small), (60, replace(small, phase=Phase.RESOLVED, resolved_at=NOW + minutes(60)))) == []


def test_our_own_network_is_told_to_the_admins_once_and_quietly() -> None:
    told = Told(Notifier(replace(ROUTING, admins="ops", currency="EUR")))
    ours = replace(FAILING, ours=True, affected=(), severity=Severity.LOW)
    for at, incident in (
        (0, ours),
        (5, replace(ours, wave=2, severity=Severity.HIGH)),
        (40, replace(ours, phase=Phase.RESOLVED, resolved_at=NOW + minutes(40))),
    ):
        told.see([incident], NOW + minutes(at))
    assert [(message.audience, message.reason) for _, message in told.new] == [("ops", "opened"), ("ops", "resolved")]
    assert {(message.priority.value, message.card["tone"]) for _, message in told.new} <= {
        ("report", "warning"),
        ("report", "good"),
        ("report", "neutral"),
    }
    assert "EUR" not in str([message.card for _, message in told.new])


def test_own_trouble_that_comes_and_goes_is_not_told_each_time() -> None:
    told = Told()
    for number in range(24 * 3):
        at = NOW + minutes(20 * number)
        ours = replace(FAILING, id=f"our-own-network-{number}", ours=True, affected=(), onset_at=at)
        told.see([ours], at)
        told.see([replace(ours, phase=Phase.RESOLVED, resolved_at=at + minutes(18))], at + minutes(18))
    payments = Told(new=[(at, message) for at, message in told.new if message.audience == "payments"])
    times = [at for at, _ in payments.new]
    assert all(sum(at <= other < at + AN_HOUR for other in times) <= 3 for at in times)
    assert all(sum(at <= other < at + A_DAY for other in times) <= 8 for at in times)
    assert payments.reasons.count("opened") == payments.reasons.count("resolved")


def test_a_merged_incident_is_not_ended_again_after_a_restart() -> None:
    told = Told()
    told.see([FAILING], NOW)
    told.again()
    part = replace(FAILING, phase=Phase.RESOLVED, resolved_at=NOW + minutes(5), part_of="aws-2")
    told.see([part], NOW + minutes(6))
    assert told.reasons == ["opened"]


def test_what_is_found_out_bit_by_bit_is_one_message_and_its_edits() -> None:
    """Medium, high and critical within a quarter of a minute: probes fail one after another."""
    tier_2, told = replace(DOWN, tier=2), Told()
    for after, severity in ((0, Severity.MEDIUM), (5, Severity.HIGH), (15, Severity.CRITICAL), (50, Severity.CRITICAL)):
        worse = replace(FAILING, severity=severity, affected=(tier_2,))
        told.see([worse], NOW + timedelta(seconds=after))
    assert told.reasons == ["opened", "worse"]
    assert [at - NOW for at, _ in told.new] == [timedelta(0), timedelta(seconds=50)]
