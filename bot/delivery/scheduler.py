"""Flow 3: cron with time zones -> slots -> a post in the outbox, each slot once, whoever and however many run."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim

from bot.model import Audience, Clock, Message, Schedule, UnusableError, utc_now
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger, LedgerError, SlotState

_log = structlog.get_logger(__name__)

STEP = timedelta(seconds=30)
"""Longest sleep between two looks at the clock, so that one which was set is noticed."""

ON_TIME = timedelta(minutes=2)
"""A slot taken within this counts as taken on time; later it was made up."""

MOST_SLOTS = 1_000
"""Slots looked at after a long absence. Of more, the oldest are neither run nor told one by one."""

_LOOK_AT_DUTY = timedelta(seconds=1)
_FIRST_RETRY, _LAST_RETRY = timedelta(seconds=30), timedelta(minutes=10)

Sleep = Callable[[float], Awaitable[None]]
Prepare = Callable[[Schedule, datetime], Awaitable[Message | None]]
Audiences = Callable[[], Awaitable[Mapping[str, Audience]]]
Missed = Callable[[Schedule, Sequence[datetime]], Awaitable[Message]]


def slots(schedule: Schedule, since: datetime) -> Iterator[datetime]:
    """The slots of a schedule after `since`, in UTC, without end.

    A slot in the hour that a clock change skips comes at the next moment that exists; one in the hour that comes twice
    comes once, the first time. An hourly schedule runs every hour that passes.

    Raises:
        cronsim.CronSimError: the cron expression makes no sense.
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    zone = ZoneInfo(schedule.timezone)
    last = since.astimezone(UTC)
    # From a day before: in an hour that comes twice, and after one that was skipped, local time alone would mislead.
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
    """What to do about slots that are due: run the newest within grace; tell those that are past it."""

    run: datetime | None
    made_up: tuple[datetime, ...]
    missed: tuple[datetime, ...]


def plan(schedule: Schedule, found: Sequence[datetime], now: datetime) -> SchedulePlan:
    """Sort due slots. Several within grace get one post, for the newest: three equal scorecards at once help nobody."""
    within = tuple(slot for slot in found if now - slot <= max(schedule.grace, ON_TIME))
    missed = tuple(slot for slot in found if slot not in within)
    return SchedulePlan(within[-1] if within else None, within[:-1], missed)


class Scheduler:
    """Runs the schedules of all audiences. `prepare` makes a slot's post, `missed` the one that tells of missed slots.

    A slot whose `prepare` gives None is taken without a post: there is nothing to say.

    `audiences` is asked again and again: who subscribes is heard of within `STEP`. `duty`: of several replicas one prepares
    the posts, so that an estate is not audited once for each; a slot is taken once whoever takes it, so none is needed for that.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
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
        self._ask = audiences if callable(audiences) else None
        self._prepare = prepare
        self._missed = missed
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Keep every schedule until cancelled. One that fails is tried again and never stops the others."""
        kept: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            if self._duty is not None:
                group.create_task(self._duty.run(), name="duty")
            while True:
                await self._hear()
                wanted = {one.id: one for audience in self._audiences.values() for one in audience.schedules}
                for gone in kept.keys() - wanted.keys():
                    kept.pop(gone).cancel()
                for new in wanted.keys() - kept.keys():
                    kept[new] = group.create_task(self._keep(wanted[new]), name=f"schedule {new}")
                if self._ask is None:
                    return
                await self._sleep(STEP.total_seconds())

    async def _hear(self) -> None:
        """Ask who wants posts; while nobody answers, those who did keep theirs."""
        if self._ask is None:
            return
        try:
            self._audiences = await self._ask()
        except LedgerError as error:
            _log.error("schedule.audiences_not_read", said=str(error))

    async def _keep(self, schedule: Schedule) -> None:
        since: datetime | None = None
        retry = _FIRST_RETRY
        while True:
            if self._duty is not None and not self._duty.held:
                since = None  # whoever has it settles slots meanwhile
                await self._sleep(_LOOK_AT_DUTY.total_seconds())
                continue
            try:
                since = await self.catch_up(schedule, since)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the slot is still there to be taken
                _log.error("schedule.failed", schedule=schedule.id, error=type(error).__name__, said=_said(error))
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
        """Tell once of all missed slots: whoever takes the newest of them posts."""
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
        _log.warning("schedule.missed", schedule=schedule.id, slots=len(open_slots))

    async def _post(self, schedule: Schedule, slot: datetime, made_up: Sequence[datetime], now: datetime) -> None:
        if slot in await self._ledger.slots(schedule.id, slot):
            return  # another replica was faster: spare the work of preparing
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


def _said(error: Exception) -> str:
    """Only our own errors are known to hold no secret."""
    return str(error) if isinstance(error, LedgerError | UnusableError) else ""
