"""Alerts of other monitoring -> signals of kind `hook`. Every format is a file of `formats/`, found by itself.

A format has `AUTH_METHODS` (which settings let somebody in), `BODY` (what comes, as a model) and a pure
`read(body, context) -> Taken`; one whose sender signs has `genuine(sent, secret, now) -> Proof | None`.
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
    """The formats there are, without reading any of them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(bot.detection.alerts.formats.__path__)))


@cache
def known_formats() -> Mapping[str, AlertFormat]:
    """Every format by its name."""
    return {name: format_of(name) for name in format_names()}


@cache
def format_of(name: str) -> AlertFormat:
    """A format by its name.

    Raises:
        KeyError: there is none.
    """
    if name not in format_names():
        raise KeyError(name)
    return cast("AlertFormat", importlib.import_module(f"bot.detection.alerts.formats.{name}"))
