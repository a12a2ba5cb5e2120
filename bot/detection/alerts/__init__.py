"""Turns alerts of other monitoring, received by webhook, into signals of kind `hook`.

Takes request bodies, gives `ParsedAlerts`; it never authenticates a request by itself and never trusts a sender's text. Each
format is a module in `formats/`, which is found without registration: `AUTH_METHODS` (the settings that authenticate a sender),
`BODY` (the body's model) and a pure `read(body, context)`. A format whose sender signs has `verify_signature(sent, secret, now)`.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import cast

import bot.detection.alerts.formats
from bot.detection.alerts.fields import parse_time
from bot.detection.alerts.format import AlertFormat, HookError, ParseContext, ParsedAlerts
from bot.detection.alerts.placement import PlaceError, PlacementNames, scope_of_labels
from bot.net.signatures import WINDOW, SignatureProof, SignedRequest, same, sign, sign_for_us

__all__ = [
    "WINDOW",
    "AlertFormat",
    "HookError",
    "ParseContext",
    "ParsedAlerts",
    "PlaceError",
    "PlacementNames",
    "SignatureProof",
    "SignedRequest",
    "format_names",
    "format_of",
    "known_formats",
    "parse_time",
    "same",
    "scope_of_labels",
    "sign",
    "sign_for_us",
]


@cache
def format_names() -> tuple[str, ...]:
    """The names of all formats, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(bot.detection.alerts.formats.__path__)))


@cache
def known_formats() -> Mapping[str, AlertFormat]:
    """Every format, by name."""
    return {name: format_of(name) for name in format_names()}


@cache
def format_of(name: str) -> AlertFormat:
    """The format with this name.

    Raises:
        KeyError: there is no such format.
    """
    if name not in format_names():
        raise KeyError(name)
    return cast("AlertFormat", importlib.import_module(f"bot.detection.alerts.formats.{name}"))
