"""The jobs after an audit: tickets and portals, once for each audit, on one replica, and again after a failure."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from support.builders.moment import NOW
from support.builders.scorecards import sample_scorecard
from support.harness.command_line import command_line
from support.harness.ledgers import ledger_at
from support.samples.checklist_cards import copy_of

from bot.app.jobs.portals import PortalJob
from bot.app.jobs.tickets import TicketJob
from bot.app.settings import load
from bot.app.wiring.after_audits import audit_jobs
from bot.app.wiring.tickets import exclusively
from bot.audit.service import AuditService
from bot.audit.tickets.api import TrackerError
from bot.audit.tickets.sync import TicketRun
from bot.model import Audit, Collected
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger
from checks import Scorecard


@dataclass
class Audits:
    """The last audit, and the time."""

    scorecard: Scorecard = field(default_factory=sample_scorecard)
    later: timedelta = timedelta()

    def clock(self) -> Any:
        return NOW + self.later

    async def latest(self) -> Audit:
        return Audit(self.scorecard, Collected((), ()), 0, 0.0)

    def again(self) -> None:
        self.scorecard = replace(self.scorecard, generated_at=self.scorecard.generated_at + timedelta(hours=1))


@dataclass
class Lease:
    held: bool = True


@dataclass
class Taking:
    """A sync or a portal that counts what it is asked; `problem` is raised."""

    asked: int = 0
    problem: str = ""

    async def run(self, scorecard: Scorecard, *, held: Any) -> TicketRun:
        await self(scorecard)
        return TicketRun()

    async def __call__(self, scorecard: Scorecard) -> Mapping[str, str]:
        self.asked += 1
        if self.problem:
            raise TrackerError(self.problem)
        return {}


async def test_tickets_are_synced_once_for_each_audit_on_the_replica_that_holds_the_lease() -> None:
    audits, lease, sync = Audits(), Lease(held=False), Taking()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield sync

    job = TicketJob(opened, cast("AuditService[Ledger]", audits), cast("LeaderLease", lease), timedelta(hours=6))
    assert not await job.run_once()
    lease.held = True
    assert await job.run_once()
    audits.again()
    assert not await job.run_once(), "not before six hours have passed"
    audits.later = timedelta(hours=6)
    assert await job.run_once()
    audits.later = timedelta(hours=12)
    assert not await job.run_once(), "there is no newer audit"
    assert sync.asked == 2


async def test_a_portal_that_failed_is_tried_again_and_holds_up_no_other() -> None:
    audits, good, bad = Audits(), Taking(), Taking(problem="down")
    job = PortalJob({"bad": bad, "good": good}, cast("AuditService[Ledger]", audits), cast("LeaderLease", Lease()))
    await job.run_once()
    await job.run_once()
    assert (bad.asked, good.asked) == (1, 1)
    audits.later, bad.problem = timedelta(minutes=30), ""
    await job.run_once()
    await job.run_once()
    assert (bad.asked, good.asked) == (2, 1)


async def test_one_process_keeps_the_tickets(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        async with exclusively(ledger) as first:
            assert first is not None
            async with exclusively(ledger) as second:
                assert second is None
        async with exclusively(ledger) as third:
            assert third is not None


async def test_nothing_runs_that_settings_do_not_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "backstay.yaml"
    path.write_text("services: [{name: checkout, runbook: checkout.md}]\n")
    asked = "tickets: {tracker: github, project: a/b, token: env:T}\nportals: [{kind: cortex, token: env:T}]\n"
    async with ledger_at(tmp_path / "ledger") as ledger:
        audits = cast("AuditService[Ledger]", type("Audits", (), {"ledger": ledger})())
        assert set(audit_jobs(load(path, {}), audits, lambda: NOW)) == {"runbooks"}
        path.write_text(path.read_text() + asked)
        jobs = audit_jobs(load(path, {"T": "secret"}), audits, lambda: NOW)
        assert set(jobs) == {"runbooks", "ticket_lease", "tickets", "portal_lease", "portals"}


async def test_a_kept_runbook_is_printed_without_wiki_and_chat(tmp_path: Path) -> None:
    backstay = command_line(tmp_path, "http://127.0.0.1:1")
    backstay.write("ledger: backstay.db\nservices: [{name: checkout, runbook: 'https://wiki.example/c'}]\n")
    async with ledger_at(tmp_path) as ledger:
        await ledger.save_runbooks([replace(copy_of(2), text="1. Shift\n2. Tell\x1b[31m", problem="the wiki is down")])
    ran = await backstay.run("runbook", "checkout")
    assert (ran.code, "1. Shift" in ran.out, "The last read failed: the wiki is down" in ran.out) == (0, True, True)
    assert "\x1b" not in ran.out
    ran = await backstay.run("runbook", "chekout")
    assert (ran.code, "did you mean" in ran.err.lower()) == (2, True)
