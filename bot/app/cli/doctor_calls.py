"""What `backstay doctor` proves by calls: tokens, signing-in, and every route, without a message to anybody."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import datetime, timedelta

from bot.app.cli.doctor_line import Line, State
from bot.app.settings import Settings
from bot.app.wiring.audit import route_context, teams_api
from bot.catalogue import ConfigError
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build
from bot.model import Pingable, Proof, Provable, Route, RouteSpec, Sent
from bot.net.http import RouteError
from bot.storage.ledger import Ledger, LedgerError

_LINES = 0.5  # seconds before the end at which a route counts as one without an answer, so that the others are told
_TESTED = timedelta(days=30)


async def proven_by_calls(settings: Settings, now: datetime, until: float) -> list[Line]:
    """Every proof. Calls run side by side; each ends at `until`, on the monotonic clock."""
    slack, teams, routes = await asyncio.gather(
        in_time("Slack", _slack(settings), until),
        in_time("Teams", _teams(settings), until),
        in_time("routes", _routes(settings, now, until - _LINES), until),
    )
    return [*slack, *teams, *routes]


async def in_time(about: str, work: Awaitable[list[Line]], until: float, state: State = "warning") -> list[Line]:
    """The lines of some work; one line that it was not tried in time where it does not end at `until`."""
    seconds = until - time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return [Line(state, about, f"not tried in time: no answer within {seconds:.0f} s", late=True)]


async def _slack(settings: Settings) -> list[Line]:
    return [line async for line in _slack_lines(settings)] if settings.slack.enabled else []


async def _slack_lines(settings: Settings) -> AsyncIterator[Line]:
    slack = settings.slack
    from bot.chat.slack.proof import judge_signing_secret, prove_app_token, prove_bot_token

    if slack.bot_token is not None and (token := _found(settings, slack.bot_token)):
        async for proof in prove_bot_token(token, slack.api_url, groups=bool(settings.named)):
            yield _line("Slack", proof)
    if slack.over_socket and slack.app_token and (token := _found(settings, slack.app_token)):
        yield _line("Slack", await prove_app_token(token, slack.api_url))
    elif not slack.over_socket and slack.signing_secret and (secret := _found(settings, slack.signing_secret)):
        yield _line("Slack", judge_signing_secret(secret))


async def _teams(settings: Settings) -> list[Line]:
    try:
        api = teams_api(settings)
    except ConfigError:
        return []  # a secret that cannot be resolved is reported where it is named
    if api is None or not settings.teams.tenant_id:
        return []
    result = await api.sign_in()
    if isinstance(result, Sent):
        return [Line("ok", "Teams", "Entra ID accepts teams.app_id and app_password")]
    return [Line("problem", "Teams", result.reason)]


async def _routes(settings: Settings, now: datetime, until: float) -> list[Line]:
    try:
        ledger = await Ledger.open(settings.ledger_address())
    except LedgerError:
        return []  # reported by the check of the ledger
    try:
        return await _proven_routes(settings, ledger, now, until)
    except ConfigError:
        return []  # a secret that cannot be resolved is reported where it is named
    finally:
        await ledger.close()


async def _proven_routes(settings: Settings, ledger: Ledger, now: datetime, until: float) -> list[Line]:
    context, tested = route_context(settings, ledger), await ledger.route_tests()
    seconds = max(0.0, until - time.monotonic())
    context.lines.open()
    wanted = {
        spec.name: (name, spec) for name, audience in settings.catalogue.audiences.items() for spec in audience.routes
    }
    try:
        proofs = await asyncio.gather(*(_proof(spec, context, seconds) for _, spec in wanted.values()))
    finally:
        await context.lines.close()
    return [
        _route_line(audience, spec.name, proof, tested, now)
        for (audience, spec), proof in zip(wanted.values(), proofs, strict=True)
        if proof is not None
    ]


async def _proof(spec: RouteSpec, context: RouteContext, seconds: float) -> Proof | None:
    """The proof of one route; None where it cannot be built, which is reported elsewhere."""
    try:
        route = build(spec, context)
    except (ConfigError, RouteError):
        return None
    try:
        async with asyncio.timeout(seconds):
            return await _prove(route)
    except TimeoutError:
        return Proof(False, f"no answer within {seconds:.0f} s")


async def _prove(route: Route) -> Proof:
    if isinstance(route, Provable):
        return await route.prove()
    if isinstance(route, Pingable):
        result = await route.ping()
        return Proof(True, "it answers") if isinstance(result, Sent) else Proof(False, result.reason)
    return Proof(None, "no call proves it")


def _route_line(audience: str, route: str, proof: Proof, tested: Mapping[str, datetime], now: datetime) -> Line:
    """The line of a route. What no call can show, a test message of the last 30 days shows."""
    about, last = f"route {route}", tested.get(route)
    if proof.works is not None:
        return Line("ok" if proof.works else "problem", about, proof.detail)
    if last is not None and now - last <= _TESTED:
        return Line("ok", about, f"{proof.detail}; a test message arrived on {last:%Y-%m-%d}")
    return Line("warning", about, f"{proof.detail}; `backstay send-test {audience}` proves that messages arrive")


def _line(about: str, proof: Proof) -> Line:
    states: dict[bool | None, State] = {True: "ok", False: "problem", None: "warning"}
    return Line(states[proof.works], about, proof.detail)


def _found(settings: Settings, reference: str) -> str:
    """The value of a secret; empty where it is not there, which is reported elsewhere."""
    try:
        return settings.secret(reference)
    except ConfigError:
        return ""
