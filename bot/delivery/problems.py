"""What fails at present: each platform by its last ping, each route by its last try. Readiness shows it as degraded."""

from collections.abc import Callable

import structlog

from bot.model import Result, Sent

_log = structlog.get_logger(__name__)
Tell = Callable[[str, str], None]


class DeliveryProblems:
    """The problems of `routes` and `platforms`: name -> reason. `tell` gets a platform and its problem when that changes, "" when it ends.

    No text contains a secret: reasons come from results of routes.
    """

    def __init__(self) -> None:
        self.routes: dict[str, str] = {}
        self.platforms: dict[str, str] = {}
        self.tell: Tell | None = None

    def tried(self, route: str, result: Result) -> None:
        """Record the result of a try on a route."""
        if isinstance(result, Sent):
            self.routes.pop(route, None)
        else:
            self.routes[route] = result.reason

    def pinged(self, platform: str, result: Result) -> None:
        """Record the result of a ping; the log gets each change."""
        reason = "" if isinstance(result, Sent) else result.reason
        if reason == self.platforms.get(platform, ""):
            return
        if reason:
            self.platforms[platform] = reason
            _log.error("platform_unusable", platform=platform, reason=reason)
        else:
            del self.platforms[platform]
            _log.info("platform_usable", platform=platform)
        if self.tell is not None:
            self.tell(platform, reason)
