"""Flow 2: signals of feeds, probes and hooks -> incidents -> alerts, written into the outbox with the state they tell of."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.incidents import Board, Estate, Policy, Window, hit, places, signals_of, step, windows_of
from bot.ledger import Entry, Ledger, LedgerError
from bot.ports import Audience, Clock, FeedReading
from bot.signals import Health, Moment, OwnIncident, Phase, Signal, UnknownIncidentError
from bot.telling import Office, Telling
from checks import Scope, Severity

TICK = timedelta(seconds=5)
"""How often what was observed is judged."""

_INBOX_AT_MOST = 200_000
_log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the flow is told to do.

    `maintenance`: windows of our own. `escalate_to`: audiences in the order in which a tier-1 alert that nobody has
    acknowledged is repeated to them, each `escalate_after` later.
    """

    policy: Policy = field(default_factory=Policy)
    maintenance: tuple[Window, ...] = ()
    escalate_to: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=15)


class Watch:
    """The real `signals.Incidents`. Signals come in by `tell` and `read`, every `tick` judges them.

    `estate` gives what is known of our services at the moment; `audiences` who is told.
    """

    def __init__(  # noqa: PLR0913 - its edges, clock and sleep are handed in
        self,
        ledger: Ledger,
        audiences: Mapping[str, Audience],
        estate: Callable[[], Awaitable[Estate]],
        *,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        plan: Plan | None = None,
        currency: str = "",
    ) -> None:
        self._ledger, self._estate = ledger, estate
        self._clock, self._sleep = clock, sleep
        self._plan = plan or Plan()
        self._telling = Telling(Office(audiences, currency))
        self._inbox: list[Signal] = []
        self._pages: dict[str, FeedReading] = {}
        self._listed: dict[str, dict[tuple[str, Scope], Signal]] = {}
        self._board = Board()
        self._known = Estate()
        self._places: Collection[Scope] = ()
        self._loaded = False
        self._turn = asyncio.Lock()

    def tell(self, signal: Signal) -> None:
        """Take in what a probe, a hook or a canary saw."""
        if len(self._inbox) < _INBOX_AT_MOST:
            self._inbox.append(signal)

    def read(self, reading: FeedReading) -> None:
        """Take in a poll of a provider's page. What it no longer lists counts as over only where the page is well."""
        self._pages[reading.provider] = reading
        if reading.error or reading.read_at is None:
            return
        found = {(one.source, one.scope): one for one in signals_of(reading, self._places, self._clock())}
        before = self._listed.get(reading.provider, {})
        self._listed[reading.provider] = found
        self._inbox += found.values()
        self._inbox += [
            replace(one, state=_unlisted(reading), at=reading.read_at)
            for key, one in before.items()
            if key not in found
        ]

    @property
    def board(self) -> Board:
        """Everything that is known, as the last tick left it."""
        return self._board

    async def run(self) -> None:
        """Tick until cancelled. A ledger out of reach is waited for: nothing is told that is not written down."""
        while True:
            try:
                await self.tick()
            except LedgerError as error:
                _log.error("watch.ledger_out_of_reach", error=str(error))
            await self._sleep(TICK.total_seconds())

    async def tick(self) -> None:
        """Judge what came in since the last one, and post what is worth telling.

        Raises:
            LedgerError: the state could not be written; the board stays as it was and the signals are kept.
        """
        async with self._turn:
            await self._load()
            signals, self._inbox = self._inbox, []
            try:
                await self._judge(signals)
            except BaseException:
                self._inbox = [*signals, *self._inbox]
                raise

    async def incidents(self, *, since: datetime | None = None) -> tuple[OwnIncident, ...]:
        """The open ones that are sure, and those that ended at or after `since`; the worst first."""
        async with self._turn:
            await self._load()
        found = {one.id: one for one in await self._ledger.kept_incidents(since)} if since else {}
        found |= {one.id: one for one in self._board.incidents.values()}
        told = (one for one in found.values() if one.phase is not Phase.SUSPECTED)
        wanted = [one for one in told if one.open or (since and one.resolved_at and one.resolved_at >= since)]
        order = list(Severity)
        return tuple(sorted(wanted, key=lambda one: (not one.open, order.index(one.severity), one.onset_at, one.id)))

    async def incident(self, id: str) -> OwnIncident:
        """One of them, by its id or the beginning of it."""
        known = {one.id: one for one in await self.incidents(since=datetime.fromtimestamp(0, self._clock().tzinfo))}
        if id in known:
            return known[id]
        begins = [one for name, one in known.items() if id and name.startswith(id)]
        if len(begins) != 1:
            raise UnknownIncidentError(id)
        return begins[0]

    async def acknowledge(self, id: str, by: str) -> OwnIncident:
        """Somebody is on it: it is not repeated to the next audience."""
        now = self._clock()
        return await self._handle(id, by, "acknowledge", f"{by} is on it", acknowledged_by=by, acknowledged_at=now)

    async def assign(self, id: str, to: str, by: str) -> OwnIncident:
        """Somebody is to be on it."""
        return await self._handle(id, by, "assign", f"{by} assigned it to {to}", assigned_to=to)

    async def mute(self, id: str, lasts: timedelta, by: str) -> OwnIncident:
        """No new message for so long but that it is over; those that are there are still kept up to date."""
        until = self._clock() + lasts
        return await self._handle(id, by, "mute", f"{by} muted it until {until:%H:%M} UTC", muted_until=until)

    async def escalate(self, id: str, audience: str, by: str) -> OwnIncident:
        """Tell another audience now.

        Raises:
            UnknownIncidentError: there is no such incident.
            ValueError: there is no such audience.
        """
        if audience not in self._telling.office.audiences:
            raise ValueError(f"no audience is called {audience}")
        known = (await self.incident(id)).handling.escalated_to
        told = (*known, *(name for name in (audience,) if name not in known))
        return await self._handle(id, by, "escalate", f"{by} told {audience}", escalated_to=told)

    async def _handle(self, id: str, by: str, action: str, said: str, **changed: object) -> OwnIncident:
        found = await self.incident(id)
        async with self._turn:
            now = self._clock()
            one = self._board.incidents.get(found.id, found)
            moved = replace(
                one,
                handling=replace(one.handling, **changed),  # type: ignore[arg-type]
                timeline=(*one.timeline, Moment(now, "person", said)),
            )
            entry = Entry(now, by, f"incident.{action}", {"incident": one.id})
            await self._publish(replace(self._board, incidents={**self._board.incidents, one.id: moved}), now, entry)
        return moved

    async def _load(self) -> None:
        if self._loaded:
            return
        kept = await self._ledger.kept_incidents(self._clock() - self._plan.policy.reopen)
        self._board = replace(self._board, incidents={one.id: one for one in kept})
        self._telling.load(await self._ledger.kept_told())
        self._loaded = True

    async def _judge(self, signals: Sequence[Signal]) -> None:
        now, estate = self._clock(), await self._estate()
        changed = estate is not self._known
        if changed:
            self._known, self._places = estate, places(estate.seen)
        board = step(
            self._board,
            signals,
            now,
            runs_on=estate.runs_on,
            windows=self._windows(),
            policy=self._plan.policy,
        )
        incidents = {}
        for name, one in board.incidents.items():
            incidents[name] = await self._with_affected(one, now, estate_changed=changed)
        await self._publish(replace(board, incidents=incidents), now)

    async def _with_affected(self, one: OwnIncident, now: datetime, *, estate_changed: bool) -> OwnIncident:
        """Walk the graph again only where that may change the answer; what is over keeps whom it hit."""
        before = self._board.incidents.get(one.id)
        if one.phase is Phase.SUSPECTED or not one.open:
            return one
        same = before is not None and before.phase is not Phase.SUSPECTED and before.scopes == one.scopes
        if not same or estate_changed:
            one = await asyncio.to_thread(hit, one, self._known, now)
        return self._escalated(one, now)

    def _escalated(self, one: OwnIncident, now: datetime) -> OwnIncident:
        """A tier-1 alert that nobody has acknowledged goes to the next audience, one after each waiting time."""
        due = self._plan.escalate_to
        if one.severity is not Severity.CRITICAL or one.handling.acknowledged_by or one.confirmed_at is None or not due:
            return one
        steps = int((now - one.confirmed_at) / self._plan.escalate_after)
        fresh = [name for name in due[:steps] if name not in one.handling.escalated_to]
        if not fresh or one.phase is not Phase.CONFIRMED:
            return one
        moments = [Moment(now, "told", f"nobody has acknowledged it: {name} is told") for name in fresh]
        handling = replace(one.handling, escalated_to=(*one.handling.escalated_to, *fresh))
        return replace(one, handling=handling, timeline=(*one.timeline, *moments))

    def _windows(self) -> Iterable[Window]:
        pages = (window for reading in self._pages.values() for window in windows_of(reading, self._places))
        return (*self._plan.maintenance, *pages)

    async def _publish(self, board: Board, now: datetime, entry: Entry | None = None) -> None:
        """Write down what changed and what it makes us say: both or neither."""
        before = self._board.incidents
        changed = [one for one in board.incidents.values() if _worth_writing(before.get(one.id), one)]
        changed += [_taken_over(before[old], by, now) for old, by in board.merged.items() if old in before]
        self._telling.merge(board.merged)
        posts = self._telling.due(board.incidents.values(), now)
        if changed or posts or entry:
            async with self._ledger.begin() as transaction:
                for one in changed:
                    await transaction.save_incident(one)
                for post in posts:
                    await transaction.post(post.message, post.routes, now)
                    await transaction.save_told(post.told)
                if entry is not None:
                    await transaction.log(entry)
        self._telling.sent(posts)
        self._board = replace(board, merged={})


def _worth_writing(before: OwnIncident | None, one: OwnIncident) -> bool:
    if one.phase is Phase.SUSPECTED or before is one:
        return False
    # That it still goes on is written once a minute: it is no news.
    return (
        before is None
        or replace(one, updated_at=before.updated_at) != before
        or one.updated_at - before.updated_at >= timedelta(minutes=1)
    )


def _taken_over(one: OwnIncident, by: str, now: datetime) -> OwnIncident:
    moment = Moment(now, "joined", f"part of {by}")
    return replace(one, phase=Phase.RESOLVED, resolved_at=now, timeline=(*one.timeline, moment))


def _unlisted(reading: FeedReading) -> Health:
    return Health.GOOD if reading.severity is not None and reading.severity.value == "none" else Health.UNKNOWN
