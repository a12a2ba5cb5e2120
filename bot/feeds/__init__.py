"""Status feeds of the world -> incidents in one shape. Every format is a file of this folder, found by itself.

A format has `recognise(payload) -> bool`, which looks at the shape and never at an address, and `parse(payload) -> Page`.
One with `GENERIC` is asked only after all others.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from bot.feeds._page import Page
from bot.feeds._payload import MAX_BYTES, FeedError, Payload, payload

__all__ = ["MAX_BYTES", "FeedError", "Page", "Parsed", "formats", "parse"]

_NOT_FORMATS = frozenset({"polling", "fetching", "matching"})


class _Format(Protocol):
    def recognise(self, payload: Payload) -> bool: ...
    def parse(self, payload: Payload) -> Page: ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """A payload in normal form, and the format that it had."""

    format: str
    page: Page


@cache
def formats() -> Mapping[str, _Format]:
    """Every format by its name, generic ones last."""
    names = [one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")]
    made = {name: importlib.import_module(f"{__name__}.{name}") for name in names if name not in _NOT_FORMATS}
    ordered = sorted(made, key=lambda name: (getattr(made[name], "GENERIC", False), name))
    return {name: cast("_Format", made[name]) for name in ordered}


def parse(body: bytes, format: str = "") -> Parsed:
    """Read a payload as it came from the wire.

    Args:
        body: the bytes; what a server calls them does not matter.
        format: the name of its format; empty: found out by its shape.

    Raises:
        FeedError: it is too large, no feed, or not of this format. What it is about is then unknown.
    """
    known = formats()
    if format and format not in known:
        raise FeedError(f"there is no format {format!r}; known are {', '.join(known)}")
    read = payload(body)
    name = format or next((name for name, one in known.items() if one.recognise(read)), "")
    if not name:
        raise FeedError("has none of the shapes that are known")
    return Parsed(name, known[name].parse(read))
