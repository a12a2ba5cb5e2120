"""Card to people: one file a kind of route. A file dropped here with a `build` is a kind of its own."""

from bot.routes._channels import Reachable
from bot.routes._context import RouteContext, RouteError
from bot.routes._kinds import build, build_all, kinds

__all__ = ["Reachable", "RouteContext", "RouteError", "build", "build_all", "kinds"]
