"""The section of backstay.yaml about endpoints of one's own: what is looked at, how, and what is good."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.catalogue import Section, Target, refuse, secret_kind
from bot.detection.probes.targets import parse_endpoint_url

# What says nothing of who asks; the value of any other header may let somebody in.
_PLAIN = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "content-type", "host", "user-agent"}
)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.6.2
_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*)")


def _address(url: str) -> str:
    try:
        parse_endpoint_url(url)
    except ValueError as error:
        raise refuse(str(error)) from None
    return url


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise refuse(f"{name[:40]!r} is not a valid header name")
        if _REFERENCE.fullmatch(value):
            continue
        if name.lower() not in _PLAIN:
            raise refuse(f"the value of {name} does not belong in this file; write {name}: env:NAME or file:PATH")
        if secret_kind(value) or not value.isprintable():
            raise refuse(f"the value of {name} is not allowed here; write {name}: env:NAME or file:PATH")
    return headers


class Endpoint(Section):
    """One of your own endpoints to probe."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        description="http(s)://…, tcp://host:port, tls://host or dns://name"
    )
    about: Target = Field(description="service or scope that is down when it fails")
    method: Literal["GET", "HEAD"] = Field(default="GET", description="HTTP method")
    headers: Annotated[Mapping[str, str], AfterValidator(_headers)] = Field(
        default={}, description="request headers; values by reference: Authorization: env:NAME"
    )
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(
        default=(), description="HTTP statuses that count as healthy; default: all below 500"
    )
    latency: float | None = Field(default=None, gt=0, description="maximum latency in seconds")
    body: str = Field(default="", description="text that the body must contain")

    @model_validator(mode="after")
    def _fits(self) -> "Endpoint":
        web = self.url.lower().startswith(("http://", "https://"))
        asked = {"method": self.method != "GET", "headers": self.headers, "status": self.status, "body": self.body}
        if not web and (given := [name for name, value in asked.items() if value]):
            raise refuse(f"{' and '.join(given)} need an http(s) URL, not {self.url}")
        if self.method == "HEAD" and self.body:
            raise refuse("a HEAD response has no body; use method: GET")
        if self.url.lower().startswith("dns://") and self.latency is not None:
            raise refuse("latency is not measured for dns:// targets")
        return self
