"""Tickets of failed findings in Jira, GitHub, GitLab and Linear: created once, updated, closed, and told apart from what failed."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import NOW
from support.builders.scorecards import HOSTILE, sample_scorecard, sample_service
from support.fakes.trackers import FakeTracker
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.audit.tickets.api import TicketApi, TrackerError
from bot.audit.tickets.issue import TicketRules, key_of
from bot.audit.tickets.markdown_body import markdown_body
from bot.audit.tickets.plan import GRACE, TicketStep
from bot.audit.tickets.sync import TicketLedger, TicketRun, TicketSync
from bot.audit.tickets.tracker import TrackerAccess, trackers
from bot.model.tickets import KeptTicket, TicketState
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient
from checks import Outcome, Scorecard, Severity, Waiver

F, P, U, W, N = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.NOT_APPLICABLE
KINDS = ("github", "gitlab", "jira", "linear")
RULES = TicketRules("Acme", Severity.HIGH, {1: timedelta(days=14)}, {"payments": "7"}, frozenset())


@dataclass
class TicketsInMemory:
    """What the ledger keeps, where a test is about something else."""

    kept: dict[str, KeptTicket] = field(default_factory=dict)

    async def tickets(self) -> dict[str, KeptTicket]:
        return dict(self.kept)

    async def save_ticket(self, ticket: KeptTicket) -> None:
        self.kept[ticket.key] = ticket

    async def waivers(self, now: datetime) -> Sequence[Waiver]:
        return ()


@dataclass
class Installation:
    """One tracker, one ledger, and a clock that a test sets."""

    kind: str
    root: str
    tracker: FakeTracker
    ledger: TicketLedger
    later: timedelta = timedelta()
    rules: TicketRules = RULES
    most: int = 25
    seconds: float = 30
    naps: list[float] = field(default_factory=list)

    async def run(self, scorecard: Scorecard, *, dry: bool = False, declared: Sequence[Waiver] = ()) -> TicketRun:
        access = TrackerAccess(
            self.kind, self.root, "OPS" if self.kind in ("jira", "linear") else "acme/ops", "a@b.example", "secret"
        )
        plugin = trackers()[self.kind]

        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        async with HttpClient(EgressPolicy(private=True)) as http:
            api = TicketApi(
                http,
                self.kind,
                plugin.headers(access),
                self.now,
                sleep=nap,
                timeout=timedelta(seconds=self.seconds),
            )
            sync = TicketSync(
                f"{self.kind}:ops",
                plugin.open_tracker(access, api),
                self.ledger,
                self.rules,
                self.now,
                self.most,
                declared,
            )
            return await sync.run(scorecard, dry=dry)

    def now(self) -> Any:
        return NOW + self.later


@asynccontextmanager
async def installed(kind: str, folder: Path | None = None) -> AsyncIterator[Installation]:
    tracker = FakeTracker()
    async with serving(tracker.app()) as root, AsyncExitStack() as stack:
        kept: TicketLedger = await stack.enter_async_context(ledger_at(folder)) if folder else TicketsInMemory()
        yield Installation(kind, root, tracker, kept)


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Installation]:
    """Every tracker; Jira with a real ledger."""
    async with installed(request.param, tmp_path if request.param == "jira" else None) as made:
        yield made


def estate(*letters: Outcome, service: str = "checkout") -> Scorecard:
    """A service whose first checks come to these outcomes, and whose others pass."""
    outcomes = [(outcome,) for outcome in letters] + [(P,)] * (7 - len(letters))
    return sample_scorecard((sample_service(service), outcomes))


def steps(done: TicketRun) -> list[str]:
    return [step.step.value for step in done.steps if not step.note.startswith("It is up")]


async def test_a_ticket_is_created_updated_and_closed(world: Installation) -> None:
    assert steps(await world.run(estate(F), dry=True)) == ["create"]
    assert world.tracker.issues == []
    done = await world.run(estate(F))
    (issue,) = world.tracker.issues
    assert steps(done) == ["create"]
    assert issue.title.startswith("checkout: RG01 fails: ")
    assert issue.assignee == "7"
    assert issue.due == "" if world.kind == "github" else issue.due == f"{NOW + timedelta(days=14):%Y-%m-%d}"
    assert "backstay-key" in str(issue.body) or any(label.startswith("backstay-") for label in issue.labels)
    assert steps(await world.run(estate(F))) == []
    assert len(world.tracker.issues) == 1
    signed = {
        "github": "Bearer secret",
        "gitlab": "secret",
        "jira": "Basic YUBiLmV4YW1wbGU6c2VjcmV0",
        "linear": "secret",
    }
    assert world.tracker.signed == {signed[world.kind]}
    changed = sample_scorecard((sample_service(), [(F, F), *[(P,)] * 6]))
    assert steps(await world.run(changed)) == ["update"]
    assert steps(await world.run(changed)) == []
    assert steps(await world.run(estate(P))) == ["close"]
    assert not issue.open
    assert issue.comments == ["The check passes now, or no longer applies."]
    assert steps(await world.run(estate(P))) == []
    assert steps(await world.run(estate(F))) == ["reopen"]
    assert issue.open
    assert "but the check still fails" in issue.comments[-1]
    (kept,) = (await world.ledger.tickets()).values()
    assert (kept.state, kept.due_on) == (TicketState.OPEN, f"{NOW + timedelta(days=14):%Y-%m-%d}")
    assert kept.url.startswith("http")


async def test_a_crash_between_creating_and_noting_makes_no_second_ticket(world: Installation) -> None:
    world.tracker.answers = [0, 0, "made"] if world.kind == "linear" else [0, "made"]
    done = await world.run(estate(F))
    assert [reason for _, reason in done.problems] == [f"{world.kind} closed the connection early"]
    (kept,) = (await world.ledger.tickets()).values()
    assert kept.state is TicketState.CREATING
    again = await world.run(estate(F))
    assert steps(again) == ["adopt"]
    assert steps(await world.run(estate(F))) == ["update"]
    assert len(world.tracker.issues) == 1


async def test_a_tracker_that_lists_late_gets_no_second_ticket(world: Installation) -> None:
    world.tracker.answers = [0, 0, "made"] if world.kind == "linear" else [0, "made"]
    await world.run(estate(F))
    world.tracker.hidden = True
    waits = await world.run(estate(F))
    assert (steps(waits), len(world.tracker.issues)) == (["leave"], 1)
    assert "not created a second time" in waits.steps[0].note
    world.tracker.hidden, world.later = False, GRACE
    assert steps(await world.run(estate(F))) == ["adopt"]


async def test_what_a_person_dismissed_stays_closed_and_is_said(world: Installation) -> None:
    await world.run(estate(F))
    issue = world.tracker.issues[0]
    issue.open, issue.dismissed = False, True
    done = await world.run(estate(F))
    assert [(step.step, "won't do" in step.note) for step in done.steps if step.check == "RG01"] == [
        (TicketStep.LEAVE, True)
    ]
    assert (issue.open, issue.comments) == (False, [])
    (kept,) = (await world.ledger.tickets()).values()
    assert (kept.state, "won't do" in kept.note) == (TicketState.DISMISSED, True)


async def test_what_could_not_be_read_closes_nothing() -> None:
    async with installed("gitlab") as world:
        await world.run(estate(F))
        done = await world.run(estate(U))
        assert steps(done) == ["leave"]
        assert world.tracker.issues[0].open


async def test_a_waiver_closes_the_ticket_in_its_words_and_its_end_opens_it_again(world: Installation) -> None:
    await world.run(estate(F))
    waiver = Waiver("checkout", "RG01", "comes with the move", "Ada", NOW + timedelta(days=30))
    await world.run(estate(W), declared=[waiver])
    issue = world.tracker.issues[0]
    assert (issue.open, issue.comments) == (
        False,
        [f"Waived by Ada until {waiver.until:%Y-%m-%d}: comes with the move"],
    )
    await world.run(estate(F))
    assert issue.open


async def test_a_service_that_left_the_catalogue_closes_its_tickets() -> None:
    async with installed("jira") as world:
        await world.run(estate(F))
        done = await world.run(estate(P, service="search"))
        assert steps(done) == ["close"]
        assert "no longer keeps tickets for RG01 on checkout" in world.tracker.issues[0].comments[0]


async def test_tickets_over_several_pages_are_all_known(world: Installation) -> None:
    many = sample_scorecard(*((sample_service(f"s{at}"), [(F,), *[(P,)] * 6]) for at in range(7)))
    world.most = 5
    first = await world.run(many)
    assert (steps(first), first.left) == (["create"] * 5, 2)
    second = await world.run(many)
    assert (steps(second), second.left) == (["create", "create"], 0)
    assert steps(await world.run(many)) == []
    assert len({issue.title for issue in world.tracker.issues}) == len(world.tracker.issues) == 7
    assert set(world.naps) == {1.0}, "changes are a second apart"


@pytest.mark.parametrize(
    ("kind", "answers", "reason"),
    [
        ("jira", (401,), "does not accept the credentials (401)"),
        ("linear", (401,), "does not accept the credentials (401)"),
        ("gitlab", (403,), "denies access (403)"),
        ("github", (404,), "has no such project or ticket"),
        ("linear", (500, 500, 500), "answers with status 500"),
        ("jira", ("cut", "cut", "cut"), "closed the connection early"),
        ("gitlab", (429, 429, 429), "asked to slow down"),
    ],
    ids=str,
)
async def test_without_a_list_nothing_is_created(kind: str, answers: tuple[int | str, ...], reason: str) -> None:
    async with installed(kind) as world:
        world.tracker.answers = list(answers)
        with pytest.raises(TrackerError) as refused:
            await world.run(estate(F))
        assert reason in str(refused.value)
        assert "secret" not in str(refused.value)
        assert world.tracker.issues == []
        assert await world.ledger.tickets() == {}


async def test_a_list_that_fails_once_is_read_again() -> None:
    async with installed("github") as world:
        world.tracker.answers = [503, 429]
        world.tracker.retry_after = "7"
        assert steps(await world.run(estate(F))) == ["create"]
        assert world.naps[:2] == [0.5, 7.0]


async def test_a_list_that_comes_late_is_given_up() -> None:
    async with installed("github") as world:
        world.tracker.answers, world.seconds = ["late"] * 3, 0.2
        with pytest.raises(TrackerError, match="did not answer in time"):
            await world.run(estate(F))
        assert world.tracker.issues == []


async def test_a_refused_change_is_told_and_the_others_go_on() -> None:
    async with installed("github") as world:
        world.tracker.answers = [0, 403]
        two = sample_scorecard(*((sample_service(name), [(F,), *[(P,)] * 6]) for name in ("a", "b")))
        done = await world.run(two)
        assert [reason for _, reason in done.problems] == ["github denies access (403)"]
        assert [issue.title[:2] for issue in world.tracker.issues] == ["b:"]
        world.later = GRACE
        assert steps(await world.run(two)) == ["create"]
        assert len(world.tracker.issues) == 2


async def test_a_ticket_whose_label_was_taken_away_is_not_created_again() -> None:
    async with installed("github") as world:
        await world.run(estate(F))
        world.tracker.issues[0].labels.remove("backstay")
        done = await world.run(estate(F))
        assert steps(done) == ["leave"]
        assert "#1 is no longer listed" in done.steps[0].note


async def test_only_what_is_severe_enough_gets_a_ticket() -> None:
    async with installed("github") as world:
        world.rules = replace(RULES, services=frozenset({"other"}))
        assert steps(await world.run(estate(F))) == []
        world.rules = replace(RULES, severity=Severity.CRITICAL)
        done = await world.run(estate(*[F] * 7))
        assert {step.ticket.severity for step in done.steps if step.ticket} == {Severity.CRITICAL}


async def test_text_from_outside_is_no_markup() -> None:
    async with installed("github") as world:
        done = await world.run(sample_scorecard((sample_service(HOSTILE), [(F,), *[(P,)] * 6])), dry=True)
        ticket = next(step.ticket for step in done.steps if step.ticket)
        assert not re.search(r"(?<!\\)<script", markdown_body(ticket))
        assert "@channel" not in markdown_body(ticket)


def test_a_key_is_of_one_installation_service_and_check() -> None:
    keys = {
        key_of(*words) for words in (("a", "b", "RG01"), ("ab", "", "RG01"), ("a", "b", "RG02"), ("a", "c", "RG01"))
    }
    assert len(keys) == 4
    assert key_of("Acme", "checkout", "RG01") == key_of("Acme", "checkout", "RG01")
