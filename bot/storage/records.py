"""Writes what people do by commands to the ledger, together with its line of the audit log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.catalogue import Catalogue
from bot.model import Audience, Message, Priority, Purpose, RouteSpec, Schedule
from bot.model.checklists import Checklist, Tick
from bot.model.drills import DrillRecord
from bot.model.records import AttestationRecord, Broadcast, BroadcastDelivery, RunbookCopy, Subscription
from bot.model.tickets import KeptTicket
from bot.storage.broadcasts import broadcast_message
from bot.storage.ledger import AuditLogEntry, Ledger
from checks import Waiver

TOLD_WITHIN = timedelta(days=1)
"""A broadcast expires after this long."""

GRACE = timedelta(hours=6)
"""How late a missed slot of a subscription is still made up for."""


@dataclass(frozen=True, slots=True)
class LedgerRecords:
    """Implements `bot.model.records.Records` on the ledger."""

    catalogue: Catalogue
    ledger: Ledger
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    pauses: Sequence[float] = ()
    """Seconds between two looks at a broadcast that is followed; none: it is looked at once."""

    @property
    def timezone(self) -> str:
        """The organisation's time zone."""
        return self.catalogue.timezone

    async def attest(self, attestation: AttestationRecord, actor: str) -> None:
        """Store an attestation; it becomes a fact with the next audit."""
        detail = {
            "service": attestation.service,
            "practice": attestation.practice,
            "by": attestation.by,
            "link": attestation.link,
        }
        async with self.ledger.begin() as transaction:
            await transaction.attest(attestation)
            await transaction.log(
                AuditLogEntry(attestation.at, actor, "attest", detail | {"until": attestation.expires_at.isoformat()})
            )

    async def waive(self, waiver: Waiver, actor: str, at: datetime) -> None:
        """Waive a failed check for a while; scores mark it as waived from now on."""
        detail = {"check": waiver.check, "service": waiver.service, "resource": waiver.resource}
        terms = {"reason": waiver.reason, "by": waiver.by, "until": waiver.until.isoformat()}
        async with self.ledger.begin() as transaction:
            await transaction.waive(waiver, at)
            await transaction.log(AuditLogEntry(at, actor, "waive", detail | terms))

    async def record_drill(self, drill: DrillRecord, actor: str) -> bool:
        """Store a drill of CI; it becomes a fact with the next audit. False: this run was stored before."""
        detail = {"service": drill.service, "kind": str(drill.kind), "result": str(drill.result), "run": drill.key}
        async with self.ledger.begin() as transaction:
            recorded = await transaction.record_drill(drill)
            if recorded:
                await transaction.log(AuditLogEntry(drill.recorded_at, actor, "drill", detail))
        return recorded

    async def runbook(self, service: str) -> RunbookCopy | None:
        """The copy of a service's runbook, None where there is none."""
        return (await self.ledger.runbooks()).get(service)

    async def tickets(self) -> Mapping[str, KeptTicket]:
        """The tickets of failed findings, by key."""
        return await self.ledger.tickets()

    async def runbooks(self) -> Mapping[str, RunbookCopy]:
        """The copies of all runbooks, by service."""
        return await self.ledger.runbooks()

    async def checklists(self, incident: str) -> Sequence[Checklist]:
        """The checklists of an incident with their ticks."""
        return await self.ledger.checklists(incident)

    async def tick(self, checklist: Checklist, tick: Tick) -> Checklist:
        """Tick a step or take a tick back; the checklist as it then is. A tick that changes nothing is not recorded."""
        kept = await self.ledger.begin_checklist(checklist)
        if await self.ledger.tick(kept.incident, kept.service, tick):
            detail = {"incident": kept.incident, "service": kept.service, "step": tick.step, "done": tick.done}
            await self.ledger.log(AuditLogEntry(tick.at, tick.actor, "tick", detail))
        return await self.ledger.begin_checklist(kept)

    async def subscriptions(self, platform: str = "", channel: str = "") -> Sequence[Subscription]:
        """The subscriptions of a channel; with neither named, of all channels."""
        return await self.ledger.subscriptions(platform, channel)

    async def subscribe(self, wanted: Subscription, actor: str) -> bool:
        """Subscribe a channel to a post, in place of the same post at another time. False: nothing changed."""
        detail = {"channel": wanted.audience, "post": wanted.post, "cron": wanted.cron, "timezone": wanted.timezone}
        async with self.ledger.begin() as transaction:
            changed = await transaction.subscribe(wanted)
            if changed:
                # A channel that subscribes again gets no report of the slots in between.
                await transaction.take_slot(_schedule(wanted).id, wanted.at, "begun", wanted.at)
                await transaction.log(AuditLogEntry(wanted.at, actor, "subscribe", detail))
        return changed

    async def unsubscribe(self, platform: str, channel: str, post: str, actor: str, at: datetime) -> int:
        """Cancel a channel's subscription, all of them where `post` is empty; how many there were."""
        async with self.ledger.begin() as transaction:
            gone = await transaction.unsubscribe(platform, channel, post)
            if gone:
                detail = {"channel": f"{platform}:{channel}", "post": post}
                await transaction.log(AuditLogEntry(at, actor, "unsubscribe", detail))
        return gone

    async def audiences(self) -> Mapping[str, str]:
        """The catalogue's audiences and the subscribed channels: name -> how to call it in a list."""
        named = {name: name for name in self.catalogue.audiences}
        return named | {
            channel: f"the channel {channel}" for channel in await subscribed(self.ledger) if channel not in named
        }

    async def draft(self, broadcast: Broadcast) -> None:
        """Save a broadcast that waits for its confirmation."""
        await self.ledger.draft(broadcast)

    async def drafted(self, id: str) -> Broadcast | None:
        """A broadcast by its id, sent or not."""
        return await self.ledger.drafted(id)

    async def broadcast(self, id: str, card: Mapping[str, Any], at: datetime) -> bool:
        """Post a drafted broadcast to each of its audiences, once. False: it was sent before."""
        known = {**self.catalogue.audiences, **await subscribed(self.ledger)}
        async with self.ledger.begin() as transaction:
            taken = await transaction.take_broadcast(id, at)
            if taken is None:
                return False
            for name in taken.audiences:
                about = broadcast_message(id, name)
                routes = [route.name for route in known[name].routes] if name in known else []
                expires_at = at + TOLD_WITHIN
                message = Message(about, name, card, Priority.ALERT, about, at, expires_at, purpose=Purpose.BROADCAST)
                await transaction.post(message, routes, at)
            detail = {"id": id, "severity": taken.gravity, "audiences": list(taken.audiences), "text": taken.text}
            await transaction.log(AuditLogEntry(at, taken.actor, "broadcast", detail))
        return True

    async def deliveries(self, id: str) -> Sequence[BroadcastDelivery]:
        """What became of a sent broadcast so far."""
        return await self.ledger.broadcast_deliveries(id)

    async def follow(self, id: str) -> AsyncIterator[Sequence[BroadcastDelivery]]:
        """The deliveries at once and whenever they changed, until all are settled or the last pause is over."""
        found = await self.deliveries(id)
        yield found
        for pause in self.pauses:
            if all(delivery.settled for delivery in found):
                return
            await self.sleep(pause)
            if (later := await self.deliveries(id)) != found:
                found = later
                yield found

    async def refused(self, actor: str, command: str, at: datetime, why: str = "") -> None:
        """Record in the audit log that somebody was refused a command, and `why` where it was not for the role."""
        detail = {"command": command} | ({"why": why} if why else {})
        await self.ledger.log(AuditLogEntry(at, actor, "refused", detail))


async def subscribed(ledger: Ledger) -> dict[str, Audience]:
    """The subscribed channels as audiences, each with one route and its own schedules, by name."""
    by_channel: dict[str, list[Subscription]] = {}
    for subscription in await ledger.subscriptions():
        by_channel.setdefault(subscription.audience, []).append(subscription)
    return {name: _audience(name, wanted) for name, wanted in by_channel.items()}


def with_subscribed(
    audiences: Mapping[str, Audience], ledger: Ledger
) -> Callable[[], Awaitable[Mapping[str, Audience]]]:
    """A function that gives the catalogue's audiences and, read each time, the subscribed channels."""

    async def now() -> Mapping[str, Audience]:
        return {**await subscribed(ledger), **audiences}

    return now


def _audience(name: str, wanted: Sequence[Subscription]) -> Audience:
    first = wanted[0]
    route = RouteSpec(first.platform, name)  # how a channel is reached is the routes' to know
    return Audience(name, (route,), tuple(map(_schedule, wanted)), first.timezone)


def _schedule(subscription: Subscription) -> Schedule:
    id = f"{subscription.audience}/{subscription.post}/{subscription.cron}/{subscription.timezone}"  # noqa: A001 - the field's own name
    return Schedule(id, subscription.audience, subscription.cron, subscription.timezone, GRACE, subscription.post)
