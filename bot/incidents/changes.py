"""Decides which changes of incidents are written to the ledger, writes them, and orders incidents for a list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.notifier import NotificationPlan
from bot.model.incidents import Incident, Phase, TimelineEntry
from bot.model.observed import StatedItem
from bot.storage.ledger import Transaction
from checks import Severity

_SEVERITIES = list(Severity)


def should_persist(before: Incident | None, incident: Incident) -> bool:
    """Whether the incident differs enough from what was written last. A mere suspicion stays in memory."""
    if incident.phase is Phase.SUSPECTED or before is incident:
        return False
    # That it is still failing is written once a minute.
    return (
        before is None
        or replace(incident, updated_at=before.updated_at) != before
        or incident.updated_at - before.updated_at >= timedelta(minutes=1)
    )


def merged_incidents(before: Mapping[str, Incident], merged: Mapping[str, str], now: datetime) -> Iterator[Incident]:
    """The incidents that are part of another one from now on, as far as anybody was notified of them.

    Args:
        before: incidents by id.
        merged: id of a merged incident -> id of the incident that took it in.
        now: UTC.
    """
    for name, base in merged.items():
        incident = before.get(name)
        if incident is not None and incident.phase is not Phase.SUSPECTED:
            timeline = (*incident.timeline, TimelineEntry(now, "joined", f"merged into {base}"))
            yield replace(incident, phase=Phase.RESOLVED, resolved_at=now, timeline=timeline, part_of=base)


def worst_first(incident: Incident) -> tuple[bool, int, datetime, str]:
    """The sort key that lists open incidents first, then the most severe, then the oldest."""
    return not incident.open, _SEVERITIES.index(incident.severity), incident.onset_at, incident.id


async def write(transaction: Transaction, changed: Iterable[Incident], plan: NotificationPlan, now: datetime) -> None:
    """Write changed incidents, their notifications and what each audience was sent, within this transaction."""
    for incident in changed:
        await transaction.save_incident(incident)
    for state in plan.moved:
        await transaction.save_notification_state(state)
    for post in plan.posts:
        key = post.message.alert_key
        if not post.if_open or await transaction.may_be_open(key, post.routes[0]):
            await transaction.post(post.message, post.routes, now)
        await transaction.save_notification_state(post.state)


def concerns_others(before: Incident, incident: Incident) -> bool:
    """Whether what an incident affects, or how severe that is, may have changed since the last step."""
    decides = [
        (at.phase is Phase.SUSPECTED, at.scopes, at.outage, at.parts, at.said, at.slight, _stated(at))
        for at in (before, incident)
    ]
    return decides[0] != decides[1]


def _stated(incident: Incident) -> list[tuple[bool, tuple[StatedItem, ...]]]:
    return [(word.open, word.items) for word in incident.words]
