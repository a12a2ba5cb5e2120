"""Records kept in memory: what people leave, for tests of chats that have no ledger."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.model.checklists import Checklist, Tick
from bot.model.records import AttestationRecord, Broadcast, BroadcastDelivery, RunbookCopy, Subscription
from bot.model.tickets import KeptTicket
from checks import Waiver


@dataclass
class RecordsInMemory:
    """`posts` are the cards that a broadcast sent, by audience; `refusals` who was refused what, `reasons` why.

    `arrived`: what becomes of a broadcast, one state after the other.
    """

    timezone: str = "Europe/Berlin"
    named: tuple[str, ...] = ("payments", "web")
    copies: Mapping[str, RunbookCopy] = field(default_factory=dict)
    kept_tickets: Mapping[str, KeptTicket] = field(default_factory=dict)
    lists: list[Checklist] = field(default_factory=list)
    words: list[AttestationRecord] = field(default_factory=list)
    accepted: list[Waiver] = field(default_factory=list)
    wanted: list[Subscription] = field(default_factory=list)
    drafts: dict[str, Broadcast] = field(default_factory=dict)
    posts: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    arrived: list[Sequence[BroadcastDelivery]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    async def attest(self, attestation: AttestationRecord, actor: str) -> None:
        self.words.append(attestation)

    async def waive(self, waiver: Waiver, actor: str, at: datetime) -> None:
        self.accepted.append(waiver)

    async def runbook(self, service: str) -> RunbookCopy | None:
        return self.copies.get(service)

    async def tickets(self) -> Mapping[str, KeptTicket]:
        return self.kept_tickets

    async def runbooks(self) -> Mapping[str, RunbookCopy]:
        return self.copies

    async def checklists(self, incident: str) -> Sequence[Checklist]:
        return [kept for kept in self.lists if kept.incident == incident]

    async def tick(self, checklist: Checklist, tick: Tick) -> Checklist:
        same = [kept for kept in self.lists if (kept.incident, kept.service) == (checklist.incident, checklist.service)]
        kept = replace((same or [checklist])[0], ticks=(*(same or [checklist])[0].ticks, tick))
        self.lists = [other for other in self.lists if other not in same] + [kept]
        return kept

    async def subscriptions(self, platform: str = "", channel: str = "") -> Sequence[Subscription]:
        return [name for name in self.wanted if not channel or (name.platform, name.channel) == (platform, channel)]

    async def subscribe(self, wanted: Subscription, actor: str) -> bool:
        same = [name for name in self.wanted if (name.audience, name.post) == (wanted.audience, wanted.post)]
        self.wanted = [name for name in self.wanted if name not in same] + [wanted]
        return not any((item.cron, item.timezone) == (wanted.cron, wanted.timezone) for item in same)

    async def unsubscribe(self, platform: str, channel: str, post: str, actor: str, at: datetime) -> int:
        gone = [
            subscription
            for subscription in await self.subscriptions(platform, channel)
            if post in ("", subscription.post)
        ]
        self.wanted = [name for name in self.wanted if name not in gone]
        return len(gone)

    async def audiences(self) -> Mapping[str, str]:
        return {name: name for name in self.named}

    async def draft(self, broadcast: Broadcast) -> None:
        self.drafts[broadcast.id] = broadcast

    async def drafted(self, id: str) -> Broadcast | None:
        return self.drafts.get(id)

    async def broadcast(self, id: str, card: Mapping[str, Any], at: datetime) -> bool:
        draft = self.drafts[id]
        if draft.sent_at is not None:
            return False
        self.drafts[id] = replace(draft, sent_at=at)
        self.posts += [(name, card) for name in draft.audiences]
        return True

    async def deliveries(self, id: str) -> Sequence[BroadcastDelivery]:
        return self.arrived[-1] if self.arrived else ()

    async def follow(self, id: str) -> AsyncIterator[Sequence[BroadcastDelivery]]:
        for found in self.arrived:
            yield found

    async def refused(self, actor: str, command: str, at: datetime, why: str = "") -> None:
        self.refusals.append((actor, command))
        self.reasons.append(why)
