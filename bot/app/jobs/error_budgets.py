"""Reads the error budgets again and again, and warns a service's audience when one burns too fast: once an episode, and at its end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.audit.slos.burn import next_episode
from bot.audit.slos.service import SloService
from bot.cards.card import Card
from bot.cards.messages.error_budget import burn_card, burn_over_card, burn_withdrawn_card
from bot.model import Audience, Clock, Message, Priority, Purpose
from bot.model.notifications import NotificationReason
from bot.model.slos import BurnEpisode, BurnLevel, SloReading, SloState
from bot.storage.leader import LeaderLease
from bot.storage.leases import LeadershipLostError
from bot.storage.ledger import Ledger, LedgerError
from checks import Service

EXPIRES_AFTER: Final = timedelta(hours=12)
"""A warning that could not be delivered for so long is dropped."""

_CHECK_LEASE_EVERY: Final = timedelta(seconds=5)
_log = structlog.get_logger(__name__)
Sleep = Callable[[float], Awaitable[None]]


class ErrorBudgetWatch:
    """Reads all objectives while this replica is the leader, and keeps the readings for scorecards and commands.

    Args:
        slos: reads the objectives.
        ledger: keeps readings and episodes, and has the outbox.
        services: the services by name: whose audience is told.
        audiences: the audiences by name.
        admins: the audience of a service that has none; empty: its warnings go to the log alone.
        lease: the leader's.
        clock: gives the present time in UTC.
        every: the time between two rounds.
        warn: False: read, and tell nobody.
        sleep: waits; handed in by tests.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        slos: SloService,
        ledger: Ledger,
        *,
        services: Mapping[str, Service],
        audiences: Mapping[str, Audience],
        admins: str,
        lease: LeaderLease,
        clock: Clock,
        every: timedelta,
        warn: bool,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._slos, self._ledger, self._lease, self._clock, self._sleep = slos, ledger, lease, clock, sleep
        self._services, self._audiences, self._admins = services, audiences, admins
        self._every, self._warn = every, warn

    async def run(self) -> None:
        """Read and warn until cancelled. A round that fails is tried again."""
        while True:
            if not self._lease.held:
                await self._sleep(_CHECK_LEASE_EVERY.total_seconds())
                continue
            try:
                await self.check()
            except LeadershipLostError:
                _log.info("error_budgets_left_to_another_replica")
            except LedgerError as error:
                _log.error("error_budgets_without_ledger", error=str(error))
            await self._sleep(self._every.total_seconds())

    async def check(self) -> Sequence[SloState]:
        """One round: read, decide, and keep what was read together with what is told: both or neither.

        Raises:
            LedgerError: the ledger cannot be reached.
            LeadershipLostError: another replica leads meanwhile.
        """
        readings = await self._slos.read()
        before = {(state.reading.service, state.reading.slo): state for state in await self._ledger.slo_states()}
        now = self._clock()
        states, messages = [], []
        for reading in readings:
            known = before.get((reading.service, reading.slo))
            state, message = self._decided(known, reading, now)
            states.append(state)
            if message is not None:
                messages.append(message)
        states += _carried_over(before.values(), readings)
        kept = {(state.reading.service, state.reading.slo) for state in states}
        gone = [state for key, state in before.items() if key not in kept]
        messages += [message for state in gone if (message := self._withdrawn(state, now)) is not None]
        async with self._ledger.begin() as transaction:
            await self._lease.fence(transaction)
            await transaction.save_slo_states(states)
            for message in messages:
                routes = [route.name for route in self._audiences[message.audience].routes]
                await transaction.post(message, routes, now)
        return states

    def _decided(self, known: SloState | None, reading: SloReading, now: datetime) -> tuple[SloState, Message | None]:
        before = known.episode if known else None
        episode, tell = next_episode(before, reading, now)
        if tell is None or not self._warn:
            return SloState(reading, episode), None
        about = before if tell is BurnLevel.NONE else episode
        if about is None:
            return SloState(reading, episode), None
        message = self._message(reading, about, tell, now)
        if message is not None and episode is not None and not episode.message:
            episode = replace(episode, message=message.id)
        return SloState(reading, episode), message

    def _withdrawn(self, state: SloState, now: datetime) -> Message | None:
        """The end of an episode whose objective is no longer listed, for those who were told its beginning."""
        episode = state.episode
        if episode is None or not episode.message or not self._warn:
            return None
        return self._message(state.reading, episode, BurnLevel.NONE, now, burn_withdrawn_card(state.reading, episode))

    def _message(
        self, reading: SloReading, episode: BurnEpisode, tell: BurnLevel, now: datetime, card: Card | None = None
    ) -> Message | None:
        service = self._services.get(reading.service)
        audience = service.audience if service and service.audience in self._audiences else self._admins
        if audience not in self._audiences:
            _log.warning(
                "error_budget_burns", service=reading.service, slo=reading.slo, level=str(tell), burn=reading.burn
            )
            return None
        made, reason = self._card(reading, episode, tell, service.owner if service else "", now)
        key = f"{episode.id}:{audience}:{tell or 'over'}"
        return Message(
            key,
            audience,
            (card or made).dump(),
            Priority.ALERT if tell is BurnLevel.FAST else Priority.REPORT,
            key,
            now,
            now + EXPIRES_AFTER,
            under=episode.message,
            purpose=Purpose.EARLY_WARNING,
            incident=episode.id,
            reason=reason,
            alert_key=f"{episode.id}:{audience}",
        )

    def _card(
        self, reading: SloReading, episode: BurnEpisode, tell: BurnLevel, owner: str, now: datetime
    ) -> tuple[Card, NotificationReason]:
        if tell is BurnLevel.NONE:
            return burn_over_card(reading, episode, now), NotificationReason.RESOLVED
        worse = bool(episode.message)
        reason = NotificationReason.WORSE if worse else NotificationReason.OPENED
        return burn_card(reading, episode, owner=owner, worse=worse), reason


def _carried_over(before: Iterable[SloState], readings: Sequence[SloReading]) -> list[SloState]:
    """The states of objectives that are not seen because a file of their service cannot be used: their episodes go on."""
    seen = {(reading.service, reading.slo) for reading in readings}
    doubtful = {reading.service for reading in readings if reading.problem}
    return [
        state
        for state in before
        if state.reading.service in doubtful and (state.reading.service, state.reading.slo) not in seen
    ]
