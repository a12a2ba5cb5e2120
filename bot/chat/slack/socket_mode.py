"""Socket Mode: receives Slack's requests over an outgoing WebSocket, for installations without a public address."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import time

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.deduplication import Deduplicator
from bot.chat.slack.api import CALL_SECONDS
from bot.chat.slack.error_code import code_of
from bot.chat.slack.shape import is_sound
from bot.net.failures import failure_words
from bot.net.loopback import loopback

# How long a connection may be missing before a new client is built: the SDK keeps trying an address that Slack gave it
# once and that is valid for a short time only.
GIVE_UP_SECONDS = 60.0
PING_SECONDS = 5.0
_ASK_SECONDS = 60.0
_log = structlog.get_logger(__name__)


class SlackSocket:
    """Keeps one Socket Mode connection open and hands its requests to the Bolt app.

    Args:
        app: handles the requests, the same as over HTTP.
        app_token: token with the scope connections:write.
        api_url: base of Slack's Web API.
        once: knows the requests that were handled already.
        give_up: seconds without a connection after which a new client takes over.
        ping: seconds between two pings, and between two tries to connect.
    """

    def __init__(  # noqa: PLR0913 - four collaborators, two durations
        self,
        app: AsyncApp,
        app_token: str,
        api_url: str,
        once: Deduplicator,
        *,
        give_up: float = GIVE_UP_SECONDS,
        ping: float = PING_SECONDS,
    ) -> None:
        self._app, self._token, self._url, self._once = app, app_token, api_url, once
        self._give_up, self._ping = give_up, ping
        self.connected = False
        self.problem = ""
        """Why there is no connection, as far as Slack says; empty while there is one."""

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            async with self._client() as client:
                await self._watch(client)
            _log.warning("slack_socket_renewed", after=self._give_up)

    async def _watch(self, client: SocketModeClient) -> None:
        """Return once the client has been without a connection for too long."""
        clock = asyncio.get_running_loop().time
        last = clock()
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self._ask(client))
            while clock() - last < self._give_up:
                connected = await client.is_connected()
                if connected != self.connected:
                    _log.info("slack_socket", connected=connected)
                    self.connected = connected
                if connected:
                    last, self.problem = clock(), ""
                await asyncio.sleep(self._ping)
            asking.cancel()

    async def _ask(self, client: SocketModeClient) -> None:
        """While there is no connection, ask Slack for the reason: the SDK tries again and again without a word."""
        while True:
            await asyncio.sleep(_ASK_SECONDS if self.problem else self._ping)
            if not self.connected:
                await self._find_out(client)

    async def _find_out(self, client: SocketModeClient) -> None:
        before, self.problem = self.problem, await _reason(client, self._token)
        if self.problem and self.problem != before and not await client.is_connected():
            _log.error("slack_socket_failed", reason=self.problem)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[SocketModeClient]:
        logger = _sdk_logger()
        web = AsyncWebClient(base_url=self._url, timeout=int(CALL_SECONDS), retry_handlers=[], logger=logger)
        client = SocketModeClient(self._token, logger, web, ping_interval=self._ping)
        if loopback(self._url):
            web.proxy = client.proxy = None  # the SDK uses the environment's proxy for every address
        client.socket_mode_request_listeners.append(self._handle)
        connecting = asyncio.ensure_future(client.connect())  # type: ignore[no-untyped-call] # untyped in the SDK
        try:
            yield client
        finally:
            self.connected = False
            connecting.cancel()
            with suppress(asyncio.CancelledError):
                await connecting
            with suppress(Exception):  # closing a broken socket may fail in as many ways as it broke
                await client.close()  # type: ignore[no-untyped-call] # untyped in the SDK

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        start = time()
        if self._once.is_first(f"envelope {request.envelope_id}"):
            sound = is_sound(request.payload)
            answer = await run_async_bolt_app(self._app, request) if sound else BoltResponse(status=400)
        else:
            answer = BoltResponse(status=200)
        await send_async_response(client, request, answer, start)


async def _reason(client: SocketModeClient, token: str) -> str:
    try:
        await client.web_client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        code = code_of(error.response)
        return f"Slack refused slack.app_token: {code}" if code else "Slack sent an unreadable answer"
    except Exception as error:  # noqa: BLE001 - the SDK raises whatever a broken answer causes
        return f"Slack cannot be reached ({failure_words(error)})"
    return "no connection to the address that Slack gave"


def _sdk_logger() -> logging.Logger:
    """A logger without the SDK's tracebacks of retries: backstay logs what matters itself."""
    logger = logging.getLogger("backstay.slack.socket")
    logger.setLevel(logging.CRITICAL)
    return logger
