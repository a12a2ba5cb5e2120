"""The cases that are replayed: each a scene drawn from a seed, and what is wanted of it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from support.harness.replay_goals import Goal, first_alert
from support.harness.replay_run import Scene, Watched, page_hosts, usual_answers
from support.outage_world.outside import Outside
from support.outage_world.pages import StatusPage

ONSET = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ENDPOINT = "https://api.stripe.com/v1/charges"


@dataclass(frozen=True)
class Case:
    """One case. `point`: of which kind it is. `scene` makes it from a seed; `wanted` says what a run missed.

    `share`: of the runs that must miss nothing; 0 where the case only counts towards a sum. `short`: minutes of computing are
    not needed for it.
    """

    name: str
    point: str
    scene: Callable[[random.Random], Scene]
    wanted: Goal
    share: float = 0.95
    page_at: datetime | None = None


def settings(
    *,
    needs: Sequence[str] = ("stripe",),
    endpoints: Sequence[tuple[str, str]] = (),
    interval: str = "",
    parts: str = "",
    canaries: bool = False,
) -> str:
    """backstay.yaml of a team with one service of tier 1 that needs these. Endpoints: (address, about)."""
    lines = [
        "currency: EUR",
        "audiences:",
        "  payments: [{slack: '#payments'}, {webhook: 'https://hooks.example.net/payments'}]",
    ]
    lines += ["  admins: [{webhook: 'https://hooks.example.net/admins'}]", "admin_audience: admins"]
    lines += ["services:", "  - name: checkout", "    tier: 1", "    audience: payments", "    revenue_per_hour: 42000"]
    lines += [f"    depends_on: {{{parts}}}" if parts else f"    depends_on: [{', '.join(needs)}]"]
    if endpoints:
        lines += ["endpoints:", *(f"  - {{url: '{url}', about: {about}}}" for url, about in endpoints)]
    lines += ["watch:", "  probes: true", *([f"  interval: {interval}"] if interval else [])]
    lines += ["  canaries: true"] if canaries else []
    return "\n".join(lines) + "\n"


STRIPE = settings(endpoints=((ENDPOINT, "stripe"),))


def scene(
    chance: random.Random,
    text: str = STRIPE,
    *,
    onset: datetime = ONSET,
    lasts: timedelta = HOUR,
    pages: Sequence[StatusPage] = (StatusPage("stripe", "https://www.stripestatus.com"),),
    places: tuple[str, ...] = ("here",),
    warm: timedelta = 20 * MINUTE,
    enough: Callable[[Watched], bool] | None = None,
    **world: Any,
) -> Scene:
    """A scene of a world in which this happens."""
    outside = Outside(chance, usual=usual_answers(text), served=page_hosts(text, pages), **world)
    return Scene(outside, text, onset, lasts, tuple(pages), places, warm, enough or (lambda _: False))


def some_time_after(alert: timedelta) -> Callable[[Watched], bool]:
    """Enough was seen so long after the first alert: what is told too often is told by then."""

    def enough(watched: Watched) -> bool:
        told = first_alert(watched)
        return told is not None and watched.now - told.at > alert

    return enough
