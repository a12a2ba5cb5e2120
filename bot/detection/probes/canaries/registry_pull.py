"""Asks a container registry for the manifest of a tag, as `docker pull` begins: token, then HEAD of the manifest.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry and
https://distribution.github.io/distribution/spec/auth/token/. A HEAD does not count as a pull at Docker Hub:
https://docs.docker.com/docker-hub/usage/pulls/.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bot.detection.probes.canaries.http_canary import CanaryError, HttpCanary, bearer, refused, request, wrong_body
from bot.detection.probes.canaries.oauth_token import read_token
from bot.model.signals import Health
from bot.net.http_client import HttpClient
from checks import Scope

_OCI, _DOCKER = "application/vnd.oci.image", "application/vnd.docker.distribution.manifest"
_ACCEPT = f"{_OCI}.index.v1+json, {_OCI}.manifest.v1+json, {_DOCKER}.list.v2+json, {_DOCKER}.v2+json"
_PARAMETER = re.compile(r'([a-z_]+)="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Pull:
    registry: str
    repository: str
    tag: str
    user: str
    password: str

    async def __call__(self, client: HttpClient) -> None:
        url = f"{self.registry.rstrip('/')}/v2/{self.repository}/manifests/{self.tag}"
        answer = await request(client, "manifest", url, "HEAD", headers={"Accept": _ACCEPT}, discard=True)
        if answer.status == 401:
            token = await self._token(client, answer.headers.get("www-authenticate", ""))
            answer = await request(
                client, "manifest", url, "HEAD", headers={"Accept": _ACCEPT}, credentials=token, discard=True
            )
        if answer.status != 200:
            raise refused(answer, "manifest")

    async def _token(self, client: HttpClient, challenge: str) -> Mapping[str, str]:
        """The header for the second request, as the registry's challenge asks (RFC 6750, section 3)."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        own = {"Authorization": f"Basic {basic}"} if self.user else {}
        if not challenge.lower().startswith("bearer "):
            return own
        asked = {name.lower(): value for name, value in _PARAMETER.findall(challenge)}
        realm = urlsplit(asked.get("realm", ""))
        here = realm.hostname == urlsplit(self.registry).hostname
        if realm.scheme != "https" and not (here and realm.scheme == "http"):
            raise CanaryError(Health.UNKNOWN, "the registry names no usable server for its token")
        fields = {name: asked[name] for name in ("service", "scope") if asked.get(name)}
        fields.setdefault("scope", f"repository:{self.repository}:pull")
        url = f"{asked['realm']}{'&' if realm.query else '?'}{urlencode(fields)}"
        answer = await request(client, "registry token", url, credentials=own, private=here)
        if answer.status != 200:
            raise refused(answer, "registry token")
        token, _ = read_token(answer.body)
        if not token:
            raise wrong_body("registry token", "a token")
        return bearer(token)


def registry_canary(  # noqa: PLR0913 - an image's address has three parts
    registry: str, repository: str, tag: str, about: Scope, *, user: str = "", password: str = "", part: str = ""
) -> HttpCanary:
    """A canary for an image: `registry` is https://registry-1.docker.io, `repository` library/alpine."""
    host = urlsplit(registry).netloc
    call = _Pull(registry, repository, tag, user, password)
    return HttpCanary(about, f"canary:registry:{host}/{repository}:{tag}", call, part)
