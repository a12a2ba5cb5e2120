"""Signing in to clusters: tokens, token files, exec plugins, client certificates, server names, and a pod's service account."""

import importlib
import ssl
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from support.fakes.kubernetes import TOKEN, FakeApiServer, api_server, kubeconfig
from support.harness.loopback import serving
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.kubernetes.collector import KubernetesCollector, KubernetesSettings
from bot.net.cloud_api import CloudApi
from bot.net.http_client import HttpClient
from bot.net.kubernetes.sign_in import Cluster, SignInError, read_kubeconfig, sign_in_here
from checks import Workload

EXEC = "client.authentication.k8s.io/v1"


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """Import what takes seconds before the first test and not in it."""
    importlib.import_module("kubernetes_asyncio.config.kube_config")


def plugin(path: Path, body: str) -> dict[str, Any]:
    """A user whose credential a program prints, as `aws eks get-token` does."""
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": EXEC, "command": str(path), "interactiveMode": "Never"}}


def prints(token: str) -> str:
    credential = {"apiVersion": EXEC, "kind": "ExecCredential", "status": {"token": token}}
    return f"import json\nprint(json.dumps({credential!r}))"


async def signed_in(tmp_path: Path, user: dict[str, Any], url: str = "http://127.0.0.1:1") -> Cluster:
    return await read_kubeconfig(kubeconfig(tmp_path / "config", {"prod": url}, user)).sign_in("prod")


async def test_a_token_of_any_origin_signs_calls_in(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file", encoding="utf-8")
    users: dict[str, dict[str, Any]] = {
        "Bearer t": {"token": "t"},
        "Bearer from-a-file": {"tokenFile": "token"},  # a relative path starts beside the kubeconfig
        "Bearer from-a-plugin": plugin(tmp_path / "get-token", prints("from-a-plugin")),
        "Basic bWU6aXQ=": {"username": "me", "password": "it"},
    }
    for wanted, user in users.items():
        cluster = await signed_in(tmp_path, user)
        assert await cluster.authorize() == {"authorization": wanted}
        assert f"'{wanted}'" not in repr(cluster)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "import sys\nprint('s3cret', file=sys.stderr)\nsys.exit(7)",
            "the exec plugin of context prod failed with exit code 7",
        ),
        ("print('s3cret')", "the exec plugin of context prod answered with something else than a credential"),
        ("print('{\"s3cret\": 1}')", "the exec plugin of context prod answered with something else than a credential"),
    ],
)
async def test_a_plugin_that_fails_is_told_without_its_words(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(SignInError) as told:
        await signed_in(tmp_path, plugin(tmp_path / "get-token", body))
    assert str(told.value) == says


async def test_what_is_missing_is_named(tmp_path: Path) -> None:
    missing = {"exec": {"apiVersion": EXEC, "command": str(tmp_path / "aws")}}
    with pytest.raises(SignInError, match=r"context prod needs .*/aws, which is not there"):
        await signed_in(tmp_path, missing)
    with pytest.raises(SignInError, match=r"context prod needs .*/gone, which is not there"):
        await signed_in(tmp_path, {"tokenFile": "gone"})
    with pytest.raises(SignInError, match=r"there is no kubeconfig at .*/nothing"):
        read_kubeconfig(str(tmp_path / "nothing"))
    (tmp_path / "broken").write_text("a: [", encoding="utf-8")
    with pytest.raises(SignInError, match=r"broken is not a kubeconfig"):
        read_kubeconfig(str(tmp_path / "broken"))


async def test_a_proxy_is_refused_and_not_ignored(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", {"prod": "https://127.0.0.1:1"}, cluster={"proxy-url": "http://proxy:3128"})
    with pytest.raises(SignInError, match="context prod has a proxy-url"):
        await read_kubeconfig(path).sign_in("prod")


async def test_certificates_and_a_server_name(tmp_path: Path) -> None:
    """The server is at an address that its certificate does not name, and asks for a client certificate."""
    authority = trustme.CA()
    server, client = authority.issue_cert("api.acme.internal"), authority.issue_cert("reader")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.configure_cert(tls)
    authority.configure_trust(tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    for name, pem in (("ca", authority.cert_pem), ("crt", client.cert_chain_pems[0]), ("key", client.private_key_pem)):
        pem.write_to_path(str(tmp_path / name))
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"items": [1]})

    app.router.add_get("/api", answer)
    async with serving(app, tls) as url:
        trusted = {"certificate-authority": "ca", "tls-server-name": "api.acme.internal"}
        path = kubeconfig(
            tmp_path / "config", {"prod": url}, {"client-certificate": "crt", "client-key": "key"}, trusted
        )
        cluster = await read_kubeconfig(path).sign_in("prod")
        async with HttpClient(trust=cluster.trust) as http:
            api = CloudApi(http, cluster.authorize, private=True)
            assert await api.call(f"{cluster.url}/api", "read") == {"items": [1]}


async def test_the_service_account_of_a_pod(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pods-own", encoding="utf-8")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    env = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    cluster = await sign_in_here(tmp_path, env)
    assert (cluster.name, cluster.url) == ("in-cluster", "https://10.0.0.1:443")
    assert await cluster.authorize() == {"authorization": "Bearer pods-own"}
    with pytest.raises(SignInError, match="Service host/port is not set"):
        await sign_in_here(tmp_path, {})


async def test_a_child_process_reads_a_cluster_whose_token_a_plugin_gives(tmp_path: Path) -> None:
    objects = {k8s.NODES: [k8s.node("n1", "a")], k8s.DEPLOYMENTS: [k8s.deployment()]}
    async with api_server(FakeApiServer(objects)) as url:
        config = kubeconfig(tmp_path / "config", {"prod": url}, plugin(tmp_path / "get-token", prints(TOKEN)))
        found = await KubernetesCollector(KubernetesSettings(kubeconfig=config)).collect((), lambda _: None)
    assert (found.accounts, found.read, found.calls) == (("prod",), (("kubernetes", "prod", "eu-west-1"),), 38)
    assert found.gaps == []
    assert [fact.name for fact in found.facts if isinstance(fact, Workload)] == ["web"]
