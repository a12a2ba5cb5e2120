"""What the answer of a web site says about who delivers it, and who signs its users in.

CDN headers: https://developers.cloudflare.com/fundamentals/reference/http-headers/,
https://docs.fastly.com/en/guides/checking-cache, https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
(X-Amz-Cf-Id), https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol (X-Azure-Ref),
https://vercel.com/docs/headers/response-headers, https://docs.netlify.com/resources/troubleshooting-tips/ (X-NF-Request-ID).
Sign-in: OpenID Connect Discovery 1.0, 4 (`/.well-known/openid-configuration`, `issuer`).
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from bot.net.egress import NetworkError
from bot.net.http_client import HttpClient, HttpRequest
from bot.net.read_error import ReadError

_TIMEOUT: Final = timedelta(seconds=10)
_BY_NAME: Final[Mapping[str, str]] = {
    "cf-ray": "cloudflare.com",
    "x-amz-cf-id": "cloudfront.net",
    "x-azure-ref": "azurefd.net",
    "x-fastly-request-id": "fastly.net",
    "x-akamai-transformed": "akamaiedge.net",
    "x-vercel-id": "vercel.app",
    "x-nf-request-id": "netlify.app",
    "fly-request-id": "fly.dev",
    "x-shopify-stage": "myshopify.com",
}
"""A header that one CDN alone sends, and a domain of that CDN."""

_BY_SERVER: Final[Mapping[str, str]] = {
    "cloudflare": "cloudflare.com",
    "akamaighost": "akamaiedge.net",
    "bunnycdn": "b-cdn.net",
    "netlify": "netlify.app",
    "vercel": "vercel.app",
    "github.com": "github.io",
}


class WebSign(NamedTuple):
    """A host of a provider, and where it was seen: `header cf-ray of shop.example.com`."""

    host: str
    tool: str


async def web_signs(client: HttpClient, base: str, *, private: bool) -> list[WebSign]:
    """The signs of one site. `base`: its scheme, host and port.

    Raises:
        ReadError: the site does not answer.
    """
    host = urlsplit(base).hostname or base
    try:
        answer = await client.request(HttpRequest(f"{base}/", private=private, discard=True, timeout=_TIMEOUT))
    except NetworkError as error:
        raise ReadError("open the site", f"{host}: {error.reason}") from None
    return [*_cdn(answer.headers, host), *await _issuer(client, base, host, private=private)]


def _cdn(headers: Mapping[str, str], host: str) -> list[WebSign]:
    found = {domain: f"header {name} of {host}" for name, domain in _BY_NAME.items() if name in headers}
    server = headers.get("server", "").lower().split("/")[0].partition("-")[0].strip()
    if server in _BY_SERVER:
        found.setdefault(_BY_SERVER[server], f"header server of {host}")
    return [WebSign(domain, tool) for domain, tool in found.items()]


async def _issuer(client: HttpClient, base: str, host: str, *, private: bool) -> list[WebSign]:
    """Who issues the tokens of this site, where it publishes that; a site that does not is nothing odd."""
    url = f"{base}/.well-known/openid-configuration"
    try:
        answer = await client.request(HttpRequest(url, private=private, redirects=2, timeout=_TIMEOUT))
        if not answer.good:
            return []
        said = json.loads(answer.body)
    except (NetworkError, ValueError, RecursionError):
        return []
    issuer = said.get("issuer") if isinstance(said, dict) else None
    try:
        named = urlsplit(issuer).hostname if isinstance(issuer, str) else None
    except ValueError:
        named = None
    return [WebSign(named.lower(), f"OAuth issuer of {host}")] if named and named.lower() != host.lower() else []
