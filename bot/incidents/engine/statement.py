"""The statement of a provider's status page about a scope, and how certain that makes a failure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.engine.known_records import ObserverKey
from bot.incidents.engine.observers import Observers, ObserverState
from bot.incidents.engine.target_health import Level
from bot.model import IncidentSeverity, IncidentState
from bot.model.incidents import ProviderStatement
from bot.model.observed import StatedItem, item_key
from bot.model.signals import SILENT_PAGE, Health
from bot.model.thresholds import Thresholds

SCALE = tuple(IncidentSeverity)
"""A provider's severities, the mildest first."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The provider's statement and its level. `silent`: its page stopped answering. `first_reading`: all of it was listed at first."""

    statement: ProviderStatement | None = None
    level: Level = Level.NONE
    silent: bool = False
    first_reading: bool = False


def statement_of(
    states: Sequence[tuple[ObserverKey, ObserverState]],
    fresh: Observers,
    now: datetime,
    policy: Thresholds,
    overruled: Collection[str] = (),
) -> Stated:
    """The provider's statement about one scope: the worst of what its pages list.

    `overruled`: keys of items in spite of which an incident was resolved. They are no reason for another one, and hide no other item.
    """
    feeds = [(key, observer) for key, observer in states if observer.kind == "feed"]
    pages = [(key, observer) for key, observer in feeds if key.source.startswith(SILENT_PAGE)]
    silent = any(observer.state is Health.UNKNOWN and observer.streak and key in fresh for key, observer in pages)
    known = [(key, observer) for key, observer in feeds if observer.state is not Health.UNKNOWN]
    known = [pair for pair in known if pair not in pages]
    if not known:
        return Stated(silent=silent)
    counted = [pair for pair in known if not _item_of(*pair).overruled_by(overruled)]
    if any(observer.state is Health.BAD for _, observer in counted):
        known = counted
    key, worst = max(known, key=_rank)
    items = {_item_of(*pair) for pair in known if pair[1].state is Health.BAD}
    parts = {part for item in items for part in item.parts or ("",)}
    statement = ProviderStatement(
        key.scope.provider,
        worst.state is Health.BAD,
        worst.since,
        worst.detail,
        worst.severity,
        worst.url,
        began=worst.began,
        parts=() if "" in parts else tuple(sorted(parts)),
        progress=worst.progress,
        updates=worst.updates,
        items=tuple(sorted(items, key=lambda item: (-SCALE.index(item.severity), item.parts, item.key, item.fixed))),
    )
    still = [observer for other, observer in counted if observer.state is Health.BAD and other in fresh]
    if not still:
        return Stated(statement, silent=silent)
    level = Level.CONFIRMED if any(_is_repeated(observer, now, policy) for observer in still) else Level.SUSPECTED
    return Stated(statement, level, silent, _only_at_first(still))


def _item_of(key: ObserverKey, observer: ObserverState) -> StatedItem:
    name = item_key(key.scope.provider, observer.severity, observer.url or observer.detail)
    return StatedItem(observer.severity, observer.parts, name, observer.progress is IncidentState.MONITORING)


def _rank(pair: tuple[ObserverKey, ObserverState]) -> tuple[bool, int, bool, str]:
    key, observer = pair
    fixed = observer.progress is IncidentState.MONITORING
    return observer.state is Health.BAD, SCALE.index(observer.severity), not fixed, str(key)


def _only_at_first(listed: Iterable[ObserverState]) -> bool:
    return all(observer.first_reading for observer in listed)


def _is_repeated(listed: ObserverState, now: datetime, policy: Thresholds) -> bool:
    age = now - listed.since
    return age >= policy.gather and (listed.streak > 1 or age >= policy.word_alone)
