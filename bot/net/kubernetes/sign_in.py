"""Signs in to a cluster by a context of a kubeconfig, or as the service account of the pod that backstay runs in.

kubernetes-asyncio reads kubeconfigs and runs their exec plugins; importing it takes seconds and 100 MiB, so only a child
process does.
"""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.net.failures import failure_words

IN_CLUSTER: Final = "in-cluster"
"""The name of the cluster that backstay itself runs in: a pod cannot ask for another."""
_RENEW_AFTER: Final = (
    60.0  # seconds; a token file is read again, an exec plugin only runs again near the end of its token
)
_LONGEST_SIGN_IN: Final = 60.0  # seconds; `aws eks get-token` takes one or two
_SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class SignInError(Exception):
    """A cluster cannot be signed in to. The text says why and holds no secret."""


class NamedServer(ssl.SSLContext):
    """Verifies a certificate by the name that a kubeconfig gives (`tls-server-name`) instead of the address."""

    server_name: str = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin TLS as its base does, under the given name."""
        return super().wrap_bio(incoming, outgoing, server_side, self.server_name or server_hostname, session)


@dataclass(slots=True)
class Cluster:
    """One cluster that was signed in to. `name`: the context, `url`: without a slash at its end."""

    name: str
    url: str
    trust: ssl.SSLContext
    source: Any = field(repr=False)
    configuration: Any = field(repr=False)
    _renewed: float = field(default_factory=time.monotonic, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def authorize(self) -> Mapping[str, str]:
        """The headers that sign a call in; renewed once a minute. Empty for client certificates."""
        async with self._lock:
            if time.monotonic() - self._renewed > _RENEW_AFTER:
                await _loaded(self.name, self.source, self.configuration)
                self._renewed = time.monotonic()
        token = self.configuration.api_key.get("BearerToken", "")
        return {"authorization": token} if token else {}


@dataclass(slots=True)
class Kubeconfig:
    """The merged files of a kubeconfig. `contexts`: their names; `current`: the one that kubectl would use."""

    contexts: tuple[str, ...]
    current: str
    _merged: Any = field(repr=False)

    async def sign_in(self, context: str) -> Cluster:
        """Sign in by a context.

        Raises:
            SignInError: there is no such context, its files are missing, or its exec plugin fails.
        """
        from kubernetes_asyncio.config.kube_config import KubeConfigLoader  # noqa: PLC0415 - heavy, see above

        if context not in self.contexts:
            raise SignInError(f"the kubeconfig has no context {context}")
        logging.getLogger("kubernetes_asyncio").setLevel(logging.CRITICAL)  # it logs what exec plugins write on stderr
        try:
            loader = KubeConfigLoader(config_dict=self._merged, config_base_path=None, active_context=context)
        except Exception as error:  # noqa: BLE001 - the library asserts what it expects
            raise SignInError(_broken(context, error)) from None
        return await _cluster(context, loader)


def read_kubeconfig(path: str = "") -> Kubeconfig:
    """Read a kubeconfig: a path, several joined as in KUBECONFIG, or that of kubectl where none is given.

    Raises:
        SignInError: no file is there, or none is a kubeconfig.
    """
    from kubernetes_asyncio.config.kube_config import KubeConfigMerger  # noqa: PLC0415 - heavy, see above

    paths = path or os.environ.get("KUBECONFIG", "") or "~/.kube/config"
    logging.getLogger("kubernetes_asyncio").setLevel(logging.CRITICAL)
    try:
        merged = KubeConfigMerger(paths).config
    except Exception:  # noqa: BLE001 - YAML of any kind
        raise SignInError(f"{paths} is not a kubeconfig") from None
    if merged is None:
        raise SignInError(f"there is no kubeconfig at {paths}")
    names = tuple(str(context["name"]) for context in merged.value.get("contexts") or ())
    return Kubeconfig(names, str(merged.value.get("current-context") or ""), merged)


async def sign_in_here(account: Path = _SERVICE_ACCOUNT, env: Mapping[str, str] = os.environ) -> Cluster:
    """Sign in to the cluster that this process runs in, as the pod's service account.

    Raises:
        SignInError: it does not run in a cluster.
    """
    from kubernetes_asyncio.config.incluster_config import InClusterConfigLoader  # noqa: PLC0415 - heavy, see above

    loader = InClusterConfigLoader(
        str(account / "token"), str(account / "ca.crt"), try_refresh_token=False, environ=dict(env)
    )
    return await _cluster(IN_CLUSTER, loader)


async def _cluster(name: str, source: Any) -> Cluster:
    from kubernetes_asyncio.client import Configuration  # noqa: PLC0415 - heavy, see above

    configuration = type.__call__(Configuration)
    await _loaded(name, source, configuration)
    if getattr(configuration, "proxy", None):
        raise SignInError(f"context {name} has a proxy-url, which backstay does not use")
    url = str(configuration.host or "")
    if not url.startswith(("https://", "http://")):
        raise SignInError(f"context {name} names no server")
    try:
        return Cluster(name, url.rstrip("/"), _trust(configuration), source, configuration)
    except (OSError, ssl.SSLError) as error:
        raise SignInError(f"the certificates of context {name} cannot be used: {failure_words(error)}") from None


async def _loaded(name: str, source: Any, configuration: Any) -> None:
    try:
        async with asyncio.timeout(_LONGEST_SIGN_IN):
            done = source.load_and_set(configuration)
            if done is not None:
                await done
    except TimeoutError:
        raise SignInError(f"signing in to context {name} took longer than {_LONGEST_SIGN_IN:.0f} s") from None
    except Exception as error:  # noqa: BLE001 - the library raises what its parts raise
        raise SignInError(_broken(name, error)) from None


def _broken(name: str, error: Exception) -> str:
    """What is wrong, without what an exec plugin or a file said: that may hold a secret."""
    text = str(error)
    if isinstance(error, FileNotFoundError):
        return f"context {name} needs {error.filename}, which is not there"
    if text.startswith("exec: process returned"):
        return f"the exec plugin of context {name} failed with exit code {text.split()[3].rstrip('.')}"
    if text.startswith("exec:"):
        return f"the exec plugin of context {name} answered with something else than a credential"
    if text.startswith(("File does not exist", "Service ", "Token file", "Cert file")):
        return f"context {name}: {text}"
    return f"context {name} of the kubeconfig is incomplete or broken"


def _trust(configuration: Any) -> ssl.SSLContext:
    """The certificate authority, client certificate and server name of a context."""
    trust = NamedServer(ssl.PROTOCOL_TLS_CLIENT)
    if configuration.ssl_ca_cert:
        trust.load_verify_locations(configuration.ssl_ca_cert)
    else:
        trust.load_default_certs()
    # Authorities of clusters often lack the key identifier that Python 3.13 asks for by default.
    trust.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if configuration.cert_file:
        trust.load_cert_chain(configuration.cert_file, configuration.key_file)
    trust.server_name = getattr(configuration, "tls_server_name", None) or ""
    if configuration.verify_ssl is False:  # the kubeconfig's own choice: insecure-skip-tls-verify
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    return trust
