"""`subscribe [what] [when] [time zone]`: posts a scorecard or a digest into this channel regularly."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from bot.cards.card import Card
from bot.cards.messages.subscribe import subscribe_form, subscribed_card
from bot.chat.cadence import in_words, next_time, parse_cadence, parse_time, time_zone
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor, display_name, field_errors
from bot.chat.subscriptions import ALL_SERVICES, post_of, require_channel
from bot.chat.suggestions import find, nearest, suggest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.records import DIGESTS, SCORECARD, Subscription

_DAILY = "0 8 * * *"
"""The default time of a digest: before the working day."""


@command(
    word="subscribe",
    usage="[what] [when] [time zone]",
    summary="Subscribe this channel to the scorecard of all services or of one, or to the incident digest.",
    example="subscribe checkout monday 09:00 Europe/Berlin",
    role=Role.RESPONDER,
    form=True,
)
async def subscribe(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Store the subscription; the scheduler picks it up by itself."""
    require_channel(call)
    names = [service.name for service in await backend.audits.services()]
    own = time_zone(call.caller.timezone) or backend.records.timezone
    if not call.words and not call.fields:
        yield subscribe_form(names, own)
        return
    wanted = _filled_in(call, names, own) if call.fields else _typed(call, names, own)
    changed = await backend.records.subscribe(wanted, actor(call.caller))
    when = in_words(wanted.cron, wanted.timezone)
    yield subscribed_card(
        wanted, when=when, following=next_time(wanted.cron, wanted.timezone, call.now), changed=changed
    )


def _typed(call: Call, names: Sequence[str], own: str) -> Subscription:
    words = list(call.words)
    named = time_zone(words[-1])
    timezone = named or own
    if named:
        words.pop()
    elif "/" in words[-1] and len(words) < 5:
        raise UsageError(_unknown_time_zone(words[-1]))
    if words and words[0].casefold() in DIGESTS:
        when = _cadence(words[1:], names) if words[1:] else _DAILY
        return _subscription(call, words[0].casefold(), when, timezone)
    rest = words[1:] if words and words[0].casefold() in ALL_SERVICES else words
    # The longest name at the beginning of the line; the rest is the time.
    for length in range(len(rest), 0, -1):
        name = find(" ".join(rest[:length]), names)
        if name is not None:
            return _subscription(call, f"{SCORECARD} {name}", _cadence(rest[length:], names), timezone)
    return _subscription(call, SCORECARD, _cadence(rest, names), timezone)


def _cadence(words: Sequence[str], names: Sequence[str]) -> str:
    try:
        return parse_cadence(words)
    except UsageError:
        if nearest(words[0], (SCORECARD, *names), at_most=1):
            raise suggest("service", words[0], (SCORECARD, *names), "subscribe") from None
        raise


def _filled_in(call: Call, names: Sequence[str], own: str) -> Subscription:
    given, errors = dict(call.fields), dict[str, str]()
    what = given.get("post", SCORECARD)
    post = post_of(what, names)
    if post is None:
        errors["post"] = f"There is no service {what!r} any more."
    timezone = time_zone(given.get("timezone", "") or own)
    if timezone is None:
        errors["timezone"] = _unknown_time_zone(given["timezone"])
    expression = _expression(given, errors)
    if errors or post is None or timezone is None:
        raise field_errors(call, errors, subscribe_form(names, own, values=given, errors=errors))
    return _subscription(call, post, expression, timezone)


def _expression(given: Mapping[str, str], errors: dict[str, str]) -> str:
    days = given.get("days", "MON")
    try:
        return parse_cadence([*parse_time(given.get("time", "09:00")).split(), "*", "*", days])
    except UsageError as error:
        errors["time"] = str(error)
        return ""


def _subscription(call: Call, post: str, expression: str, timezone: str) -> Subscription:
    caller = call.caller
    return Subscription(caller.platform, caller.channel, post, expression, timezone, display_name(caller), call.now)


def _unknown_time_zone(typed: str) -> str:
    return f"No time zone is called {typed!r}. Examples: Europe/Berlin, UTC"
