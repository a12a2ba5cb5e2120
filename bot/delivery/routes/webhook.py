"""Sends to any HTTP receiver, as signed JSON with the card as text and data, or in the format of a template."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from bot.delivery.routing.content import content
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Proof, Refused, Result, RouteSpec
from bot.net.failures import failure_words
from bot.net.http import Address, RouteError, post, reach

MOST_BYTES = 1_000_000
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLAIN = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}"  # headers are ASCII; other characters of an id are percent-encoded
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection"))


class Settings(Options):
    """`template` is the path of a Jinja2 file; `secret` and header values may be references."""

    url: str
    secret: str = ""
    template: str = ""
    content_type: str = "application/json"
    headers: Mapping[str, str] = Field(default_factory=dict)
    insecure: bool = False
    allow_private: bool = False


class Webhook:
    """One receiver. X-Backstay-Delivery is the same for every attempt; X-Backstay-Attempt counts from 1."""

    kind: ClassVar[str] = "webhook"

    def __init__(self, name: str, address: Address, shape: "Shape", context: RouteContext) -> None:
        self.name = name
        self.platform = address.authority
        self._address = address
        self._shape = shape
        self._context = context

    async def prove(self) -> Proof:
        """Check that the address answers."""
        return await reach(self._address, self._context)

    async def send(self, message: Message, attempt: int) -> Result:
        """Post the message."""
        try:
            body = self._shape.body(mark_possible_duplicate(message, attempt))
        except UnusableBodyError as error:
            return Refused(str(error))
        except ValueError:
            return Refused("the card cannot be read")
        timestamp = str(int(self._context.clock().timestamp()))
        return await post(self._address, body, self._shape.headers(message, attempt, body, timestamp), self._context)


class UnusableBodyError(Exception):
    """The template gave a body that cannot be sent."""


class Shape:
    """Builds body, headers and signature."""

    def __init__(self, settings: Settings, secret: str, headers: Mapping[str, str], render: "Render | None") -> None:
        self._content_type = settings.content_type
        self._secret = secret.encode()
        self._headers = dict(headers)
        self._render = render

    def body(self, message: Message) -> bytes:
        """The body.

        Raises:
            UnusableBodyError: the template failed, or gave invalid JSON or too much.
        """
        fields = content(message)
        body = (
            json.dumps(fields, ensure_ascii=False).encode(errors="replace")
            if self._render is None
            else self._from_template(fields)
        )
        if len(body) > MOST_BYTES:
            raise UnusableBodyError(f"the body has {len(body)} bytes, more than the limit of {MOST_BYTES}")
        return body

    def _from_template(self, fields: Mapping[str, Any]) -> bytes:
        assert self._render is not None  # noqa: S101 - the caller looked
        try:
            written = self._render(fields)
            if "json" in self._content_type:
                json.loads(written)
        except ValueError:
            raise UnusableBodyError("the template gave invalid JSON; write values as {{ title | tojson }}") from None
        except Exception as error:  # noqa: BLE001 - a template can fail in any way; the error's text may contain data
            raise UnusableBodyError(f"the template failed ({failure_words(error)})") from None
        return written.encode(errors="replace")

    def headers(self, message: Message, attempt: int, body: bytes, timestamp: str) -> dict[str, str]:
        """All headers; the signature covers time and body: `v1=` HMAC-SHA256 over `timestamp.body`, in hexadecimal."""
        ours = {
            "Content-Type": self._content_type,
            "X-Backstay-Delivery": quote(message.id, safe=_PLAIN),
            "X-Backstay-Attempt": str(attempt),
            "X-Backstay-Timestamp": timestamp,
        }
        if self._secret:
            digest = hmac.new(self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            ours["X-Backstay-Signature"] = f"v1={digest}"
        return self._headers | ours


Render = Callable[[Mapping[str, Any]], str]


def build(spec: RouteSpec, context: RouteContext) -> Webhook:
    """Build the route.

    Raises:
        RouteError: a setting is wrong, or the template cannot be read.
    """
    settings = Settings.of(spec)
    url = context.resolve(settings.url)
    allowed = {"insecure": settings.insecure, "allow_private": settings.allow_private}
    address = Address.parse(url, route=spec.name, outgoing=context.outgoing, **allowed)
    headers = _headers(spec.name, settings, context)
    render = _template(spec.name, Path(settings.template)) if settings.template else None
    return Webhook(spec.name, address, Shape(settings, context.resolve(settings.secret), headers, render), context)


def _headers(route: str, settings: Settings, context: RouteContext) -> dict[str, str]:
    resolved = {name: context.resolve(value) for name, value in settings.headers.items()}
    for name, value in resolved.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS or not value.isascii() or not value.isprintable():
            raise RouteError(f"route {route}: header {name!r} is reserved or invalid")
    return resolved


def _template(route: str, path: Path) -> Render:
    from jinja2 import StrictUndefined, TemplateError  # noqa: PLC0415 - only where a template is set up
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    # Autoescape would write HTML entities into JSON; `tojson` is what makes a value safe there.
    environment = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined)
    try:
        return environment.from_string(path.read_text(encoding="utf-8")).render
    except (OSError, UnicodeError) as error:
        raise RouteError(f"route {route}: could not read template {path} ({failure_words(error)})") from None
    except TemplateError as error:
        raise RouteError(f"route {route}: template {path} is invalid: {error.message}") from None
