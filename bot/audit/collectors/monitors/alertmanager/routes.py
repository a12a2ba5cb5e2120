"""The tree of routes: which receivers an alert with certain labels reaches.

As https://prometheus.io/docs/alerting/latest/configuration/#route describes it: the first child that matches takes the alert, with
`continue` later siblings get it too; a route without a matching child takes it itself; a receiver is inherited, intervals are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.audit.collectors.monitors.alertmanager.matchers import LabelMatcher, MatcherError, all_hold

_DEEPEST: Final = 50
_MOST_ROUTES: Final = 20_000
_MOST_OUTCOMES: Final = 64
ReadMatchers = Callable[[Mapping[str, Any]], tuple[LabelMatcher, ...]]
Outcome = tuple["AlertRoute", ...]
"""The routes that take an alert; empty where none of a subtree does."""


@dataclass(frozen=True, slots=True, eq=False)
class AlertRoute:
    """A node of the tree. `muted_in` and `active_in`: names of time intervals. `text`: how it is found in the configuration."""

    receiver: str
    matchers: tuple[LabelMatcher, ...] = ()
    continues: bool = False
    muted_in: tuple[str, ...] = ()
    active_in: tuple[str, ...] = ()
    routes: tuple["AlertRoute", ...] = ()

    def every(self) -> Iterator["AlertRoute"]:
        """This route and all below it."""
        yield self
        for child in self.routes:
            yield from child.every()


class TooManyOutcomesError(Exception):
    """Too many labels that decide are not known."""


def routes_that_take(root: AlertRoute, labels: Mapping[str, str], possible: frozenset[str] | None) -> list[Outcome]:
    """Every outcome that the known labels leave open: one where all that decide are known.

    Raises:
        TooManyOutcomesError: more than 64 are left open.
    """
    return [outcome for outcome in _outcomes(root, labels, possible) if outcome]


def _outcomes(route: AlertRoute, labels: Mapping[str, str], possible: frozenset[str] | None) -> list[Outcome]:
    holds = all_hold(route.matchers, labels, possible)
    if holds is False:
        return [()]
    open_states: list[Outcome] = [()]
    ended: list[Outcome] = []
    for child in route.routes:
        found = _outcomes(child, labels, possible)
        if found == [()]:
            continue
        following: list[Outcome] = []
        for before in open_states:
            for taken in found:
                (ended if taken and not child.continues else following).append((*before, *taken))
        open_states = _distinct(following)
        ended = _distinct(ended)
        if not open_states:
            break
        if len(open_states) + len(ended) > _MOST_OUTCOMES:
            raise TooManyOutcomesError
    whole = _distinct([outcome or (route,) for outcome in (*ended, *open_states)])
    return whole if holds else _distinct([*whole, ()])


def _distinct(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return list(dict.fromkeys(outcomes))


def route_tree(body: Any, read_matchers: ReadMatchers) -> AlertRoute:
    """The tree below a route of a configuration. `read_matchers`: reads the matchers of one route.

    Raises:
        MatcherError: the tree cannot be read as a whole, so that nothing is certain about it.
    """
    return _Builder(read_matchers).route(body, "", 0)


class _Builder:
    """Builds a tree of bounded size: a text of YAML can repeat its parts without end."""

    def __init__(self, read_matchers: ReadMatchers) -> None:
        self._read_matchers, self._left = read_matchers, _MOST_ROUTES

    def route(self, body: Any, receiver: str, depth: int) -> AlertRoute:
        self._left -= 1
        if not isinstance(body, Mapping) or depth > _DEEPEST or self._left < 0:
            raise MatcherError("a route is not a mapping, or there are too many")
        own = str(body.get("receiver") or receiver)
        below = body.get("routes") or ()
        if not isinstance(below, Sequence) or isinstance(below, str):
            raise MatcherError("the routes below a route are not a list")
        return AlertRoute(
            receiver=own,
            matchers=self._read_matchers(body),
            continues=body.get("continue") is True,
            muted_in=_names(body.get("mute_time_intervals")),
            active_in=_names(body.get("active_time_intervals")),
            routes=tuple(self.route(child, own, depth + 1) for child in below),
        )


def _names(found: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in found) if isinstance(found, list) else ()
