"""What each audience was sent about an incident, and the ids of those messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.incidents import Affected, Incident, Phase
from checks import Fate, Severity

REMEMBERED = timedelta(days=1)
"""How long the times of new messages are kept: the longest span that a limit counts them over."""


class NotificationReason(StrEnum):
    """Why a message is sent.

    UPDATE and MERGED edit the existing message, MERGED because another message about the same incident replaces it.
    RECOVERING tells who cannot be told by an edit that we see it well while the provider still reports it.
    ACKNOWLEDGED tells a paging service that somebody responds. Every other reason sends a new message.
    """

    OPENED = "opened"
    WAVE = "wave"
    WORSE = "worse"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    UPDATE = "update"
    MERGED = "merged"
    ACKNOWLEDGED = "acknowledged"

    @property
    def interrupts(self) -> bool:
        """Whether it is worth interrupting people."""
        return self in BEGINNINGS or self is NotificationReason.RESOLVED


BEGINNINGS = (
    NotificationReason.OPENED,
    NotificationReason.WAVE,
    NotificationReason.WORSE,
    NotificationReason.RECOVERING,
)
"""Reasons after which a receiver takes the incident to be open."""
ENDS = (NotificationReason.RESOLVED, NotificationReason.MERGED)
"""Reasons after which a receiver takes it to be over."""


@dataclass(frozen=True, slots=True)
class NotificationState:
    """What an audience was last sent about an incident. `message`: the message that is kept up to date, its `step`th one.

    `at`, `wave`, `severity`, `down` and `reason` are those of the last new message; `reason` is empty where an earlier version
    sent it. `interrupted`: when new messages were sent within the last day, oldest first. `hit`: every service of the audience
    that a message has named, `was_down`: those of tier 1 that it said to be down. `acknowledged_by`: as far as told.
    """

    incident: str
    audience: str
    message: str
    at: datetime
    phase: Phase
    wave: int
    severity: Severity
    down: tuple[str, ...] = ()
    step: int = 0
    alert_key: str = ""
    reason: str = ""
    interrupted: tuple[datetime, ...] = ()
    hit: tuple[str, ...] = ()
    was_down: tuple[str, ...] = ()
    acknowledged_by: str = ""

    @property
    def open(self) -> bool:
        """Whether the last message did not say that the incident is resolved."""
        return self.phase is not Phase.RESOLVED

    @property
    def key(self) -> str:
        """The `Message.alert_key` of the audience's messages, which stays the same when the incident is merged."""
        return self.alert_key or alert_key(self.incident, self.audience)

    @property
    def ended(self) -> bool:
        """Whether the last new message was the end; edits may have shown since that it fails again."""
        return self.reason == NotificationReason.RESOLVED

    def updated(self, incident: Incident) -> "NotificationState":
        """The state after an update of the message. Getting worse is still measured against the last new message."""
        hit = _united(self.hit, services_hit(incident.affected, self.audience))
        return replace(self, phase=incident.phase, hit=hit, acknowledged_by=incident.handling.acknowledged_by)


def alert_id(incident: str, audience: str, kind: NotificationReason, *, wave: int, step: int) -> str:
    """The id of a message. Every replica derives the same one, so that a duplicate is rejected."""
    return f"alert:{incident}:{audience}:{kind}:{wave}:{step}"


def alert_key(incident: str, audience: str) -> str:
    """The `Message.alert_key` of all messages to an audience about an incident."""
    return f"incident:{incident}:{audience}"


def concerns(incident: Incident, audience: str) -> bool:
    """Whether the incident affects, or may affect, a service of this audience, or was escalated to it."""
    return (
        any(service.audience == audience for service in incident.affected) or audience in incident.handling.escalated_to
    )


def next_notification(
    incident: Incident, audience: str, last: NotificationState | None, reason: NotificationReason, now: datetime
) -> NotificationState:
    """The state of an audience once its next new message was sent. `last`: the state before, None where there was none."""
    step = last.step + 1 if last else 1
    down, affected = services_down(incident.affected, audience), incident.affected
    return NotificationState(
        incident.id,
        audience,
        alert_id(incident.id, audience, reason, wave=incident.wave, step=step),
        now,
        incident.phase,
        incident.wave,
        incident.severity,
        down,
        step,
        last.key if last else alert_key(incident.id, audience),
        reason.value,
        (*(at for at in (last.interrupted if last else ()) if now - at <= REMEMBERED), now),
        _united(last.hit if last else (), services_hit(affected, audience)),
        _united(last.was_down if last else (), services_down(affected, audience, least_tier=1)),
        incident.handling.acknowledged_by,
    )


def services_down(affected: Sequence[Affected], audience: str, *, least_tier: int = 2) -> tuple[str, ...]:
    """The services of this audience of tier 1 to `least_tier` that are expected down, sorted: one more of them is worse."""
    down = [service for service in affected if service.fate is Fate.DOWN and service.tier <= least_tier]
    return tuple(sorted(service.service for service in down if service.audience in ("", audience)))


def services_hit(affected: Sequence[Affected], audience: str) -> tuple[str, ...]:
    """The services of this audience that are, or may be, affected; sorted. One without an audience concerns all."""
    hit = [service for service in affected if service.fate is not Fate.UNAFFECTED]
    return tuple(sorted(service.service for service in hit if service.audience in ("", audience)))


def _united(names: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*names, *more}))
