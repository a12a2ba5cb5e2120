"""Polls providers' status pages and turns every feed format into incidents of one shape, and those into signals.

Takes bytes from status pages and provider APIs, gives `FeedReading`s and `Signal`s. A page that cannot be read is unknown; it
never counts as operational. Each format is a module in `formats/`, which is found without registration: `recognise(payload)`
decides by the payload's shape, never by its address, and `parse(payload)` returns a `Page`. A format with `GENERIC` is tried
after all others.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol, cast

import bot.detection.feeds.formats
from bot.catalogue.problems import nearest
from bot.detection.feeds.parsing.page import Page, host_of, open_severity, safe_link
from bot.detection.feeds.parsing.payload import MAX_BYTES, FeedError, Payload, read_payload
from bot.detection.feeds.parsing.regions import names_regions_in_text, regions_of
from bot.detection.feeds.parsing.unread import unread_in
from bot.detection.feeds.parsing.xml import local_name
from bot.model import FeedComponent, IncidentSeverity, ProviderIncident
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
    "parse_hinted",
]

MOST_INCIDENTS = 2_000
"""Incidents of a payload that are kept: open ones first, then the newest. Statuspage lists 50, Google about 200."""
MOST_UPDATES = 500
"""Updates of an incident that are kept, newest first. The longest real incident has 60."""
_READ_FOR_REGIONS = 20
_NAME_THE_FORMAT = "If it is a status feed, name its format with --format, or report a bug and attach the file"


class _Format(Protocol):
    def recognise(self, payload: Payload) -> bool: ...
    def parse(self, payload: Payload) -> Page: ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """A payload in normal form, and its format.

    `left_out` names what exceeded the limits (`18,000 incidents`), `unread` what is listed in a shape that is not read
    (`1 of incidents`); both are empty where there is nothing.
    """

    format: str
    page: Page
    left_out: str = ""
    unread: str = ""


@cache
def known_formats() -> Mapping[str, _Format]:
    """Every format by name, generic formats last."""
    names = [module.name for module in pkgutil.iter_modules(bot.detection.feeds.formats.__path__)]
    modules = {name: importlib.import_module(f"bot.detection.feeds.formats.{name}") for name in names}
    ordered = sorted(modules, key=lambda name: (getattr(modules[name], "GENERIC", False), name))
    return {name: cast("_Format", modules[name]) for name in ordered}


def about(name: str) -> str:
    """A one-line description of a format."""
    return (known_formats()[name].__doc__ or "").strip().split("\n")[0]


def parse(body: bytes, format: str = "") -> Parsed:
    """Parse the body of a status page.

    Args:
        body: the bytes, whatever their Content-Type.
        format: the name of the format; if empty, it is recognised by the payload's shape.

    Raises:
        FeedError: the body is too large, not a feed, or not of this format; the provider's status is then unknown.
    """
    known = known_formats()
    if format and format not in known:
        near = nearest(format.replace("-", "_"), known)
        hint = f"Did you mean {near}?" if near else f"Formats: {', '.join(known)}."
        raise FeedError(f"unknown format {line(format)!r}", f"{hint} `backstay feed formats` describes each format")
    payload = read_payload(body)
    name = format or next((name for name, known_format in known.items() if known_format.recognise(payload)), "")
    if not name:
        raise FeedError(f"{_description(payload)}, which is not a known feed format", _NAME_THE_FORMAT)
    return _limited(name, _page(name, payload), "", unread_in(payload.json))


def parse_hinted(body: bytes, hint: str, provider: str = "") -> Parsed:
    """Parse the body of a page that is believed to have this format; where it has not, its format is detected again.

    Args:
        body: the bytes, whatever their Content-Type.
        hint: the name of a format, as `format` in providers.yaml; empty or unknown: none.
        provider: the page's owner in the catalogue, by whose words its regions are found.

    Raises:
        FeedError: the body is too large, not a feed, or of no known format; the provider's status is then unknown.
    """
    known, payload = known_formats(), read_payload(body)
    recognised = [name for name, known_format in known.items() if known_format.recognise(payload)]
    generic = {name for name in recognised if getattr(known[name], "GENERIC", False)}
    tried = [hint] if hint in recognised and hint not in generic else []
    tried += [name for name in recognised if name not in generic]
    tried += sorted(generic, key=lambda name: name != hint)
    tried += [hint] if hint in known else []
    problem = FeedError(f"{_description(payload)}, which is not a known feed format", _NAME_THE_FORMAT)
    for name in dict.fromkeys(tried):
        try:
            return _limited(name, _page(name, payload), provider, unread_in(payload.json))
        except FeedError as error:
            problem = problem if name == hint and hint not in recognised else error
    raise problem


def _page(name: str, payload: Payload) -> Page:
    fix = f"Read as {name}. {_NAME_THE_FORMAT}"
    try:
        page = known_formats()[name].parse(payload)
    except FeedError as error:
        raise FeedError(str(error), error.fix or fix) from None
    if not all(incident.id for incident in page.incidents):
        raise FeedError("lists an incident without an id", fix)
    return page


def _limited(name: str, page: Page, provider: str, unread: str) -> Parsed:
    """The page with safe links and its owner's regions, without empty names, and within the limits of incidents and updates.

    A page of which something could not be read is unknown, unless what was read of it fails.
    """
    owner = provider or page.name or host_of(page.url)
    kept = tuple(_placed(_tidied(incident), owner) for incident in page.incidents[:MOST_INCIDENTS])
    left_out = [f"{len(page.incidents) - len(kept):,} incidents"] if len(page.incidents) > len(kept) else []
    updates = sum(
        len(whole.updates) - len(limited.updates) for whole, limited in zip(page.incidents, kept, strict=False)
    )
    left_out += [f"{updates:,} updates"] if updates else []
    parts = tuple(_component_placed(part, owner) for part in page.components)
    severity = _severity(page)
    if unread and severity and not severity.is_failure:
        severity = None
    whole = replace(page, incidents=kept, components=parts, severity=severity, url=safe_link(page.url) or "")
    return Parsed(name, whole, " and ".join(left_out), unread)


def _severity(page: Page) -> IncidentSeverity | None:
    """The page's own severity: none where all that it lists as open is a test, and no component fails."""
    going_on = [incident for incident in page.incidents if incident.open and not incident.maintenance]
    tested = bool(going_on) and all(incident.test for incident in going_on)
    if tested and not any(part.severity and part.severity.is_failure for part in page.components):
        return open_severity(page.incidents)
    return page.severity


def _placed(incident: ProviderIncident, owner: str) -> ProviderIncident:
    """An incident with the regions that its title and parts name, or its text, where its format found none."""
    if incident.regions:
        return incident
    regions = regions_of(owner, *incident.services, incident.title)
    if not regions and names_regions_in_text(owner):
        regions = regions_of(owner, *(update.text for update in incident.updates[:_READ_FOR_REGIONS]))
    return replace(incident, regions=regions) if regions else incident


def _component_placed(part: FeedComponent, owner: str) -> FeedComponent:
    if part.region:
        return part
    regions = regions_of(owner, part.name)
    return replace(part, region=regions[0]) if regions else part


def _tidied(incident: ProviderIncident) -> ProviderIncident:
    services, regions = tuple(filter(None, incident.services)), tuple(filter(None, incident.regions))
    if len(incident.updates) <= MOST_UPDATES and services == incident.services and regions == incident.regions:
        return incident
    return replace(incident, services=services, regions=regions, updates=incident.updates[:MOST_UPDATES])


def _description(payload: Payload) -> str:
    """A short description of a payload of unknown format."""
    if payload.xml is not None:
        return f"is XML with the root element {line(local_name(payload.xml), 40) or '(unnamed)'}"
    if isinstance(payload.json, dict):
        keys = [line(key, 40) for key in list(payload.json)[:6]]
        return f"is a JSON object with the keys {', '.join(keys)}" if keys else "is an empty JSON object"
    if isinstance(payload.json, list):
        keys = [line(key, 40) for key in list(payload.head.data)[:6]]
        return (
            f"is a JSON list of objects with the keys {', '.join(keys)}" if keys else "is a JSON list without objects"
        )
    return "is text without dated updates"
