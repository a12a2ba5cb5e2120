"""Calls Teams to post and update activities and to list a team's channels, in bounded time and without secrets in errors.

The SDK's own client uses threads that wait up to 100 s and ignores Retry-After; these are three plain requests.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from bot.chat.teams.channel_list import listed_channels
from bot.chat.teams.outcome import Payload, TeamsCallError, result_of
from bot.chat.teams.token import TokenError, Tokens
from bot.model import Conversation, Refused, Result, Retry, Sent
from bot.net.loopback import loopback

CALL_SECONDS = 6.0
SERVICE_URLS = ("https://smba.trafficmanager.net/", "https://smba.infra.gcc.teams.microsoft.com/")
_LARGEST = 1_000_000
_TRIES = 3
_PATIENCE = 30.0

Sleep = Callable[[float], Awaitable[None]]


class TeamsApi:
    """The Bot Connector service. Calls share connections between `open` and `close`; outside of that each call opens its own.

    Args:
        tokens: the app's tokens; None: calls carry none and go to addresses of this machine only.
        service_urls: prefixes of the addresses that may get the token: its holder can post as the app.
        seconds: timeout of one call.
        sleep: waits between two tries.
    """

    def __init__(
        self,
        tokens: Tokens | None,
        *,
        service_urls: Sequence[str] = SERVICE_URLS,
        seconds: float = CALL_SECONDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._tokens, self._service_urls = tokens, tuple(service_urls)
        self._seconds, self._sleep = seconds, sleep
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Share connections from now on. Needs a running loop."""
        self._session = self._session or self._made()

    async def close(self) -> None:
        """Close the shared connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def serves(self, service_url: str) -> bool:
        """Whether activities may be sent to this address."""
        if self._tokens is None:
            return loopback(service_url)
        return service_url.startswith(self._service_urls)

    async def send(self, reference: Payload, activity: Payload) -> Result:
        """Post once, for a delivery. `reference` is a conversation's. Never raises when Teams fails."""
        conversation = conversation_of(reference)
        try:
            posted = await self.post(reference, activity)
        except TeamsCallError as failure:
            return failure.result
        return Sent(f"{conversation}|{posted}")

    async def sign_in(self) -> Result:
        """Check that Entra ID accepts the app's id, tenant and password."""
        try:
            async with self._connected() as session:
                await self._authorization(session)
        except TeamsCallError as failure:
            return failure.result
        return Sent()

    async def ping(self, reference: Payload) -> Result:
        """Check that the service at a conversation's address answers; that it knows no such conversation is an answer too."""
        try:
            await self._members(reference)
        except TeamsCallError as failure:
            return Sent() if failure.status in (403, 404) else failure.result
        return Sent()

    async def reach(self, reference: Payload) -> Result:
        """Check that backstay is in a conversation, without a message there."""
        try:
            await self._members(reference)
        except TeamsCallError as failure:
            return failure.result
        return Sent()

    async def _members(self, reference: Payload) -> None:
        await self._call("GET", reference, f"{_at(reference)}/members", None)

    async def replace(self, reference: Payload, activity_id: str, activity: Payload) -> Result:
        """Replace the activity with this id, once, for a delivery."""
        try:
            await self.update(reference, activity_id, activity)
        except TeamsCallError as failure:
            return failure.result
        return Sent(f"{conversation_of(reference)}|{activity_id}")

    async def post(self, reference: Payload, activity: Payload, *, reply_to: str = "", tries: int = 1) -> str:
        """Post an activity and return its id.

        Args:
            reference: `serviceUrl` and `conversation` of the target.
            activity: its content.
            reply_to: id of the activity that it answers.
            tries: the most tries; only a rate-limited call is retried.

        Raises:
            TeamsCallError: Teams did not accept it.
        """
        path = f"{_at(reference)}/activities" + (f"/{quote(reply_to, safe='')}" if reply_to else "")
        answered = await self._tried("POST", reference, path, _addressed(reference, activity, reply_to), tries)
        return str(answered.get("id", ""))

    async def update(self, reference: Payload, id: str, activity: Payload, *, tries: int = 1) -> None:
        """Replace the activity with this id.

        Raises:
            TeamsCallError: Teams did not accept it.
        """
        path = f"{_at(reference)}/activities/{quote(id, safe='')}"
        body = {**_addressed(reference, activity, ""), "id": id}
        await self._tried("PUT", reference, path, body, tries, again=True)

    async def team(self, reference: Payload, team: str) -> Payload:
        """A team's `name`, and `aadGroupId`: the id of its group in Entra ID.

        Source: learn.microsoft.com, "Get Teams specific context for your bot": GET /v3/teams/{teamId}.

        Raises:
            TeamsCallError: it cannot be read.
        """
        return await self._tried("GET", reference, f"v3/teams/{quote(team, safe='')}", None, 1)

    async def listed(self, known: Sequence[Conversation]) -> tuple[Sequence[Conversation], Retry | None]:
        """Every channel of the teams of `known`, as Teams lists them now, and why some may be missing for now."""
        return await listed_channels(self, known)

    async def channels(self, reference: Payload, team: str) -> Sequence[Payload]:
        """The channels of a team: `id` and `name`, the first one (General) without a name.

        Raises:
            TeamsCallError: they cannot be read.
        """
        found = await self._tried("GET", reference, f"v3/teams/{quote(team, safe='')}/conversations", None, 1)
        listed = found.get("conversations")
        return [channel for channel in listed if isinstance(channel, dict)] if isinstance(listed, list) else []

    async def member(self, reference: Payload, person: str) -> Payload:
        """The roster entry of one person in a conversation: `tenantId`, `userRole`, `userPrincipalName`.

        Raises:
            TeamsCallError: it cannot be read; `MemberNotFoundInConversation`: the person is not in it.
        """
        return await self._tried("GET", reference, f"{_at(reference)}/members/{quote(person, safe='')}", None, 1)

    async def personal_chat(self, reference: Payload, person: str) -> Payload:
        """The reference of the personal chat with a person, which Teams opens where there is none.

        Source: learn.microsoft.com, Bot Framework: Create Conversation.

        Raises:
            TeamsCallError: Teams refuses, for instance because the person is of another tenant.
        """
        tenant = reference.get("tenant", "")
        asked = {"bot": reference.get("bot"), "members": [{"id": person}], "isGroup": False, "tenantId": tenant}
        opened = await self._tried(
            "POST", reference, "v3/conversations", {**asked, "channelData": {"tenant": {"id": tenant}}}, 1
        )
        chat = {"id": str(opened.get("id", "")), "conversationType": "personal", "tenantId": tenant}
        return {**reference, "conversation": chat}

    async def _tried(  # noqa: PLR0913 - the parts of one request
        self, method: str, reference: Payload, path: str, body: Payload | None, tries: int, *, again: bool = False
    ) -> Payload:
        tried = 0
        while True:
            tried += 1
            try:
                return await self._call(method, reference, path, body)
            except TeamsCallError as failure:
                result = failure.result
                if isinstance(result, Refused) or tried >= min(tries, _TRIES):
                    raise
                # A rate-limited call was not executed; any other one may have been, and a retry would post twice.
                wait = result.after.total_seconds() if result.after is not None else float(tried)
                if (result.after is None and result.ambiguous and not again) or wait > _PATIENCE:
                    raise
                await self._sleep(wait)

    async def _call(self, method: str, reference: Payload, path: str, body: Payload | None) -> Payload:
        service = str(reference.get("serviceUrl", ""))
        if not self.serves(service):
            raise TeamsCallError(Refused("the service address of this Teams conversation is not in teams.service_urls"))
        url = f"{service.rstrip('/')}/{path}"
        status, headers, answer_body = await self._request(method, url, service, body)
        if status == 401 and self._tokens is not None:
            self._tokens.invalidate()  # the token may be revoked: try a fresh one
            status, headers, answer_body = await self._request(method, url, service, body)
        return result_of(status, headers, answer_body)

    async def _request(
        self, method: str, url: str, service: str, body: Payload | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        host = urlsplit(service).hostname or "Teams"
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace")
        try:
            async with self._connected() as session:
                headers = {"Content-Type": "application/json", **await self._authorization(session)}
                async with session.request(method, url, data=data, headers=headers, allow_redirects=False) as answer:
                    answer_body = await answer.content.read(_LARGEST)
                    while not answer.content.at_eof() and len(answer_body) < _LARGEST:
                        answer_body += await answer.content.read(_LARGEST)
                    return answer.status, answer.headers, answer_body
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            raise TeamsCallError(Retry(f"{host} cannot be reached", unreached=True)) from None
        except TimeoutError:
            raise TeamsCallError(Retry(f"{host} did not answer in time", ambiguous=True)) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise TeamsCallError(Retry(f"{host} closed the connection", ambiguous=True)) from None

    async def _authorization(self, session: aiohttp.ClientSession) -> Mapping[str, str]:
        if self._tokens is None:
            return {}
        try:
            return {"Authorization": f"Bearer {await self._tokens.token(session)}"}
        except TokenError as error:
            raise TeamsCallError(Retry(str(error)) if error.passing else Refused(str(error))) from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._session is not None:
            yield self._session
            return
        async with self._made() as session:
            yield session

    def _made(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=self._seconds, connect=self._seconds / 2)
        return aiohttp.ClientSession(timeout=timeout, trust_env=True)


def conversation_of(reference: Payload) -> str:
    """The id of a reference's conversation."""
    found = reference.get("conversation")
    return str(found.get("id", "")) if isinstance(found, Mapping) else ""


def _at(reference: Payload) -> str:
    return f"v3/conversations/{quote(conversation_of(reference), safe='')}"


def _addressed(reference: Payload, activity: Payload, reply_to: str) -> dict[str, Any]:
    """An activity with sender, conversation and channel as the service wants them."""
    made = {"channelId": "msteams", "conversation": reference.get("conversation"), **activity}
    if bot := reference.get("bot"):
        made["from"] = bot
    return made | ({"replyToId": reply_to} if reply_to else {})
