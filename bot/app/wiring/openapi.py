"""Builds the OpenAPI document of the endpoints that these settings enable."""

from importlib.metadata import version

from bot.app.settings import Settings
from bot.detection.alerts import format_of
from bot.web.openapi import document, shown
from bot.web.server import Handler


def openapi_handler(settings: Settings) -> Handler:
    """The handler of `/openapi.json`."""
    sources = {source.name: (source.format, format_of(source.format)) for source in settings.hooks.sources}
    return shown(document(version("backstay"), hooks=settings.hooks.enabled, sources=sources))
