"""Proves the Slack app's tokens by calls: who the bot is, which scopes it was granted, whether Socket Mode opens."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.slack.error_code import code_of
from bot.chat.slack.manifest import GROUPS_SCOPE, SCOPES
from bot.model import Proof
from bot.net.failures import failure_words
from bot.net.loopback import loopback

_SECONDS = 5.0
_SECRET = re.compile(r"[0-9a-f]{32}")
"""A signing secret as Slack shows it: 32 hexadecimal digits (docs.slack.dev, "Verifying requests from Slack", examples)."""


async def prove_bot_token(token: str, api_url: str, *, groups: bool) -> AsyncIterator[Proof]:
    """Call `auth.test`, and compare the granted scopes (header `X-OAuth-Scopes`) with the manifest's.

    Args:
        token: the bot's token.
        api_url: base address of Slack's Web API.
        groups: whether roles or audiences name Slack user groups.
    """
    answer = await _call(token, api_url, "auth.test")
    if isinstance(answer, str):
        yield Proof(False, f"slack.bot_token: {answer}")
        return
    data = answer.data if isinstance(answer.data, Mapping) else {}
    yield Proof(True, f"slack.bot_token works: {data.get('user', 'the bot')} in workspace {data.get('team', '?')}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")} - {""}
    wanted = {*SCOPES, GROUPS_SCOPE} if groups else set(SCOPES)
    lacks = sorted(wanted - granted)
    if granted and lacks:
        fix = "install the app again from `backstay manifest slack`"
        yield Proof(False, f"the app lacks the scopes {', '.join(lacks)}; {fix}")


async def prove_app_token(token: str, api_url: str) -> Proof:
    """Call `apps.connections.open`: it gives an address for Socket Mode, and opens nothing."""
    answer = await _call(token, api_url, "apps.connections.open")
    if isinstance(answer, str):
        return Proof(False, f"slack.app_token: {answer}")
    return Proof(True, "slack.app_token works: Slack opens Socket Mode")


def judge_signing_secret(secret: str) -> Proof:
    """No call proves a signing secret; its shape shows some mistakes."""
    if _SECRET.fullmatch(secret):
        return Proof(True, "slack.signing_secret has the right shape; only a request of Slack can prove it")
    return Proof(None, "slack.signing_secret is not 32 hexadecimal digits; copy it from Basic Information of the app")


async def _call(token: str, api_url: str, method: str) -> AsyncSlackResponse | str:
    """Slack's answer, or why there is none."""
    url = api_url if api_url.endswith("/") else f"{api_url}/"
    client = AsyncWebClient(token=token, base_url=url, timeout=int(_SECONDS), retry_handlers=[])
    if loopback(url):
        client.proxy = None  # the SDK uses the environment's proxy for every address
    try:
        async with asyncio.timeout(_SECONDS):
            answer: AsyncSlackResponse = await client.api_call(method)
    except SlackApiError as error:
        code = code_of(error.response)
        return f"Slack refused: {code}" if code else "Slack sent an unreadable answer"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return f"Slack cannot be reached ({failure_words(error)})"
    return answer
