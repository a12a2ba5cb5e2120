"""`POST /hooks/in/NAME`: alerts of other monitoring, from the door to the watch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.detection.alerts import HookError, ParseContext, ParsedAlerts, PlacementNames, SignedRequest
from bot.model import Clock
from bot.model.incidents import Signal
from bot.storage.ledger import LedgerError
from bot.web.api.authentication import Refusal
from bot.web.api.contract import Problem
from bot.web.body import read
from bot.web.request_log import RequestLog
from bot.web.webhooks.authentication import UNPROVED, WITH_TOKEN, WebhookSource
from bot.web.webhooks.contract import TakenOut
from bot.web.webhooks.sns import SnsSource

Hear = Callable[[str, Sequence[Signal]], Awaitable[None]]
"""Takes in the alerts of a hook by its name; returns once they are written down."""


class AlertReceiver:
    """The handler of all sources.

    `hear` takes in alerts, `tell` what another backstay saw, `names` gives our names as they are now; `sns` judges what
    comes from there.
    """

    def __init__(  # noqa: PLR0913 - its edges and its clock are handed in
        self,
        doors: Mapping[str, WebhookSource],
        *,
        hear: Hear,
        tell: Callable[[Signal], None],
        names: Callable[[], Awaitable[PlacementNames]],
        log: RequestLog,
        sns: SnsSource,
        clock: Clock,
    ) -> None:
        self._doors, self._hear, self._tell, self._names, self._log, self._clock = doors, hear, tell, names, log, clock
        self._sns = sns

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request. Nothing of it is read as data before its sender has proved itself."""
        name, remote = request.match_info["hook"][:64], request.remote or ""
        door = self._doors.get(name)
        if door is None:
            await self._note("hook", "hook refused", remote, status=404)
            return answer(Refusal(404, "there is no such hook"))
        try:
            body = await self._admitted(door, request, remote)
            if isinstance(body, Refusal):
                await self._note(f"hook:{name}", "hook refused", remote, status=body.status)
                return answer(body)
            taken = await self._taken(door, body)
        except LedgerError:
            return answer(Refusal(503, "it could not be written down; send it again", 30))
        if isinstance(taken, Refusal):
            await self._note(f"hook:{name}", "hook refused", remote, status=taken.status, why=taken.said[:300])
            return answer(taken)
        await self._note(f"hook:{name}", "hook", remote, accepted=len(taken.signals), problems=len(taken.problems))
        out = TakenOut(
            accepted=len(taken.signals), left_out=taken.left_out, problems=list(taken.problems), note=taken.note
        )
        return web.Response(text=out.model_dump_json(), content_type="application/json")

    async def _admitted(self, door: WebhookSource, request: web.Request, remote: str) -> bytes | Refusal:
        """The body as it came, or why not."""
        if shut := door.shut(remote):
            return shut
        if door.topics:
            return await self._from_sns(door, request, remote)
        proved = door.shows_token(request.headers)
        if not proved and not door.secret:
            return door.refused(remote)
        body = await read(request, WITH_TOKEN if proved else UNPROVED)
        if isinstance(body, Refusal):
            return body
        if not proved and not door.signed(SignedRequest(request.method, request.raw_path, request.headers, body)):
            return door.refused(remote)
        return door.full() or body

    async def _from_sns(self, door: WebhookSource, request: web.Request, remote: str) -> bytes | Refusal:
        body = await read(request, UNPROVED)
        if isinstance(body, Refusal):
            return body
        said = await self._sns.judge(body, door.topics)
        if isinstance(said, Refusal):
            if said.status == 401:
                door.refused(remote)
            return said
        if full := door.full():
            return full
        if said.Type == "SubscriptionConfirmation" and (failed := await self._sns.confirm(said)):
            return failed
        return body

    async def _taken(self, door: WebhookSource, body: bytes) -> ParsedAlerts | Refusal:
        ground = ParseContext(door.name, self._clock(), await self._names(), door.about)
        try:
            # A storm of 10,000 alerts takes half a second: too long for the loop that answers people.
            taken = await asyncio.to_thread(door.format.read, body, ground)
        except HookError as error:
            return Refusal(error.status, str(error))
        alerts = [signal for signal in taken.signals if signal.kind == "hook"]
        if alerts:
            await self._hear(door.name, alerts)
        for signal in taken.signals:
            if signal.kind != "hook":
                self._tell(signal)
        return taken

    async def _note(self, actor: str, action: str, remote: str, **detail: str | int) -> None:
        try:
            await self._log.note(actor, action, **{"from": remote}, **detail)
        except LedgerError:
            return  # the request itself was judged; readiness tells of the ledger


def answer(refusal: Refusal) -> web.Response:
    """A refusal as its sender sees it. What it went on to send is not waited for."""
    headers: dict[str, Any] = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    made = web.Response(
        status=refusal.status,
        text=Problem(problem=refusal.said).model_dump_json(),
        content_type="application/json",
        headers=headers,
    )
    if refusal.status in (401, 404, 408, 413, 429):
        made.force_close()
    return made
