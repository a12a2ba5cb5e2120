"""Partial failures and slowness: what share of rounds fails until people are told, and that noise alone never tells anything."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from support.builders.moment import NOW
from support.builders.signals import ROUND, Days, controls, minutes, probe

from bot.detection.probes.doubts import FAST_INTERVAL, FAST_PER_HOUR, FAST_ROUNDS
from bot.incidents.engine.error_rate import ErrorRate
from bot.incidents.engine.latency import Latency
from bot.model.incidents import OutageState, Phase
from bot.model.signals import Health, Signal, Trouble

HALF_MINUTE = timedelta(seconds=30)
FAST = timedelta(seconds=FAST_INTERVAL)
RUNS = 60


def time_until_raised(rate: float, record: ErrorRate, seed: int) -> timedelta:
    """Time until a target that fails at this rate is told from noise: rounds every 30 s, faster after a failed one."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    elapsed, fast, left = timedelta(0), 0, FAST_PER_HOUR
    while not record.raised and elapsed < timedelta(hours=2):
        failed = chance.random() < rate
        record = record.after(failed=failed)
        fast = FAST_ROUNDS if failed else max(0, fast - 1)
        hurried = fast and left
        left -= bool(hurried)
        elapsed += FAST if hurried else HALF_MINUTE
    return elapsed


@pytest.mark.parametrize("record", [ErrorRate(), ErrorRate(rounds=2000.0, failures=20.0)], ids=["new", "known"])
@pytest.mark.parametrize(("rate", "within"), [(0.5, 5), (0.3, 15), (0.15, 45)])
def test_a_raised_error_rate_is_told_in_time(rate: float, within: int, record: ErrorRate) -> None:
    times = sorted(time_until_raised(rate, record, seed) for seed in range(RUNS))
    assert times[int(RUNS * 0.95)] <= timedelta(minutes=within)


def test_noise_stays_far_from_an_alarm() -> None:
    """The score that noise reaches in so many rounds: an alarm in 86 million is due once per e^18, this many give e^12."""
    chance = random.Random(7)  # noqa: S311 - a sample, no secret
    record, highest = ErrorRate(), 0.0
    for _ in range(150_000):
        record = record.after(failed=chance.random() < 0.01)
        highest = max(highest, *record.scores)
    assert not record.raised
    assert 4 < highest < 18.2


def test_an_alarm_ends_when_the_target_is_well() -> None:
    record = ErrorRate()
    for _ in range(12):
        record = record.after(failed=True)
    assert record.raised
    rounds = 0
    while record.raised:
        record, rounds = record.after(failed=False), rounds + 1
    assert rounds < 12
    assert not record.in_doubt


@pytest.mark.parametrize("rate", [0.15, 0.3, 0.5])
def test_a_steady_failure_does_not_end_by_chance(rate: float) -> None:
    ended = 0
    for seed in range(RUNS):
        chance = random.Random(seed)  # noqa: S311 - a sample, no secret
        record = ErrorRate.alarmed(rate)
        for _ in range(120):
            record = record.after(failed=chance.random() < rate)
        ended += not record.raised
    assert ended <= 0.15 * RUNS


def test_what_always_fails_a_little_is_usual_for_it() -> None:
    chance = random.Random(3)  # noqa: S311 - a sample, no secret
    record = ErrorRate()
    for _ in range(12_000):
        record = record.after(failed=chance.random() < 0.04)
    assert 0.02 < record.usual < 0.06


def drawn(rate: float, seed: int, **fields: object) -> Callable[[datetime], list[Signal]]:
    """What a probe sees of a target that fails at this rate, with a control group that is well."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret

    def seen(at: datetime) -> list[Signal]:
        bad = chance.random() < rate
        return [*controls(at), probe("stripe", "", "", bad=bad, at=at, source="http:api.stripe.com:443/", **fields)]

    return seen


@pytest.mark.parametrize("rate", [0.3, 0.5])
def test_a_share_of_failed_rounds_is_degraded_and_not_down(rate: float) -> None:
    days = Days()
    days.pass_by(minutes(30), drawn(0.0, 1), HALF_MINUTE)
    days.pass_by(minutes(20), drawn(rate, 4, detail="api.stripe.com: HTTP 503"), timedelta(seconds=10))
    incident = days.only()
    assert (incident.phase, incident.outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    assert incident.title == "Stripe is degraded"
    assert "% of probes fail" in incident.symptoms[0]
    assert incident.onset_at > NOW + minutes(30), "it began with the first failed round, and not with the record"
    # Four failures in a row come by chance too: for as long as that lasts it looks down.
    assert incident.down_for(days.now) <= minutes(2)


def test_all_rounds_that_fail_are_down_and_say_what_is_seen() -> None:
    days = Days()
    days.pass_by(minutes(10), drawn(0.0, 1), HALF_MINUTE)
    days.pass_by(minutes(2), drawn(1.0, 1, detail="api.stripe.com: HTTP 503"))
    incident = days.only()
    assert (incident.phase, incident.outage) == (Phase.CONFIRMED, OutageState.DOWN)
    assert incident.title == "Stripe is failing"
    assert incident.symptoms[0].startswith("api.stripe.com: HTTP 503 in ")


def test_a_failed_first_attempt_counts_though_the_second_is_good() -> None:
    def seen(at: datetime) -> list[Signal]:
        return [
            *controls(at),
            probe("stripe", "", "", bad=False, at=at, retried=True, source="http:api.stripe.com:443/"),
        ]

    days = Days()
    days.pass_by(minutes(5), seen)
    assert days.only().outage is OutageState.DEGRADED


def answers(seconds: float, seed: int = 1) -> Callable[[datetime], list[Signal]]:
    """A target that answers in about so many seconds."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret

    def seen(at: datetime) -> list[Signal]:
        took = seconds * chance.lognormvariate(0, 0.25)
        good = probe("stripe", "", "", bad=False, at=at, seconds=took, source="http:api.stripe.com:443/")
        return [*controls(at), good]

    return seen


@pytest.mark.parametrize(("usual", "slow"), [(0.05, 1.0), (0.05, 2.8), (0.4, 2.8)])
def test_an_answer_far_slower_than_usual_is_slow_and_not_down(usual: float, slow: float) -> None:
    days = Days()
    days.pass_by(minutes(30), answers(usual), HALF_MINUTE)
    assert not days.state.incidents
    days.pass_by(minutes(5), answers(slow), HALF_MINUTE)
    incident = days.only()
    assert (incident.phase, incident.outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    assert incident.title == "Stripe is slow"
    assert "usually in" in incident.symptoms[0]
    assert incident.onset_at > NOW + minutes(30)


def test_a_little_slower_is_nothing() -> None:
    days = Days()
    days.pass_by(minutes(30), answers(0.05), HALF_MINUTE)
    days.pass_by(minutes(30), answers(0.12), HALF_MINUTE)
    assert not days.state.incidents


def test_slow_answers_of_the_control_group_too_are_our_own_line() -> None:
    chance = random.Random(2)  # noqa: S311 - a sample, no secret

    def seen(at: datetime, seconds: float) -> list[Signal]:
        names = ("example", "wikipedia", "stripe")
        return [
            probe(
                name,
                "",
                "",
                bad=False,
                at=at,
                control=name != "stripe",
                seconds=seconds * chance.lognormvariate(0, 0.2),
                source=f"http:{name}:443/",
            )
            for name in names
        ]

    days = Days()
    days.pass_by(minutes(30), lambda at: seen(at, 0.05), HALF_MINUTE)
    days.pass_by(minutes(10), lambda at: seen(at, 1.5), HALF_MINUTE)
    assert all(incident.phase is Phase.SUSPECTED for incident in days.state.incidents.values())


def test_a_baseline_is_not_moved_by_one_huge_answer() -> None:
    baseline = Latency()
    for _ in range(100):
        baseline = baseline.after(0.05)
    moved = baseline.after(60.0)
    assert 0.045 < moved.usual < 0.06
    assert moved.is_slow(1.0)


def test_a_certificate_that_ends_soon_is_a_line_of_the_digest() -> None:
    from bot.incidents.engine import with_affected_services  # noqa: PLC0415
    from bot.model.estate import Estate  # noqa: PLC0415
    from bot.model.feeds import IncidentSeverity  # noqa: PLC0415

    def seen(at: datetime) -> list[Signal]:
        return [
            *controls(at),
            probe(
                "stripe",
                "",
                "",
                at=at,
                state=Health.DEGRADED,
                trouble=Trouble.EXPIRING,
                severity=IncidentSeverity.MINOR,
                detail="api.stripe.com: certificate ends in 5 days",
                source="http:api.stripe.com:443/",
            ),
        ]

    days = Days()
    days.pass_by(minutes(5), seen)
    incident = with_affected_services(days.only(), Estate(), NOW)
    assert not incident.worth_alert
    assert incident.symptoms == ("api.stripe.com: certificate ends in 5 days",)


def test_one_path_of_a_server_that_fails_alone_is_degraded() -> None:
    def seen(at: datetime) -> list[Signal]:
        paths = [
            probe(
                "shop",
                "",
                "",
                bad=path == "/b",
                at=at,
                source=f"http:shop.acme.com:443{path}",
                detail=f"shop.acme.com{path}: HTTP 500",
            )
            for path in ("/a", "/b")
        ]
        return [*controls(at), *paths]

    days = Days()
    days.pass_by(minutes(5), seen)
    incident = days.only()
    assert (incident.phase, incident.outage) == (Phase.CONFIRMED, OutageState.DEGRADED)
    assert incident.symptoms[0].startswith("shop.acme.com/b: HTTP 500 in ")


def over_both(at: datetime, ipv4: Health | None, ipv6: Health) -> list[Signal]:
    """One round of a target over IPv4, where it is due, and over IPv6."""
    source = "http:api.stripe.com:443/"
    rounds = [probe("stripe", "", "", at=at, state=ipv6, via="ipv6", source=source, detail="HTTP 503 (over IPv6)")]
    if ipv4 is not None:
        rounds.append(probe("stripe", "", "", at=at, state=ipv4, source=source, detail="api.stripe.com: HTTP 503"))
    return [*controls(at), *rounds]


@pytest.mark.parametrize("missing", [0, 1, 2, 3], ids=lambda rounds: f"IPv4 {rounds} rounds behind")
def test_what_is_down_is_at_no_moment_a_failure_of_ipv6_alone(missing: int) -> None:
    days, told = Days(), []
    days.pass_by(minutes(5), lambda at: over_both(at, Health.GOOD, Health.GOOD))
    for number in range(8):
        days.pass_by(ROUND, partial(over_both, ipv4=Health.BAD if number >= missing else None, ipv6=Health.DEGRADED))
        told += [incident.outage for incident in days.state.incidents.values() if incident.phase is Phase.CONFIRMED]
    assert set(told) == {OutageState.DOWN}


def test_ipv6_alone_is_degraded_as_soon_as_ipv4_is_seen_to_answer() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: over_both(at, Health.GOOD, Health.GOOD))
    days.pass_by(5 * ROUND, lambda at: over_both(at, None, Health.DEGRADED))
    assert days.only().phase is Phase.SUSPECTED
    days.pass_by(ROUND, lambda at: over_both(at, Health.GOOD, Health.DEGRADED))
    assert (days.only().phase, days.only().outage) == (Phase.CONFIRMED, OutageState.DEGRADED)


def test_what_ipv4_answers_after_the_end_makes_no_failure_of_ipv6_alone() -> None:
    """Both may have failed: IPv4 was not probed meanwhile."""
    days = Days()
    days.pass_by(minutes(5), lambda at: over_both(at, Health.GOOD, Health.GOOD))
    days.pass_by(5 * ROUND, lambda at: over_both(at, None, Health.DEGRADED))
    for _ in range(4):
        days.pass_by(ROUND, lambda at: over_both(at, Health.GOOD, Health.GOOD))
        assert Phase.CONFIRMED not in {incident.phase for incident in days.state.incidents.values()}


def test_what_is_degraded_without_being_slow_is_not_called_slow() -> None:
    """The answer of the last round is as fast as ever; what was wrong before it was a status."""
    days = Days()
    days.pass_by(minutes(5), lambda at: over_both(at, Health.GOOD, Health.GOOD))
    days.pass_by(6 * ROUND, lambda at: over_both(at, Health.GOOD, Health.DEGRADED))
    confirmed = days.only()
    days.pass_by(
        ROUND, lambda at: [replace(signal, seconds=0.08) for signal in over_both(at, Health.GOOD, Health.GOOD)]
    )
    assert "HTTP 503" in confirmed.symptoms[0]
    assert all("HTTP 503" in symptom for symptom in days.only().symptoms)


def test_a_path_that_answers_elsewhere_makes_no_outage_a_partial_one() -> None:
    """Two of three places see it down over IPv4, and only the third was probed over IPv6 since."""

    def seen(at: datetime) -> list[Signal]:
        source = "http:api.stripe.com:443/"
        here = [
            replace(signal, vantage=place)
            for place in ("dublin", "frankfurt", "tokyo")
            for signal in (*controls(at), probe("stripe", "", "", at=at, bad=place != "tokyo", source=source))
        ]
        return [*here, probe("stripe", "", "", at=at, bad=False, via="ipv6", vantage="tokyo", source=source)]

    days = Days()
    days.pass_by(minutes(2), seen)
    assert (days.only().phase, days.only().outage) == (Phase.CONFIRMED, OutageState.DOWN)
