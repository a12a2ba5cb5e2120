"""A tier-1 alert that nobody has acknowledged -> the audience that hears of it next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.signals import Moment, OwnIncident, Phase
from checks import Severity


def escalated(one: OwnIncident, to: Sequence[str], after: timedelta, now: datetime) -> OwnIncident:
    """The incident with those told who are due: one more of `to` each time `after` has passed."""
    if one.severity is not Severity.CRITICAL or one.handling.acknowledged_by or one.confirmed_at is None or not to:
        return one
    steps = int((now - one.confirmed_at) / after)
    fresh = [name for name in to[:steps] if name not in one.handling.escalated_to]
    if not fresh or one.phase is not Phase.CONFIRMED:
        return one
    moments = [Moment(now, "told", f"nobody has acknowledged it: {name} is told") for name in fresh]
    handling = replace(one.handling, escalated_to=(*one.handling.escalated_to, *fresh))
    return replace(one, handling=handling, timeline=(*one.timeline, *moments))
