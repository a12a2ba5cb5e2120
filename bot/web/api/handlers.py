"""The HTTP API for operators, also when chat is down: broadcast, status, scorecards and read-only commands."""

import hashlib
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.cards.card import Card
from bot.cards.messages.broadcast import broadcast_card
from bot.cards.render import text as to_text
from bot.chat.command import commands
from bot.chat.parsing import quoted
from bot.model import Caller, Clock, Role
from bot.model.records import Broadcast, Records
from bot.storage.ledger import AuditLogEntry
from bot.web.api.authentication import Refusal, RequestAuthenticator
from bot.web.api.contract import PREFIX, BroadcastIn, BroadcastOut, CommandAnswer, CommandIn, Problem
from bot.web.body import read
from bot.web.request_log import AuditLogWriter, RequestLog

MOST_BYTES = 64 * 1024
PLATFORM = "hook"
Ask = Callable[[str, Caller], AsyncGenerator[Card, None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
M = TypeVar("M", bound=BaseModel)


class OperatorApi:
    """The handlers. `ask` runs a command line with the viewer role and yields cards; the last card is the answer."""

    def __init__(
        self, gate: RequestAuthenticator, ask: Ask, records: Records, ledger: AuditLogWriter, clock: Clock
    ) -> None:
        self._gate, self._ask, self._records, self._ledger, self._clock = gate, ask, records, ledger, clock
        self._refusals = RequestLog(ledger, clock)

    def posts(self) -> dict[str, Handler]:
        """Path to handler."""
        return {f"{PREFIX}/broadcast": self._broadcast, f"{PREFIX}/command": self._command}

    def gets(self) -> dict[str, Handler]:
        """Path to handler."""
        return {
            f"{PREFIX}/status": self._status,
            f"{PREFIX}/scorecard/{{service}}": self._scorecard,
        }

    async def admit(self, request: web.Request) -> None:
        """Let an authenticated request pass.

        Raises:
            web.HTTPException: it is not.
        """
        await self._admitted(request)

    async def _broadcast(self, request: web.Request) -> web.StreamResponse:
        who, body = await self._admitted(request)
        wanted = _read(BroadcastIn, body)
        known = await self._records.audiences()
        named = list(known) if wanted.audiences == ["all"] and "all" not in known else wanted.audiences
        unknown = [name for name in named if name not in known]
        if unknown:
            raise _refused(422, f"unknown audience {unknown[0]!r}; known: {', '.join(known) or 'none'}")
        now = self._clock()
        name = _name(wanted.key or _signature(request, who))
        chosen = tuple(dict.fromkeys(named))
        draft = Broadcast(name, wanted.text.strip(), wanted.severity, chosen, who.user, f"HTTP API ({who.name})", now)
        if await self._records.drafted(name) is None:
            await self._records.draft(draft)
        posted = await self._records.broadcast(name, broadcast_card(draft).dump(), now)
        return web.json_response(BroadcastOut(id=name, posted=posted, audiences=list(chosen)).model_dump())

    async def _status(self, request: web.Request) -> web.StreamResponse:
        who, _ = await self._admitted(request)
        return await self._answered("status", who, _wants_text(request))

    async def _scorecard(self, request: web.Request) -> web.StreamResponse:
        who, _ = await self._admitted(request)
        if "\0" in request.match_info["service"]:
            raise _refused(404, "no service has the character U+0000 in its name")
        line = quoted("scorecard", request.match_info["service"])
        return await self._answered(line, who, _wants_text(request), missing=404)

    async def _command(self, request: web.Request) -> web.StreamResponse:
        who, body = await self._admitted(request)
        wanted = _read(CommandIn, body)
        return await self._answered(wanted.text, who, wanted.format == "text" or _wants_text(request))

    async def _answered(self, line: str, who: Caller, as_text: bool, missing: int = 422) -> web.StreamResponse:
        await self._ledger.log(
            AuditLogEntry(self._clock(), who.user, "hook", {"command": line[:200], "from": who.channel})
        )
        word = line.split(maxsplit=1)[0].lower().lstrip("/") if line.split() else "help"
        command = commands().get(word)
        if command is not None and command.role is not Role.VIEWER:
            await self._records.refused(who.user, word, self._clock())
            raise _refused(422, f"{word} changes state; the HTTP API runs read-only commands")
        async with aclosing(self._ask(line, who)) as cards:
            said = [card async for card in cards]
        if not said:
            raise _refused(422, f"{word} gave no answer")
        card = said[-1]
        status = missing if card.kind == "error" else 200
        text = to_text.render(card)
        if as_text:
            return web.Response(text=text + "\n", status=status)
        answer = CommandAnswer(
            kind=card.kind, title=card.title, summary=card.summary, text=text, card=card.dump(), data=card.data
        )
        return web.Response(text=answer.model_dump_json(), content_type="application/json", status=status)

    async def _admitted(self, request: web.Request) -> tuple[Caller, bytes]:
        """Authenticate the request; return the caller and the raw body. Nothing is parsed before the signature is verified."""
        body = await read(request, MOST_BYTES)
        if isinstance(body, Refusal):
            raise _refused(body.status, body.said)
        remote = request.remote or ""
        found = self._gate.judge(request.method, request.raw_path, request.headers, body, remote)
        if isinstance(found, Refusal):
            await self._gate.failed.hold(found)
            if found.status == 401:
                await self._refusals.note(PLATFORM, "hook refused", **{"path": request.path[:200], "from": remote})
            raise _refused(found.status, found.said, found.retry_after)
        return Caller(PLATFORM, f"{PLATFORM}:{found}", remote, found), body


def _name(key: str) -> str:
    """Return the ID of a broadcast: the same key always gives the same ID."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:16] if key else secrets.token_hex(8)


def _signature(request: web.Request, who: Caller) -> str:
    """Return the request's signature, so that a replay on another replica or after a restart is the same broadcast."""
    return request.headers.get("X-Backstay-Signature", "") if who.name == "signature" else ""


def _wants_text(request: web.Request) -> bool:
    return request.headers.get("Accept", "").strip().startswith("text/plain")


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each_error['loc'])) or 'body'}: {each_error['msg']}"
            for each_error in error.errors()[:5]
        )
        raise _refused(400, wrong) from None


def _refused(status: int, said: str, retry_after: int = 0) -> web.HTTPException:
    kinds: dict[int, Any] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        404: web.HTTPNotFound,
        408: web.HTTPRequestTimeout,
        422: web.HTTPUnprocessableEntity,
        429: web.HTTPTooManyRequests,
    }
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    text = Problem(problem=said).model_dump_json()
    if status == 413:
        return web.HTTPRequestEntityTooLarge(MOST_BYTES, 0, text=text, content_type="application/json")
    made: web.HTTPException = kinds[status](text=text, content_type="application/json", headers=headers)
    return made
