"""Routes to channels that asked for posts in chat: built when a message first goes there, also one from before a restart."""

from collections.abc import Iterator, Mapping

from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.registry import build
from bot.model import Route, RouteSpec
from bot.net.http import RouteError

_DESTINATIONS = {"slack": "channel", "teams": "conversation"}


class Reachable(Mapping[str, Route]):
    """The routes that were set up, and beside them every `slack:CHANNEL` and `teams:CONVERSATION`."""

    def __init__(self, routes: Mapping[str, Route], context: RouteContext) -> None:
        self._routes, self._context = dict(routes), context

    def __getitem__(self, name: str) -> Route:
        """The route of this name.

        Raises:
            KeyError: there is none, or its platform is not set up.
        """
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
    """The route to a channel, by the platform's id of it.

    Raises:
        KeyError: no platform's channels are called so.
    """
    kind, _, where = name.partition(":")
    return RouteSpec(kind, name, {_DESTINATIONS[kind]: where})
