"""A due slot of a schedule -> the post for its audience: what the weekly scorecard says, and to whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.audit.service import AuditService
from bot.cards.messages.missed_posts import missed_card
from bot.cards.messages.weekly_scorecard import weekly_card
from bot.model import Audit, Message, Priority, Progress, Purpose, Schedule
from checks import PastScore, Service, grade, trend

FRESH_ENOUGH = timedelta(hours=6)
"""An audit younger than this is good enough for a post; an older one is made anew."""

STALE_POST = timedelta(days=5)
"""A weekly post that could not be delivered for so long is out of date: the next one is near."""

_HISTORY = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class ScorecardWriter:
    """Writes the posts. Nothing is sent here: what it returns goes into the outbox with the slot, in one transaction."""

    review: AuditService

    async def prepare(self, schedule: Schedule, slot: datetime) -> Message:
        """The audience's scorecard for a slot (UTC). The services that report to it; all of them where none does.

        Raises:
            UnusableError: nothing could be read.
        """
        audit = await self._fresh()
        names = self._reporting(schedule, audit)
        if names and len(names) < len(audit.scorecard.services):
            audit = self.review.only(names)
        now = self.review.clock()
        since = now - _HISTORY
        histories = {name: await self.review.history(name, since) for name in names}
        whole = together(histories, [one.service for one in audit.scorecard.services])
        moved = {
            one.service.name: trend(one, histories.get(one.service.name, ()), now=now)
            for one in audit.scorecard.services
        }
        card = weekly_card(
            audit.scorecard,
            name=self._whose(schedule),
            now=now,
            trend=trend(audit.scorecard, whole, now=now),
            trends={name: change for name, change in moved.items() if change is not None},
            history=whole,
            gaps=audit.collected.gaps,
        )
        return self._message(schedule, slot, card.dump(), Purpose.SCORECARD, now)

    def missed(self, schedule: Schedule, slots: Sequence[datetime]) -> Message:
        """Tell an audience which posts it did not get, because backstay was not running."""
        card = missed_card(schedule, slots)
        return self._message(schedule, slots[-1], card.dump(), Purpose.MISSED_POSTS, self.review.clock())

    async def _fresh(self) -> Audit:
        last = await self.review.latest()
        if last is not None and self.review.clock() - last.scorecard.generated_at <= FRESH_ENOUGH:
            return last
        return await self.review.audit((), _quietly)

    def _reporting(self, schedule: Schedule, audit: Audit) -> list[str]:
        """The one service that the post is of, else those that report to the audience, else all."""
        known = [one.service for one in audit.scorecard.services]
        mine = [one.name for one in known if one.name == _service(schedule) or one.audience == schedule.audience]
        return mine or [service.name for service in known]

    def _whose(self, schedule: Schedule) -> str:
        """Whose scorecard it is, in words: a channel's id says nothing to people."""
        named = schedule.audience in self.review.catalogue.audiences
        return _service(schedule) or (schedule.audience if named else self.review.organisation or "All services")

    def _message(
        self, schedule: Schedule, slot: datetime, card: dict[str, object], purpose: Purpose, now: datetime
    ) -> Message:
        begin = "weekly" if purpose is Purpose.SCORECARD else "missed"
        about = f"{begin}:{schedule.id}:{slot:%Y-%m-%dT%H:%MZ}"
        return Message(about, schedule.audience, card, Priority.REPORT, about, now, now + STALE_POST, purpose=purpose)


def together(histories: Mapping[str, Sequence[PastScore]], services: Sequence[Service]) -> tuple[PastScore, ...]:
    """What the services' remembered scores come to as one estate: at each moment when all of them were scored, oldest first."""
    weights = {service.name: service.tier.weight for service in services}
    by_moment: dict[datetime, dict[str, PastScore]] = defaultdict(dict)
    for name in weights:
        for past in histories.get(name, ()):
            by_moment[past.at][name] = past
    whole = (past for _, past in sorted(by_moment.items()) if len(past) == len(weights))
    return tuple(_as_one(past, weights) for past in whole)


def _as_one(past: Mapping[str, PastScore], weights: Mapping[str, float]) -> PastScore:
    total = sum(weights.values())
    score = sum(weights[name] * one.score for name, one in past.items()) / total
    coverage = sum(weights[name] * one.coverage for name, one in past.items()) / total
    first = next(iter(past.values()))
    failing = frozenset().union(*(one.failing for one in past.values()))
    return PastScore("", first.at, score, grade(score, coverage), coverage, first.ruleset, failing)


def _service(schedule: Schedule) -> str:
    return schedule.post.partition(" ")[2]


def _quietly(_: Progress) -> None:
    """A scheduled audit has nobody watching."""
