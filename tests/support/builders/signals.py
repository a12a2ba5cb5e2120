"""Builders of signals and rounds of probes, and an engine state that is stepped through time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from support.builders.moment import NOW

from bot.incidents.engine import EngineState, step
from bot.model.incidents import Incident, Phase
from bot.model.maintenance import MaintenanceWindow
from bot.model.signals import Health, Signal
from bot.model.thresholds import Thresholds

ROUND = timedelta(seconds=10)
RESOLVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9")


def probe(
    provider: str = "aws", region: str = "us-east-1", service: str = "dynamodb", *, bad: bool = True, **fields: Any
) -> Signal:
    """What one probe saw: nothing good."""
    sound: dict[str, Any] = {
        "kind": "probe",
        "state": Health.BAD if bad else Health.GOOD,
        "at": NOW,
        "source": f"https:{provider}/{region}/{service}",
        "detail": "no answer" if bad else "",
    }
    return Signal(provider, region, service, **sound | fields)


def page(provider: str, region: str = "", service: str = "", *, bad: bool = True, **fields: Any) -> Signal:
    """What a provider's page says."""
    sound: dict[str, Any] = {"kind": "feed", "source": f"statuspage:{provider}/1", "detail": "Elevated errors"}
    return probe(provider, region, service, bad=bad, **sound | fields)


def controls(at: datetime, *, bad: bool = False) -> list[Signal]:
    """The control group, on the path of plain connections."""
    return [
        probe(name, "", "", bad=bad, at=at, control=True, source=f"https:{name}") for name in ("example", "wikipedia")
    ]


Seen = Callable[[datetime], Iterable[Signal]]


@dataclass
class Days:
    """Time that passes in rounds; `state` as the last of them left it, `history` what each incident went through."""

    policy: Thresholds = field(default_factory=Thresholds)
    runs_on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    windows: tuple[MaintenanceWindow, ...] = ()
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)
    state: EngineState = field(default_factory=EngineState)
    now: datetime = NOW
    history: list[tuple[timedelta, str, Phase, int]] = field(default_factory=list)

    def pass_by(self, lasts: timedelta, seen: Seen, every: timedelta = ROUND) -> None:
        end = self.now + lasts
        while self.now < end:
            self.now += every
            before = self.state.incidents
            self.state = step(
                self.state,
                seen(self.now),
                self.now,
                runs_on=self.runs_on,
                own=self.own,
                windows=self.windows,
                policy=self.policy,
            )
            for name, one in self.state.incidents.items():
                last = before.get(name)
                if last is None or (last.phase, last.wave) != (one.phase, one.wave):
                    self.history.append((self.now - NOW, name, one.phase, one.wave))

    def only(self) -> Incident:
        """The one incident there is."""
        (one,) = self.state.incidents.values()
        return one

    @property
    def phases(self) -> list[Phase]:
        return [phase for _, _, phase, _ in self.history]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
