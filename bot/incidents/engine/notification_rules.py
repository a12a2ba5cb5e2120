"""What an audience was told last, and the incident now -> whether that is worth a new message, an update or nothing."""

from datetime import datetime, timedelta

from bot.model.incidents import Incident, Phase
from bot.model.notifications import NotificationReason, NotificationState, _down
from checks import Severity

_FLAPPING_REST = timedelta(minutes=30)


def reason_to_notify(
    told: NotificationState | None, incident: Incident, audience: str, now: datetime
) -> NotificationReason | None:
    """What this audience is to hear now. None: nothing; whether something visible changed is the caller's to see."""
    if incident.phase is Phase.SUSPECTED:
        return None
    if told is None:
        return NotificationReason.OPENED if incident.open else None
    muted = incident.handling.muted_until is not None and now < incident.handling.muted_until
    if incident.phase is Phase.RESOLVED:
        return None if told.phase is Phase.RESOLVED else NotificationReason.RESOLVED
    if muted:
        return NotificationReason.UPDATE
    if incident.wave > told.wave or told.phase is Phase.RESOLVED:
        rested = not incident.flapping or now - told.at >= _FLAPPING_REST
        return NotificationReason.WAVE if rested else NotificationReason.UPDATE
    return NotificationReason.WORSE if _worse(told, incident, audience) else NotificationReason.UPDATE


def _worse(told: NotificationState, incident: Incident, audience: str) -> bool:
    order = list(Severity)
    graver = order.index(incident.severity) < order.index(told.severity)
    return graver or bool(set(_down(incident.affected, audience)) - set(told.down))
