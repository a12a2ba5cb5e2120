"""Reads a fake Azure as the child process does."""

from typing import Any

from support.fakes.azure_cloud import TENANT, FakeAzure, azure_cloud

from bot.audit.collectors.azure.run import read_subscriptions
from bot.audit.facts_codec import unpack


class Read:
    """What one run emitted: facts by name, gaps, the places that were read whole, and the last frame."""

    def __init__(self, frames: list[dict[str, Any]]) -> None:
        parts = [(frame["place"], *unpack(frame)[:2]) for frame in frames if frame["t"] == "part"]
        self.facts = {fact.name: fact for _, facts, _ in parts for fact in facts}
        self.gaps = [gap for _, _, gaps in parts for gap in gaps]
        self.places = [tuple(place) for place, _, _ in parts if place]
        self.end = frames[-1]

    def reasons(self, account: str = "s1") -> list[str]:
        """The reasons of the gaps of a subscription."""
        return [gap.reason for gap in self.gaps if gap.account == account]


async def read(fake: FakeAzure, *subscriptions: str, groups: tuple[str, ...] = (), **settings: Any) -> Read:
    """Read the subscriptions of a fake in this process. `settings`: of the request, over those that suit a loopback."""
    frames: list[dict[str, Any]] = []
    async with azure_cloud(fake) as url:
        request: dict[str, Any] = {
            "subscriptions": subscriptions,
            "management_groups": groups,
            "login_url": url,
            "api_url": url,
        }
        request |= {"tenant": TENANT, "client": "c", "secret": "s", "private": True, "only": None}
        request |= {"calls_per_second": 1000, "most_calls": 40, "timeout": 2, **settings}
        await read_subscriptions(request, frames.append)
    return Read(frames)
