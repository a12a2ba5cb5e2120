"""A tier-1 alert that nobody has acknowledged -> the audience that hears of it next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.incidents import Incident, Phase, TimelineEntry
from checks import Fate


def with_escalation(one: Incident, to: Sequence[str], after: timedelta, now: datetime) -> Incident:
    """The incident with those told who are due: one more of `to` each time `after` has passed."""
    if not _grave(one) or one.handling.acknowledged_by or one.confirmed_at is None or not to:
        return one
    steps = int((now - _begun(one, one.confirmed_at)) / after)
    fresh = [name for name in to[:steps] if name not in one.handling.escalated_to]
    if not fresh or one.phase is not Phase.CONFIRMED:
        return one
    moments = [TimelineEntry(now, "told", f"nobody has acknowledged it: {name} is told") for name in fresh]
    handling = replace(one.handling, escalated_to=(*one.handling.escalated_to, *fresh))
    return replace(one, handling=handling, timeline=(*one.timeline, *moments))


def _begun(one: Incident, confirmed_at: datetime) -> datetime:
    """Since when people are waited for: where it had been over, since it came back."""
    over = max((each.at for each in one.timeline if each.kind == "resolved"), default=None)
    if over is None:
        return confirmed_at
    return min((each.at for each in one.timeline if each.kind == "wave" and each.at >= over), default=confirmed_at)


def _grave(one: Incident) -> bool:
    """Whether it hits, or may hit, a service of tier 1."""
    return any(each.tier == 1 and each.fate is not Fate.UNAFFECTED for each in one.affected)
