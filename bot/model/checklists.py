"""A runbook worked through during an incident: its steps, and who ticked which of them when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody ticked a step (`done`), or took the tick back, at a moment (UTC). `step` counts from 1.

    `by` is the person's display name, `actor` their id on the platform: `slack:U1`.
    """

    step: int
    done: bool
    by: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Checklist:
    """The steps of a service's runbook for one incident, as they were when the checklist was begun (UTC), with every tick."""

    incident: str
    service: str
    source: str
    steps: tuple[str, ...]
    started_at: datetime
    ticks: tuple[Tick, ...] = ()

    @property
    def done(self) -> Mapping[int, Tick]:
        """The steps that are ticked now, by their number: the last tick of each step counts."""
        last = {tick.step: tick for tick in self.ticks}
        return {step: tick for step, tick in sorted(last.items()) if tick.done}

    @property
    def next_step(self) -> int:
        """The first step that is not ticked; 0 where all are."""
        return next((step for step in range(1, len(self.steps) + 1) if step not in self.done), 0)
