"""Answers what is guessed of dependencies, and stores what people decide about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.audit.dependencies.guess import guessed_dependencies
from bot.audit.service import AuditService
from bot.model.drills import GuessDecision
from bot.model.guesses import GuessedDependency
from bot.storage.ledger import AuditLogEntry, Ledger


@dataclass(frozen=True, slots=True)
class GuessAnswers:
    """Implements `model.guesses.GuessQueries` on the last audit and the ledger."""

    audits: AuditService[Ledger]

    async def guesses(self) -> Sequence[GuessedDependency]:
        """The guesses of the last audit and what was decided about them; none before the first audit."""
        last = await self.audits.snapshot()
        if last is None:
            return ()
        decisions = await self.audits.ledger.guess_decisions()
        return await asyncio.to_thread(guessed_dependencies, last.seen, decisions)

    async def decide(self, decision: GuessDecision) -> None:
        """Store a decision with its line of the audit log, both or neither."""
        detail = {"service": decision.service, "target": decision.target, "evidence": decision.evidence}
        action = "confirm dependency" if decision.decision == "confirmed" else "reject dependency"
        async with self.audits.ledger.begin() as transaction:
            await transaction.decide(decision)
            await transaction.log(AuditLogEntry(decision.at, decision.actor, action, detail | {"hard": decision.hard}))
