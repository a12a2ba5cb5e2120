"""Writes the incident digest of an audience when its schedule is due: incidents since the last digest, and planned maintenance."""

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
from bot.storage.ledger import Ledger


@dataclass(frozen=True, slots=True)
class DigestWriter:
    """Writes the posts but sends nothing: the caller puts them into the outbox with the slot, in one transaction."""

    audits: AuditService[Ledger]
    backend: Backend

    async def prepare(self, schedule: Schedule, slot: datetime) -> Message | None:
        """The audience's digest for a slot (UTC); None if nothing happened and the schedule is `digest_if_any`.

        A `digest` is posted even if nothing happened: it shows that backstay works. Where detection is off a digest is always
        posted, as that is news in itself.
        """
        now, period = self.audits.clock(), _period(schedule, slot)
        since = await self._since(schedule, slot, slot - period)
        watch, room = self.backend.incidents, self.backend.providers
        incidents: Sequence[Incident] = await watch.incidents(since=since) if watch else ()
        incidents = [incident for incident in incidents if not incident.part_of]
        ahead = await room.ahead() if room else ()
        if schedule.post == DIGEST_IF_ANY and watch is not None and not incidents and not ahead:
            return None
        known = DigestContext(ahead=ahead, watched=watch is not None, pages=room is not None)
        card = digest_card(
            incidents, name=self._title(schedule), audience=self._audience(schedule), since=since, now=now, known=known
        )
        about = f"digest:{schedule.id}:{slot:%Y-%m-%dT%H:%MZ}"
        # Once the next digest is due this one is out of date.
        expires_at = max(slot + period, now)
        return Message(
            about, schedule.audience, card.dump(), Priority.REPORT, about, now, expires_at, purpose=Purpose.DIGEST
        )

    async def _since(self, schedule: Schedule, slot: datetime, usual: datetime) -> datetime:
        """The time of the last digest; for the first digest, when the one before would have been due."""
        settled = await self.audits.ledger.slots(schedule.id, slot - timedelta(days=60))
        posted = [at for at, state in settled.items() if state in ("taken", "made_up") and at < slot]
        return max(posted, default=usual)

    def _audience(self, schedule: Schedule) -> str:
        """The audience whose services the digest is about; empty: all services, for a channel that no service reports to."""
        services = self.audits.catalogue.services
        return schedule.audience if any(service.audience == schedule.audience for service in services) else ""

    def _title(self, schedule: Schedule) -> str:
        """Whose digest it is, as people call it and not by the id of a channel."""
        named = schedule.audience in self.audits.catalogue.audiences
        return schedule.audience if named else self.audits.organisation or "all services"


def _period(schedule: Schedule, slot: datetime) -> timedelta:
    following = next(slots(schedule, slot), None)
    return timedelta(days=1) if following is None else following - slot
