"""A fake AWS on the loopback interface that answers from a script, one entry per operation."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.app.demo.operations import parse_request
from bot.app.demo.shapes import error_response, success_response

Reply = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]
Script = Mapping[tuple[str, str, str], Reply]
"""(region, service, operation) -> the response, or a function of the request's parameters. Region "" is any region."""

_MAX_BODY = 1 << 20


class Denied(Exception):  # noqa: N818 - a response, not an error
    """What a script raises to deny a request; its text becomes the message of AccessDenied."""


@asynccontextmanager
async def example_aws(script: Script) -> AsyncIterator[str]:
    """Serve the script on a free port of 127.0.0.1 and yield the endpoint's URL. Other operations get an empty response."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        parsed = parse_request(request.method, request.raw_path, request.headers, body)
        reply = script.get((parsed.region, parsed.service, parsed.operation))
        if reply is None:
            reply = script.get(("", parsed.service, parsed.operation), {})
        try:
            data = reply(parsed.params) if callable(reply) else reply
            status, headers, content = success_response(parsed.model, data)
        except Denied as refusal:
            status, headers, content = error_response(parsed.model, "AccessDenied", str(refusal), 403)
        return web.Response(status=status, headers=headers, body=content)

    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
