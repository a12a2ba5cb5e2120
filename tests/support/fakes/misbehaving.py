"""Failures on order for the servers of the tests: a late answer, 429, 500, a cut line, nonsense."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web
from support.harness.loopback import cut


@dataclass(frozen=True)
class Behaviour:
    """How one call is answered: see the functions below, which build them."""

    kind: Literal["ok", "status", "ratelimited", "error", "hang", "reset", "reset_after_accept", "trickle", "body"]
    value: Any = None


OK = Behaviour("ok")


def status(code: int) -> Behaviour:
    """An HTTP status with a page instead of JSON."""
    return Behaviour("status", code)


def ratelimited(after: float | str) -> Behaviour:
    """429 with Retry-After."""
    return Behaviour("ratelimited", after)


def error(code: str) -> Behaviour:
    """200 with `ok: false`."""
    return Behaviour("error", code)


def hang() -> Behaviour:
    """No answer, ever; what was asked is not done."""
    return Behaviour("hang")


def reset() -> Behaviour:
    """The line dies before anything was done."""
    return Behaviour("reset")


def reset_after_accept() -> Behaviour:
    """It was done, but the line dies before the answer."""
    return Behaviour("reset_after_accept")


def trickle(pause: float = 0.05) -> Behaviour:
    """It was done, and the answer comes one byte at a time, `pause` seconds apart."""
    return Behaviour("trickle", pause)


def body(text: str) -> Behaviour:
    """200 with this body, said to be JSON."""
    return Behaviour("body", text)


class Misbehaving:
    """A server that answers as it was told to. `name` is what it tells calls apart by: a method, a path."""

    def __init__(self) -> None:
        self._scripts: dict[str, deque[Behaviour]] = defaultdict(deque)
        self._always: dict[str, Behaviour] = {}

    def script(self, name: str, *behaviours: Behaviour) -> None:
        """Answer the next calls so, one each; afterwards as usual."""
        self._scripts[name].extend(behaviours)

    def always(self, name: str, behaviour: Behaviour = OK) -> None:
        """Answer every call so (`*`: whatever its name) until told otherwise."""
        self._always[name] = behaviour

    async def play(self, request: web.Request, name: str, do: Callable[[], dict[str, Any]]) -> web.StreamResponse:
        """Answer a call as the script says; `do` does what was asked and gives the usual answer."""
        script = self._scripts[name]
        behaviour = script.popleft() if script else self._always.get(name, self._always.get("*", OK))
        refusal = await _refuse(request, behaviour)
        if refusal is not None:
            return refusal
        answer = do()
        if behaviour.kind == "reset_after_accept":
            cut(request)
        if behaviour.kind == "trickle":
            return await _trickle(request, answer, behaviour.value)
        return web.json_response(answer)


async def _refuse(request: web.Request, behaviour: Behaviour) -> web.StreamResponse | None:
    match behaviour.kind:
        case "status":
            return web.Response(status=behaviour.value, text="<html>upstream trouble</html>", content_type="text/html")
        case "ratelimited":
            headers = {"Retry-After": str(behaviour.value)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        case "error":
            return web.json_response({"ok": False, "error": behaviour.value})
        case "hang":
            await asyncio.sleep(3600)
        case "reset":
            cut(request)
        case "body":
            return web.Response(text=behaviour.value, content_type="application/json")
    return None


async def _trickle(request: web.Request, answer: dict[str, Any], pause: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for byte in json.dumps(answer).encode():
        await response.write(bytes([byte]))
        await asyncio.sleep(pause)
    return response
