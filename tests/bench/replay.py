"""Replays known outages minute by minute through probes, canaries, pages and a chat on loopback; counts false alerts over a month.

    python tests/bench/replay.py [timelines.json]

For each outage: what could see it at all, time from its onset to the alert at a 30 s interval, lead over the status page (which
is served in its provider's format and polled over HTTP), how long after a new wave it was told again, how long after all was
well it was called over, incidents, messages sent, of which needless. An outage that nothing of ours could see soon after it
began is not counted as seen: what is told of it follows the page.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from support.harness.replay_goals import GOAL, WAVE_GOAL, misses  # noqa: E402
from support.harness.replaying import World, loopback_aws, replay, world  # noqa: E402
from support.samples.outages import TIMELINES, Outage  # noqa: E402 - the path comes first
from support.samples.quiet_month import quiet_month  # noqa: E402


async def main() -> int:
    """Print the table; 1 where a goal is missed."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else TIMELINES
    missed = 0
    if path.exists():
        outages = [Outage.of(raw) for raw in json.loads(path.read_text())["incidents"]]
        async with world() as servers:
            os.environ.update(loopback_aws(servers))
            missed += await _print_all(outages, servers)
    else:
        sys.stdout.write(f"no timelines at {path.name}: outages are not replayed\n")
    began = time.perf_counter()
    told, rounds = quiet_month(30, 10, seed=20251020)
    took = time.perf_counter() - began
    sys.stdout.write(
        f"\n30 quiet days, 1 % of rounds fail by chance, one resolver broken for an hour a day: {told} false alerts "
        f"(goal 0) in {rounds:,} rounds; {took:.0f} s\n"
    )
    return 1 if missed or told else 0


async def _print_all(outages: Iterable[Outage], servers: World) -> int:
    _say("outage", "seen by", "to alert", "lead", "next wave", "over after", "incidents", "alerts", "needless")
    missed = 0
    for outage in outages:
        one = await replay(outage, servers)
        wrong = misses(one)
        missed += bool(wrong)
        numbers = (str(one.incidents), str(len(one.alerts)), str(one.needless))
        after = one.first - outage.onset if one.first else None
        spans = (_span(after), _span(one.lead), _span(one.wave_after()), _span(one.over_after))
        _say(outage.name, outage.seen_by, *spans, *numbers, *(f"MISSED: {text}" for text in wrong))
    sys.stdout.write(
        f"goals: alert within {GOAL.total_seconds():.0f} s of the first sign where we could see it at once, and before the "
        f"page; a wave within {WAVE_GOAL.total_seconds() / 60:.0f} min; over only after it was well for long; none needless. "
        f"Missed by {missed}\n"
    )
    return missed


def _say(*cells: str) -> None:
    sys.stdout.write("{:32} {:>8} {:>9} {:>8} {:>10} {:>11} {:>10} {:>7} {:>9} {}\n".format(*(*cells, "")[:10]))
    sys.stdout.flush()


def _span(span: timedelta | None) -> str:
    if span is None:
        return "-"
    seconds = span.total_seconds()
    return f"{seconds:.0f} s" if abs(seconds) < 600 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
