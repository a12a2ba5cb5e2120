"""What of an incident is written down: news at once, that it still goes on once a minute."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.signals import Moment, OwnIncident, Phase


def worth_writing(before: OwnIncident | None, one: OwnIncident) -> bool:
    """Whether it differs enough from what was written last. A mere suspicion is kept in memory."""
    if one.phase is Phase.SUSPECTED or before is one:
        return False
    # That it still goes on is written once a minute: it is no news.
    return (
        before is None
        or replace(one, updated_at=before.updated_at) != before
        or one.updated_at - before.updated_at >= timedelta(minutes=1)
    )


def taken_over(one: OwnIncident, by: str, now: datetime) -> OwnIncident:
    """It is part of another incident from now on."""
    moment = Moment(now, "joined", f"part of {by}")
    return replace(one, phase=Phase.RESOLVED, resolved_at=now, timeline=(*one.timeline, moment), part_of=by)
