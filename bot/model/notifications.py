"""What each audience was sent about an incident, and the ids of those messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.incidents import Affected, Incident, Phase
from checks import Fate, Severity


class NotificationReason(StrEnum):
    """Why a message is sent. UPDATE edits the existing message; every other reason sends a new one."""

    OPENED = "opened"
    WAVE = "wave"
    WORSE = "worse"
    RESOLVED = "resolved"
    UPDATE = "update"

    @property
    def interrupts(self) -> bool:
        """Whether it is worth interrupting people."""
        return self is not NotificationReason.UPDATE


@dataclass(frozen=True, slots=True)
class NotificationState:
    """What an audience was last sent about an incident. `message`: the message that is kept up to date, its `step`th one."""

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
        """Whether the last message did not say that the incident is resolved."""
        return self.phase is not Phase.RESOLVED

    def updated(self, incident: Incident) -> "NotificationState":
        """The state after an update of the message. Getting worse is still measured against the last new message."""
        return replace(self, phase=incident.phase)


def alert_id(incident: str, audience: str, kind: NotificationReason, *, wave: int, step: int) -> str:
    """The id of a message. Every replica derives the same one, so that a duplicate is rejected."""
    return f"alert:{incident}:{audience}:{kind}:{wave}:{step}"


def concerns(incident: Incident, audience: str) -> bool:
    """Whether the incident affects, or may affect, a service of this audience, or was escalated to it."""
    return (
        any(service.audience == audience for service in incident.affected) or audience in incident.handling.escalated_to
    )


def notification_state(incident: Incident, audience: str, message: str, now: datetime, step: int) -> NotificationState:
    """The state of an audience once its `step`th message was sent."""
    down = services_down(incident.affected, audience)
    return NotificationState(
        incident.id, audience, message, now, incident.phase, incident.wave, incident.severity, down, step
    )


def services_down(affected: Sequence[Affected], audience: str) -> tuple[str, ...]:
    """The tier-1 and tier-2 services of this audience that are expected down, sorted: one more of them is worse."""
    down = [service for service in affected if service.fate is Fate.DOWN and service.tier <= 2]
    return tuple(sorted(service.service for service in down if service.audience == audience))
