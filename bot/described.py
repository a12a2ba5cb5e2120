"""Settings -> the OpenAPI document of what this installation answers to."""

from importlib.metadata import version

from bot.hooks_in import format_of
from bot.settings import Settings
from bot.web.openapi_document import document, shown
from bot.web.server import Handler


def described(settings: Settings) -> Handler:
    """The handler of `/openapi.json`."""
    sources = {one.name: (one.format, format_of(one.format)) for one in settings.hooks.sources}
    return shown(document(version("backstay"), hooks=settings.hooks.enabled, sources=sources))
