"""Calls of cloud APIs against a server on loopback that is late, throttles, refuses, breaks off and answers nonsense.

Error bodies as documented: Google's AIP-193, Azure's REST guidelines, Kubernetes' Status.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from support.harness.loopback import closed_port, cut, serving

from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError

Answer = tuple[int, Any, Mapping[str, str]]
FINE: Answer = (200, {"items": [1]}, {})
CUT: Answer = (0, None, {})
SECRET = "t0ken-of-ours"


def google(status: int, word: str, reason: str = "") -> Answer:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return status, {"error": {"code": status, "status": word, "message": "No.", "details": details}}, {}


def azure(status: int, code: str) -> Answer:
    return status, {"error": {"code": code, "message": "No."}}, {}


def kubernetes(status: int, reason: str) -> Answer:
    return status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status}, {}


@asynccontextmanager
async def called(*answers: Answer) -> AsyncIterator[tuple[CloudApi, str, list[web.Request]]]:
    asked: list[web.Request] = []
    left = deque(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        status, body, headers = left.popleft() if len(left) > 1 else left[0]
        if not status:
            cut(request)
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=dict(headers))
        return web.json_response(body, status=status, headers=dict(headers))

    async def authorize() -> Mapping[str, str]:
        return {"authorization": f"Bearer {SECRET}"}

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url, HttpClient() as http:
        limits = ApiLimits(rate=10_000, burst=10_000, timeout=timedelta(seconds=30))
        yield CloudApi(http, authorize, limits, private=True), url, asked


async def test_a_call_is_signed_in_and_counted() -> None:
    async with called(FINE) as (api, url, asked):
        assert await api.call(f"{url}/v1/assets", "cloudasset.assets.list", params={"pageSize": "1000"}) == {
            "items": [1]
        }
        assert await api.call(f"{url}/query", "graph.read", body={"query": "x"}) == {"items": [1]}
    assert [(r.method, r.path_qs) for r in asked] == [("GET", "/v1/assets?pageSize=1000"), ("POST", "/query")]
    assert {r.headers["authorization"] for r in asked} == {f"Bearer {SECRET}"}
    assert api.calls == {"cloudasset.assets.list": 1, "graph.read": 1}


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {}, {"retry-after": "0.01"}),
        google(429, "RESOURCE_EXHAUSTED"),
        google(403, "PERMISSION_DENIED", "rateLimitExceeded"),
        google(503, "UNAVAILABLE"),
        azure(500, "InternalServerError"),
        CUT,
    ],
    ids=["Retry-After", "429", "the older rate limit", "503", "500", "cut"],
)
async def test_what_a_retry_can_help_is_tried_again(trouble: Answer) -> None:
    async with called(trouble, FINE) as (api, url, asked):
        assert await api.call(f"{url}/x", "x.read") == {"items": [1]}
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("answer", "tries", "reason", "fatal", "gone"),
    [
        (google(401, "UNAUTHENTICATED"), 1, "does not accept the credentials", True, False),
        (google(403, "PERMISSION_DENIED"), 1, "access denied to x.read", False, False),
        (google(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), 1, "is disabled in this project", False, False),
        (google(404, "NOT_FOUND"), 1, "HTTP 404 (NOT_FOUND)", False, True),
        (azure(403, "AuthorizationFailed"), 1, "access denied to x.read", False, False),
        (azure(404, "ResourceNotFound"), 1, "HTTP 404", False, True),
        (kubernetes(410, "Expired"), 1, "HTTP 410 (Expired)", False, False),
        (kubernetes(404, "NotFound"), 1, "HTTP 404 (NotFound)", False, True),
        ((403, "<html>no</html>", {}), 1, "access denied to x.read", False, False),
        (azure(500, "InternalServerError"), 3, "HTTP 500 (InternalServerError)", False, False),
        (CUT, 3, "no answer to x.read", False, False),
        ((429, {}, {"retry-after": "0"}), 6, "throttled until the last retry", False, False),
        ((200, "<html>login</html>", {}), 1, "not a JSON object", False, False),
        ((200, [1], {}), 1, "not a JSON object", False, False),
    ],
)
async def test_what_failed_for_good_is_told(answer: Answer, tries: int, reason: str, fatal: bool, gone: bool) -> None:
    async with called(answer) as (api, url, asked):
        with pytest.raises(ReadError) as told:
            await api.call(f"{url}/x", "x.read")
    assert len(asked) == tries
    assert reason in told.value.reason
    assert (told.value.fatal, told.value.gone, told.value.action) == (fatal, gone, "x.read")
    assert SECRET not in str(told.value)


async def test_an_api_that_is_not_there_is_told() -> None:
    async with called(FINE) as (api, _, _asked):
        with pytest.raises(ReadError, match=r"no answer to x\.read"):
            await api.call(f"http://127.0.0.1:{closed_port()}/x", "x.read")


async def test_a_quota_that_is_used_up_is_waited_for() -> None:
    waited: list[str] = []

    def pause(headers: Mapping[str, str]) -> float:
        waited.append(headers.get("x-ms-user-quota-resets-after", ""))
        return 0.0

    async with called((200, {}, {"x-ms-user-quota-resets-after": "00:00:05"})) as (api, url, _):
        api.pause = pause
        await api.call(f"{url}/x", "x.read")
    assert waited == ["00:00:05"]


async def test_an_operation_that_is_accepted_is_asked_for_its_result() -> None:
    answers = [(202, {}, {"retry-after": "0"}), (202, {}, {"retry-after": "0"}), FINE]
    async with called(*answers) as (api, url, asked):
        for _, _, headers in answers[:2]:
            headers["location"] = f"{url}/results/1"  # type: ignore[index]  # the server's address is known only now
        assert await api.call(f"{url}/operations", "a/action", body={}) == {"items": [1]}
        assert [(request.method, request.path) for request in asked] == [
            ("POST", "/operations"),
            ("GET", "/results/1"),
            ("GET", "/results/1"),
        ]


@pytest.mark.parametrize("location", ["", "https://elsewhere.example/results/1", "/results/1"])
async def test_a_result_elsewhere_gets_no_credentials(location: str) -> None:
    async with called((202, {}, {"location": location, "retry-after": "0"})) as (api, url, asked):
        with pytest.raises(ReadError, match="names no result"):
            await api.call(f"{url}/operations", "a/action", body={})
        assert len(asked) == 1


async def test_an_operation_that_never_ends_is_given_up() -> None:
    headers = {"retry-after": "0"}
    async with called((202, {}, headers)) as (api, url, asked):
        headers["location"] = f"{url}/results/1"
        with pytest.raises(ReadError, match="did not end"):
            await api.call(f"{url}/operations", "a/action", body={})
        assert len(asked) == 16
