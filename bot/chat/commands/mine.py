"""`mine`: what the asker owns, how it stands and what they get. In Slack it is also the App Home."""

from collections.abc import AsyncGenerator, Iterable, Sequence

from bot.cards.card import Card
from bot.cards.messages.my_services import Owned, SubscribedPost, mine_card
from bot.chat.cadence import spoken
from bot.chat.command import Call, command
from bot.chat.form_values import actor, signed
from bot.chat.scorecard_answers import found
from bot.model import Audience, Caller
from bot.model.backend import Backend
from bot.model.records import Subscription
from checks import Service


@command(
    word="mine",
    summary="What you own: its grades, what is under way, and which posts you and your team get.",
    example="mine",
)
async def mine(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the last audit; the cloud is never read for it."""
    caller, teams, audit = call.caller, backend.audits.teams_of(call.caller), await backend.audits.latest()
    owned = [
        Owned(one.name, found(audit, one.name) if audit else None)
        for one in await backend.audits.services()
        if owns(caller, teams, one)
    ]
    wanted = await backend.records.subscriptions()
    posts = [*_scheduled(teams), *_subscribed(caller, wanted)]
    yield mine_card(
        owned,
        scorecard=audit.scorecard if audit else None,
        organisation=backend.audits.organisation or "Your estate",
        posts=posts,
        called=actor(caller),
    )


def owns(caller: Caller, teams: Sequence[Audience], service: Service) -> bool:
    """Whether a service is the caller's own or one of their teams'."""
    named = {*caller.identities, *(team.name for team in teams), *((caller.name,) if caller.name else ())}
    return bool(service.owner in named or (service.audience and service.audience in {team.name for team in teams}))


def _scheduled(teams: Iterable[Audience]) -> list[SubscribedPost]:
    """What their teams get by the catalogue."""
    return [
        SubscribedPost(
            _what(schedule.post),
            team.routes[0].name if team.routes else team.name,
            spoken(schedule.cron, schedule.timezone),
        )
        for team in teams
        for schedule in team.schedules
    ]


def _subscribed(caller: Caller, wanted: Iterable[Subscription]) -> list[SubscribedPost]:
    """What this channel gets, and what the caller asked for in others."""
    asked = {actor(caller), signed(caller)}
    return [
        SubscribedPost(_what(one.post), one.audience, spoken(one.cron, one.timezone))
        for one in wanted
        if one.by in asked or (one.platform == caller.platform and one.channel == caller.channel)
    ]


def _what(post: str) -> str:
    kind, _, service = post.partition(" ")
    return f"{kind} of {service}" if service else kind
