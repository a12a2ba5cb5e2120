"""Tells failures of our own network from those of others, by the control group: targets that have nothing in common but us."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.engine.observers import Observers, ObserverState
from bot.model.signals import IPV6, Health, Trouble
from bot.model.thresholds import Thresholds

Path = tuple[str, str]
"""A vantage point, and what an observation went through beside it (a resolver, `ipv6`; empty: the system's own resolver and route)."""

_LAST, _WELL = 8, 4
"""How many of the last rounds of a control target tell whether rounds get lost on our line, and how many that none is lost."""
_LOST_SHARE, _LOST_AT_LEAST = 0.12, 3
_LOST_SURELY = 8
"""How many of those rounds must be lost until it is told. 6 came by chance in a simulated month of 1 % noise."""

Group = Mapping[str, Sequence[ObserverState]]
"""The control group over one path: provider -> its observers."""


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """The state of our own network. What was seen over `blind` paths, and slowness over `slow` ones, says nothing about others.

    `part`: what of ours fails (`resolver`, `IPv6`, `way out`, `packet loss`, `DNS servers`), empty while nothing does; `vantages`:
    where, empty for all; `since`: its first bad round (UTC).
    """

    blind: frozenset[Path] = frozenset()
    slow: frozenset[Path] = frozenset()
    part: str = ""
    vantages: tuple[str, ...] = ()
    since: datetime | None = None


def judge_own_network(fresh: Observers, policy: Thresholds) -> OwnNetwork:
    """Judge it by the observers that still count. A path counts where at least two providers of the control group are probed over it."""
    groups: dict[Path, dict[str, list[ObserverState]]] = defaultdict(lambda: defaultdict(list))
    for key, observer in fresh.items():
        if observer.control and observer.state is not Health.UNKNOWN:
            groups[key.vantage, key.via][key.scope.provider].append(observer)
    known: dict[Path, Group] = {path: group for path, group in groups.items() if len(group) > 1}
    dead = {path for path, group in known.items() if _is_dead(group)}
    lossy = {path for path, group in known.items() if path not in dead and _lost(group) >= _LOST_AT_LEAST}
    slow = frozenset(path for path, group in known.items() if _is_slow(group))
    parts: dict[str, tuple[str, datetime | None]] = {}
    for vantage in sorted({vantage for vantage, _ in known}):
        here = {via: group for (name, via), group in known.items() if name == vantage}
        part = _part(here, {via for name, via in dead if name == vantage}, policy)
        if not part and (vantage, "") not in dead and _lost(here.get("", {})) >= _LOST_SURELY:
            part = "packet loss"
        if part:
            parts[vantage] = part, _since(here)
    vantages = {vantage for vantage, _ in known}
    return OwnNetwork(
        frozenset(dead | lossy),
        slow,
        " and ".join(dict.fromkeys(part for part, _ in parts.values())),
        tuple(parts) if set(parts) != vantages else (),
        min((since for _, since in parts.values() if since), default=None),
    )


def _is_dead(group: Group) -> bool:
    return all(observer.state is Health.BAD for observers in group.values() for observer in observers)


def _is_slow(group: Group) -> bool:
    slow = [any(observer.slow.in_doubt for observer in observers) for observers in group.values()]
    return sum(slow) * 2 > len(slow)


def _lost(group: Group) -> int:
    """How many of the last rounds of the control group were lost.

    0 where it is less than a share, one provider alone, or where all is well again after a failure of everything.
    """
    well_again = all(not observer.failing.failed_of(_WELL)[0] for observers in group.values() for observer in observers)
    if well_again:
        return 0
    counts = [[observer.failing.failed_of(_LAST) for observer in observers] for observers in group.values()]
    failed = sum(number for provider in counts for number, _ in provider)
    rounds = sum(length for provider in counts for _, length in provider)
    several = sum(any(number for number, _ in provider) for provider in counts) > 1
    return failed if several and failed / rounds >= _LOST_SHARE else 0


def _part(here: Mapping[str, Group], dead: Iterable[str], policy: Thresholds) -> str:
    """What fails at one vantage point, once it has failed for more than a moment."""
    gone = {via for via in dead if _stays(here[via], policy)}
    servers = {via for via in here if via not in ("", IPV6)}
    if "" in gone:
        answering = {via for via in servers - gone if _answered_since(here[via], here[""])}
        if any(_lost(here[via]) for via in answering):
            return "packet loss"
        if servers and not answering and not servers & gone:
            return ""  # the servers were not asked since, or only once
        troubles = {observer.trouble for observers in here[""].values() for observer in observers}
        return "resolver" if troubles == {Trouble.DNS} and answering else "way out"
    if IPV6 in gone:
        return "IPv6" if _works_beside("", IPV6, here) else ""
    if not servers or not servers <= gone:
        return ""
    part = "DNS servers" if "" in here else "way out"
    return part if all(_works_beside("", server, here) for server in servers) else ""


def _works_beside(via: str, failing: str, here: Mapping[str, Group]) -> bool:
    """Whether the one path is known to work while the other fails: asked before that, it may have failed along with it."""
    return via not in here or _answered_since(here[via], here[failing])


def _answered_since(group: Group, failing: Group) -> bool:
    """Whether a path worked at least once after another one began to fail."""
    began = min(observer.since for observers in failing.values() for observer in observers)
    return any(
        observer.state is Health.GOOD and observer.at > began for observers in group.values() for observer in observers
    )


def _stays(group: Group, policy: Thresholds) -> bool:
    return all(observer.streak >= policy.own_rise for observers in group.values() for observer in observers)


def _since(here: Mapping[str, Group]) -> datetime | None:
    doubtful = (
        observer.bad_since
        for group in here.values()
        for observers in group.values()
        for observer in observers
        if observer.in_doubt
    )
    return min(doubtful, default=None)
