"""Failures of our own network: told as ours with the part named, and never blamed on a provider."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.builders.moment import NOW
from support.builders.signals import RESOLVERS, ROUND, Days, minutes, probe

from bot.incidents.engine import OWN_NETWORK
from bot.incidents.engine.known_records import ObserverKey
from bot.incidents.engine.observers import ObserverState, apply_signals
from bot.incidents.engine.own_network import judge_own_network
from bot.model.incidents import Incident, Phase
from bot.model.signals import SILENT_PAGE, Health, Signal, Trouble
from bot.model.thresholds import Thresholds
from checks import Scope

NAMES = ("stripe", "twilio", "github", "slack", "openai", "datadog")
CONTROLS = ("example.com", "www.wikipedia.org", "www.debian.org")


def look(name: str, at: datetime, *, bad: bool, trouble: Trouble, via: str = "", control: bool = False) -> Signal:
    """One round of one target, as a prober reports it."""
    kind = "dns" if via and via != "ipv6" else "http"
    fields = {"trouble": trouble if bad else Trouble.NONE, "via": via, "control": control}
    return probe(name, "", "", bad=bad, at=at, source=f"{kind}:{name}:443/", detail="" if not bad else "no", **fields)


def everything(
    at: datetime, *, system: bool, servers: bool, trouble: Trouble = Trouble.CONNECT, ipv6: bool | None = None
) -> Iterator[Signal]:
    """All targets and the control group over all paths. `system`, `servers`, `ipv6`: whether that path of ours works."""
    for control in (True, False):
        for name in CONTROLS if control else NAMES:
            yield look(name, at, bad=not system, trouble=trouble, control=control)
            for via in RESOLVERS:
                yield look(name, at, bad=not servers, trouble=Trouble.TIMEOUT, via=via, control=control)
            if ipv6 is not None:
                yield look(name, at, bad=not ipv6, trouble=Trouble.CONNECT, via="ipv6", control=control)


def told(days: Days) -> list[Incident]:
    return [incident for incident in days.state.incidents.values() if incident.phase is not Phase.SUSPECTED]


@pytest.mark.parametrize("interval", [30, 120, 300])
def test_a_dead_way_out_blames_nobody_at_any_interval(interval: int) -> None:
    every = timedelta(seconds=interval)
    days = Days(policy=Thresholds.looking_every(every))
    days.pass_by(minutes(30), lambda at: everything(at, system=True, servers=True), every)
    days.pass_by(minutes(60), lambda at: everything(at, system=False, servers=False), every)
    (ours,) = told(days)
    assert (ours.scopes, ours.own_part, ours.title) == ((OWN_NETWORK,), "way out", "Our own network is failing")
    days.pass_by(minutes(60), lambda at: everything(at, system=True, servers=True), every)
    assert [incident.phase for incident in told(days)] == [Phase.RESOLVED]
    assert {name for _, name, _, _ in days.history if "own" not in name} == set()


@pytest.mark.parametrize(("via", "part"), [("ipv6", "IPv6"), (RESOLVERS[0], "DNS servers")])
def test_one_path_alone_is_named_once_the_plain_one_has_answered_since(via: str, part: str) -> None:
    """Where the way out dies, the rounds over another path may be the first that see it."""
    policy, observers = Thresholds(), dict[ObserverKey, ObserverState]()
    for number in range(8):
        at = NOW + number * ROUND
        well = [look(name, at, bad=False, trouble=Trouble.NONE, control=True) for name in CONTROLS]
        well += [look(name, at, bad=False, trouble=Trouble.NONE, via=via, control=True) for name in CONTROLS]
        observers = apply_signals(observers, well, at, policy)
    for number in range(policy.own_rise):
        late = at + timedelta(seconds=5 + 5 * number)
        dead = [look(name, late, bad=True, trouble=Trouble.CONNECT, via=via, control=True) for name in CONTROLS]
        observers = apply_signals(observers, dead, late, policy)
    assert judge_own_network(observers, policy).part == "", "the plain path was last asked before that"
    later = late + timedelta(seconds=5)
    well = [look(name, later, bad=False, trouble=Trouble.NONE, control=True) for name in CONTROLS]
    assert judge_own_network(apply_signals(observers, well, later, policy), policy).part == part


@pytest.mark.parametrize(("answers_since", "part"), [((), ""), (CONTROLS[:1], "packet loss")])
def test_a_path_that_was_not_asked_since_is_no_sign_of_packet_loss(answers_since: tuple[str, ...], part: str) -> None:
    """The rounds over each path have their own times: those over the DNS servers come 5 s after the others."""
    policy, observers = Thresholds(), dict[ObserverKey, ObserverState]()
    rounds = [NOW + number * ROUND for number in range(10)]
    lost = [look(name, NOW, bad=True, trouble=Trouble.TIMEOUT, via=RESOLVERS[0], control=True) for name in CONTROLS]
    for at in rounds[:8]:
        observers = apply_signals(observers, everything(at, system=True, servers=True), at, policy)
    late = [replace(signal, at=rounds[7] + timedelta(seconds=5)) for signal in lost]
    observers = apply_signals(observers, late, late[0].at, policy)
    for at in rounds[8:]:
        dead = [look(name, at, bad=True, trouble=Trouble.CONNECT, control=True) for name in CONTROLS]
        answers = [
            look(name, at, bad=False, trouble=Trouble.NONE, via=RESOLVERS[0], control=True) for name in answers_since
        ]
        again = [replace(signal, at=at) for signal in lost if answers_since and signal.provider != CONTROLS[0]]
        observers = apply_signals(observers, [*dead, *answers, *again], at, policy)
    assert judge_own_network(observers, policy).part == part


def test_slowness_on_our_own_line_blames_nobody_also_when_it_ends() -> None:
    """The last slow rounds of the targets come after the control group is quick again."""
    chance = random.Random(7)  # noqa: S311 - a simulation

    def seen(at: datetime, *, line: float, controls: float) -> Iterator[Signal]:
        for signal in everything(at, system=True, servers=True):
            quick = chance.uniform(0.04, 0.09) + (controls if signal.control else line)
            yield replace(signal, seconds=quick)

    days = Days()
    days.pass_by(minutes(30), lambda at: seen(at, line=0, controls=0))
    days.pass_by(minutes(20), lambda at: seen(at, line=1.5, controls=1.5))
    days.pass_by(minutes(0.5), lambda at: seen(at, line=1.5, controls=0))
    days.pass_by(minutes(30), lambda at: seen(at, line=0, controls=0))
    assert told(days) == []


def test_our_own_resolver_is_named() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: everything(at, system=False, servers=True, trouble=Trouble.DNS))
    (ours,) = told(days)
    assert (ours.own_part, ours.title) == ("resolver", "Our own DNS resolver is failing")


def test_our_own_ipv6_is_named() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: everything(at, system=True, servers=True, ipv6=False))
    (ours,) = told(days)
    assert (ours.own_part, ours.title) == ("IPv6", "Our own IPv6 connection is failing")


def test_an_outage_is_seen_through_other_paths_while_our_resolver_is_dead() -> None:
    def seen(at: datetime) -> Iterator[Signal]:
        for signal in everything(at, system=False, servers=True, trouble=Trouble.DNS):
            gone = signal.provider == "stripe" and signal.via
            yield look("stripe", at, bad=True, trouble=Trouble.DNS, via=signal.via) if gone else signal

    days = Days()
    days.pass_by(minutes(5), seen)
    assert {str(scope) for incident in told(days) for scope in incident.scopes} == {"our-own-network", "stripe"}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("loss", [0.3, 0.6, 0.85])
def test_loss_on_our_own_line_blames_nobody(loss: float, seed: int) -> None:
    """Each attempt over our line is lost with this chance; a failure brings a round of the control group with it."""
    chance = random.Random(f"{seed}/{loss}")  # noqa: S311 - a sample, no secret

    def lost() -> bool:
        return chance.random() < loss

    def seen(at: datetime) -> Iterator[Signal]:
        for name in (*CONTROLS, *NAMES):
            first, second = lost(), lost()
            yield probe(
                name,
                "",
                "",
                bad=first and second,
                retried=first and not second,
                at=at,
                source=f"http:{name}:443/",
                trouble=Trouble.TIMEOUT,
                control=name in CONTROLS,
            )

    days = Days()
    days.pass_by(minutes(10), lambda at: everything(at, system=True, servers=True), timedelta(seconds=30))
    days.pass_by(minutes(20), seen)
    assert [incident.ours for incident in told(days)] == [True] * len(told(days))
    assert told(days)[0].own_part in ("packet loss", "way out")


def test_suspicions_do_not_join_a_storm() -> None:
    """Five providers are confirmed; one failed round of five others makes none of them failing."""

    def seen(at: datetime, *, others_bad: bool) -> Iterator[Signal]:
        for number in range(10):
            bad = number < 5 or others_bad
            yield look(f"saas{number}", at, bad=bad, trouble=Trouble.STATUS)
        for name in CONTROLS:
            yield look(name, at, bad=False, trouble=Trouble.NONE, control=True)

    days = Days()
    days.pass_by(minutes(5), lambda at: seen(at, others_bad=False))
    days.pass_by(timedelta(seconds=10), lambda at: seen(at, others_bad=True))
    days.pass_by(minutes(2), lambda at: seen(at, others_bad=False))
    assert {str(scope) for incident in told(days) for scope in incident.scopes} == {f"saas{n}" for n in range(5)}


def test_a_partial_failure_of_one_target_is_not_our_line() -> None:
    """One of six providers fails at 60 %: the control group says that our line is well."""
    chance = random.Random(5)  # noqa: S311 - a sample, no secret

    def seen(at: datetime) -> Iterator[Signal]:
        for signal in everything(at, system=True, servers=True):
            bad = signal.provider == "stripe" and not signal.via and chance.random() < 0.6
            yield look("stripe", at, bad=True, trouble=Trouble.STATUS) if bad else signal

    days = Days()
    days.pass_by(minutes(10), seen)
    (incident,) = told(days)
    assert incident.scopes == (Scope("stripe"),)


@pytest.mark.parametrize("names", [("login", "shop", "search", "mail", "video", "chat"), NAMES])
def test_what_fails_at_different_times_without_a_common_cause_stays_apart(names: tuple[str, ...]) -> None:
    """Six things that nothing connects begin to fail within ten minutes: each is an incident of its own."""
    days = Days()
    own: dict[str, tuple[str, ...]] = dict.fromkeys(names, ()) if "login" in names else {}

    def seen(at: datetime) -> Iterator[Signal]:
        for number, name in enumerate(names):
            bad = at - began >= number * minutes(1.5)
            yield look(name, at, bad=bad, trouble=Trouble.STATUS)
        for name in CONTROLS:
            yield look(name, at, bad=False, trouble=Trouble.NONE, control=True)

    began = days.now
    days.own = own
    days.pass_by(minutes(14), seen)
    assert sorted(str(scope) for incident in told(days) for scope in incident.scopes) == sorted(names)
    assert [len(incident.scopes) for incident in told(days)] == [1] * len(names)


@pytest.mark.parametrize(("servers", "part"), [(False, "way out"), (True, "resolver")])
def test_what_failed_of_ours_keeps_its_name_while_it_comes_back(servers: bool, part: str) -> None:
    trouble = Trouble.DNS if part == "resolver" else Trouble.CONNECT
    days = Days()
    days.pass_by(minutes(10), lambda at: everything(at, system=False, servers=servers, trouble=trouble))
    lost = random.Random(3)  # noqa: S311 - a simulation
    days.pass_by(minutes(2), lambda at: everything(at, system=lost.random() > 0.3, servers=True, trouble=trouble))
    days.pass_by(minutes(40), lambda at: everything(at, system=True, servers=True))
    (ours,) = told(days)
    assert (ours.phase, ours.own_part) == (Phase.RESOLVED, part)


def test_a_page_that_we_could_not_read_is_no_evidence_until_it_is_read_again() -> None:
    def silent(at: datetime) -> Signal:
        return probe("stripe", "", "", at=at, kind="feed", source=f"{SILENT_PAGE}stripe", state=Health.UNKNOWN)

    def blip(at: datetime) -> list[Signal]:
        found = [*everything(at, system=True, servers=True)]
        return [replace(signal, state=Health.BAD) if signal.provider == "stripe" else signal for signal in found]

    days = Days()
    days.pass_by(minutes(10), lambda at: [*everything(at, system=False, servers=True, trouble=Trouble.DNS), silent(at)])
    days.pass_by(minutes(2), lambda at: everything(at, system=True, servers=True))
    days.pass_by(timedelta(seconds=30), blip)
    assert [incident.ours for incident in told(days)] == [True]
