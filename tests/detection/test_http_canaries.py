"""Canaries of services other than AWS, each against a loopback server that speaks as its documentation says."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.builders.posts import ManualClock
from support.harness.loopback import closed_port, cut, serving

from bot.app.settings import load
from bot.app.wiring.canaries import http_canaries
from bot.app.wiring.probes import ProbeRunner
from bot.detection.probes.canaries.azure_resources import azure_canary
from bot.detection.probes.canaries.git_https import git_canary
from bot.detection.probes.canaries.github_actions import actions_canary
from bot.detection.probes.canaries.google_storage import assertion, google_canary
from bot.detection.probes.canaries.http_canary import CanaryError, HttpCanary, observe, request
from bot.detection.probes.canaries.login_page import login_canary
from bot.detection.probes.canaries.registry_pull import registry_canary
from bot.model.signals import Health, Signal, Trouble
from bot.net.http_client import HttpClient
from checks import Scope


@dataclass
class FarSide:
    """Answers as documented; `trouble` makes it answer 429, 500 or 403, cut the line, or not answer."""

    clock: ManualClock = field(default_factory=ManualClock)
    url: str = ""
    trouble: str = ""
    only: str = ""
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    runs: list[dict[str, str]] = field(default_factory=list)
    git: bytes = b"000eversion 2\n0013ls-refs=unborn\n0000"
    page: str = "<form>Sign in to continue</form>"
    token: str = "t0ken"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        authorization = request.headers.get("Authorization", "")
        self.requests.append((request.method, request.path_qs, authorization, body))
        if self.trouble and self.only in request.path:
            if self.trouble == "cut":
                cut(request)
            if self.trouble == "silent":
                await asyncio.Event().wait()
            return web.Response(status=int(self.trouble))
        return self._documented(request, authorization)

    def _documented(self, request: web.Request, authorization: str) -> web.Response:  # noqa: PLR0911 - one for each kind
        path, signed_in = request.path, authorization == f"Bearer {self.token}"
        if path.endswith("/info/refs"):
            return web.Response(body=self.git, content_type="application/x-git-upload-pack-advertisement")
        if path.endswith("/dispatches"):
            self.runs.insert(0, {"status": "queued", "created_at": self.clock.at.isoformat().replace("+00:00", "Z")})
            return web.Response(status=204)
        if path.endswith("/runs"):
            return web.json_response({"total_count": len(self.runs), "workflow_runs": self.runs[:1]})
        if path.startswith("/v2/"):
            challenge = f'Bearer realm="{self.url}/token",service="registry",scope="repository:library/alpine:pull"'
            return (
                web.Response(status=200)
                if signed_in
                else web.Response(status=401, headers={"WWW-Authenticate": challenge})
            )
        if path == "/token" or path.endswith("/oauth2/v2.0/token"):
            return web.json_response({"access_token": self.token, "token_type": "Bearer", "expires_in": 3600})
        if path == "/subscriptions":
            return web.json_response({"value": []} if signed_in else {}, status=200 if signed_in else 401)
        if path.startswith("/storage/"):
            return web.json_response({"kind": "storage#object", "name": "canary"})
        return web.Response(text=self.page, content_type="text/html")


@asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    there, app = FarSide(), web.Application()
    app.router.add_route("*", "/{path:.*}", there.answer)
    async with serving(app) as url:
        there.url = url
        yield there


async def call(canary: HttpCanary, there: FarSide) -> Signal:
    async with HttpClient() as client:
        return await observe(canary, client, there.clock, "here")


def every(there: FarSide) -> dict[str, HttpCanary]:
    """One canary of each kind."""
    return {
        "git": git_canary(f"{there.url}/acme/site.git", Scope("github")),
        "actions": actions_canary("acme/test", "canary.yaml", "main", there.token, clock=there.clock, api=there.url),
        "registry": registry_canary(there.url, "library/alpine", "latest", Scope("docker-hub")),
        "login": login_canary(f"{there.url}/login", "Sign in", Scope("okta")),
        "azure": azure_canary("acme", "app", lambda: "s3cret", clock=there.clock, url=there.url, login_url=there.url),
        "gcp": google_canary("us-east5", "canary", "a/b", clock=there.clock, url=there.url),
    }


KINDS = ("git", "actions", "registry", "login", "azure", "gcp")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("trouble", "state", "named"),
    [
        ("", Health.GOOD, Trouble.NONE),
        ("500", Health.BAD, Trouble.STATUS),
        ("503", Health.BAD, Trouble.STATUS),
        ("429", Health.UNKNOWN, Trouble.RATE_LIMITED),
        ("cut", Health.BAD, Trouble.CONNECT),
    ],
)
async def test_what_each_trouble_makes_of_a_canary(kind: str, trouble: str, state: Health, named: Trouble) -> None:
    async with far_side() as there:
        there.trouble = trouble
        signal = await call(every(there)[kind], there)
    assert (signal.state, signal.trouble, signal.kind, signal.vantage) == (state, named, "canary", "here"), (
        signal.detail
    )
    assert (signal.seconds is not None) == (state is Health.GOOD)
    assert there.token not in signal.detail


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "login"])
async def test_a_denied_request_says_nothing_of_the_service(kind: str) -> None:
    async with far_side() as there:
        there.trouble = "403"
        assert (await call(every(there)[kind], there)).state is Health.UNKNOWN


async def test_a_service_that_does_not_answer_in_time() -> None:
    async with far_side() as there, HttpClient() as client:
        there.trouble = "silent"
        with pytest.raises(CanaryError) as caught:
            await request(client, "login page", there.url, timeout=timedelta(seconds=0.2))
    assert (caught.value.result.state, caught.value.result.trouble) == (Health.BAD, Trouble.TIMEOUT)


async def test_nothing_listens_there() -> None:
    async with far_side() as there:
        there.url = f"http://127.0.0.1:{closed_port()}"
        signals = [await call(canary, there) for canary in every(there).values()]
    assert {(signal.state, signal.trouble) for signal in signals} == {(Health.BAD, Trouble.CONNECT)}


async def test_a_repository_that_answers_with_a_page_is_bad() -> None:
    async with far_side() as there:
        for body in (b"001e# service=git-upload-pack\n0000", there.git):
            there.git = body
            assert (await call(every(there)["git"], there)).state is Health.GOOD
        there.git = b"<html>Unicorn!</html>"
        signal = await call(every(there)["git"], there)
        private = git_canary(f"{there.url}/acme/site.git", Scope("github"), "gh-token")
        await call(private, there)
    assert signal.trouble is Trouble.BODY
    assert there.requests[0][1] == "/acme/site.git/info/refs?service=git-upload-pack"
    assert there.requests[-1][2].startswith("Basic ")


async def test_a_workflow_is_started_now_and_then_and_followed() -> None:
    async with far_side() as there:
        canary = every(there)["actions"]
        assert (await call(canary, there)).state is Health.GOOD
        there.clock.at += timedelta(minutes=1)
        assert (await call(canary, there)).state is Health.GOOD
        there.clock.at += timedelta(minutes=5)
        late = await call(canary, there)
        assert (late.state, late.trouble) == (Health.DEGRADED, Trouble.SLOW)
        assert "has waited for 6 min" in late.detail
        there.runs[0]["status"] = "completed"
        assert (await call(canary, there)).state is Health.GOOD
        there.runs[0]["conclusion"] = "startup_failure"
        assert (await call(canary, there)).state is Health.BAD
        del there.runs[0]["conclusion"]
        started = [body for method, path, _, body in there.requests if path.endswith("/dispatches")]
        assert [json.loads(body) for body in started] == [{"ref": "main"}]
        there.clock.at += timedelta(minutes=10)
        await call(canary, there)
        assert len(there.runs) == 2


async def test_a_dispatch_that_makes_no_run_is_noticed() -> None:
    async with far_side() as there:
        canary = every(there)["actions"]
        await call(canary, there)
        there.runs.clear()
        there.runs.append({"status": "completed", "created_at": "2020-01-01T00:00:00Z"})
        there.clock.at += timedelta(minutes=7)
        assert (await call(canary, there)).state is Health.DEGRADED


async def test_a_pull_gets_its_token_where_the_registry_says() -> None:
    async with far_side() as there:
        assert (await call(every(there)["registry"], there)).state is Health.GOOD
        assert [(method, path.partition("?")[0]) for method, path, _, _ in there.requests] == [
            ("HEAD", "/v2/library/alpine/manifests/latest"),
            ("GET", "/token"),
            ("HEAD", "/v2/library/alpine/manifests/latest"),
        ]
        assert "scope=repository%3Alibrary%2Falpine%3Apull" in there.requests[1][1]
        there.trouble, there.only = "503", "/token"
        assert "registry token returned HTTP 503" in (await call(every(there)["registry"], there)).detail


async def test_a_login_page_without_its_text_is_bad() -> None:
    async with far_side() as there:
        there.page = "<h1>Something went wrong</h1>"
        signal = await call(every(there)["login"], there)
    assert (signal.state, signal.trouble) == (Health.BAD, Trouble.BODY)


async def test_azure_keeps_its_token_and_says_when_there_is_none() -> None:
    async with far_side() as there:
        canary = every(there)["azure"]
        for _ in range(3):
            assert (await call(canary, there)).state is Health.GOOD
        tokens = [parse_qs(body) for _, path, _, body in there.requests if "oauth2" in path]
        assert [(given["grant_type"], given["client_secret"]) for given in tokens] == [
            (["client_credentials"], ["s3cret"])
        ]
        there.clock.at += timedelta(hours=1)
        there.trouble, there.only = "401", "oauth2"
        denied = await call(canary, there)
    assert denied.state is Health.UNKNOWN
    assert "s3cret" not in denied.detail


async def test_google_signs_in_as_a_service_account() -> None:
    private = generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = json.dumps({"type": "service_account", "client_email": "canary@acme.example", "private_key": pem})
    async with far_side() as there:
        canary = google_canary(
            "us-east5",
            "canary",
            "a/b",
            clock=there.clock,
            key=lambda: key,
            url=there.url,
            token_url=f"{there.url}/token",
        )
        signal = await call(canary, there)
    assert (signal.state, str(signal.scope)) == (Health.GOOD, "gcp/us-east5/storage")
    (sent,) = parse_qs(there.requests[0][3])["assertion"]
    head, claims, signature = sent.split(".")
    private.public_key().verify(_unpacked(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    assert json.loads(_unpacked(claims))["iss"] == "canary@acme.example"
    assert there.requests[1][1:3] == ("/storage/v1/b/canary/o/a%2Fb", f"Bearer {there.token}")
    with pytest.raises(Exception, match="not a JSON key"):
        assertion("{}", "https://oauth2.googleapis.com/token", 0)


async def test_the_settings_list_them(tmp_path: Path) -> None:
    async with far_side() as there:
        path = tmp_path / "backstay.yaml"
        path.write_text(
            f"""
watch:
  controls: []
  synthetics:
    git: ["{there.url}/acme/site.git"]
    actions: [{{repository: acme/test, workflow: canary.yaml, token: "env:TOKEN", api_url: "{there.url}"}}]
    registries: [{{url: "{there.url}"}}]
    logins: [{{url: "{there.url}/login", text: Sign in, about: okta}}]
    gcp: [{{region: us-east5, bucket: canary, name: object, url: "{there.url}"}}]
    azure: {{tenant_id: acme, app_id: app, app_password: "env:TOKEN", url: "{there.url}", login_url: "{there.url}"}}
"""
        )
        runner = ProbeRunner(load(path, {"HOME": str(tmp_path), "TOKEN": there.token}), there.clock, "here")
        signals = await runner.once((), runner.synthetics)
    assert [signal.state for signal in signals] == [Health.GOOD] * 6, [signal.detail for signal in signals]
    path.write_text("watch: {probes: true}\n")
    assert http_canaries(load(path, {"HOME": str(tmp_path)}), there.clock) == ()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
