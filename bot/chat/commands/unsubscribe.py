"""`unsubscribe [what]`: this channel gets a post no more, or none at all."""

from collections.abc import AsyncGenerator

from bot.cards.card import Card
from bot.cards.messages.subscribe import unsubscribed_card
from bot.chat.cadence import spoken
from bot.chat.command import Call, command
from bot.chat.form_values import actor
from bot.chat.subscriptions import here, post_of
from bot.chat.suggestions import suggest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.records import SCORECARD


@command(
    word="unsubscribe",
    usage="[what]",
    summary="Ends the posts that this channel subscribed to, or one of them.",
    example="unsubscribe checkout",
    role=Role.RESPONDER,
)
async def unsubscribe(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Forget one subscription, or all of this channel."""
    here(call)
    caller = call.caller
    before = await backend.records.subscriptions(caller.platform, caller.channel)
    # A service that has left the catalogue can still be unsubscribed from.
    gone = [one.post.removeprefix(f"{SCORECARD} ") for one in before if one.post.startswith(SCORECARD)]
    names = [service.name for service in await backend.audits.services()]
    words = call.words[1:] if len(call.words) > 1 and call.words[0].casefold() == SCORECARD else call.words
    post = post_of(" ".join(words), [*names, *(one for one in gone if one not in names)]) if words else ""
    if post is None:
        raise suggest("post", call.subject, [SCORECARD, *names], "unsubscribe")
    number = await backend.records.unsubscribe(caller.platform, caller.channel, post, actor(caller), call.now)
    left = await backend.records.subscriptions(caller.platform, caller.channel)
    yield unsubscribed_card(number, [(one.post, spoken(one.cron, one.timezone)) for one in left])
