"""Turns fields of other monitoring's alerts into text that is safe to store and show: one line, no control characters, short."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, WithJsonSchema

TITLE = 300
LABELS = 200
"""Labels of an alert that are read, at most."""
_LABEL = 500
# Control characters, unpaired surrogates, and marks that hide text or change its direction.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def one_line(value: object, most: int = TITLE) -> str:
    """Text or a number as one line of at most `most` characters; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(_UNSEEN.sub(" ", text[: 4 * most]).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def parse_time(value: object) -> datetime | None:
    """Parse ISO 8601, or seconds or milliseconds since 1970, into UTC; None for anything else."""
    try:
        if isinstance(value, str) and not value.strip().isdigit():
            read = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
            found = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            number = float(value)
            found = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if _EARLIEST < found < _LATEST else None


def safe_url(value: object) -> str:
    """The address if it is http or https; empty for anything else, which must not become a link."""
    text = one_line(value, 2000) if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname and " " not in text else ""


def label_key(word: str) -> str:
    """A label's key in a uniform spelling: `topology.kubernetes.io/zone` -> `topology_kubernetes_io_zone`."""
    return _NOT_KEY.sub("_", word.lower()).strip("_")


def _labels(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("must be an object of labels")  # noqa: TRY004 - pydantic reports a ValueError as a mistake
    # If two keys become the same, the first one is kept.
    read = (
        (label_key(str(name)[:_LABEL]), one_line(_first_value(item), _LABEL))
        for name, item in list(value.items())[:LABELS]
    )
    found: dict[str, str] = {}
    for name, item in read:
        if name and item:
            found.setdefault(name, item)
    return found


def _first_value(value: Any) -> Any:
    """The first value of a list; any other value itself."""
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:
    return one_line(value, 2000)


Labels = Annotated[
    dict[str, str], BeforeValidator(_labels), WithJsonSchema({"type": ["object", "null"], "additionalProperties": True})
]
"""Labels, tags or dimensions, with keys in `label_key`'s spelling."""
OneLine = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
"""One line of text; empty if the value is not text or a number."""


def parse_tags(value: object) -> dict[str, str]:
    """Parse tags `key:value` or `key=value`, in a list or separated by commas; tags without a value are ignored."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    found: dict[str, str] = {}
    for item in items[:LABELS]:
        text = one_line(item, _LABEL)
        name, sign, tag_value = text.partition(":" if ":" in text else "=")
        if sign and label_key(name) and tag_value.strip():
            found.setdefault(label_key(name), tag_value.strip())
    return found
