"""What the observers say -> a verdict on each scope: a quorum over paths, after paths that are blind are left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.incidents._policy import Policy
from bot.incidents._witness import Key, Witness, Witnesses
from bot.ports import IncidentSeverity
from bot.signals import Health, ProviderWord
from checks import Scope

Path = tuple[str, str]
"""A vantage point and what an observation went through beside it."""


class Level(IntEnum):
    """How sure a scope is in trouble."""

    NONE = 0
    SUSPECTED = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one scope at one moment.

    `seen` is the level by what we see ourselves, `said` by what the provider says. `well`: every view of ours is fresh and
    good; False also where none is. `watched`: something of ours looks at it. `since`: the first bad signal of what is bad.
    """

    seen: Level = Level.NONE
    said: Level = Level.NONE
    well: bool = False
    watched: bool = False
    since: datetime | None = None
    evidence: tuple[str, ...] = ()
    word: ProviderWord | None = None

    @property
    def level(self) -> Level:
        """The surer of the two."""
        return max(self.seen, self.said)


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything at one moment. `blind`: paths over which even the control group fails. `ours`: all paths are."""

    verdicts: Mapping[Scope, Verdict]
    blind: frozenset[Path]
    ours: bool


def judge(witnesses: Witnesses, now: datetime, policy: Policy) -> Sight:
    """Judge every scope that somebody speaks of."""
    fresh = {key: one for key, one in witnesses.items() if one.fresh(now, policy)}
    blind, paths = _blind(fresh)
    by_scope: dict[Scope, list[tuple[Key, Witness]]] = defaultdict(list)
    for key, one in witnesses.items():
        if not one.control:
            by_scope[key.scope].append((key, one))
    verdicts = {scope: _verdict(of, fresh, blind, now, policy) for scope, of in by_scope.items()}
    return Sight(verdicts, blind, ours=bool(paths) and blind >= paths)


def _blind(fresh: Witnesses) -> tuple[frozenset[Path], frozenset[Path]]:
    """Paths over which every provider of the control group fails, two at least; and all paths that the group watches."""
    seen: dict[Path, dict[str, set[Health]]] = defaultdict(lambda: defaultdict(set))
    for key, one in fresh.items():
        if one.control and one.state is not Health.UNKNOWN:
            seen[key.vantage, key.via][key.scope.provider].add(one.state)
    enough = {path: states for path, states in seen.items() if len(states) > 1}
    blind = {path for path, states in enough.items() if all(one == {Health.BAD} for one in states.values())}
    return frozenset(blind), frozenset(enough)


def _verdict(
    of: Sequence[tuple[Key, Witness]], fresh: Witnesses, blind: frozenset[Path], now: datetime, policy: Policy
) -> Verdict:
    own = [(key, one) for key, one in of if one.kind != "feed"]
    counted = [
        (key, one)
        for key, one in own
        if key in fresh and one.state is not Health.UNKNOWN and (key.vantage, key.via) not in blind
    ]
    views: dict[str, list[Witness]] = defaultdict(list)
    for key, one in counted:
        views[key.source].append(one)
    levels = {source: _level(view, policy) for source, view in views.items()}
    seen = max(levels.values(), default=Level.NONE)
    all_seen = {key.source for key, _ in own} == set(views)
    word, said = _said([(key, one) for key, one in of if one.kind == "feed"], fresh, now, policy)
    bad = [one for source, view in views.items() if levels[source] for one in view if one.state is Health.BAD]
    since = [one.since for one in bad] + ([word.since] if word and said else [])
    return Verdict(
        seen=seen,
        said=said,
        well=bool(views) and all_seen and not any(_any_doubt(view) for view in views.values()),
        watched=bool(own),
        since=min(since, default=None),
        evidence=_evidence(bad),
        word=word,
    )


def _level(view: Sequence[Witness], policy: Policy) -> Level:
    """Most paths must agree: one of one, two of two, two of three."""
    bad = [one for one in view if one.state is Health.BAD]
    if len([one for one in bad if one.streak >= policy.rise]) * 2 > len(view):
        return Level.SURE
    return Level.SUSPECTED if len(bad) * 2 > len(view) else Level.NONE


def _any_doubt(view: Sequence[Witness]) -> bool:
    return sum(one.state is Health.BAD for one in view) * 2 >= len(view)


def _said(
    of: Sequence[tuple[Key, Witness]], fresh: Witnesses, now: datetime, policy: Policy
) -> tuple[ProviderWord | None, Level]:
    """The provider's word, the worst of what its page says, and how much it counts."""
    told = [(key, one) for key, one in of if one.state is not Health.UNKNOWN]
    if not told:
        return None, Level.NONE
    key, worst = max(told, key=lambda pair: (pair[1].state is Health.BAD, _RANK[pair[1].severity], str(pair[0])))
    is_open = worst.state is Health.BAD
    word = ProviderWord(key.scope.provider, is_open, worst.since, worst.detail, worst.severity, worst.url)
    if not is_open or key not in fresh:
        return word, Level.NONE
    grave = worst.severity in (IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL)
    ripe = now - worst.since >= policy.gather and (grave or worst.streak > 1)
    return word, Level.SURE if ripe else Level.SUSPECTED


def _evidence(bad: Iterable[Witness]) -> tuple[str, ...]:
    return tuple(sorted({one.detail for one in bad if one.detail}))


_RANK = {severity: rank for rank, severity in enumerate(IncidentSeverity)}
