"""After a failed send: pings the platform beside the other sends, to tell a failing channel from a platform that is down."""

import asyncio
from datetime import timedelta

from bot.delivery.bounded import bounded
from bot.delivery.context import DeliveryContext
from bot.model import Pingable, Retry, Route

_AGAIN = timedelta(seconds=5)
"""The answer to a ping holds for this long."""


def ask_platform(route: Route, context: DeliveryContext) -> None:
    """Begin to ping the platform of a route that failed, unless it was pinged just now. Nothing waits for the answer."""
    if not isinstance(route, Pingable) or context.circuits.is_asked(route.platform):
        return
    now, last = context.clock(), context.pinged_at.get(route.platform)
    if last is not None and timedelta(0) <= now - last < _AGAIN:
        return
    context.pinged_at[route.platform] = now
    task = asyncio.create_task(_ask(route, route.platform, context), name=f"ping {route.platform}")
    context.pings.add(task)
    task.add_done_callback(context.pings.discard)


async def _ask(route: Pingable, platform: str, context: DeliveryContext) -> None:
    with context.circuits.asking(platform):
        result = await bounded(route.ping(), platform, context.policy.send)
    context.problems.pinged(platform, result)
    answers = not (isinstance(result, Retry) and result.after is None)
    context.circuits.pinged(platform, answers=answers, now=context.clock(), after_failed_send=True)
