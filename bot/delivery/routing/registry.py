"""Finds the kinds of routes by folder and builds routes from what an audience lists."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

import bot.delivery.routes
from bot.catalogue import ConfigError
from bot.delivery.routing.context import RouteContext
from bot.delivery.routing.unusable import Unusable
from bot.model import Route, RouteSpec
from bot.net.http import RouteError


def kinds() -> tuple[str, ...]:
    """The kinds of routes, in alphabetical order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(bot.delivery.routes.__path__)))


def build(spec: RouteSpec, context: RouteContext) -> Route:
    """The route that a spec describes. Only its own kind is imported.

    Raises:
        RouteError: the kind is unknown, a setting is wrong, or a secret that it refers to is missing.
    """
    if spec.kind not in kinds():
        raise RouteError(f"route {spec.name}: unknown kind {spec.kind!r}; known kinds: {', '.join(kinds())}")
    try:
        route: Route = importlib.import_module(f"bot.delivery.routes.{spec.kind}").build(spec, context)
    except ConfigError as error:
        raise RouteError(f"route {spec.name}: {error}") from None
    return route


def build_all(specs: Iterable[RouteSpec], context: RouteContext) -> tuple[Mapping[str, Route], tuple[str, ...]]:
    """Every route by name, and one sentence for each that cannot be built.

    A route that cannot be built does not stop the others: an `Unusable` takes its name and refuses every message.
    """
    routes: dict[str, Route] = {}
    problems: list[str] = []
    for spec in specs:
        try:
            routes[spec.name] = build(spec, context)
        except RouteError as error:
            problems.append(str(error))
            routes[spec.name] = Unusable(spec.name, str(error))
    return routes, tuple(problems)
