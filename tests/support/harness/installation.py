"""A running installation whose operators and one team are reached by webhooks, and what may happen to its ledger."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from support.builders import alerts as sent
from support.fakes.receivers import Receiver
from support.harness.serving import Served, backstay_serve

TOKEN = "t0ken-of-the-alerts-long"
_BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Installation:
    """`hook` receives what the team and the operators are sent."""

    served: Served
    hook: Receiver
    session: aiohttp.ClientSession
    ledger: Path

    async def alert(self, name: str) -> int:
        """Hand in an alert of its own; the status of the answer."""
        body = sent.alertmanager(sent.alert(service="checkout", fingerprint=name))
        async with self.session.post(f"{self.served.url}/hooks/in/am", json=body, headers=_BEARER) as answer:
            return answer.status

    async def broadcast(self, words: str) -> int:
        """Post a broadcast to the team; the status of the answer."""
        body = {"text": words, "audiences": ["payments"]}
        async with self.session.post(f"{self.served.url}/hooks/broadcast", json=body, headers=_BEARER) as answer:
            return answer.status

    async def ready(self) -> int:
        """The status of readiness."""
        return (await self.readiness())[0]

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """The status of readiness, and what it says."""
        async with self.session.get(f"{self.served.url}/readyz") as answer:
            return answer.status, await answer.json()

    def told(self, kind: str) -> list[str]:
        """The texts of the cards of this kind that arrived, each in one line."""
        said = [post.json for post in self.hook.received]
        return [" ".join(card["text"].split()) for card in said if card["kind"] == kind]


@asynccontextmanager
async def installation(folder: Path, ledger: Path | None = None, **more: Any) -> AsyncIterator[Installation]:
    """Run one for the block. `ledger`: its file, else one in `folder`. `more`: more of its backstay.yaml."""
    async with Receiver().running() as hook, aiohttp.ClientSession() as session:
        yaml = {
            "hooks": {
                "token": "env:TOKEN",
                "sources": [{"name": "am", "format": "alertmanager", "token": "env:TOKEN"}],
            },
            "admin_audience": "payments",
            "fallback_tests": False,
            "outgoing": {"private": True},
            "audiences": {"payments": {"routes": [{"webhook": {"url": hook.url, "name": "pager"}}]}},
            "services": [{"name": "checkout", "tier": 1}],
            **more,
        }
        file = ledger or folder / "ledger.db"
        async with backstay_serve(folder, json.dumps(yaml), {"TOKEN": TOKEN, "BACKSTAY_LEDGER": str(file)}) as served:
            yield Installation(served, hook, session, file)
