"""Teams on loopback as far as backstay talks to it: the connector service, Entra ID's tokens and the keys it signs with."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from support.fakes.misbehaving import Misbehaving
from support.harness.loopback import serving
from support.limits.teams_limits import check_teams

APP, TENANT, PASSWORD = "0b1c5f3e-app", "7d2e-tenant", "made-up-app-password"
TOKEN = "made-up-connector-token"
KEY_ID = "key-1"
TEAM, CHANNEL = "19:general@thread.tacv2", "19:alerts@thread.tacv2"
TEAM_NAME, GROUP = "Payments", "group-payments"


@cache
def signing_key(name: str = KEY_ID) -> rsa.RSAPrivateKey:
    """A key pair; the same for the same name."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(name: str = KEY_ID) -> dict[str, Any]:
    """The public half, as the Bot Framework publishes it."""
    key: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(signing_key(name).public_key()))
    return {**key, "kid": name, "use": "sig", "endorsements": ["msteams", "webchat"]}


def token(service_url: str, *, key: str = KEY_ID, kid: str = KEY_ID, **claims: Any) -> str:
    """What Teams would send with a request; `claims` says what is different about this one."""
    now = int(time.time())
    sound = {"iss": "https://api.botframework.com", "aud": APP, "serviceurl": service_url, "nbf": now - 60}
    said = {**sound, "exp": now + 3600, **claims}
    return jwt.encode(said, signing_key(key), algorithm="RS256", headers={"kid": kid})


class FakeTeams(Misbehaving):
    """`activities` by id as they are now, `posted` and `replaced` in the order they came; `calls` are what failures are scripted by.

    Calls: `post`, `update`, `channels`, `team`, `member`, `open`, `token`, `keys`. `violations`: cards that Teams would refuse.
    `people`: id of a person -> what rosters say beside what they say of every member; None: the person is in none.
    `notes`: messages of text alone. `team_facts`: what Teams tells about a team, by its id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.activities: dict[str, Mapping[str, Any]] = {}
        self.posted: list[Mapping[str, Any]] = []
        self.replaced: list[Mapping[str, Any]] = []
        self.typing: list[Mapping[str, Any]] = []
        self.refused_tokens: list[str] = []
        self.keys = [published()]
        self.keys_read = 0
        self.tokens_given = 0
        self.token = TOKEN
        self.team_channels: list[Mapping[str, Any]] = [{"id": TEAM, "name": None}, {"id": CHANNEL, "name": "Alerts"}]
        self.team_facts: dict[str, Mapping[str, Any]] = {TEAM: {"name": TEAM_NAME, "aadGroupId": GROUP}}
        self.violations: list[str] = []
        self.people: dict[str, Mapping[str, Any] | None] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeTeams"]:
        """Serve for the block."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._post)
        app.router.add_post("/v3/conversations/{conversation}/activities/{reply}", self._post)
        app.router.add_put("/v3/conversations/{conversation}/activities/{id}", self._put)
        app.router.add_post("/v3/conversations", self._open)
        app.router.add_get("/v3/conversations/{conversation}/members", self._members)
        app.router.add_get("/v3/conversations/{conversation}/members/{person}", self._member)
        app.router.add_get("/v3/teams/{team}/conversations", self._channels)
        app.router.add_get("/v3/teams/{team}", self._team)
        app.router.add_post(f"/login/{TENANT}/oauth2/v2.0/token", self._token)
        app.router.add_get("/keys", self._configuration)
        app.router.add_get("/jwks", self._published)
        async with serving(app) as root:
            self.url = f"{root}/"
            yield self

    @property
    def cards(self) -> list[Mapping[str, Any]]:
        """Every card posted, as it is now."""
        return [
            activity["attachments"][0]["content"]
            for activity in self.activities.values()
            if activity.get("attachments")
        ]

    def titles(self) -> list[str]:
        """The titles of the cards as they are now."""
        return [str(card["body"][0]["items"][0]["text"]) for card in self.cards]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        name = "typing" if body.get("type") == "typing" else "post"

        def keep() -> dict[str, Any]:
            made = {**body, "at": request.match_info["conversation"], "reply": request.match_info.get("reply", "")}
            if name == "typing":
                self.typing.append(made)
                return {"id": ""}
            posted = f"post-{len(self.posted) + 1}"
            self.posted.append(made)
            self.activities[posted] = made
            return {"id": posted}

        return self._wrong_with(request, body) or await self.play(request, name, keep)

    async def _put(self, request: web.Request) -> web.StreamResponse:
        body, at = await request.json(), request.match_info["id"]

        def keep() -> dict[str, Any]:
            self.replaced.append(body)
            self.activities[at] = body
            return {"id": at}

        return self._wrong_with(request, body) or await self.play(request, "update", keep)

    def _wrong_with(self, request: web.Request, body: Mapping[str, Any]) -> web.Response | None:
        if request.headers.get("Authorization", "") not in (f"Bearer {self.token}", ""):
            self.refused_tokens.append(request.headers["Authorization"])
            return web.json_response({"message": "Authorization has been denied"}, status=401)
        base, _, thread = request.match_info["conversation"].partition(";messageid=")
        if thread and not base.endswith(("@thread.tacv2", "@thread.skype")):
            told = {"error": {"code": "BadSyntax", "message": "Bad format of conversation ID"}}  # chats have no threads
            return web.json_response(told, status=400)
        for attachment in body.get("attachments", ()):
            try:
                check_teams(attachment["content"], interactive=True)
            except (AssertionError, ValueError) as wrong:
                self.violations.append(str(wrong))
        return None

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Each message of text alone: the conversation, and what it says."""
        return [(str(made["at"]), str(made["text"])) for made in self.posted if not made.get("attachments")]

    async def _member(self, request: web.Request) -> web.StreamResponse:
        """A member as the roster has it (learn.microsoft.com, "Get Teams specific context for your bot")."""
        person = request.match_info["person"]
        changes = self.people.get(person, {})
        if changes is None:
            told = {"error": {"code": "MemberNotFoundInConversation", "message": "The member is not in it."}}
            return web.json_response(told, status=404)
        name = person.removeprefix("29:")
        mail = f"{name}@acme.example"
        entry = {"id": person, "aadObjectId": f"entra-{name}", "name": name.title(), "email": mail}
        entry |= {"userPrincipalName": mail, "tenantId": TENANT, "userRole": "user"}
        return await self.play(request, "member", lambda: {**entry, **changes})

    async def _members(self, _: web.Request) -> web.StreamResponse:
        return web.json_response([{"id": "29:kim", "name": "Kim", "tenantId": TENANT}])

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """The personal chat with one person (Bot Framework: Create Conversation)."""
        asked = await request.json()
        (person,) = asked["members"]
        assert asked["channelData"]["tenant"]["id"] == asked["tenantId"] == TENANT
        return await self.play(request, "open", lambda: {"id": f"a:chat-with-{person['id']}"})

    async def _team(self, request: web.Request) -> web.StreamResponse:
        """A team's details (learn.microsoft.com, "Get Teams specific context for your bot")."""
        team = request.match_info["team"]
        if team not in self.team_facts:
            told = {"error": {"code": "BotNotInConversationRoster", "message": "The bot is not part of the roster."}}
            return web.json_response(told, status=403)
        return await self.play(request, "team", lambda: {"id": team, **self.team_facts[team]})

    async def _channels(self, request: web.Request) -> web.StreamResponse:
        return await self.play(request, "channels", lambda: {"conversations": self.team_channels})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        asked = await request.post()
        if asked.get("client_secret") != PASSWORD or asked.get("client_id") != APP:
            return web.json_response({"error": "invalid_client", "error_description": "AADSTS7000215"}, status=401)

        def give() -> dict[str, Any]:
            self.tokens_given += 1
            return {"token_type": "Bearer", "expires_in": 3599, "access_token": self.token}

        return await self.play(request, "token", give)

    async def _configuration(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.url}jwks"})

    async def _published(self, request: web.Request) -> web.StreamResponse:
        def read() -> dict[str, Any]:
            self.keys_read += 1
            return {"keys": self.keys}

        return await self.play(request, "keys", read)
