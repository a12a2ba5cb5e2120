"""What is expected of a replayed outage: told in time, once, again with every wave, and over only after it was well for long."""

from datetime import timedelta

from support.harness.replaying import Result

from bot.model.thresholds import Thresholds

GOAL = timedelta(seconds=90)
WAVE_GOAL = timedelta(minutes=5)
SLACK = timedelta(minutes=1)
"""What ticks and rounds may add to a time that is measured."""


def misses(one: Result) -> list[str]:
    """What was not as it should be."""
    outage, wrong = one.outage, []
    seen = outage.seen_by in ("outside", "a canary")
    if seen:
        sign = min(trouble.begins for trouble in outage.troubles)
        if one.first is None or one.first - sign > GOAL:
            wrong.append("too late")
        if one.lead is not None and one.lead <= timedelta(0) and (outage.page_at or sign) - sign > GOAL:
            wrong.append("after the page")
    elif one.first is None and outage.page_at:
        wrong.append("not told at all")
    wave = one.wave_after()
    if wave is not None and wave > WAVE_GOAL:
        wrong.append("a wave was not told")
    if one.alerts and one.over_after is not None and one.over_after < Thresholds().settle - SLACK:
        wrong.append("over too early")
    if one.alerts and one.over_after is None:
        wrong.append("never over")
    if one.incidents > 1 or one.needless:
        wrong.append("more than one message")
    return wrong
