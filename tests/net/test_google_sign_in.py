"""Signing in to Google Cloud: workload identity federation, a user's own sign-in, the metadata server, and what is not accepted."""

import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web
from support.fakes.google_cloud import TOKEN
from support.fakes.google_tokens import READER, FakeTokens, of_a_user, workload_identity
from support.harness.loopback import serving

from bot.audit.collectors.gcp.collector import GcpSettings
from bot.audit.collectors.gcp.run import read_parents
from bot.model import UnusableError
from bot.net.gcp.sign_in import GoogleSignIn
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    importlib.import_module("google.auth.aws")


@pytest.fixture
def tokens() -> FakeTokens:
    return FakeTokens()


@pytest.fixture
async def url(tokens: FakeTokens) -> AsyncIterator[str]:
    app = web.Application()
    tokens.routes(app)
    async with serving(app) as address:
        yield address


async def headers(path: str) -> dict[str, str]:
    async with HttpClient() as http:
        return dict(await GoogleSignIn(http, path, private=True).authorize())


async def test_a_workload_exchanges_its_own_token(tokens: FakeTokens, url: str, tmp_path: Path) -> None:
    path = workload_identity(tmp_path, url, tokens.subject)
    assert await headers(path) == {"authorization": f"Bearer {TOKEN}"}
    assert tokens.calls == {"sts": 1}


async def test_a_workload_acts_as_a_service_account(tokens: FakeTokens, url: str, tmp_path: Path) -> None:
    address = f"{url}/v1/impersonate/{READER}:generateAccessToken"
    path = workload_identity(tmp_path, url, tokens.subject, service_account_impersonation_url=address)
    assert await headers(path) == {"authorization": f"Bearer {TOKEN}"}
    assert tokens.calls == {"sts": 1, "impersonate": 1}


async def test_a_token_is_used_until_it_expires(tokens: FakeTokens, url: str, tmp_path: Path) -> None:
    path = workload_identity(tmp_path, url, tokens.subject)
    async with HttpClient() as http:
        sign_in = GoogleSignIn(http, path, private=True)
        assert await sign_in.authorize() == await sign_in.authorize()
    assert tokens.calls["sts"] == 1


@pytest.mark.parametrize("how", ["file", "environment", "gcloud"])
async def test_a_users_own_sign_in_names_the_project_whose_quota_is_used(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path = of_a_user(tmp_path, url)  # where gcloud puts it, see CLOUDSDK_CONFIG
    if how == "environment":
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
    found = await headers(path if how == "file" else "")
    assert found == {"authorization": f"Bearer {TOKEN}", "x-goog-user-project": "shop-prod"}


async def test_a_subject_that_google_does_not_know_is_told(url: str, tmp_path: Path) -> None:
    path = workload_identity(tmp_path, url, "somebody else's")
    with pytest.raises(ReadError, match="did not accept the credentials"):
        await headers(path)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "external_account", "credential_source": {"executable": {"command": "/bin/true"}}},
        {"type": "something-new"},
        ["no object"],
    ],
    ids=["a program", "an unknown type", "a list"],
)
async def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, body: object) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(body))
    with pytest.raises(ReadError, match="Google did not accept the credentials"):
        await headers(str(path))


@pytest.mark.parametrize("text", ["", "{", None], ids=["empty", "half", "absent"])
async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "odd.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ReadError, match="credentials"):
        await headers(str(path))


@pytest.fixture
def metadata_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Sets variables of the environment that google-auth reads when it is imported."""
    module = importlib.import_module("google.auth.compute_engine._metadata")

    def applied(variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        importlib.reload(module)

    yield applied
    monkeypatch.undo()
    importlib.reload(module)


async def test_a_machine_of_google_signs_in_by_its_metadata_server(
    tokens: FakeTokens, url: str, metadata_of: Callable[[Mapping[str, str]], None]
) -> None:
    host = url.removeprefix("http://")
    metadata_of({"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host})
    assert await headers("") == {"authorization": f"Bearer {TOKEN}"}
    assert tokens.calls["metadata"] >= 2


async def test_without_any_credentials_the_fix_is_told(
    url: str, metadata_of: Callable[[Mapping[str, str]], None]
) -> None:
    metadata_of({"NO_GCE_CHECK": "true"})
    settings = GcpSettings(parents=("projects/shop-prod",), api_url=url, private=True)
    with pytest.raises(UnusableError, match="no usable Google credentials found") as caught:
        await read_parents(settings.model_dump(mode="json") | {"only": None}, lambda _: None)
    assert caught.value.fix == "run `gcloud auth application-default login`, or set gcp.credentials_file"
