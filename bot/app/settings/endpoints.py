"""The section of backstay.yaml about endpoints of one's own: what is looked at, how, and what is good."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.catalogue import Section, Target, refuse, secret_kind
from bot.detection.probes.targets import check_address

# What says nothing of who asks; the value of any other header may let somebody in.
_PLAIN = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "content-type", "host", "user-agent"}
)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.6.2
_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*)")


def _address(url: str) -> str:
    try:
        check_address(url)
    except ValueError as error:
        raise refuse(str(error)) from None
    return url


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise refuse(f"{name[:40]!r} is not the name of a header")
        if _REFERENCE.fullmatch(value):
            continue
        if name.lower() not in _PLAIN:
            raise refuse(f"the value of {name} never stands in this file; write {name}: env:NAME or file:PATH")
        if secret_kind(value) or not value.isprintable():
            raise refuse(f"the value of {name} cannot stand here; write {name}: env:NAME or file:PATH")
    return headers


class Endpoint(Section):
    """An endpoint of your own to look at."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        description="http(s)://…, tcp://host:port, tls://host or dns://name"
    )
    about: Target = Field(description="the service, or the scope, that is broken when it fails")
    method: Literal["GET", "HEAD"] = Field(default="GET", description="how an http(s) address is asked")
    headers: Annotated[Mapping[str, str], AfterValidator(_headers)] = Field(
        default={}, description="headers to send; values by reference: Authorization: env:NAME"
    )
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(
        default=(), description="HTTP statuses that are good; else all below 500"
    )
    latency: float | None = Field(default=None, gt=0, description="seconds within which it must answer")
    body: str = Field(default="", description="words that the page must hold")

    @model_validator(mode="after")
    def _fits(self) -> "Endpoint":
        web = self.url.lower().startswith(("http://", "https://"))
        asked = {"method": self.method != "GET", "headers": self.headers, "status": self.status, "body": self.body}
        if not web and (given := [name for name, value in asked.items() if value]):
            raise refuse(f"{' and '.join(given)} can only be had of an http(s) address, not of {self.url}")
        if self.method == "HEAD" and self.body:
            raise refuse("an answer to HEAD has no body to look into; take method: GET")
        if self.url.lower().startswith("dns://") and self.latency is not None:
            raise refuse("latency is not measured of dns:// addresses")
        return self
