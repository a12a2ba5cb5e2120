"""`POST /hooks/rehearsals/NAME`: records drills that jobs of CI ran, authenticated as alerts are, each of them once."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Protocol

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.detection.alerts.fields import one_line, safe_url
from bot.detection.alerts.format import describe_errors
from bot.model import Clock
from bot.model.drills import DrillRecord
from bot.storage.ledger import LedgerError
from bot.web.api.authentication import Refusal
from bot.web.request_log import RequestLog
from bot.web.webhooks.admission import Admission
from bot.web.webhooks.authentication import WebhookSource
from bot.web.webhooks.handler import answer
from checks import RehearsalKind, RehearsalResult, Scope

LARGEST = 64 * 1024
"""Maximum body size in bytes: a drill is one record."""
_AHEAD = timedelta(minutes=5)
_BEHIND = timedelta(days=400)
_LONGEST = timedelta(days=30)


def _scope(text: str) -> str:
    return str(Scope.parse(text)) if text else ""


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character U+0000")
    return text


_Text = Annotated[str, AfterValidator(_plain)]
_Seconds = Annotated[float, Field(ge=0, le=_LONGEST.total_seconds(), allow_inf_nan=False)]


class DrillIn(BaseModel):
    """A drill that ended. A repeated `id` is recorded once."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    id: _Text = Field(min_length=1, max_length=200, description="the run's own id, such as that of the CI job")
    service: _Text = Field(min_length=1, max_length=200, description="the tested service, as the catalogue names it")
    kind: RehearsalKind = Field(description="failover, zone_shift, fault_injection, restore or game_day")
    result: RehearsalResult = Field(description="succeeded, failed, or inconclusive where it was aborted or skipped")
    ended_at: datetime = Field(description="when it ended: ISO 8601, UTC where it has no offset")
    name: _Text = Field(default="", max_length=200, description="what was done")
    scope: Annotated[str, AfterValidator(_scope)] = Field(
        default="", max_length=200, description="what was lost: aws/us-east-1"
    )
    rto_seconds: _Seconds | None = Field(default=None, description="measured, from the loss until healthy again")
    rpo_seconds: _Seconds | None = Field(default=None, description="measured data loss")
    link: _Text = Field(default="", max_length=1000, description="link to the job or its report")


class DrillOut(BaseModel):
    """What became of a drill. `recorded` False: this run was recorded before."""

    recorded: bool


class DrillLedger(Protocol):
    """Stores a drill with its line of the audit log."""

    async def record_drill(self, drill: DrillRecord, actor: str) -> bool:
        """Store a drill. False: this run was stored before."""
        ...


ServiceNames = Callable[[], Awaitable[Collection[str]]]


class DrillReceiver:
    """Handles the requests of all hooks.

    Args:
        sources: the hooks by name.
        admission: authenticates requests.
        ledger: stores drills.
        services: the names of the catalogue.
        log: the audit log, for what is refused.
        clock: UTC now.
    """

    def __init__(  # noqa: PLR0913 - its edges and its clock are handed in
        self,
        sources: Mapping[str, WebhookSource],
        *,
        admission: Admission,
        ledger: DrillLedger,
        services: ServiceNames,
        log: RequestLog,
        clock: Clock,
    ) -> None:
        self._sources, self._admission, self._ledger = sources, admission, ledger
        self._services, self._log, self._clock = services, log, clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request. The body is parsed only after its sender is authenticated."""
        name, remote = request.match_info["hook"][:64], request.remote or ""
        source = self._sources.get(name)
        if source is None:
            return await self._refused("hook", Refusal(404, "unknown source"), remote)
        once = ""
        try:
            admitted = await self._admission.admit(source, request, remote, with_token=LARGEST)
            if isinstance(admitted, Refusal):
                return await self._refused(f"hook:{name}", admitted, remote)
            body, once = admitted
            drill = await self._drill(name, body)
            if isinstance(drill, Refusal):
                await self._admission.settle(source, once)
                return await self._refused(f"hook:{name}", drill, remote)
            recorded = await self._ledger.record_drill(drill, f"hook:{name}")
            await self._admission.settle(source, once)
        except LedgerError:
            source.forget(once)
            return answer(Refusal(503, "the drill could not be stored; send it again", 30))
        return web.Response(text=DrillOut(recorded=recorded).model_dump_json(), content_type="application/json")

    async def _drill(self, hook: str, body: bytes) -> DrillRecord | Refusal:
        try:
            sent = DrillIn.model_validate_json(body)
        except ValidationError as error:
            return Refusal(422, describe_errors(error))
        now = self._clock()
        ended = sent.ended_at.astimezone(UTC) if sent.ended_at.tzinfo else sent.ended_at.replace(tzinfo=UTC)
        if not now - _BEHIND <= ended <= now + _AHEAD:
            return Refusal(422, "ended_at: must not be in the future, nor more than 400 days ago")
        known = await self._services()
        if sent.service not in known:
            return Refusal(422, "service: no service of the catalogue is called so")
        return DrillRecord(
            source=hook,
            key=sent.id,
            service=sent.service,
            kind=sent.kind,
            result=sent.result,
            at=min(ended, now),
            recorded_at=now,
            name=one_line(sent.name, 200),
            scope=sent.scope,
            link=safe_url(sent.link),
            rto=_length(sent.rto_seconds),
            rpo=_length(sent.rpo_seconds),
        )

    async def _refused(self, actor: str, refusal: Refusal, remote: str) -> web.Response:
        why = {"why": refusal.said[:300]} if refusal.status in (400, 422) else {}
        try:
            await self._log.note(actor, "drill refused", **{"from": remote}, status=refusal.status, **why)
        except LedgerError:
            return answer(refusal)  # readiness reports the ledger
        return answer(refusal)


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
