"""Receivers of messages on loopback: a generic webhook, and a Teams workflow that refuses what Teams would."""

import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from support.fakes.misbehaving import Misbehaving
from support.harness.loopback import serving


@dataclass(frozen=True)
class Received:
    """A request that was accepted."""

    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    def signed_with(self, secret: str) -> bool:
        """Whether the signature is right."""
        over = self.headers["X-Backstay-Timestamp"].encode() + b"." + self.body
        digest = hmac.new(secret.encode(), over, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers.get("X-Backstay-Signature", ""), f"v1={digest}")


class Receiver(Misbehaving):
    """Takes POSTs at `/hook` and below. Behaviours are scripted under the path (`hook`); `received` is what was accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.asked = 0
        self.received: list[Received] = []
        self.refusals: list[str] = []

    @property
    def delivered(self) -> list[str]:
        """Delivery ids as a receiver that tells repeats apart would see them: each once, in order."""
        return list(dict.fromkeys(request.headers["X-Backstay-Delivery"] for request in self.received))

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Receiver"]:
        """Serve for the block, over TLS where a context is given."""
        app = web.Application(client_max_size=4 << 20)
        app.router.add_post("/{path:hook(?:/.*)?}", self._take)
        async with serving(app, tls) as root:
            self.url = f"{root}/hook"
            yield self

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        body = await request.read()
        wrong = self.wrong_with(body)
        if wrong:
            self.refusals.append(wrong)
            return web.Response(status=400, text=wrong)

        def keep() -> dict[str, Any]:
            self.received.append(Received(body, dict(request.headers)))
            return {"ok": True}

        return await self.play(request, request.match_info["path"], keep)

    def wrong_with(self, body: bytes) -> str:
        """Why a body is refused, empty when it is not."""
        return ""


class Workflow(Receiver):
    """A Teams workflow: Adaptive Cards 1.5 at most, 28 KB, nothing that needs a bot."""

    def wrong_with(self, body: bytes) -> str:
        if len(body) > 28 * 1024:
            return "too large"
        message = json.loads(body)
        attachments = message.get("attachments") or [{}]
        card = attachments[0].get("content") or {}
        if message.get("type") != "message" or card.get("type") != "AdaptiveCard":
            return "no Adaptive Card"
        if attachments[0].get("contentType") != "application/vnd.microsoft.card.adaptive":
            return "wrong content type"
        return "Action.Execute" if b"Action.Execute" in body else ""
