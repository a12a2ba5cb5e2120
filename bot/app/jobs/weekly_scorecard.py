"""Writes the scorecard of an audience when its schedule is due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from bot.audit.service import AuditService
from bot.cards.messages.missed_posts import missed_card
from bot.cards.messages.weekly_scorecard import weekly_card
from bot.delivery.scheduler import slots
from bot.model import Audit, Message, Priority, Progress, Purpose, Schedule
from bot.storage.ledger import Ledger
from checks import PastScore, Service, grade, trend

FRESH_ENOUGH = timedelta(hours=6)
"""An audit younger than this is used for a post; otherwise the account is read again."""

STALE_POST = timedelta(days=5)
"""A weekly post that could not be delivered for this long is dropped: the next one is near."""

_HISTORY = timedelta(weeks=12)
_SLOTS = 6
_CADENCES = (("Daily", 0.9, 3.1), ("Weekly", 6.9, 7.1), ("Monthly", 28, 31.1))
"""The names of cadences, and the least and the most days between two posts: over a weekend three."""


@dataclass(frozen=True, slots=True)
class ScorecardWriter:
    """Writes the posts but sends nothing: the caller puts them into the outbox with the slot, in one transaction."""

    audits: AuditService[Ledger]

    async def prepare(self, schedule: Schedule, slot: datetime) -> Message:
        """The audience's scorecard for a slot (UTC): of the services that report to it, or of all services if none does.

        Raises:
            UnusableError: nothing is readable.
        """
        audit = await self._fresh()
        names = self._reporting(schedule, audit)
        if names and len(names) < len(audit.scorecard.services):
            audit = self.audits.audit_of(names)
        now = self.audits.clock()
        since = now - _HISTORY
        histories = {name: await self.audits.history(name, since) for name in names}
        whole = estate_history(histories, [scored.service for scored in audit.scorecard.services])
        card = weekly_card(
            audit.scorecard,
            name=self._title(schedule),
            cadence=cadence(schedule, slot),
            trend=trend(audit.scorecard, whole, now=now),
            gaps=audit.collected.gaps,
        )
        return self._message(schedule, slot, card.dump(), Purpose.SCORECARD, now)

    def missed(self, schedule: Schedule, missed: Sequence[datetime]) -> Message:
        """A message that lists the posts an audience did not get because backstay was not running."""
        card = missed_card(schedule, missed)
        return self._message(schedule, missed[-1], card.dump(), Purpose.MISSED_POSTS, self.audits.clock())

    async def _fresh(self) -> Audit:
        last = await self.audits.latest()
        if last is not None and self.audits.clock() - last.scorecard.generated_at <= FRESH_ENOUGH:
            return last
        return await self.audits.audit((), _no_progress)

    def _reporting(self, schedule: Schedule, audit: Audit) -> list[str]:
        """The service that the post is about, else the services that report to the audience, else all services."""
        known = [scored.service for scored in audit.scorecard.services]
        mine = [
            service.name
            for service in known
            if service.name == _service(schedule) or service.audience == schedule.audience
        ]
        return mine or [service.name for service in known]

    def _title(self, schedule: Schedule) -> str:
        """Whose scorecard it is, as people call it and not by the id of a channel."""
        named = schedule.audience in self.audits.catalogue.audiences
        return _service(schedule) or (schedule.audience if named else self.audits.organisation or "All services")

    def _message(
        self, schedule: Schedule, slot: datetime, card: dict[str, object], purpose: Purpose, now: datetime
    ) -> Message:
        begin = "weekly" if purpose is Purpose.SCORECARD else "missed"
        about = f"{begin}:{schedule.id}:{slot:%Y-%m-%dT%H:%MZ}"
        return Message(about, schedule.audience, card, Priority.REPORT, about, now, now + STALE_POST, purpose=purpose)


def cadence(schedule: Schedule, slot: datetime) -> str:
    """`Daily` (on weekdays too), `Weekly`, `Monthly`, or empty, by the slots that follow one (UTC)."""
    times = list(islice(slots(schedule, slot), _SLOTS))
    days = [round((later - earlier) / timedelta(days=1), 1) for earlier, later in pairwise(times)]
    for name, least, most in _CADENCES:
        # An hour more or less where the clocks change.
        if days and least <= min(days) and max(days) <= most:
            return name
    return ""


def estate_history(histories: Mapping[str, Sequence[PastScore]], services: Sequence[Service]) -> tuple[PastScore, ...]:
    """The past scores of several services as those of one estate: for each time when all were scored, oldest first."""
    weights = {service.name: service.tier.weight for service in services}
    by_moment: dict[datetime, dict[str, PastScore]] = defaultdict(dict)
    for name in weights:
        for past in histories.get(name, ()):
            by_moment[past.at][name] = past
    whole = (past for _, past in sorted(by_moment.items()) if len(past) == len(weights))
    return tuple(_estate_score(past, weights) for past in whole)


def _estate_score(past: Mapping[str, PastScore], weights: Mapping[str, float]) -> PastScore:
    total = sum(weights.values())
    mean = sum(weights[name] * score.score for name, score in past.items()) / total
    coverage = sum(weights[name] * score.coverage for name, score in past.items()) / total
    first = next(iter(past.values()))
    failing = frozenset().union(*(score.failing for score in past.values()))
    return PastScore("", first.at, mean, grade(mean, coverage), coverage, first.ruleset, failing)


def _service(schedule: Schedule) -> str:
    return schedule.post.partition(" ")[2]


def _no_progress(_: Progress) -> None:
    """A scheduled audit shows no progress."""
