"""Decides whether a change of an incident is worth a new message to an audience, an update, or nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model.incidents import Incident, OutageState, Phase
from bot.model.notifications import NotificationReason, NotificationState, services_down, services_hit
from bot.model.thresholds import Thresholds
from checks import Severity

MOST_AN_HOUR, MOST_A_DAY = 3, 8
"""New messages to one audience about one incident, its end among them. Edits of messages do not count."""
FLAPPING_REST = timedelta(hours=4)
"""The least time between two messages that only say that a flapping incident fails again."""
WORSE_WAITS = timedelta(seconds=45)
"""For how long after a message its edits alone say that it is worse than first seen: probes find out one after another."""
END_WAITS_AT_MOST = timedelta(minutes=20)
"""For how long the end is told by an edit alone, where the limit of an hour is used up."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def reason_to_notify(
    last: NotificationState | None, incident: Incident, audience: str, now: datetime, *, edits: bool = True
) -> NotificationReason | None:
    """Why to send this audience something now. None: nothing to send. The caller sees whether an UPDATE changes anything.

    What a limit holds back is an UPDATE, and a new message as soon as the limit allows one and it is still so.

    Args:
        last: what the audience was sent last, None where nothing was.
        incident: as it is now.
        audience: its name.
        now: UTC.
        edits: whether the audience's first route edits its messages; else what an edit would say may be worth a message.
    """
    if incident.phase is Phase.SUSPECTED or incident.part_of:
        return None
    if last is None:
        return NotificationReason.OPENED if incident.open and _is_worth_telling(incident, audience) else None
    if incident.phase is Phase.RESOLVED:
        return _end(last, incident, now)
    if not edits and _is_well_in_spite(last, incident, now):
        return NotificationReason.RECOVERING
    if not _interrupts(last, incident, audience, now, edits=edits):
        return NotificationReason.UPDATE
    again = incident.wave > last.wave or last.ended or not last.open
    return NotificationReason.WAVE if again else NotificationReason.WORSE


def _end(last: NotificationState, incident: Incident, now: datetime) -> NotificationReason | None:
    """Why to tell the end now: once for each time that the beginning was told, else by an edit.

    Where the limit of an hour is used up, an edit says it first, and the message follows when the limit allows it.
    """
    edit = NotificationReason.UPDATE if last.open else None
    if last.ended or (not last.reason and not last.open):
        return edit
    late = incident.resolved_at is not None and now - incident.resolved_at >= END_WAITS_AT_MOST
    fits = sum(now - at <= _HOUR for at in last.interrupted) < MOST_AN_HOUR
    return NotificationReason.RESOLVED if fits or late else edit


def _is_well_in_spite(last: NotificationState, incident: Incident, now: datetime) -> bool:
    """Whether we have seen it well for as long as would close it, while a provider still reports it; told once for each wave."""
    quiet, usual = incident.quiet_since, Thresholds()
    if incident.phase is not Phase.MONITORING or quiet is None or incident.ours or not incident.worth_alert:
        return False
    if last.reason == NotificationReason.RECOVERING or not any(word.open for word in incident.words):
        return False
    long = now - quiet >= usual.settles_after(incident.wave, watched=True) and incident.watched
    return long and not _is_muted(incident, now) and may_interrupt(last.interrupted or (last.at,), now, timedelta(0))


def _is_muted(incident: Incident, now: datetime) -> bool:
    return incident.handling.muted_until is not None and now < incident.handling.muted_until


def _interrupts(last: NotificationState, incident: Incident, audience: str, now: datetime, *, edits: bool) -> bool:
    """Whether something happened that is worth a new message, which the limits allow."""
    if incident.phase is not Phase.CONFIRMED or incident.ours or not incident.worth_alert:
        return False
    if _first_down(last, incident, audience):
        return True
    muted = _is_muted(incident, now)
    news = _is_newly_hit(last, incident, audience) if muted else _is_news(last, incident, audience, now, edits=edits)
    # That it came back after its end is told at once: its next end may wait.
    room = _HOUR if last.ended else ends_after(incident)
    return news and may_interrupt(last.interrupted or (last.at,), now, room)


def may_interrupt(interrupted: Sequence[datetime], now: datetime, ends_after: timedelta) -> bool:
    """Whether the limits allow a new message after those sent at these times, and the end of the incident once it is over.

    Args:
        interrupted: when new messages were sent, UTC.
        now: UTC.
        ends_after: the least time until the end can be told.
    """
    for span, most in ((_HOUR, MOST_AN_HOUR), (_DAY, MOST_A_DAY)):
        recent = sum(now - at <= span for at in interrupted)
        with_end = sum(now + ends_after - at <= span for at in interrupted)
        if recent + 1 > most or with_end + 2 > most:
            return False
    return True


def ends_after(incident: Incident) -> timedelta:
    """The least time from now until an incident that fails now can be resolved."""
    usual = Thresholds()
    return min(usual.settles_after(incident.wave, watched=True), usual.word_settle) - usual.calm


def _is_worth_telling(incident: Incident, audience: str) -> bool:
    return incident.worth_alert or audience in incident.handling.escalated_to


def _first_down(last: NotificationState, incident: Incident, audience: str) -> bool:
    """Whether a tier-1 service is down that no message about this incident has said to be down: no limit holds that back."""
    told = {*last.was_down, *last.down}
    return not told.issuperset(services_down(incident.affected, audience, least_tier=1))


def _is_newly_hit(last: NotificationState, incident: Incident, audience: str) -> bool:
    """Whether a service is hit that no message has named, or is down that was only degraded, or possibly affected."""
    hit = services_hit(incident.affected, audience)
    # A state that an earlier version wrote does not say what was named.
    more = bool(last.reason) and not set(last.hit).issuperset(hit)
    return more or not set(last.down).issuperset(services_down(incident.affected, audience))


def _is_news(last: NotificationState, incident: Incident, audience: str, now: datetime, *, edits: bool) -> bool:
    if last.ended or not last.open:
        return True
    untold = not edits and last.wave < Thresholds().flaps  # that it comes and goes
    rested = not incident.flapping or untold or now - last.at >= FLAPPING_REST
    waited = now - last.at >= WORSE_WAITS
    return (incident.wave > last.wave and rested) or (waited and _is_worse(last, incident, audience))


def _is_worse(last: NotificationState, incident: Incident, audience: str) -> bool:
    """Whether more services are down, or it is more severe: from medium downwards only if it is down by now."""
    order = list(Severity)
    more_severe = order.index(incident.severity) < order.index(last.severity)
    grave = incident.severity in (Severity.CRITICAL, Severity.HIGH) or incident.outage is OutageState.DOWN
    more_down = not set(last.down).issuperset(services_down(incident.affected, audience))
    return more_down or (more_severe and grave)
