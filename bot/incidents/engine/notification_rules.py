"""Decides whether a change of an incident is worth a new message to an audience, an update, or nothing."""

from datetime import datetime, timedelta

from bot.model.incidents import Incident, Phase
from bot.model.notifications import NotificationReason, NotificationState, services_down
from checks import Severity

_FLAPPING_REST = timedelta(minutes=30)


def reason_to_notify(
    last: NotificationState | None, incident: Incident, audience: str, now: datetime
) -> NotificationReason | None:
    """Why to send this audience something now. None: nothing to send. The caller sees whether an UPDATE changes anything.

    Args:
        last: what the audience was sent last, None where nothing was.
        incident: as it is now.
        audience: its name.
        now: UTC.
    """
    if incident.phase is Phase.SUSPECTED:
        return None
    if last is None:
        return NotificationReason.OPENED if incident.open else None
    muted = incident.handling.muted_until is not None and now < incident.handling.muted_until
    if incident.phase is Phase.RESOLVED:
        return None if last.phase is Phase.RESOLVED else NotificationReason.RESOLVED
    if muted:
        return NotificationReason.UPDATE
    if incident.wave > last.wave or last.phase is Phase.RESOLVED:
        rested = not incident.flapping or now - last.at >= _FLAPPING_REST
        return NotificationReason.WAVE if rested else NotificationReason.UPDATE
    return NotificationReason.WORSE if _is_worse(last, incident, audience) else NotificationReason.UPDATE


def _is_worse(last: NotificationState, incident: Incident, audience: str) -> bool:
    order = list(Severity)
    more_severe = order.index(incident.severity) < order.index(last.severity)
    return more_severe or bool(set(services_down(incident.affected, audience)) - set(last.down))
