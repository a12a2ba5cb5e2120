"""Routes to channels that subscribed in chat, built when the first message goes there."""

from collections.abc import Iterator, Mapping

from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build
from bot.model import Route, RouteSpec
from bot.net.http import RouteError

_RENAMED = {"teams_webhook": "teams_workflow"}
"""Kinds as messages of an older version name them -> as they are called now."""
_DESTINATIONS = {"slack": "channel", "teams": "conversation"}


class RoutesWithChannels(Mapping[str, Route]):
    """The configured routes, and a route to any `slack:CHANNEL` and `teams:CONVERSATION` by its id."""

    def __init__(self, routes: Mapping[str, Route], context: RouteContext) -> None:
        self._routes, self._context = dict(routes), context

    def __getitem__(self, name: str) -> Route:
        """The route of this name.

        Raises:
            KeyError: there is none, or its platform is not configured.
        """
        kind, colon, where = name.partition(":")
        name = f"{_RENAMED.get(kind, kind)}{colon}{where}"
        if name not in self._routes:
            spec = channel(name)
            try:
                self._routes[name] = build(spec, self._context)
            except RouteError:
                raise KeyError(name) from None
        return self._routes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)


def channel(name: str) -> RouteSpec:
    """The spec of a route to a channel, from a name such as `slack:C0TEAM`.

    Raises:
        KeyError: the name begins with no platform that has channels.
    """
    kind, _, where = name.partition(":")
    return RouteSpec(kind, name, {_DESTINATIONS[kind]: where})
