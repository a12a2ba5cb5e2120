"""A payload of our own writing beside the whole normal form that it must have."""

import json
from dataclasses import dataclass
from typing import Any

from bot.app.cli.feed import normal_form
from bot.detection.feeds import parse


@dataclass(frozen=True)
class Case:
    """`payload` is JSON, or text as it is. `forced`: its shape alone does not tell, the format must be named."""

    name: str
    format: str
    payload: Any
    incidents: tuple[dict[str, Any], ...] = ()
    provider: str | None = None
    forced: bool = False

    @property
    def body(self) -> bytes:
        """As it comes from the wire."""
        return (self.payload if isinstance(self.payload, str) else json.dumps(self.payload)).encode()

    @property
    def expected(self) -> dict[str, Any]:
        """What `backstay feed parse` prints of it."""
        return {
            "schema": "backstay.feed/1",
            "format": self.format,
            "provider": self.provider,
            "incidents": list(self.incidents),
        }


def form(body: bytes, format: str = "") -> dict[str, Any]:
    """What `backstay feed parse` prints."""
    made: dict[str, Any] = json.loads(normal_form(parse(body, format)))
    return made


def incident(id: str, title: str, **said: Any) -> dict[str, Any]:
    """An incident of the normal form; what is not named is null, or an empty list."""
    empty = dict.fromkeys(("state", "severity", "started_at", "updated_at", "resolved_at", "url"))
    return {"id": id, "title": title, **empty, "services": [], "regions": [], "updates": []} | said


def update(at: str | None, state: str | None, text: str) -> dict[str, Any]:
    """An update of the normal form."""
    return {"at": at, "state": state, "text": text}
