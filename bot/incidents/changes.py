"""What of an incident is written down: news at once, that it still goes on once a minute."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.incidents import Incident, Phase, TimelineEntry


def should_persist(before: Incident | None, one: Incident) -> bool:
    """Whether it differs enough from what was written last. A mere suspicion is kept in memory."""
    if one.phase is Phase.SUSPECTED or before is one:
        return False
    # That it still goes on is written once a minute: it is no news.
    return (
        before is None
        or replace(one, updated_at=before.updated_at) != before
        or one.updated_at - before.updated_at >= timedelta(minutes=1)
    )


def merged_incidents(before: Mapping[str, Incident], merged: Mapping[str, str], now: datetime) -> Iterator[Incident]:
    """Those that are part of others from now on (`merged`: theirs -> that one's id), as far as anybody heard of them."""
    for old, by in merged.items():
        one = before.get(old)
        if one is not None and one.phase is not Phase.SUSPECTED:
            moment = TimelineEntry(now, "joined", f"part of {by}")
            yield replace(one, phase=Phase.RESOLVED, resolved_at=now, timeline=(*one.timeline, moment), part_of=by)
