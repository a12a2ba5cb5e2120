"""A due slot -> the digest for its audience: what broke since the last one, ours or not, and what is announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.audit.service import AuditService
from bot.cards.messages.digest import DigestContext, digest_card
from bot.delivery.scheduler import slots
from bot.model import Message, Priority, Purpose, Schedule
from bot.model.backend import Backend
from bot.model.incidents import Incident
from bot.model.records import DIGEST_IF_ANY


@dataclass(frozen=True, slots=True)
class DigestWriter:
    """Writes the posts. Nothing is sent here: what it returns goes into the outbox with the slot, in one transaction."""

    review: AuditService
    backend: Backend

    async def prepare(self, schedule: Schedule, slot: datetime) -> Message | None:
        """The audience's digest for a slot (UTC). None: there is nothing to say, and it wants no word of that.

        A digest comes though nothing happened: one line is proof that somebody looked. `digest_if_any` spares that line.
        Where nothing is watched it always comes, for that is something to say.
        """
        now, period = self.review.clock(), _period(schedule, slot)
        since = await self._since(schedule, slot, slot - period)
        watch, room = self.backend.incidents, self.backend.providers
        incidents: Sequence[Incident] = await watch.incidents(since=since) if watch else ()
        incidents = [one for one in incidents if not one.part_of]
        ahead = await room.ahead() if room else ()
        if schedule.post == DIGEST_IF_ANY and watch is not None and not incidents and not ahead:
            return None
        known = DigestContext(ahead=ahead, watched=watch is not None, pages=room is not None)
        card = digest_card(
            incidents, name=self._whose(schedule), audience=self._audience(schedule), since=since, now=now, known=known
        )
        about = f"digest:{schedule.id}:{slot:%Y-%m-%dT%H:%MZ}"
        # Once the next one is due this one is out of date.
        expires_at = max(slot + period, now)
        return Message(
            about, schedule.audience, card.dump(), Priority.REPORT, about, now, expires_at, purpose=Purpose.DIGEST
        )

    async def _since(self, schedule: Schedule, slot: datetime, usual: datetime) -> datetime:
        """The last slot that was posted; for the first one, where one before it would have been."""
        settled = await self.review.ledger.slots(schedule.id, slot - timedelta(days=60))
        posted = [at for at, state in settled.items() if state in ("taken", "made_up") and at < slot]
        return max(posted, default=usual)

    def _audience(self, schedule: Schedule) -> str:
        """Whose services count as its own; empty: all of them, for a channel that none report to."""
        services = self.review.catalogue.services
        return schedule.audience if any(one.audience == schedule.audience for one in services) else ""

    def _whose(self, schedule: Schedule) -> str:
        """Whose digest it is, in words: a channel's id says nothing to people."""
        named = schedule.audience in self.review.catalogue.audiences
        return schedule.audience if named else self.review.organisation or "all services"


def _period(schedule: Schedule, slot: datetime) -> timedelta:
    following = next(slots(schedule, slot), None)
    return timedelta(days=1) if following is None else following - slot
