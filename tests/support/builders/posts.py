"""Builders of what delivery works with: messages, route contexts, and a clock that sleeping moves."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards.card import Card, Paragraph, text
from bot.chat.slack.web_client import SlackWebClient
from bot.delivery.routing.context import RouteContext
from bot.model import Message, Priority
from bot.net.egress import EgressPolicy

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRETS = {"env:HOOK_SECRET": "s3cret-of-the-hook", "env:EMPTY": ""}


class ManualClock:
    """Time that passes only where somebody sleeps."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def card(title: str = "Billing scores 72", **fields: Any) -> Card:
    """A small card."""
    sound: dict[str, Any] = {"blocks": (Paragraph(text("Fix the backups first.")),), "data": {"score": 72}}
    return Card("scorecard", title, "C: one region away from an outage.", **sound | fields)


def message(id: str = "m1", *, audience: str = "payments", title: str = "Billing scores 72", **fields: Any) -> Message:
    """A report for the payments team, posted at START."""
    sound: dict[str, Any] = {"priority": Priority.REPORT, "created_at": START, "card": card(title).dump()}
    return Message(id, audience, **sound | fields)


def context(**fields: Any) -> RouteContext:
    """What routes are built with, patient for 5 s at most: a busy machine answers late."""
    sound: dict[str, Any] = {
        "secret": SECRETS.__getitem__,
        "slack_token": "xoxb-made-up",
        "slack": SlackWebClient,
        "outgoing": EgressPolicy(private=True),
    }
    return RouteContext(**sound | {"timeout": timedelta(seconds=5)} | fields)
