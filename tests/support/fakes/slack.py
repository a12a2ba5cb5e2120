"""A Slack of our own on loopback: the Web API with failures on order, response URLs, and Socket Mode.

async with FakeSlack().running() as slack:
    slack.script("chat.postMessage", status(500), reset_after_accept())
    ...
    assert slack.channel("payments")[0]["text"] == "..."
"""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from support.fakes.misbehaving import Behaviour, Misbehaving
from support.fakes.slack_channels import SlackChannels, refusal
from support.fakes.slack_people import OURS, member
from support.fakes.slack_scopes import needed, token_refusal
from support.harness.loopback import serving
from support.limits.slack_limits import view_violations, violations

from bot.chat.slack.manifest import GROUPS_SCOPE, SCOPES

Args = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A call that arrived."""

    method: str
    args: Args
    token: str


@dataclass(eq=False)
class FakeSlack(SlackChannels, Misbehaving):
    """One workspace. `posts`: channel id -> its messages, oldest first, as history would show them.

    `responses`: what was posted to response URLs. `views`: modals and App Homes as they were sent, `homes`: user -> App Home.
    `violations`: limits that any message or view broke. `archived`: ids of channels that cannot be posted to. `outside`: ids
    of channels that the bot is no member of. `private`: ids of private channels. `scopes`: what the bot's token was granted.
    `revoked`: the error that every call with the bot's token gets. `members`: user group -> its users.
    `people`: user -> what `users.info` says of them beside what it says of every member. `workspace`: what `auth.test` says.
    """

    bot_token: str = "xoxb-made-up"
    app_token: str = "xapp-made-up"
    channels: dict[str, str] = field(default_factory=lambda: {"payments": "C0PAYMENTS", "ops": "C0OPS"})
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    posts: dict[str, list[Args]] = field(default_factory=lambda: defaultdict(list))
    responses: list[tuple[str, Args]] = field(default_factory=list)
    views: list[Args] = field(default_factory=list)
    homes: dict[str, Args] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, Args] = field(default_factory=dict)
    workspace: Args = field(
        default_factory=lambda: {
            "user": "backstay",
            "user_id": "U0BOT",
            "bot_id": "B0BOT",
            "team_id": OURS,
            "team": "Acme",
        }
    )
    violations: list[str] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    joined: list[str] = field(default_factory=list)
    scopes: set[str] = field(default_factory=lambda: {*SCOPES, GROUPS_SCOPE})
    revoked: str = ""
    missing_scopes: set[str] = field(default_factory=set)
    refused_blocks: set[str] = field(default_factory=set)
    sick: dict[str, Behaviour] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._stamps = itertools.count(1)
        self._envelopes = itertools.count(1)
        self._sockets: list[web.WebSocketResponse] = []
        self._acks: dict[str, asyncio.Future[Args]] = {}
        self._connected = asyncio.Event()
        self._methods: dict[str, Callable[[Args], Args]] = {
            "api.test": lambda _: {},
            "auth.test": lambda _: self.workspace,
            "conversations.info": self._info,
            "conversations.join": self._join,
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._ephemeral,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
            "users.info": lambda args: {"user": member(str(args.get("user"))) | self.people.get(str(args["user"]), {})},
            "views.open": self._view,
            "views.push": self._view,
            "views.update": self._view,
            "views.publish": self._publish,
            "usergroups.users.list": lambda args: {"users": self.members.get(str(args.get("usergroup")), [])},
            "apps.connections.open": self._open_socket,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeSlack"]:
        """Serve for the block; `url` is then what `base_url` wants."""
        app = web.Application(client_max_size=4 << 20)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/response/{id}", self._response)
        app.router.add_route("*", "/api/{method}", self._api)
        async with serving(app) as root:
            self.url = f"{root}/api/"
            try:
                yield self
            finally:
                await self.drop_sockets()

    # --- what a test asks for

    def channel(self, name: str) -> list[Args]:
        """The messages of a channel by name, oldest first."""
        return self.posts[self.channels[name]]

    def top(self, name: str) -> list[Args]:
        """The messages of a channel that stand in no thread, oldest first."""
        return [post for post in self.channel(name) if not post.get("thread_ts")]

    def under(self, name: str, ts: str) -> list[Args]:
        """The thread of a message, oldest first, without the message."""
        return [post for post in self.channel(name) if post.get("thread_ts") == ts]

    def direct(self, user: str) -> list[Args]:
        """The direct messages with a person, oldest first."""
        return self.posts[f"D{user}"]

    def called(self, method: str) -> list[Args]:
        """The arguments of each call of a method, oldest first."""
        return [call.args for call in self.calls if call.method == method]

    def response_url(self, name: str = "1") -> str:
        """A response URL; what is posted there lands in `responses`."""
        return self.url.replace("/api/", f"/response/{name}")

    # --- the Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(args.pop("token", ""))
        self.calls.append(Call(method, args, token))
        broken = self.sick.get(str(args.get("channel", ""))) if method.startswith("chat.") else None
        if broken is not None:
            self.script(method, broken)
        answer = await self.play(request, method, lambda: self._answer(method, args, token))
        if not answer.prepared:
            answer.headers["X-OAuth-Scopes"] = ",".join(sorted(self.scopes))
        return answer

    def _answer(self, method: str, args: Args, token: str) -> Args:
        wrong = token_refusal(method, token, bot=self.bot_token, app=self.app_token, revoked=self.revoked)
        if wrong:
            return refusal(wrong)
        known = self._methods.get(method)
        if known is None:
            return refusal("unknown_method")
        if method in self.missing_scopes:
            return refusal("missing_scope")
        lacks = needed(method, args, private=str(args.get("channel", "")) in self.private) - self.scopes
        if lacks:
            return refusal("missing_scope") | {
                "needed": ",".join(sorted(lacks)),
                "provided": ",".join(sorted(self.scopes)),
            }
        return {"ok": True} | known(args)

    def _channel_id(self, wanted: str) -> str | None:
        if wanted.startswith("U"):
            return f"D{wanted}"  # the direct messages with that person
        known = self.channels.get(wanted.removeprefix("#"), wanted)
        return known if known.startswith("DU") or known in self.channels.values() else None

    def _post(self, args: Args) -> Args:
        channel = self._channel_id(str(args.get("channel", "")))
        if channel is None or (channel in self.outside & self.private):
            return refusal("channel_not_found")
        if channel in self.archived:
            return refusal("is_archived")
        if channel in self.outside and "chat:write.public" not in self.scopes:
            return refusal("not_in_channel")
        if self._refuses(args):
            return refusal("invalid_blocks")
        stamp = f"1763900000.{next(self._stamps):06d}"
        message = {"type": "message", "ts": stamp, "bot_id": "B0BOT", "user": "U0BOT", **args, "channel": channel}
        self.posts[channel].append(message)
        return {"channel": channel, "ts": stamp, "message": message}

    def _refuses(self, args: Args) -> bool:
        """Whether blocks break a limit, or are of a kind that this workspace does not take."""
        wrong = violations(args)
        self.violations.extend(wrong)
        return bool(wrong) or any(block["type"] in self.refused_blocks for block in args.get("blocks") or ())

    def _ephemeral(self, args: Args) -> Args:
        channel = self._channel_id(str(args.get("channel", "")))
        if channel is None or channel in self.outside:
            return refusal("channel_not_found" if channel is None else "not_in_channel")
        self.violations.extend(violations(args))
        self.responses.append(("ephemeral", args))
        return {"message_ts": f"1763900000.{next(self._stamps):06d}"}

    def _update(self, args: Args) -> Args:
        channel = self._channel_id(str(args.get("channel", "")))
        found = [post for post in self.posts.get(channel or "", ()) if post["ts"] == args.get("ts")]
        if not found:
            return refusal("message_not_found")
        if self._refuses(args):
            return refusal("invalid_blocks")
        found[0].pop("blocks", None)  # an update with text alone drops the blocks
        found[0].update(args, channel=channel, edited=True)
        return {"channel": channel, "ts": args["ts"]}

    def _view(self, args: Args) -> Args:
        view = args.get("view") or {}
        if wrong := view_violations(view):
            self.violations.extend(wrong)
            return refusal("invalid_arguments")
        self.views.append(view)
        return {"view": {"id": str(args.get("view_id") or f"V{len(self.views)}"), "hash": "1"}}

    def _publish(self, args: Args) -> Args:
        answer = self._view(args)
        if "view" in answer:
            self.homes[str(args.get("user_id"))] = args["view"]
        return answer

    async def _response(self, request: web.Request) -> web.StreamResponse:
        args = await _arguments(request)

        def keep() -> Args:
            self.violations.extend(violations(args))
            self.responses.append((request.match_info["id"], args))
            return {"ok": True}

        return await self.play(request, "response_url", keep)

    # --- Socket Mode

    def _open_socket(self, _args: Args) -> Args:
        return {"url": self.url.replace("http", "ws").replace("/api/", "/socket")}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self._sockets) + 1})
        self._sockets.append(socket)
        self._connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._take_ack(message.data)
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    def _take_ack(self, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            return  # the SDK's own ping is no JSON
        waiting = self._acks.pop(answer.get("envelope_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    async def connected(self, within: float = 60) -> None:
        """Wait until a client holds a socket."""
        async with asyncio.timeout(within):
            await self._connected.wait()

    async def send(self, kind: str, payload: Args, *, envelope: str = "", within: float = 60) -> Args:
        """Send an envelope (`slash_commands`, `interactive`, `events_api`); the payload of its ack.

        The same `envelope` sent twice is what Slack does when an ack got lost.
        """
        await self.connected(within)
        name = envelope or f"envelope-{next(self._envelopes)}"
        self._acks[name] = asyncio.get_running_loop().create_future()
        sent = {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": True}
        await self._sockets[-1].send_json(sent)
        async with asyncio.timeout(within):
            return await self._acks[name]

    async def drop_sockets(self) -> None:
        """Close every socket, as Slack does when it restarts."""
        self._connected.clear()
        for socket in [*self._sockets]:
            await socket.close()
        self._sockets.clear()


async def _arguments(request: web.Request) -> Args:
    if request.content_type == "application/json":
        sent = await request.json()
        return dict(sent)
    args: Args = {**request.query, **(await request.post())}
    return {key: _unpacked(value) for key, value in args.items()}


def _unpacked(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return json.loads(value)
    return value
