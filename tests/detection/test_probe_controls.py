"""A failure never travels alone: the control group is probed at the same moment, and its signals come first."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from support.builders.posts import ManualClock
from support.builders.signals import probe as signal
from support.fakes.dns import FakeDns
from support.harness.loopback import closed_port

from bot.detection.probes.controls import GAP, ControlGroup, call_beside
from bot.detection.probes.ipv6 import Ipv6Path, ipv6_twins
from bot.detection.probes.probe import Probe, ProbeAnswer
from bot.detection.probes.prober import Prober
from bot.detection.probes.web import WebProber
from bot.model.signals import Health, Signal
from checks import Scope

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Seconds:
    """A monotonic clock that goes on where somebody sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.at += seconds


def group(told: list[Signal], clock: Seconds, observe: Callable[[Probe], Signal]) -> ControlGroup[Probe]:
    async def look(probe: Probe) -> Signal:
        await asyncio.sleep(0)
        return observe(probe)

    made = ControlGroup(look, told.append, now=clock, sleep=clock.sleep)
    made.members = tuple(Probe(Scope(name), "http", name, control=True) for name in ("one.example", "two.example"))
    return made


async def test_a_thousand_failures_at_once_share_a_round() -> None:
    told: list[Signal] = []
    clock = Seconds()
    controls = group(told, clock, lambda _: signal(at=NOW, bad=False))
    rounds = [controls.join() for _ in range(1_000)]
    await asyncio.gather(*(beside.done.wait() for beside in rounds))
    assert (controls.rounds, len(told), clock.slept) == (1, 2, [])


async def test_what_fails_after_a_round_began_waits_for_the_next() -> None:
    clock = Seconds()
    controls = group([], clock, lambda _: signal(at=NOW, bad=False))
    first = controls.join()
    await first.done.wait()
    clock.at += 0.5
    second = controls.join()
    assert second is not first
    await second.done.wait()
    assert clock.slept == [GAP - 0.5]
    clock.at += 60
    await controls.join().done.wait()
    assert (controls.rounds, len(clock.slept)) == (3, 1)


async def test_the_control_group_comes_before_the_failure() -> None:
    told: list[Signal] = []
    clock = ManualClock(NOW)
    async with WebProber().opened() as opened, FakeDns("nxdomain").running() as bad, FakeDns().running() as good:
        prober = Prober(opened, clock=clock, sleep=clock.sleep, timeout=0.5)
        prober.controls = ControlGroup(prober.observe, told.append, now=Seconds(), sleep=clock.sleep)
        prober.controls.members = [
            Probe(Scope(name), "dns", name, resolver=good.resolver, control=True)
            for name in ("one.example", "two.example")
        ]
        target = Probe(Scope("shop"), "dns", "shop.example", resolver=good.resolver)
        assert (await prober.observe(target)).state is Health.GOOD
        assert told == []
        told.append(await prober.observe(replace(target, resolver=bad.resolver)))
        assert [(seen.control, seen.state) for seen in told] == [
            (True, Health.GOOD),
            (True, Health.GOOD),
            (False, Health.BAD),
        ]
        assert told[0].at <= told[-1].at


async def test_a_failing_member_of_the_control_group_begins_no_round() -> None:
    clock = ManualClock(NOW)
    async with WebProber().opened() as opened:
        prober = Prober(opened, clock=clock, sleep=clock.sleep)
        prober.controls = ControlGroup(prober.observe, lambda _: None, now=Seconds(), sleep=clock.sleep)
        member = Probe(Scope("one.example"), "http", "127.0.0.1", closed_port(), control=True)
        prober.controls.members = [member]
        assert (await prober.observe(member)).state is Health.BAD
        assert prober.controls.rounds == 0


async def test_a_control_probe_that_crashes_holds_nothing_up() -> None:
    def crash(_: Probe) -> Signal:
        raise RuntimeError

    controls = group([], Seconds(), crash)
    await asyncio.wait_for(controls.join().done.wait(), 10)


@pytest.mark.parametrize("recovers", [True, False])
async def test_a_failing_canary_is_called_again_beside_the_control_group(recovers: bool) -> None:
    told: list[Signal] = []
    calls = 0

    async def call(_: str) -> Signal:
        nonlocal calls
        calls += 1
        return signal("aws", at=NOW, bad=not (recovers and calls > 1))

    controls = group(told, Seconds(), lambda _: signal("one.example", at=NOW, bad=False))
    told.append(await call_beside(controls, "canary", call))
    assert [seen.provider for seen in told] == ["one.example", "one.example", "aws"]
    assert (told[-1].state is Health.GOOD, told[-1].retried) == (recovers, recovers)


async def test_ipv6_says_nothing_until_it_worked_once_from_here() -> None:
    path, target = Ipv6Path(), ipv6_twins([Probe(Scope("shop"), "http", "shop.example")])[0]
    member = replace(target, control=True)
    bad, good = ProbeAnswer(Health.BAD, "connection failed"), ProbeAnswer(Health.GOOD)
    assert path.worth_probing(member, NOW)
    assert not path.worth_probing(target, NOW)
    assert path.weigh(member, bad, NOW).state is Health.UNKNOWN
    assert path.weigh(member, good, NOW).state is Health.GOOD
    assert path.worth_probing(target, NOW)
    assert path.weigh(member, bad, NOW).state is Health.BAD
    path.weigh(target, ProbeAnswer(Health.UNKNOWN, "no IPv6 address"), NOW)
    assert not path.worth_probing(target, NOW + timedelta(minutes=59))
    assert path.worth_probing(target, NOW + timedelta(minutes=61))


async def test_ipv6_alone_dead_degrades() -> None:
    clock = ManualClock(NOW)
    async with WebProber().opened() as opened:
        prober = Prober(opened, clock=clock, sleep=clock.sleep)
        prober.ipv6.proven = True
        target = replace(Probe(Scope("shop"), "tcp", "::1", closed_port()), family="ipv6")
        seen = await prober.observe(target)
    assert (seen.state, seen.via, seen.source) == (Health.DEGRADED, "ipv6", target.source)
    assert seen.detail.endswith("(over IPv6)")


def test_literal_addresses_and_dns_have_no_twin() -> None:
    probes = [
        Probe(Scope("a"), "tcp", "192.0.2.1"),
        Probe(Scope("a"), "dns", "a.example"),
        Probe(Scope("a"), "tls", "a.example"),
    ]
    assert [(twin.kind, twin.family, twin.via) for twin in ipv6_twins(probes)] == [("tls", "ipv6", "ipv6")]
