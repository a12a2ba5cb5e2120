"""Decides what becomes of each ticket: pure, from the last audit, what the ledger keeps and what the tracker lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.audit.tickets.issue import CheckState, TicketRules, WantedTicket, wanted
from bot.audit.tickets.tracker import FoundTicket
from bot.model.tickets import KeptTicket, TicketState
from checks import Outcome, Waiver

GRACE = timedelta(minutes=15)
"""A ticket that was perhaps created, and is not listed, is created again only after this long: listings lag behind."""


class TicketStep(StrEnum):
    """What happens to a ticket. `ADOPT`: it is in the tracker and was not in the ledger. `LEAVE`: nothing, and why."""

    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    REOPEN = "reopen"
    ADOPT = "adopt"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step. `ticket`: what it should say, where there is a failing check; `note`: why, as a sentence for people."""

    step: TicketStep
    key: str
    service: str
    check: str
    note: str
    ticket: WantedTicket | None = None
    found: FoundTicket | None = None
    kept: KeptTicket | None = None


@dataclass(frozen=True, slots=True)
class _World:
    """What the ledger and the tracker have of one ticket."""

    kept: KeptTicket | None
    found: FoundTicket | None


def plan(  # noqa: PLR0913 - three states of the world, rules, waivers and the time
    states: Mapping[str, CheckState],
    kept: Mapping[str, KeptTicket],
    found: Mapping[str, FoundTicket],
    *,
    rules: TicketRules,
    waivers: Sequence[Waiver],
    now: datetime,
) -> list[PlannedStep]:
    """What to do, the most severe failures first.

    Args:
        states: every check of every service that tickets are kept for, by key.
        kept: tickets of this tracker in the ledger.
        found: our tickets in the tracker.
        rules: whose tickets, and until when.
        waivers: that hold now.
        now: UTC.
    """
    steps: list[PlannedStep] = []
    for key, state in states.items():
        if state.failing:
            steps.append(_failing(key, state, _World(kept.get(key), found.get(key)), rules, now))
        elif (known := found.get(key)) is not None:
            steps += _not_failing(key, state, kept.get(key), known, waivers)
    steps += _without_state(states, kept, found)
    return sorted(steps, key=_urgency)


def _failing(key: str, state: CheckState, world: "_World", rules: TicketRules, now: datetime) -> PlannedStep:
    ticket, kept, found = wanted(key, state, rules, now), world.kept, world.found
    if kept is not None and kept.due_on:
        ticket = replace(ticket, due=date.fromisoformat(kept.due_on))
    step, note = _absent(kept, now) if found is None else _present(ticket, kept, found)
    return PlannedStep(step, key, ticket.service, ticket.check, note, ticket, found, kept)


def _absent(kept: KeptTicket | None, now: datetime) -> tuple[TicketStep, str]:
    """The tracker lists no ticket for a failing check."""
    if kept is None:
        return TicketStep.CREATE, "The check fails."
    if kept.state is not TicketState.CREATING:
        gone = f"{kept.number} is no longer listed: it was deleted or moved, or its label or key was removed"
        return TicketStep.LEAVE, f"{gone}. It is not created a second time."
    if now - kept.updated_at < GRACE:
        return TicketStep.LEAVE, "The tracker may not list it yet, so it is not created a second time."
    return TicketStep.CREATE, "The check fails."


def _present(ticket: WantedTicket, kept: KeptTicket | None, found: FoundTicket) -> tuple[TicketStep, str]:
    """The tracker lists a ticket for a failing check."""
    if found.dismissed:
        said = f"{found.number} was closed as won't do; the check still fails"
        return TicketStep.LEAVE, f"{said}. It is not reopened; waive the finding to accept the risk."
    if not found.open:
        return TicketStep.REOPEN, f"{found.number} was closed, but the check still fails."
    if kept is None or kept.state is TicketState.CREATING:
        return TicketStep.ADOPT, f"{found.number} is in the tracker already."
    if kept.content != ticket.content:
        return TicketStep.UPDATE, "What fails has changed."
    return TicketStep.LEAVE, "It is up to date."


def _not_failing(
    key: str, state: CheckState, kept: KeptTicket | None, found: FoundTicket, waivers: Sequence[Waiver]
) -> Iterator[PlannedStep]:
    """Close what certainly does not fail any more; a check that could not be read proves nothing."""
    if not found.open:
        return
    name, check = state.service.name, state.check.id
    if not state.settled:
        note = "The check could not be evaluated, so its ticket stays open."
        yield PlannedStep(TicketStep.LEAVE, key, name, check, note, found=found, kept=kept)
        return
    accepted = [waiver for waiver in waivers if waiver.check == check and waiver.service in ("", name)]
    if state.having(Outcome.WAIVED) and accepted:
        last = max(accepted, key=_until)
        note = f"Waived by {last.by} until {last.until:%Y-%m-%d}: {last.reason}"
    else:
        note = "The check passes now, or no longer applies."
    yield PlannedStep(TicketStep.CLOSE, key, name, check, note, found=found, kept=kept)


def _without_state(
    states: Mapping[str, CheckState], kept: Mapping[str, KeptTicket], found: Mapping[str, FoundTicket]
) -> Iterator[PlannedStep]:
    """Tickets of ours for what is no longer checked: of a service that left, or below the severity that is set now."""
    for key, ticket in found.items():
        mine = kept.get(key)
        if key not in states and ticket.open and mine is not None:
            note = f"backstay no longer keeps tickets for {mine.check} on {mine.service}."
            yield PlannedStep(TicketStep.CLOSE, key, mine.service, mine.check, note, found=ticket, kept=mine)


def _until(waiver: Waiver) -> datetime:
    return waiver.until


def _urgency(step: PlannedStep) -> tuple[int, int, str, str]:
    creates = step.step is TicketStep.CREATE
    weight = -step.ticket.severity.weight if step.ticket else 0
    return creates, weight, step.service, step.check
