"""Slack's Web API for delivery routes: one call, with its failures as delivery results."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.error_code import code_of
from bot.delivery.routing.context import RouteContext
from bot.model import Refused, Result, Retry, Sent
from bot.net.failures import failure_words
from bot.net.http import retry_after

PING = timedelta(seconds=2.5)
"""The longest that a ping takes."""

# docs.slack.dev/reference/methods/chat.update, errors: those about access, which is restored without a change of the message.
_ACCESS = frozenset(
    (
        "access_denied",
        "accesslimited",
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    )
)
# docs.slack.dev/reference/methods/chat.postMessage, errors: those that pass by themselves. Any other one is final.
_PASSING = frozenset(
    (
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "org_login_required",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    )
)


class SlackWebClient:
    """Calls of one bot token over the connections that all routes share.

    Args:
        token: a bot token (`xoxb-...`).
        context: gives the API's address, the clock and the shared connections.
    """

    def __init__(self, token: str, context: RouteContext) -> None:
        # The SDK's own retry could post a message twice after a cut connection; the outbox retries instead.
        self._client = AsyncWebClient(token=token, base_url=_base(context.slack_api_url), retry_handlers=[])
        self._host = urlsplit(context.slack_api_url).hostname or "Slack"
        self._context = context

    async def ping(self) -> Result:
        """Check that Slack answers and accepts the token (auth.test allows hundreds of calls a minute)."""
        answer = await self.call("auth.test", {}, PING)
        return answer if isinstance(answer, Refused | Retry) else Sent()

    async def call(self, method: str, args: Mapping[str, Any], limit: timedelta) -> Mapping[str, Any] | Refused | Retry:
        """Call a method such as `chat.postMessage` once, within `limit`. Only Slack's own error codes reach the result."""
        self._client.session = self._context.lines.session
        method_call = getattr(self._client, method.replace(".", "_"))
        try:
            async with asyncio.timeout(limit.total_seconds()):
                response = await method_call(**args)
        except SlackApiError as error:
            return self._refusal(error.response)
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            return Retry(f"{self._host} cannot be reached ({failure_words(error)})", unreached=True)
        except TimeoutError:
            return Retry(f"{self._host} did not answer in time", ambiguous=True)
        except Exception as error:  # noqa: BLE001 - the SDK raises whatever a broken answer causes
            return Retry(
                f"{self._host} closed the connection or sent an unreadable answer ({failure_words(error)})",
                ambiguous=True,
            )
        answer = response.data
        return answer if isinstance(answer, dict) else Retry(f"{self._host} sent an unreadable answer", ambiguous=True)

    def _refusal(self, response: Any) -> Refused | Retry:
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
        code = code_of(response)
        if status == 429 or code in ("ratelimited", "rate_limited"):
            wait = retry_after(_header(response, "Retry-After"), self._context.clock())
            return Retry("Slack rate limit (HTTP 429)", after=wait or timedelta(seconds=1))
        if status >= 500 or code in _PASSING:
            return Retry(f"Slack answered {code or f'HTTP {status}'}", ambiguous=True)
        if not code:
            return Retry(f"{self._host} sent an unreadable answer (HTTP {status})", ambiguous=True)
        return Refused(f"Slack refused: {code}", may_pass=code in _ACCESS)


def _base(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _header(response: Any, name: str) -> str:
    headers = getattr(response, "headers", None) or {}
    value = headers.get(name) or headers.get(name.lower()) or ""
    return str(value)
