"""A hand-written feed payload and the complete normal form that it must parse into."""

import json
from dataclasses import dataclass
from typing import Any

from bot.app.cli.feed import normal_form
from bot.detection.feeds import parse


@dataclass(frozen=True)
class Case:
    """One payload: JSON, or text. `forced`: the format must be named, since the shape alone does not show it.

    `severity` and `components` of the page are compared where a case is about them.
    """

    name: str
    format: str
    payload: Any
    incidents: tuple[dict[str, Any], ...] = ()
    provider: str | None = None
    forced: bool = False
    severity: str | None = "any"
    components: tuple[dict[str, Any], ...] | None = None

    @property
    def body(self) -> bytes:
        """The payload as bytes."""
        return (self.payload if isinstance(self.payload, str) else json.dumps(self.payload)).encode()

    @property
    def expected(self) -> dict[str, Any]:
        """The output of `backstay feed parse` for this payload, as far as the case is about it."""
        page = {} if self.severity == "any" else {"severity": self.severity}
        parts = {} if self.components is None else {"components": list(self.components)}
        return {
            "schema": "backstay.feed/1",
            "format": self.format,
            "provider": self.provider,
            **page,
            **parts,
            "incidents": list(self.incidents),
        }

    def told(self, body: bytes, format: str = "") -> dict[str, Any]:
        """The output of `backstay feed parse` for a body, as far as the case is about it."""
        parsed = form(body, format)
        return {key: value for key, value in parsed.items() if key in self.expected}


def form(body: bytes, format: str = "") -> dict[str, Any]:
    """The output of `backstay feed parse` for a body."""
    parsed: dict[str, Any] = json.loads(normal_form(parse(body, format)))
    return parsed


def incident(id: str, title: str, **fields: Any) -> dict[str, Any]:
    """An incident in normal form; fields that are not given are null, or empty lists."""
    empty = dict.fromkeys(("state", "severity", "started_at", "updated_at", "ends_at", "resolved_at", "url"))
    return {"id": id, "title": title, **empty, "services": [], "regions": [], "updates": []} | fields


def update(at: str | None, state: str | None, text: str) -> dict[str, Any]:
    """An update in normal form."""
    return {"at": at, "state": state, "text": text}
