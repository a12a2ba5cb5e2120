"""Status feeds of the world -> incidents in one shape. Every format is a file of `formats/`, found by itself.

A format has `recognise(payload) -> bool`, which looks at the shape and never at an address, and `parse(payload) -> Page`.
One with `GENERIC` is asked only after all others.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol, cast

import bot.detection.feeds.formats
from bot.detection.feeds.parsing.page import Page, safe_link
from bot.detection.feeds.parsing.payload import MAX_BYTES, FeedError, Payload, read_payload
from bot.detection.feeds.parsing.xml import local_name
from bot.model import ProviderIncident
from bot.net.plain_text import line

__all__ = [
    "MAX_BYTES",
    "MOST_INCIDENTS",
    "MOST_UPDATES",
    "FeedError",
    "Page",
    "Parsed",
    "about",
    "known_formats",
    "parse",
]

MOST_INCIDENTS = 2_000
"""Incidents of one payload that are kept: the open ones first, then the newest. Statuspage lists 50, Google about 200."""
MOST_UPDATES = 500
"""Updates of one incident that are kept, the newest. The longest incident seen has 60."""
_UNKNOWN = "If it is a status feed, name its format with --format, or send the file with your report"


class _Format(Protocol):
    def recognise(self, payload: Payload) -> bool: ...
    def parse(self, payload: Payload) -> Page: ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """A payload in normal form, and the format that it had. `left_out`: what was too much to be kept, in words."""

    format: str
    page: Page
    left_out: str = ""


@cache
def known_formats() -> Mapping[str, _Format]:
    """Every format by its name, generic ones last."""
    names = [module.name for module in pkgutil.iter_modules(bot.detection.feeds.formats.__path__)]
    made = {name: importlib.import_module(f"bot.detection.feeds.formats.{name}") for name in names}
    ordered = sorted(made, key=lambda name: (getattr(made[name], "GENERIC", False), name))
    return {name: cast("_Format", made[name]) for name in ordered}


def about(name: str) -> str:
    """What a format is, in one line."""
    return (known_formats()[name].__doc__ or "").strip().split("\n")[0]


def parse(body: bytes, format: str = "") -> Parsed:
    """Read a payload as it came from the wire.

    Args:
        body: the bytes; what a server calls them does not matter.
        format: the name of its format; empty: found out by its shape.

    Raises:
        FeedError: it is too large, no feed, or not of this format. What it is about is then unknown.
    """
    known = known_formats()
    if format and format not in known:
        near = difflib.get_close_matches(format.lower().replace("-", "_"), known, n=3, cutoff=0.6)
        mend = f"Do you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}"
        raise FeedError(f"there is no format {line(format)!r}", f"{mend} (backstay feed formats says what each is)")
    read = read_payload(body)
    name = format or next((name for name, one in known.items() if one.recognise(read)), "")
    if not name:
        raise FeedError(f"{_looks(read)}, which is none of the shapes that are known", _UNKNOWN)
    return _bounded(name, _parsed(name, read))


def _parsed(name: str, read: Payload) -> Page:
    mend = f"Read as {name}. {_UNKNOWN}"
    try:
        page = known_formats()[name].parse(read)
    except FeedError as error:
        raise FeedError(str(error), error.mend or mend) from None
    if not all(one.id for one in page.incidents):
        raise FeedError("lists an incident without an id", mend)
    return page


def _bounded(name: str, page: Page) -> Parsed:
    """Links made safe, what has no name left out, and no more kept than anybody can use."""
    kept = tuple(map(_tidied, page.incidents[:MOST_INCIDENTS]))
    left = [f"{len(page.incidents) - len(kept):,} incidents"] if len(page.incidents) > len(kept) else []
    updates = sum(len(one.updates) - len(short.updates) for one, short in zip(page.incidents, kept, strict=False))
    left += [f"{updates:,} updates"] if updates else []
    return Parsed(name, replace(page, incidents=kept, url=safe_link(page.url) or ""), " and ".join(left))


def _tidied(one: ProviderIncident) -> ProviderIncident:
    services, places = tuple(filter(None, one.services)), tuple(filter(None, one.regions))
    if len(one.updates) <= MOST_UPDATES and services == one.services and places == one.regions:
        return one
    return replace(one, services=services, regions=places, updates=one.updates[:MOST_UPDATES])


def _looks(read: Payload) -> str:
    """A payload of an unknown shape, in a few words."""
    if read.xml is not None:
        return f"is XML with the root {line(local_name(read.xml), 40) or 'of no name'}"
    if isinstance(read.json, dict):
        keys = [line(key, 40) for key in list(read.json)[:6]]
        return f"is a JSON object with {', '.join(keys) or 'nothing in it'}"
    if isinstance(read.json, list):
        keys = [line(key, 40) for key in list(read.head.data)[:6]]
        return f"is a JSON list {'of objects with ' + ', '.join(keys) if keys else 'with no object in it'}"
    return "is text without dated updates"
