"""The generic webhook: what it sends, in which shapes, and where it refuses to send."""

import json
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from support.builders.posts import START, ManualClock, card, context, message
from support.fakes.receivers import Receiver
from support.harness.loopback import serving

from bot.delivery.routing.registry import build
from bot.model import Refused, Result, Retry, Route, RouteSpec, Sent
from bot.net.egress import EgressPolicy
from bot.net.http import RouteError, retry_after


def webhook(url: str, *, around: dict[str, Any] | None = None, **options: Any) -> Route:
    return build(
        RouteSpec("webhook", "webhook:it", {"url": url, **options}), context(clock=ManualClock(), **around or {})
    )


async def test_sends_text_data_and_a_signature() -> None:
    async with Receiver().running() as hook:
        result = await webhook(hook.url, secret="env:HOOK_SECRET").send(message(), 1)
    assert isinstance(result, Sent)
    (got,) = hook.received
    said = got.json
    assert (said["id"], said["kind"], said["title"]) == ("m1", "scorecard", "Billing scores 72")
    assert said["audience"] == "payments"
    assert said["data"] == {"score": 72}
    assert said["card"] == card().dump()
    assert said["created_at"] == "2026-11-23T09:00:00+00:00"
    assert "Fix the backups first." in said["text"]
    assert got.headers["X-Backstay-Delivery"] == "m1"
    assert got.headers["X-Backstay-Timestamp"] == str(int(START.timestamp()))
    assert got.signed_with("s3cret-of-the-hook")
    assert not got.signed_with("another")


async def test_without_a_secret_there_is_no_signature() -> None:
    async with Receiver().running() as hook:
        await webhook(hook.url).send(message(), 1)
    assert "X-Backstay-Signature" not in hook.received[0].headers


@pytest.mark.parametrize(
    ("id", "header"),
    [
        ("weekly:Zahlungen Köln/0 9 * * MON", "weekly:Zahlungen K%C3%B6ln/0 9 * * MON"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1"),
        ("50%", "50%25"),
    ],
)
async def test_any_delivery_id_fits_into_the_header(id: str, header: str) -> None:
    async with Receiver().running() as hook:
        assert isinstance(await webhook(hook.url).send(message(id), 1), Sent)
    assert hook.received[0].headers["X-Backstay-Delivery"] == header
    assert hook.received[0].json["id"] == id


async def templated(tmp_path: Path, template: str, title: str = "Billing", **options: Any) -> tuple[Result, Receiver]:
    (tmp_path / "shape.j2").write_text(template)
    async with Receiver().running() as hook:
        result = await webhook(hook.url, template=str(tmp_path / "shape.j2"), **options).send(message(title=title), 1)
    return result, hook


async def test_a_template_gives_another_shape(tmp_path: Path) -> None:
    hostile = 'a "quote" \\ {{ 7 * 7 }} </script>\nline'
    result, hook = await templated(tmp_path, '{"msg": {{ title | tojson }}, "score": {{ data.score }}}', hostile)
    assert isinstance(result, Sent)
    assert hook.received[0].json == {"msg": hostile, "score": 72}


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ('{"msg": "{{ title }}"}', "invalid JSON"),
        ('{"msg": {{ nothing_of_the_kind }}}', "it uses an unknown name"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "it does what is not allowed"),
    ],
)
async def test_a_template_that_fails_is_refused_with_the_reason(tmp_path: Path, template: str, why: str) -> None:
    result, hook = await templated(tmp_path, template, 'a "quote"')
    assert isinstance(result, Refused)
    assert why in result.reason
    assert hook.asked == 0


async def test_a_template_for_plain_text_is_not_held_to_json(tmp_path: Path) -> None:
    result, hook = await templated(tmp_path, "{{ title }} <b>", content_type="text/plain")
    assert isinstance(result, Sent)
    assert hook.received[0].body == b"Billing <b>"


@pytest.mark.parametrize("template", ["{{ broken", None])
def test_a_template_that_cannot_be_read_is_told_at_once(tmp_path: Path, template: str | None) -> None:
    path = tmp_path / "shape.j2"
    if template is not None:
        path.write_text(template)
    with pytest.raises(RouteError, match=r"shape\.j2"):
        webhook("https://example.com/", template=str(path))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "example.com",
        "https://",
        "https://u:p@example.com/",
        "https://[::1",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_told_at_once(url: str) -> None:
    with pytest.raises(RouteError):
        webhook(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.7]/",
        "https://0.0.0.0/",
    ],
)
def test_private_places_are_refused(url: str) -> None:
    with pytest.raises(RouteError, match="private address"):
        webhook(url, around={"outgoing": EgressPolicy()})


async def test_private_places_are_allowed_where_it_is_said() -> None:
    result = await webhook("https://0.0.0.0:1/", allow_private=True, around={"outgoing": EgressPolicy()}).send(
        message(), 1
    )
    assert isinstance(result, Retry)


@pytest.mark.parametrize("name", ["Host", "content-length", "X-A\r\nX-B", ""])
def test_headers_that_would_break_the_request_are_told(name: str) -> None:
    with pytest.raises(RouteError, match="is reserved or invalid"):
        webhook("https://example.com/", headers={name: "value"})


async def test_redirects_are_not_followed() -> None:
    async with Receiver().running() as elsewhere:

        async def redirect(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": elsewhere.url})

        app = web.Application()
        app.router.add_post("/hook", redirect)
        async with serving(app) as root:
            result = await webhook(f"{root}/hook").send(message(), 1)
    assert isinstance(result, Refused)
    assert elsewhere.asked == 0


async def test_an_endless_answer_is_hung_up_on() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 200 << 20:
            await response.write(b"x" * 65_536)
            sent += 65_536
        return response

    app = web.Application()
    app.router.add_post("/hook", endless)
    async with serving(app) as root:
        assert isinstance(await webhook(f"{root}/hook").send(message(), 1), Sent)
    assert sent < 20 << 20


async def test_certificates_are_checked_against_the_name() -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(here)
    async with Receiver().running(here) as hook:
        by_name = hook.url.replace("127.0.0.1", "localhost")
        around = {"trust": trust, "timeout": timedelta(seconds=3)}
        assert isinstance(await webhook(by_name, around=around).send(message(), 1), Sent)
        assert isinstance(await webhook(hook.url, around=around).send(message(), 1), Retry)
        assert isinstance(await webhook(by_name).send(message(), 1), Retry)
    assert json.loads(hook.received[0].body)["id"] == "m1"
    assert hook.received[0].headers["Host"].startswith("localhost:")


def test_retry_after_as_a_date() -> None:
    assert retry_after("Mon, 23 Nov 2026 09:00:30 GMT", START) == timedelta(seconds=30)
