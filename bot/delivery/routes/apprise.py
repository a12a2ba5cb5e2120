"""A last resort through Apprise: SMS, ntfy, Telegram and whatever else it knows. Needs the extra `backstay[apprise]`."""

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar

from bot.cards.card import Tone, load
from bot.cards.render import text as to_text
from bot.cards.sanitise import clean
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Refused, Result, Retry, RouteSpec, Sent
from bot.net.egress import ForbiddenError
from bot.net.http import RouteError

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType


SLOWER = 4
"""Gateways to telephones think for longer than a chat: so many times as long as other routes they are given."""


class Settings(Options):
    """`url` is the reference to an Apprise address, which is a secret as a whole."""

    url: str


class AppriseRoute:
    """One target. Apprise says only whether it worked, so a failure is always worth another try and always in doubt."""

    kind: ClassVar[str] = "apprise"

    def __init__(self, name: str, target: "NotifyBase", platform: str, context: RouteContext) -> None:
        self.name = name
        self.platform = platform
        self._target = target
        self._context = context

    async def send(self, message: Message, attempt: int) -> Result:
        """Send once, in a thread: Apprise blocks."""
        try:
            card = load(mark_possible_duplicate(message, attempt).card)
        except ValueError:
            return Refused("the card cannot be read")
        try:
            async with asyncio.timeout(self._context.timeout.total_seconds() * SLOWER):
                arrived = await asyncio.to_thread(
                    self._target.notify,
                    body=to_text.render(card).encode(errors="replace").decode(),
                    title=clean(card.title),
                    notify_type=_kind(card.tone),
                )
        except TimeoutError:
            return Retry(f"{self.platform} did not answer in time", ambiguous=True)
        except Exception as error:  # noqa: BLE001 - a hundred plugins; their own words may hold the address
            return Retry(f"{self.platform} failed ({type(error).__name__})", ambiguous=True)
        return Sent() if arrived else Retry(f"{self.platform} did not take it", ambiguous=True)


def _kind(tone: Tone) -> "NotifyType":
    from apprise import NotifyType  # noqa: PLC0415 - an extra

    return {
        "good": NotifyType.SUCCESS,
        "neutral": NotifyType.INFO,
        "warning": NotifyType.WARNING,
        "bad": NotifyType.FAILURE,
    }[tone]


def build(spec: RouteSpec, context: RouteContext) -> AppriseRoute:
    """Build the route.

    Raises:
        RouteError: its settings make no sense, the extra is not installed, or the address is not one target.
    """
    settings = Settings.of(spec)
    url = context.resolve(settings.url)
    try:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - an extra
    except ImportError:
        raise RouteError(f"route {spec.name}: Apprise is not installed; install backstay[apprise]") from None
    # It writes addresses, and with them their secrets, into its log; what matters stands in the receipts.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = AppriseAsset(app_id="backstay", app_desc="backstay", storage_mode="memory")
    target = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if target is None:
        raise RouteError(f"route {spec.name}: url is no address that Apprise knows")
    if host := getattr(target, "host", None):  # services with an address of their own have none in it
        try:
            context.outgoing.check(str(host))
        except ForbiddenError as error:
            raise RouteError(f"route {spec.name}: {error}") from None
    target.retry = 0  # trying again is the outbox's business
    if len(target) > 1:
        raise RouteError(f"route {spec.name}: url names {len(target)} targets; make each a route of its own")
    return AppriseRoute(spec.name, target, f"apprise {url.partition(':')[0].lower()}", context)
