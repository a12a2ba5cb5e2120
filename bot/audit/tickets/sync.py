"""Brings the tracker in line with the last audit, so that a crash at any point leaves no ticket twice.

Before a ticket is created, the ledger notes that it may be; afterwards it notes its number. The next run lists the tracker's tickets
first and takes over what it finds by key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.audit.tickets.api import TrackerError
from bot.audit.tickets.issue import TicketRules, WantedTicket, check_states
from bot.audit.tickets.plan import PlannedStep, TicketStep, plan
from bot.audit.tickets.tracker import FoundTicket, Tracker
from bot.model import Clock
from bot.model.tickets import KeptTicket, TicketState
from checks import Scorecard, Waiver

_log = structlog.get_logger(__name__)


class TicketLedger(Protocol):
    """Keeps which tickets there are."""

    async def tickets(self) -> dict[str, KeptTicket]:
        """Every ticket by its key."""
        ...

    async def save_ticket(self, ticket: KeptTicket) -> None:
        """Keep a ticket in place of its earlier state."""
        ...

    async def waivers(self, now: datetime) -> Sequence[Waiver]:
        """The waivers that hold."""
        ...


@dataclass(frozen=True, slots=True)
class TicketRun:
    """What one run did (`dry`: would do). `problems`: steps that failed, each with the reason; `left`: creations left for later."""

    steps: tuple[PlannedStep, ...] = ()
    problems: tuple[tuple[PlannedStep, str], ...] = ()
    left: int = 0
    dry: bool = False


@dataclass(slots=True)
class TicketSync:
    """Syncs one tracker. `name` is what the ledger calls it: kind and project. `most`: tickets created in one run.

    `held`: whether this process may go on; it is asked before every change.
    """

    name: str
    tracker: Tracker
    ledger: TicketLedger
    rules: TicketRules
    clock: Clock
    most: int = 25
    declared: Sequence[Waiver] = ()
    _numbers: dict[str, FoundTicket] = field(default_factory=dict)

    async def run(self, scorecard: Scorecard, *, dry: bool = False, held: "Held" = lambda: True) -> TicketRun:
        """Plan and do it; with `dry` only plan.

        Raises:
            TrackerError: the tracker's tickets cannot be listed, so nothing may be created.
            LedgerError: the ledger is unreachable.
        """
        now = self.clock()
        kept = {key: ticket for key, ticket in (await self.ledger.tickets()).items() if ticket.tracker == self.name}
        found = await self._found()
        waivers = [*self.declared, *await self.ledger.waivers(now)]
        states = check_states(scorecard, self.rules)
        steps = plan(states, kept, found, rules=self.rules, waivers=waivers, now=now)
        creating = [step for step in steps if step.step is TicketStep.CREATE]
        too_many = {id(step) for step in creating[self.most :]}
        chosen = [step for step in steps if id(step) not in too_many]
        if dry:
            return TicketRun(tuple(chosen), left=len(too_many), dry=True)
        done, problems = await self._do(chosen, held)
        return TicketRun(tuple(done), tuple(problems), len(too_many))

    async def _found(self) -> dict[str, FoundTicket]:
        """Our tickets by key. Of several with the same key the open one counts, else the one that was listed first."""
        found: dict[str, FoundTicket] = {}
        async for ticket in self.tracker.tickets():
            if ticket.key not in found or (ticket.open and not found[ticket.key].open):
                found[ticket.key] = ticket
        return found

    async def _do(
        self, steps: Sequence[PlannedStep], held: "Held"
    ) -> tuple[list[PlannedStep], list[tuple[PlannedStep, str]]]:
        done: list[PlannedStep] = []
        problems: list[tuple[PlannedStep, str]] = []
        for step in steps:
            if not held():
                problems.append((step, "another backstay has taken over"))
                break
            try:
                done.append(await self._step(step))
            except TrackerError as error:
                problems.append((step, str(error)))
                _log.warning(
                    "ticket_step_failed",
                    step=step.step.value,
                    service=step.service,
                    check=step.check,
                    reason=str(error),
                )
                if error.fatal:
                    break
        return done, problems

    async def _step(self, step: PlannedStep) -> PlannedStep:
        match step.step, step.ticket, step.found:
            case TicketStep.CREATE, WantedTicket() as ticket, _:
                return await self._create(step, ticket)
            case TicketStep.UPDATE, WantedTicket() as ticket, FoundTicket() as found:
                await self.tracker.update(found, ticket)
            case TicketStep.REOPEN, _, FoundTicket() as found:
                await self.tracker.reopen(found, step.note)
            case TicketStep.CLOSE, _, FoundTicket() as found:
                await self.tracker.close(found, step.note)
            case _:
                pass
        if step.found is not None:
            await self._keep(step, step.found)
        return step

    async def _create(self, step: PlannedStep, ticket: WantedTicket) -> PlannedStep:
        """Note that it may be there, create it, note its number."""
        now = self.clock()
        noted = KeptTicket(
            ticket.key,
            self.name,
            ticket.service,
            ticket.check,
            TicketState.CREATING,
            step.kept.created_at if step.kept else now,
            now,
            due_on=ticket.due.isoformat(),
        )
        await self.ledger.save_ticket(noted)
        found = await self.tracker.create(ticket)
        await self.ledger.save_ticket(
            replace(
                noted,
                state=TicketState.OPEN,
                number=found.number,
                url=found.url,
                content=ticket.content,
                updated_at=self.clock(),
            )
        )
        return replace(step, found=found)

    async def _keep(self, step: PlannedStep, found: FoundTicket) -> None:
        """Note how a ticket is now, where that is news."""
        now, kept = self.clock(), step.kept
        state = TicketState.OPEN
        if step.step is TicketStep.CLOSE:
            state = TicketState.CLOSED
        elif found.dismissed:
            state = TicketState.DISMISSED
        content = kept.content if kept else ""
        if step.ticket and step.step is TicketStep.UPDATE:
            content = step.ticket.content
        due = kept.due_on if kept else step.ticket.due.isoformat() if step.ticket else ""
        made = KeptTicket(
            step.key,
            self.name,
            step.service,
            step.check,
            state,
            kept.created_at if kept else now,
            now,
            found.number,
            found.url,
            content,
            due,
            step.note,
        )
        if kept is None or replace(made, updated_at=kept.updated_at) != kept:
            await self.ledger.save_ticket(made)


class Held(Protocol):
    """Whether this process still holds the lease."""

    def __call__(self) -> bool:
        """True while it does."""
        ...
