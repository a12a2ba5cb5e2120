"""Reads an object in a regional bucket of Google Cloud Storage, signed in as a service account where a key is given.

https://cloud.google.com/storage/docs/json_api/v1/objects/get and
https://developers.google.com/identity/protocols/oauth2/service-account#httprest (RFC 7523).
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.detection.probes.canaries.http_canary import CanaryError, HttpCanary, bearer, refused, request, wrong_body
from bot.detection.probes.canaries.oauth_token import OAuthToken
from bot.model import Clock
from bot.model.signals import Health
from bot.net.http_client import HttpClient
from checks import Scope

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = 3600


@dataclass(frozen=True, slots=True)
class _ReadObject:
    url: str
    token: OAuthToken | None

    async def __call__(self, client: HttpClient) -> None:
        credentials = bearer(await self.token.get(client)) if self.token else {}
        answer = await request(client, "storage object", self.url, credentials=credentials)
        if answer.status != 200:
            raise refused(answer, "storage object")
        try:
            kind = json.loads(answer.body)["kind"]
        except (ValueError, TypeError, KeyError):
            kind = ""
        if kind != "storage#object":
            raise wrong_body("storage object", "an object's metadata")


def google_canary(  # noqa: PLR0913 - an object's address has three parts
    region: str,
    bucket: str,
    name: str,
    *,
    clock: Clock,
    key: Callable[[], str] | None = None,
    url: str = "https://storage.googleapis.com",
    token_url: str = "https://oauth2.googleapis.com/token",  # noqa: S107 - an address
) -> HttpCanary:
    """A canary for an object in `region`. `key`: gives the JSON key of a service account; without it the object is public."""
    address = f"{url.rstrip('/')}/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"

    def form() -> Mapping[str, str]:
        now = int(clock().timestamp())
        return {"grant_type": _GRANT, "assertion": assertion(key() if key else "", token_url, now)}

    token = OAuthToken(token_url, form, clock, "token of Google Cloud") if key else None
    return HttpCanary(
        Scope("gcp", region, "storage"), f"canary:gcp:{region}/{bucket}/{name}", _ReadObject(address, token)
    )


def assertion(key: str, audience: str, now: int) -> str:
    """The signed claim of a service account that is exchanged for a token. `now`: Unix time.

    Raises:
        CanaryError: the key is not one of a service account.
    """
    try:
        given = json.loads(key)
        claims = {"iss": given["client_email"], "scope": _SCOPE, "aud": audience, "iat": now, "exp": now + _LASTS}
        private = load_pem_private_key(given["private_key"].encode(), password=None)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, RSAPrivateKey):
        raise CanaryError(Health.UNKNOWN, "the key is not a JSON key of a Google Cloud service account")
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_base64url(private.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
