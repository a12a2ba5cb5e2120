"""`unsubscribe [what]`: ends one subscription of this channel, or all of them."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.subscribe import unsubscribed_card
from bot.chat.cadence import in_words
from bot.chat.command import Call, command
from bot.chat.form_values import actor
from bot.chat.subscriptions import post_of, require_channel
from bot.chat.suggestions import suggest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.records import SCORECARD


@command(
    word="unsubscribe",
    usage="[what]",
    summary="Unsubscribe this channel from one post, or from all.",
    example="unsubscribe checkout",
    role=Role.RESPONDER,
)
async def unsubscribe(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Remove one subscription of this channel, or all."""
    require_channel(call)
    caller = call.caller
    before = await backend.records.subscriptions(caller.platform, caller.channel)
    # A subscription to a service that left the catalogue can still be removed.
    subscribed = [
        subscription.post.removeprefix(f"{SCORECARD} ")
        for subscription in before
        if subscription.post.startswith(SCORECARD)
    ]
    names = [service.name for service in await backend.audits.services()]
    words = call.words[1:] if len(call.words) > 1 and call.words[0].casefold() == SCORECARD else call.words
    post = post_of(" ".join(words), [*names, *(name for name in subscribed if name not in names)]) if words else ""
    if post is None:
        raise suggest("post", call.subject, [SCORECARD, *names], "unsubscribe")
    number = await backend.records.unsubscribe(caller.platform, caller.channel, post, actor(caller), call.now)
    left = await backend.records.subscriptions(caller.platform, caller.channel)
    yield unsubscribed_card(
        number, [(subscription.post, in_words(subscription.cron, subscription.timezone)) for subscription in left]
    )
