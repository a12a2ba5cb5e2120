"""What an audience was told last, and the incident now -> whether that is worth a new message, an update or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.incidents import Affected, OwnIncident, Phase
from checks import Fate, Severity

_FLAPPING_REST = timedelta(minutes=30)


class News(StrEnum):
    """Why something is sent. UPDATE changes the message that is there; all others are a new one."""

    OPENED = "opened"
    WAVE = "wave"
    WORSE = "worse"
    RESOLVED = "resolved"
    UPDATE = "update"

    @property
    def interrupts(self) -> bool:
        """Whether people are to be disturbed by it."""
        return self is not News.UPDATE


@dataclass(frozen=True, slots=True)
class Told:
    """What an audience knows of an incident: `message` is the one that is kept up to date, the `step`th that it got."""

    incident: str
    audience: str
    message: str
    at: datetime
    phase: Phase
    wave: int
    severity: Severity
    down: tuple[str, ...] = ()
    step: int = 0

    @property
    def open(self) -> bool:
        """Whether what it was told last was not that it is over."""
        return self.phase is not Phase.RESOLVED

    def updated(self, incident: OwnIncident) -> "Told":
        """The same after its message was brought up to date: what would be worse is still measured by the last new one."""
        return replace(self, phase=incident.phase)


def alert_id(incident: str, audience: str, kind: News, *, wave: int, step: int) -> str:
    """The id of a message. It is the same wherever it is thought of: a second one like it is not accepted."""
    return f"alert:{incident}:{audience}:{kind}:{wave}:{step}"


def why_of(message: str) -> str:
    """Why a message with such an id was sent."""
    return message.rsplit(":", 3)[1] if message.count(":") > 3 else ""


def concerns(incident: OwnIncident, audience: str) -> bool:
    """Whether a service that reports to this audience is, or may be, hit."""
    return any(one.audience == audience for one in incident.affected) or audience in incident.handling.escalated_to


def news(told: Told | None, incident: OwnIncident, audience: str, now: datetime) -> News | None:
    """What this audience is to hear now. None: nothing; whether something visible changed is the caller's to see."""
    if incident.phase is Phase.SUSPECTED:
        return None
    if told is None:
        return News.OPENED if incident.open else None
    muted = incident.handling.muted_until is not None and now < incident.handling.muted_until
    if incident.phase is Phase.RESOLVED:
        return None if told.phase is Phase.RESOLVED else News.RESOLVED
    if muted:
        return News.UPDATE
    if incident.wave > told.wave or told.phase is Phase.RESOLVED:
        rested = not incident.flapping or now - told.at >= _FLAPPING_REST
        return News.WAVE if rested else News.UPDATE
    return News.WORSE if _worse(told, incident, audience) else News.UPDATE


def told_of(incident: OwnIncident, audience: str, message: str, now: datetime, step: int) -> Told:
    """What the audience knows once a new message, the `step`th, was sent."""
    down = _down(incident.affected, audience)
    return Told(incident.id, audience, message, now, incident.phase, incident.wave, incident.severity, down, step)


def _worse(told: Told, incident: OwnIncident, audience: str) -> bool:
    order = list(Severity)
    graver = order.index(incident.severity) < order.index(told.severity)
    return graver or bool(set(_down(incident.affected, audience)) - set(told.down))


def _down(affected: Sequence[Affected], audience: str) -> tuple[str, ...]:
    """The important services of this audience that are down: one more of them is worse."""
    return tuple(
        sorted(one.service for one in affected if one.fate is Fate.DOWN and one.tier <= 2 and one.audience == audience)
    )
