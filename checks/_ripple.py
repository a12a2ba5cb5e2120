"""How a loss runs through the dependency graph: each service's own state -> its state with all that it needs."""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checks._loss import Fate
from checks._model import Dependency, Service

# A path may be as long as the estate; people read its beginning and its end.
_STEPS_SHOWN = 9


@dataclass(frozen=True, slots=True)
class State:
    """What becomes of a service.

    `because` are the sentences of its own step. Where a dependency did it, `via` is that service, `root` the one at the end
    of the path, `depth` the number of steps to it.
    """

    fate: Fate
    because: tuple[str, ...] = ()
    rto: timedelta | None = None
    proved_at: datetime | None = None
    down_for: timedelta = timedelta(0)
    via: str = ""
    root: str = ""
    depth: int = 0

    @property
    def order(self) -> tuple[int, timedelta, int]:
        """The worst first; among equals the shortest path."""
        return self.fate.rank, -self.down_for, self.depth


def passed_on(dependency: Dependency, state: State) -> State | None:
    """What the fate of a dependency does to its dependant, None where nothing."""
    if state.fate is Fate.UNAFFECTED:
        return None
    if dependency.hard and not dependency.fallback:
        return state
    return None if state.fate is Fate.DEGRADED else State(Fate.DEGRADED)


def need(service: Service, dependency: Dependency) -> str:
    """The sentence of one step."""
    if not dependency.hard:
        return f"{service.name} uses {dependency.target} and can do without it"
    taken_over = f", with {dependency.fallback} to take over" if dependency.fallback else ""
    return f"{service.name} needs {dependency.target}{taken_over}"


def ripple(services: Sequence[Service], own: Mapping[str, Iterable[State]]) -> dict[str, State]:
    """The worst that comes over each service, from itself or along its dependencies; cycles are no matter.

    The worst states settle first. What a dependency passes on is never worse than its own state, so that each service
    is settled once: n log n in services and dependencies, without recursion.
    """
    dependants: dict[str, list[tuple[Service, Dependency]]] = defaultdict(list)
    for service in services:
        for dependency in service.depends_on:
            if dependency.kind == "service":
                dependants[dependency.target].append((service, dependency))
    count = itertools.count()
    queue = [
        (state.order, name, " ".join(state.because), next(count), state)
        for name, states in own.items()
        for state in states
    ]
    heapq.heapify(queue)
    settled: dict[str, State] = {}
    while queue:
        _, name, _, _, state = heapq.heappop(queue)
        if name in settled:
            continue
        settled[name] = state
        for service, dependency in dependants.get(name, ()):
            handed = None if service.name in settled else passed_on(dependency, state)
            if handed is not None:
                step = need(service, dependency)
                new = replace(handed, because=(step,), via=name, root=state.root or name, depth=state.depth + 1)
                heapq.heappush(queue, (new.order, service.name, step, next(count), new))
    return settled


def path(name: str, settled: Mapping[str, State]) -> tuple[str, ...]:
    """The sentences from a service to what was lost, nearest first; the middle of a long path is left out and counted."""
    steps: list[str] = []
    state = settled[name]
    whole = state.depth <= _STEPS_SHOWN
    while state.via and (whole or len(steps) < _STEPS_SHOWN - 1):
        steps.extend(state.because)
        state = settled[state.via]
    if state.via:
        steps.append(f"and so on, over {state.depth} more dependencies")
        state = settled[state.root]
    return (*steps, *state.because)
