"""`subscribe [what] [when] [time zone]`: this channel gets a post of its own."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from bot.cards.card import Card
from bot.cards.messages.subscribe import subscribe_form, subscribed_card
from bot.chat.cadence import clock, cron, following, spoken, zone
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor, signed, untaken
from bot.chat.subscriptions import _ALL, here, post_of
from bot.chat.suggestions import find, nearest, suggest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.records import DIGESTS, SCORECARD, Subscription

_DAILY = "0 8 * * *"
"""When a digest comes where nobody says when: before the day begins."""


@command(
    word="subscribe",
    usage="[what] [when] [time zone]",
    summary="Posts the scorecard, of all services or of one, or the digest of incidents into this channel, when you like.",
    example="subscribe checkout monday 09:00 Europe/Berlin",
    role=Role.RESPONDER,
    form=True,
)
async def subscribe(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Keep the subscription; the schedule takes it up by itself."""
    here(call)
    names = [service.name for service in await backend.audits.services()]
    own = zone(call.caller.timezone) or backend.records.timezone
    if not call.words and not call.fields:
        yield subscribe_form(names, own)
        return
    wanted = _filled_in(call, names, own) if call.fields else _typed(call, names, own)
    changed = await backend.records.subscribe(wanted, actor(call.caller))
    when = spoken(wanted.cron, wanted.timezone)
    yield subscribed_card(
        wanted, when=when, following=following(wanted.cron, wanted.timezone, call.now), changed=changed
    )


def _typed(call: Call, names: Sequence[str], own: str) -> Subscription:
    words = list(call.words)
    named = zone(words[-1])
    timezone = named or own
    if named:
        words.pop()
    elif "/" in words[-1] and len(words) < 5:
        raise UsageError(_no_zone(words[-1]))
    if words and words[0].casefold() in DIGESTS:
        when = _time(words[1:], names) if words[1:] else _DAILY
        return _subscription(call, words[0].casefold(), when, timezone)
    rest = words[1:] if words and words[0].casefold() in _ALL else words
    # The longest name that the line begins with; what is left over is the time.
    for length in range(len(rest), 0, -1):
        name = find(" ".join(rest[:length]), names)
        if name is not None:
            return _subscription(call, f"{SCORECARD} {name}", _time(rest[length:], names), timezone)
    return _subscription(call, SCORECARD, _time(rest, names), timezone)


def _time(words: Sequence[str], names: Sequence[str]) -> str:
    try:
        return cron(words)
    except UsageError:
        if nearest(words[0], (SCORECARD, *names), at_most=1):
            raise suggest("service", words[0], (SCORECARD, *names), "subscribe") from None
        raise


def _filled_in(call: Call, names: Sequence[str], own: str) -> Subscription:
    given, errors = dict(call.fields), dict[str, str]()
    what = given.get("post", SCORECARD)
    post = post_of(what, names)
    if post is None:
        errors["post"] = f"No service is called {what!r} any more."
    timezone = zone(given.get("timezone", "") or own)
    if timezone is None:
        errors["timezone"] = _no_zone(given["timezone"])
    expression = _expression(given, errors)
    if errors or post is None or timezone is None:
        raise untaken(call, errors, subscribe_form(names, own, values=given, errors=errors))
    return _subscription(call, post, expression, timezone)


def _expression(given: Mapping[str, str], errors: dict[str, str]) -> str:
    days = given.get("days", "MON")
    try:
        return cron([*clock(given.get("time", "09:00")).split(), "*", "*", days])
    except UsageError as error:
        errors["time"] = str(error)
        return ""


def _subscription(call: Call, post: str, expression: str, timezone: str) -> Subscription:
    caller = call.caller
    return Subscription(caller.platform, caller.channel, post, expression, timezone, signed(caller), call.now)


def _no_zone(typed: str) -> str:
    return f"No time zone is called {typed!r}. Write a name such as Europe/Berlin or UTC."
