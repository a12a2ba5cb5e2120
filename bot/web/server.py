"""The HTTP server: chat endpoints, operator API, webhooks, liveness and readiness."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.chat.reception import Reception
from bot.storage.ledger import LedgerError
from bot.web.connections import Connections
from bot.web.loop_lag import LoopLag
from bot.web.proxies import TrustedProxies

MOST_BYTES = 1_000_000
READY_SECONDS = 2.0
LARGEST_LAG_SECONDS = 1.0
STOP_SECONDS = 5.0
LEDGER_BACK_SECONDS = 10
"""Retry-After while the ledger is unreachable, in seconds: a database failover takes about as long."""

_log = structlog.get_logger(__name__)

CONNECTIONS = web.AppKey("connections", Connections)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Probe = Callable[[], Awaitable[None]]


def application(  # noqa: PLR0913 - what is served, by keyword
    *,
    posts: Mapping[str, Handler],
    probes: Mapping[str, Probe],
    lag: LoopLag,
    patience: float = READY_SECONDS,
    gets: Mapping[str, Handler] | None = None,
    guarded: Mapping[str, Handler] | None = None,
    degraded: Callable[[], Mapping[str, str]] = dict,
    proxies: TrustedProxies = TrustedProxies(),  # noqa: B008 - frozen
    reception: Callable[[], Mapping[str, Reception]] = dict,
    chat_only: bool = False,
    connections: Connections | None = None,
) -> web.Application:
    """Build the application: `posts`, `gets`, `guarded`, `/healthz` (liveness) and `/readyz` (readiness).

    Args:
        posts: path to handler: `/slack/events`.
        probes: name -> a function that raises if the dependency is unusable, such as `ledger`.
        lag: delay of the event loop; not ready from one second on.
        patience: seconds that each of `probes` may take.
        gets: path -> handler.
        guarded: as `posts`, but each handler bounds the body by itself.
        degraded: what fails although the process is ready, name -> reason; `/readyz` shows it to anybody.
        reception: whether each chat platform can be heard; `/readyz` shows it under `chat`.
        chat_only: nothing but chat is served, so a process that hears no platform is not ready.
        connections: bounds the connections of the `Site` that serves it; None: with the usual bounds.
        proxies: those whose word on the sender's address is taken; each handler sees that address as `request.remote`.
    """
    connections = Connections(proxies.trusts) if connections is None else connections
    middlewares = [_in_connection(connections), _from_client(proxies), _logged]
    app = web.Application(client_max_size=MOST_BYTES, middlewares=middlewares)
    app[CONNECTIONS] = connections
    for path, handler in posts.items():
        app.router.add_post(path, _bounded(handler))
    for path, handler in (guarded or {}).items():
        app.router.add_post(path, handler)
    for path, handler in (gets or {}).items():
        app.router.add_get(path, handler)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _readiness(probes, lag, patience, degraded, reception, chat_only))
    return app


class Site:
    """A running server. `url` is its address, with the real port where port 0 was set."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._connections = app[CONNECTIONS]
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.Task[None] | None = None
        logger = logging.getLogger(__name__)
        logger.addFilter(_worth_telling)
        self._runner = web.AppRunner(
            app, access_log=None, logger=logger, shutdown_timeout=STOP_SECONDS, keepalive_timeout=75
        )
        self._host, self._port = host, port
        self.url = ""

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken or the address is not this machine's.
        """
        await self._runner.setup()
        serve = self._connections.factory(cast("Callable[[], asyncio.Protocol]", self._runner.server))
        self._server = await asyncio.get_running_loop().create_server(serve, self._host, self._port, backlog=128)
        self._sweeping = asyncio.create_task(self._connections.run(), name="idle connections")
        port = self._server.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop accepting requests and finish those in progress within five seconds."""
        if self._server is not None and self._sweeping is not None:
            self._server.close()
            self._sweeping.cancel()
        await self._runner.cleanup()


def _worth_telling(record: logging.LogRecord) -> bool:
    """Drop log records of malformed HTTP: they are answered with 400, and their tracebacks could fill the disk."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _in_connection(connections: Connections) -> Any:
    @web.middleware
    async def in_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
        with connections.busy(request.transport):
            return await handler(request)

    return in_connection


def _from_client(proxies: TrustedProxies) -> Any:
    @web.middleware
    async def from_client(request: web.Request, handler: Handler) -> web.StreamResponse:
        client = proxies.client(request)
        return await handler(request if client == (request.remote or "") else request.clone(remote=client))

    return from_client


@web.middleware
async def _logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log one line per request, without query, headers and body, which may carry secrets."""
    begun, status = time.perf_counter(), 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as refused:
        status = refused.status
        raise
    except LedgerError as error:
        status = 503
        _log.error("request_without_ledger", path=request.path, error=str(error))
        said = {"problem": "the ledger is unreachable; send the request again later"}
        again = {"Retry-After": str(LEDGER_BACK_SECONDS)}
        raise web.HTTPServiceUnavailable(
            text=json.dumps(said), content_type="application/json", headers=again
        ) from None
    except Exception:  # noqa: BLE001 - a failing request is answered and logged; the server goes on
        _log.exception("request_failed", path=request.path)
        raise web.HTTPInternalServerError(text="failed") from None
    finally:
        took = round((time.perf_counter() - begun) * 1000, 1)
        _log.debug("request", method=request.method, path=request.path, status=status, ms=took)
    return response


def _bounded(handler: Handler) -> Handler:
    async def bounded(request: web.Request) -> web.StreamResponse:
        length = request.content_length
        if length is not None and length > MOST_BYTES:
            # Refused before the body is read; the connection is closed because the body is still arriving.
            refusal = web.Response(status=413, text=f"at most {MOST_BYTES} bytes")
            refusal.force_close()
            return refusal
        return await handler(request)

    return bounded


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"alive": True})


def _readiness(  # noqa: PLR0913, PLR0917 - what readiness consists of
    probes: Mapping[str, Probe],
    lag: LoopLag,
    patience: float,
    degraded: Callable[[], Mapping[str, str]],
    reception: Callable[[], Mapping[str, Reception]],
    chat_only: bool,
) -> Handler:
    async def ready(_: web.Request) -> web.Response:
        found: dict[str, Any] = {name: await _probed(name, probe, patience) for name, probe in probes.items()}
        well = all(state == "ok" for state in found.values()) and lag.recent_seconds < LARGEST_LAG_SECONDS
        chat = reception()
        # Webhooks and the HTTP API go on without chat; where there is nothing else, nothing works.
        well = well and not (chat_only and chat and all(platform.deaf for platform in chat.values()))
        answer = {"ready": well, **found, "loop_lag_ms": round(lag.worst_seconds * 1000, 1)}
        if chat:
            answer["chat"] = {name: platform.state for name, platform in chat.items()}
        answer["degraded"] = dict(degraded())
        return web.json_response(answer, status=200 if well else 503)

    return ready


async def _probed(name: str, probe: Probe, patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            await probe()
    except TimeoutError:
        return "timed out"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not ready
        _log.warning("not_ready", part=name, error=type(error).__name__)
        return "unreachable"
    return "ok"
