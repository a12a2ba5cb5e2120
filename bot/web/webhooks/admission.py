"""Lets a webhook request in: its sender is authenticated before a byte of its body is parsed, and a signature counts once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from aiohttp import web

from bot.detection.alerts import SignedRequest
from bot.model import Clock
from bot.storage.ledger import LedgerError
from bot.web.api.authentication import Refusal
from bot.web.body import read
from bot.web.webhooks.authentication import UNPROVED, WITH_TOKEN, WebhookSource


class HandledSignatures(Protocol):
    """Where signed requests are remembered (`bot.storage.handled_requests`)."""

    async def handle_first(self, keys: Iterable[str], now: datetime) -> bool:
        """Remember all of these keys, and whether none of them was remembered."""
        ...

    async def was_handled(self, key: str) -> bool:
        """Whether a key is remembered."""
        ...


class Admitted(NamedTuple):
    """An authenticated request: its raw body, and the signature by which it counts once; empty where nothing tells it apart."""

    body: bytes
    once: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """Admits requests by token or signature. `handled`: remembers signed requests for other replicas and after a restart."""

    handled: HandledSignatures
    clock: Clock

    async def admit(
        self, source: WebhookSource, request: web.Request, remote: str, *, with_token: int = WITH_TOKEN
    ) -> Admitted | Refusal:
        """The body of an authenticated request, or a refusal. `with_token`: how large one with a token may be, in bytes.

        Raises:
            LedgerError: it cannot be told whether the signature was used before.
        """
        proved = source.shows_token(request.headers)
        if not proved and not source.secret:
            return await source.refused(remote, request.headers)
        body = await read(request, with_token if proved else min(with_token, UNPROVED))
        if isinstance(body, Refusal):
            return body
        once = ""
        if not proved:
            proof = source.signed(SignedRequest(request.method, request.raw_path, request.headers, body))
            once = proof.once if proof is not None else ""
            if proof is None or await self._was_handled(source, once):
                return await source.refused(remote, request.headers)
        if full := source.full():
            source.forget(once)  # it may be sent again as it is
            return full
        return Admitted(body, once)

    async def settle(self, source: WebhookSource, once: str) -> None:
        """Remember a signature, once what it signed is stored: what could not be stored is sent again as it is."""
        if once:
            await self.handled.handle_first([_key(source, once)], self.clock())

    async def _was_handled(self, source: WebhookSource, once: str) -> bool:
        try:
            return bool(once) and await self.handled.was_handled(_key(source, once))
        except LedgerError:
            source.forget(once)
            raise


def _key(source: WebhookSource, once: str) -> str:
    return f"signature {source.name} {once}"
