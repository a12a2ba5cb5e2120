"""`POST /hooks/in/NAME`: receives alerts of other monitoring and passes them to incident detection."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.detection.alerts import HookError, ParseContext, ParsedAlerts, PlacementNames
from bot.model import Clock
from bot.model.signals import Signal
from bot.storage.ledger import LedgerError
from bot.web.api.authentication import Refusal
from bot.web.api.contract import Problem
from bot.web.body import read
from bot.web.request_log import RequestLog
from bot.web.webhooks.admission import Admission, Admitted, HandledSignatures
from bot.web.webhooks.authentication import UNPROVED, WebhookSource
from bot.web.webhooks.contract import TakenOut
from bot.web.webhooks.sns import SnsSource

AcceptAlerts = Callable[[str, Sequence[Signal]], Awaitable[None]]
"""Stores the alerts of a source; returns once they are in the ledger."""


class AlertReceiver:
    """Handles the requests of all sources.

    Args:
        sources: the sources by name.
        accept: stores alerts.
        observe: takes signals of another backstay.
        names: gives the names that alerts are placed by.
        log: the audit log.
        sns: verifies messages of Amazon SNS.
        clock: UTC now.
        handled: remembers signed requests for other replicas and for after a restart.
    """

    def __init__(  # noqa: PLR0913 - its edges and its clock are handed in
        self,
        sources: Mapping[str, WebhookSource],
        *,
        accept: AcceptAlerts,
        observe: Callable[[Signal], None],
        names: Callable[[], Awaitable[PlacementNames]],
        log: RequestLog,
        sns: SnsSource,
        clock: Clock,
        handled: HandledSignatures,
    ) -> None:
        self._admission = Admission(handled, clock)
        self._sources, self._accept, self._observe = sources, accept, observe
        self._names, self._log, self._clock = names, log, clock
        self._sns = sns

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request. The body is parsed only after its sender is authenticated."""
        name, remote = request.match_info["hook"][:64], request.remote or ""
        source = self._sources.get(name)
        if source is None:
            await self._note("hook", "hook refused", remote, status=404)
            return answer(Refusal(404, "unknown source"))
        once = ""
        try:
            admitted = await self._admitted(source, request, remote)
            if isinstance(admitted, Refusal):
                await self._note(f"hook:{name}", "hook refused", remote, status=admitted.status)
                return answer(admitted)
            body, once = admitted
            taken = await self._taken(source, body)
            await self._admission.settle(source, once)
        except LedgerError:
            source.forget(once)
            return answer(Refusal(503, "the alert could not be stored; send it again", 30))
        if isinstance(taken, Refusal):
            await self._note(f"hook:{name}", "hook refused", remote, status=taken.status, why=taken.said[:300])
            return answer(taken)
        await self._note(f"hook:{name}", "hook", remote, accepted=len(taken.signals), problems=len(taken.problems))
        out = TakenOut(
            accepted=len(taken.signals), left_out=taken.left_out, problems=list(taken.problems), note=taken.note
        )
        return web.Response(text=out.model_dump_json(), content_type="application/json")

    async def _admitted(self, source: WebhookSource, request: web.Request, remote: str) -> Admitted | Refusal:
        """Return an authenticated request, or a refusal."""
        if source.topics:
            found = await self._from_sns(source, request, remote)
            return found if isinstance(found, Refusal) else Admitted(found)
        return await self._admission.admit(source, request, remote)

    async def _from_sns(self, source: WebhookSource, request: web.Request, remote: str) -> bytes | Refusal:
        body = await read(request, UNPROVED)
        if isinstance(body, Refusal):
            return body
        said = await self._sns.judge(body, source.topics)
        if isinstance(said, Refusal):
            if said.status == 401:
                slowed = await source.refused(remote, request.headers)
                return slowed if slowed.status == 429 else said
            return said
        if full := source.full():
            return full
        if said.Type == "SubscriptionConfirmation" and (failed := await self._sns.confirm(said)):
            return failed
        return body

    async def _taken(self, source: WebhookSource, body: bytes) -> ParsedAlerts | Refusal:
        ground = ParseContext(source.name, self._clock(), await self._names(), source.about)
        try:
            # A storm of 10,000 alerts takes half a second: too long for the loop that answers people.
            taken = await asyncio.to_thread(source.format.read, body, ground)
        except HookError as error:
            return Refusal(error.status, str(error))
        alerts = [signal for signal in taken.signals if signal.kind == "hook"]
        if alerts:
            await self._accept(source.name, alerts)
        for signal in taken.signals:
            if signal.kind != "hook":
                self._observe(signal)
        return taken

    async def _note(self, actor: str, action: str, remote: str, **detail: str | int) -> None:
        try:
            await self._log.note(actor, action, **{"from": remote}, **detail)
        except LedgerError:
            return  # the request was answered; readiness reports the ledger


def answer(refusal: Refusal) -> web.Response:
    """Return the HTTP response for a refusal and close the connection."""
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
