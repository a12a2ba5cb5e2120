"""Signing in to Azure against an authority on loopback: a secret, workload identity, managed identity, the Azure CLI, refusals.

Shapes: Microsoft identity platform, "OAuth 2.0 client credentials flow"; App Service, "REST endpoint reference" of managed
identities; `az account get-access-token`.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, SSLContext
from urllib.parse import parse_qs

import pytest
import trustme
from aiohttp import web
from support.harness.loopback import closed_port, serving

from bot.net.azure.sign_in import AzureApp, AzureSignIn, scope_of
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError

TENANT = "11111111-1111-1111-1111-111111111111"
AUTHORITY = trustme.CA()
NAMES = (
    *(
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_AUTHORITY_HOST",
    ),
    *("AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_USERNAME", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT"),
    *("AZURE_POD_IDENTITY_AUTHORITY_HOST", "IMDS_ENDPOINT"),
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of the machine, and a metadata server at which nothing listens."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("PATH", str(tmp_path))


class Authority:
    """Gives tokens, and keeps the forms that ask for one."""

    def __init__(self, lifetime: int = 3600, status: int = 200) -> None:
        self.lifetime, self.status = lifetime, status
        self.asked: list[dict[str, str]] = []

    async def token(self, request: web.Request) -> web.Response:
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        self.asked.append(form)
        if self.status != 200:
            error = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret s3cret."}
            return web.json_response(error, status=self.status)
        return web.json_response(
            {"token_type": "Bearer", "access_token": f"token-{len(self.asked)}", "expires_in": self.lifetime}
        )

    async def identity(self, request: web.Request) -> web.Response:
        assert request.headers["X-IDENTITY-HEADER"] == "own"
        until = str(int(time.time()) + self.lifetime)
        return web.json_response(
            {"access_token": "managed", "expires_on": until, "resource": request.query["resource"]}
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post(f"/{TENANT}/oauth2/v2.0/token", self.token)
        app.router.add_get("/msi/token", self.identity)
        tls = SSLContext(PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert("127.0.0.1").configure_cert(tls)
        async with serving(app, tls) as url:
            yield url


def client() -> HttpClient:
    trust = SSLContext(PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(trust)
    return HttpClient(trust=trust)


async def test_a_secret_is_sent_to_the_authority_of_the_settings_once() -> None:
    authority = Authority()
    async with authority.serving() as url, client() as http:
        sign_in = AzureSignIn(
            http, AzureApp(TENANT, "app", "s3cret", url), scope_of("https://arm.test/x"), private=True
        )
        assert await sign_in.authorize() == {"authorization": "Bearer token-1"}
        assert await sign_in.authorize() == {"authorization": "Bearer token-1"}
    [form] = authority.asked
    assert (form["client_id"], form["client_secret"], form["scope"]) == ("app", "s3cret", "https://arm.test/.default")
    assert "s3cret" not in repr(sign_in)


async def test_a_token_that_has_ended_is_renewed() -> None:
    authority = Authority(lifetime=0)
    async with authority.serving() as url, client() as http:
        sign_in = AzureSignIn(http, AzureApp(TENANT, "app", "s3cret", url), private=True)
        await sign_in.authorize()
        assert await sign_in.authorize() == {"authorization": "Bearer token-2"}


async def test_variables_of_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    async with authority.serving() as url, client() as http:
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", url)
        monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
        monkeypatch.setenv("AZURE_CLIENT_ID", "from-environment")
        monkeypatch.setenv("AZURE_CLIENT_SECRET", "s")
        await AzureSignIn(http, AzureApp(), private=True).authorize()
    assert authority.asked[0]["client_id"] == "from-environment"


async def test_workload_identity_sends_the_token_of_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("signed-by-the-cluster", encoding="utf-8")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    authority = Authority()
    async with authority.serving() as url, client() as http:
        await AzureSignIn(http, AzureApp(TENANT, "app", login_url=url), private=True).authorize()
    assert authority.asked[0]["client_assertion"] == "signed-by-the-cluster"


async def test_a_managed_identity_is_asked_at_its_local_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Authority().serving() as url, client() as http:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "own")
        assert await AzureSignIn(http, AzureApp()).authorize() == {"authorization": "Bearer managed"}


async def test_the_azure_cli_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = json.dumps(
        {"accessToken": "of-the-cli", "expiresOn": "2036-01-01 00:00:00.000000", "expires_on": 2082758400}
    )
    (tmp_path / "az").write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    async with client() as http:
        assert await AzureSignIn(http, AzureApp()).authorize() == {"authorization": "Bearer of-the-cli"}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "does not accept the credentials (AADSTS7000215)"),
        (400, "does not accept the credentials (AADSTS7000215)"),
    ],
)
async def test_a_refusal_is_fatal_and_tells_no_secret(status: int, reason: str) -> None:
    async with Authority(status=status).serving() as url, client() as http:
        with pytest.raises(ReadError) as refused:
            await AzureSignIn(http, AzureApp(TENANT, "app", "s3cret", url), private=True).authorize()
    assert reason in refused.value.reason
    assert refused.value.fatal
    assert "s3cret" not in str(refused.value)


async def test_without_any_credentials_it_says_so() -> None:
    async with client() as http:
        with pytest.raises(ReadError, match="no usable Azure credentials found"):
            await AzureSignIn(http, AzureApp()).authorize()


async def test_an_authority_that_does_not_answer_is_fatal() -> None:
    async with client() as http:
        app = AzureApp(TENANT, "app", "s3cret", f"https://127.0.0.1:{closed_port()}")
        with pytest.raises(ReadError, match="no answer to the sign-in"):
            await AzureSignIn(http, app, private=True).authorize()
