"""How a loss propagates along dependencies: each service's own state -> its state with everything it depends on."""

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
    """What happens to a service.

    `because` are the sentences of its own step. Where a dependency caused it, `via` is that service, `root` the service
    at the end of the path, `depth` the number of steps to it. `rto`, `worst_rto`: the median and the longest recovery time of
    the last `tests`.
    """

    fate: Fate
    because: tuple[str, ...] = ()
    rto: timedelta | None = None
    worst_rto: timedelta | None = None
    tests: int = 0
    proved_at: datetime | None = None
    down_for: timedelta = timedelta(0)
    via: str = ""
    root: str = ""
    depth: int = 0

    @property
    def order(self) -> tuple[int, timedelta, int]:
        """Sort key: the worst first; among equals the shortest path."""
        return self.fate.rank, -self.down_for, self.depth


def effect_on_dependant(dependency: Dependency, state: State) -> State | None:
    """What the state of a dependency does to the service that depends on it, None where nothing."""
    if state.fate is Fate.UNAFFECTED:
        return None
    if dependency.hard and not dependency.fallback:
        return state
    return None if state.fate is Fate.DEGRADED else State(Fate.DEGRADED)


def dependency_sentence(service: Service, dependency: Dependency) -> str:
    """One step of a path as a sentence: `checkout depends on login`."""
    if not dependency.hard:
        return f"{service.name} has a soft dependency on {dependency.target}"
    fallback = f" (fallback: {dependency.fallback})" if dependency.fallback else ""
    return f"{service.name} depends on {dependency.target}{fallback}"


def propagate(services: Sequence[Service], own: Mapping[str, Iterable[State]]) -> dict[str, State]:
    """The worst state of each service, from itself or along its dependencies; cycles are allowed.

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
            effect = None if service.name in settled else effect_on_dependant(dependency, state)
            if effect is not None:
                step = dependency_sentence(service, dependency)
                new = replace(effect, because=(step,), via=name, root=state.root or name, depth=state.depth + 1)
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
        steps.append(f"... and {state.depth} more dependencies")
        state = settled[state.root]
    return (*steps, *state.because)
