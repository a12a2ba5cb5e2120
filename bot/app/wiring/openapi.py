"""Builds the OpenAPI document of the endpoints that these settings enable."""

from importlib.metadata import version

from bot.app.settings import Settings
from bot.detection.alerts import format_of
from bot.web.openapi import Admit, document, shown
from bot.web.server import Handler


def openapi_handler(settings: Settings, admit: Admit | None) -> Handler:
    """The handler of `/openapi.json`. `admit` lets operators pass, who alone are told the names of the sources."""
    hooks, alerts, now = settings.hooks.enabled, bool(settings.hooks.sources), version("backstay")
    sources = {source.name: (source.format, format_of(source.format)) for source in settings.hooks.sources}
    drills = bool(settings.rehearsals.hooks)
    public = document(now, hooks=hooks, alerts=alerts, drills=drills)
    return shown(public, document(now, hooks=hooks, alerts=alerts, sources=sources, drills=drills), admit)
