"""What an audience was told of an incident, and the ids of the messages that told it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.incidents import Affected, Incident, Phase
from checks import Fate, Severity


class NotificationReason(StrEnum):
    """Why something is sent. UPDATE changes the message that is there; all others are a new one."""

    OPENED = "opened"
    WAVE = "wave"
    WORSE = "worse"
    RESOLVED = "resolved"
    UPDATE = "update"

    @property
    def interrupts(self) -> bool:
        """Whether people are to be disturbed by it."""
        return self is not NotificationReason.UPDATE


@dataclass(frozen=True, slots=True)
class NotificationState:
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

    def updated(self, incident: Incident) -> "NotificationState":
        """The same after its message was brought up to date: what would be worse is still measured by the last new one."""
        return replace(self, phase=incident.phase)


def alert_id(incident: str, audience: str, kind: NotificationReason, *, wave: int, step: int) -> str:
    """The id of a message. It is the same wherever it is thought of: a second one like it is not accepted."""
    return f"alert:{incident}:{audience}:{kind}:{wave}:{step}"


def concerns(incident: Incident, audience: str) -> bool:
    """Whether a service that reports to this audience is, or may be, hit."""
    return any(one.audience == audience for one in incident.affected) or audience in incident.handling.escalated_to


def notification_state(incident: Incident, audience: str, message: str, now: datetime, step: int) -> NotificationState:
    """What the audience knows once a new message, the `step`th, was sent."""
    down = _down(incident.affected, audience)
    return NotificationState(
        incident.id, audience, message, now, incident.phase, incident.wave, incident.severity, down, step
    )


def _down(affected: Sequence[Affected], audience: str) -> tuple[str, ...]:
    """The important services of this audience that are down: one more of them is worse."""
    return tuple(
        sorted(one.service for one in affected if one.fate is Fate.DOWN and one.tier <= 2 and one.audience == audience)
    )
