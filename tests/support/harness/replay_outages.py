"""Outages that happened, as installed and with an endpoint of the team's own on the provider."""

from datetime import timedelta
from typing import get_args

from support.harness.replay_cases import MINUTE, Case, scene, settings, some_time_after
from support.harness.replay_goals import all_of, at_most, told_in_time
from support.outage_world.pages import Format, StatusPage
from support.samples.outages import OWN, Outage, from_timelines
from support.samples.twelve_outages import TWELVE

from bot.catalogue import known_providers

AS_INSTALLED = 8
"""Of the twelve, so many are to be told in time with nothing of the user's own set."""


def as_installed(outage: Outage) -> Case:
    """With nothing of the team's own set."""
    return _case(outage, f"{outage.name}, as installed", settings(needs=(outage.needs,)), 0.0)


def with_own_endpoint(outage: Outage) -> Case:
    """With one endpoint of the team's own, which stands on the provider."""
    text = settings(needs=(outage.needs,), endpoints=((f"https://{OWN}/health", "checkout"),), canaries=outage.canary)
    return _case(outage, f"{outage.name}, own endpoint", text, 0.95)


def _case(outage: Outage, name: str, text: str, share: float) -> Case:
    known = known_providers()[outage.provider]
    page = StatusPage(outage.provider, known.page, _format(known.format), outage.items)
    until = max(outage.page_at or outage.onset, outage.onset) + 15 * MINUTE - outage.onset
    return Case(
        name, "8",
        lambda chance: scene(
            chance, text, onset=outage.onset, effects=outage.effects, pages=(page,) if known.feed else (),
            lasts=min(max(until, 30 * MINUTE), timedelta(hours=2)), enough=some_time_after(2 * MINUTE),
        ),
        all_of(told_in_time(outage.page_at), at_most(3)) if share else told_in_time(outage.page_at), share, outage.page_at,
    )  # fmt: skip


def _format(name: str) -> Format:
    return next((known for known in get_args(Format) if known == name), "statuspage")


OUTAGES = (
    *(as_installed(outage) for outage in TWELVE),
    *(with_own_endpoint(outage) for outage in TWELVE if outage.own),
    *(as_installed(outage) for outage in from_timelines()),
)
