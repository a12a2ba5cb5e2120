"""Turns cron schedules with time zones into messages in the outbox, one for each slot however many replicas run."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim

from bot.model import Audience, Clock, Message, Schedule, UnusableError, utc_now
from bot.storage.leader import LeaderLease
from bot.storage.ledger import LedgerError, SlotState

_log = structlog.get_logger(__name__)

STEP = timedelta(seconds=30)
"""Longest sleep between two readings of the clock, so that a change of the clock is noticed."""

ON_TIME = timedelta(minutes=2)
"""A slot taken within this counts as on time; later it counts as made up."""

MOST_SLOTS = 1_000
"""Slots considered after a long absence. Of more, the oldest are neither run nor reported one by one."""

_CHECK_LEASE_EVERY = timedelta(seconds=1)
_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=30), timedelta(minutes=10)

Sleep = Callable[[float], Awaitable[None]]
Prepare = Callable[[Schedule, datetime], Awaitable[Message | None]]
Audiences = Callable[[], Awaitable[Mapping[str, Audience]]]
Missed = Callable[[Schedule, Sequence[datetime]], Awaitable[Message]]


def slots(schedule: Schedule, since: datetime) -> Iterator[datetime]:
    """The slots of a schedule after `since`, in UTC, without end.

    A slot in an hour that a clock change skips moves to the next moment that exists; one in an hour that is repeated comes
    once, the first time. An hourly schedule runs every hour.

    Raises:
        cronsim.CronSimError: the cron expression is invalid.
        zoneinfo.ZoneInfoNotFoundError: the time zone is unknown.
    """
    zone = ZoneInfo(schedule.timezone)
    last = since.astimezone(UTC)
    # Begin a day earlier: in a repeated hour, and after a skipped one, local time alone is ambiguous.
    for found in CronSim(schedule.cron, (last - timedelta(days=1)).astimezone(zone)):
        slot = found.astimezone(UTC)
        if slot > last:
            yield slot
            last = slot


def due(schedule: Schedule, since: datetime, now: datetime) -> tuple[datetime, ...]:
    """The slots after `since` up to `now`, oldest first; after a long absence only the newest `MOST_SLOTS` or so."""
    found = tuple(_until(schedule, since, now))
    while len(found) >= MOST_SLOTS:
        since += (now - since) / 2
        found = tuple(_until(schedule, since, now))
    return found


def _until(schedule: Schedule, since: datetime, now: datetime) -> Iterator[datetime]:
    for slot in islice(slots(schedule, since), MOST_SLOTS):
        if slot > now:
            return
        yield slot


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """What to do about due slots: `run` the newest within grace, and report those in `missed`, which are past it."""

    run: datetime | None
    made_up: tuple[datetime, ...]
    missed: tuple[datetime, ...]


def plan(schedule: Schedule, found: Sequence[datetime], now: datetime) -> SchedulePlan:
    """Sorts due slots. Several within grace get one message, for the newest."""
    within = tuple(slot for slot in found if now - slot <= max(schedule.grace, ON_TIME))
    missed = tuple(slot for slot in found if slot not in within)
    return SchedulePlan(within[-1] if within else None, within[:-1], missed)


class SlotTransaction(Protocol):
    """A transaction that takes slots and posts the messages for them: both or neither."""

    async def take_slot(self, schedule: str, slot: datetime, state: SlotState, now: datetime) -> bool:
        """Take a slot. False: it was taken before."""
        ...

    async def post(self, message: Message, routes: Sequence[str], now: datetime | None = None) -> bool:
        """Accept a message for delivery. False: it was accepted before."""
        ...


class ScheduleLedger(Protocol):
    """The part of the ledger that schedules are kept in."""

    async def begin_schedule(self, schedule: str, now: datetime) -> datetime:
        """The last settled slot of a schedule; `now` for a new one, which is recorded."""
        ...

    async def slots(self, schedule: str, since: datetime) -> Mapping[datetime, SlotState]:
        """The slots at or after `since` and what became of them."""
        ...

    def begin(self) -> AbstractAsyncContextManager[SlotTransaction]:
        """A transaction for the block."""
        ...


class Scheduler:
    """Runs the schedules of all audiences. `prepare` makes a slot's message, `missed` the one that reports missed slots.

    A slot whose `prepare` returns None is taken without a message. `audiences`, where it is a function, is called every
    `STEP`, so that new subscriptions take effect. `duty`: the replica that holds this lease prepares the messages, so that
    the estate is audited once; a slot is taken only once even without it.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: ScheduleLedger,
        audiences: Mapping[str, Audience] | Audiences,
        *,
        prepare: Prepare,
        missed: Missed,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
        duty: LeaderLease | None = None,
    ) -> None:
        self._ledger, self._duty = ledger, duty
        self._audiences: Mapping[str, Audience] = {} if callable(audiences) else audiences
        self._load_audiences = audiences if callable(audiences) else None
        self._prepare = prepare
        self._missed = missed
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Run every schedule until cancelled. One that fails is tried again and never stops the others."""
        running: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            if self._duty is not None:
                group.create_task(self._duty.run(), name="duty")
            while True:
                await self._refresh_audiences()
                wanted = {
                    schedule.id: schedule for audience in self._audiences.values() for schedule in audience.schedules
                }
                for gone in running.keys() - wanted.keys():
                    running.pop(gone).cancel()
                for new in wanted.keys() - running.keys():
                    running[new] = group.create_task(self._run_schedule(wanted[new]), name=f"schedule {new}")
                if self._load_audiences is None:
                    return
                await self._sleep(STEP.total_seconds())

    async def _refresh_audiences(self) -> None:
        """Read the audiences again; the known ones stay while the ledger cannot be read."""
        if self._load_audiences is None:
            return
        try:
            self._audiences = await self._load_audiences()
        except LedgerError as error:
            _log.error("schedule_audiences_unreadable", error=str(error))

    async def _run_schedule(self, schedule: Schedule) -> None:
        since: datetime | None = None
        retry = _FIRST_RETRY
        while True:
            if self._duty is not None and not self._duty.held:
                since = None  # the replica that holds the lease settles slots meanwhile
                await self._sleep(_CHECK_LEASE_EVERY.total_seconds())
                continue
            try:
                since = await self.catch_up(schedule, since)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the slot can still be taken
                _log.error("schedule_failed", schedule=schedule.id, error=type(error).__name__, reason=_reason(error))
                await self._sleep(retry.total_seconds())
                retry = min(retry * 2, _LAST_RETRY)
                continue
            retry = _FIRST_RETRY
            following = next(slots(schedule, since), None)
            left = STEP if following is None else following - self._clock()
            await self._sleep(min(max(left, timedelta(seconds=0.2)), STEP).total_seconds())

    async def catch_up(self, schedule: Schedule, since: datetime | None = None) -> datetime:
        """Do what is due now, and return the slot up to which all is settled.

        `since`: that slot as last returned; None asks the ledger, which also begins a schedule never seen before: no
        slot before that moment is made up.
        """
        now = self._clock()
        if since is None:
            since = await self._ledger.begin_schedule(schedule.id, now)
        found = due(schedule, since, now)
        if not found:
            return since
        todo = plan(schedule, found, now)
        if todo.missed:
            await self._tell(schedule, todo.missed, now)
        if todo.run is not None:
            await self._post(schedule, todo.run, todo.made_up, now)
        return found[-1]

    async def _tell(self, schedule: Schedule, missed: Sequence[datetime], now: datetime) -> None:
        """Report all missed slots once: the replica that takes the newest slot posts."""
        known = await self._ledger.slots(schedule.id, missed[0])
        open_slots = [slot for slot in missed if slot not in known]
        if not open_slots:
            return
        message = await self._missed(schedule, open_slots)
        async with self._ledger.begin() as transaction:
            if await transaction.take_slot(schedule.id, open_slots[-1], "missed", now):
                for slot in open_slots[:-1]:
                    await transaction.take_slot(schedule.id, slot, "missed", now)
                await transaction.post(message, self._routes(schedule), now)
        _log.warning("schedule_slots_missed", schedule=schedule.id, slots=len(open_slots))

    async def _post(self, schedule: Schedule, slot: datetime, made_up: Sequence[datetime], now: datetime) -> None:
        if slot in await self._ledger.slots(schedule.id, slot):
            return  # another replica was faster: no need to prepare the message
        message = await self._prepare(schedule, slot)
        state: SlotState = "taken" if now - slot <= ON_TIME else "made_up"
        async with self._ledger.begin() as transaction:
            if await transaction.take_slot(schedule.id, slot, state, now):
                for earlier in made_up:
                    await transaction.take_slot(schedule.id, earlier, "made_up", now)
                if message is not None:
                    await transaction.post(message, self._routes(schedule), now)

    def _routes(self, schedule: Schedule) -> list[str]:
        return [route.name for route in self._audiences[schedule.audience].routes]


def _reason(error: Exception) -> str:
    """The error's text where it is known to contain no secret."""
    return str(error) if isinstance(error, LedgerError | UnusableError) else ""
