"""`mine`: shows the caller's services, their grades and the caller's posts. In Slack it is also the App Home."""

from collections.abc import AsyncGenerator, Iterable, Sequence

from bot.cards.card import Card
from bot.cards.messages.my_services import Owned, SubscribedPost, mine_card
from bot.chat.cadence import in_words
from bot.chat.command import Call, command
from bot.chat.form_values import actor, display_name
from bot.chat.scorecard_answers import score_of
from bot.model import Audience, Caller
from bot.model.backend import Backend
from bot.model.records import Subscription
from checks import Service


@command(
    word="mine",
    summary="Show the services that you own, their grades, and the posts that you and your team get.",
    example="mine",
)
async def mine(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Answer from the last audit; nothing is read from the cloud."""
    caller, teams, audit = call.caller, backend.audits.teams_of(call.caller), await backend.audits.latest()
    owned = [
        Owned(service.name, score_of(audit, service.name) if audit else None)
        for service in await backend.audits.services()
        if owns(caller, teams, service)
    ]
    subscriptions = await backend.records.subscriptions()
    posts = [*_scheduled(teams), *_subscribed(caller, subscriptions)]
    yield mine_card(
        owned,
        scorecard=audit.scorecard if audit else None,
        organisation=backend.audits.organisation or "Your estate",
        posts=posts,
        called=actor(caller),
        incidents=await backend.incidents.incidents() if backend.incidents else None,
    )


def owns(caller: Caller, teams: Sequence[Audience], service: Service) -> bool:
    """Whether a service is the caller's own or one of their teams'."""
    named = {*caller.identities, *(team.name for team in teams), *((caller.name,) if caller.name else ())}
    return bool(service.owner in named or (service.audience and service.audience in {team.name for team in teams}))


def _scheduled(teams: Iterable[Audience]) -> list[SubscribedPost]:
    """The posts that the catalogue schedules for the caller's teams."""
    return [
        SubscribedPost(
            _post_title(schedule.post),
            team.routes[0].name if team.routes else team.name,
            in_words(schedule.cron, schedule.timezone),
        )
        for team in teams
        for schedule in team.schedules
    ]


def _subscribed(caller: Caller, subscriptions: Iterable[Subscription]) -> list[SubscribedPost]:
    """The subscriptions of this channel, and those that the caller made in other channels."""
    own_names = {actor(caller), display_name(caller)}
    return [
        SubscribedPost(
            _post_title(subscription.post), subscription.audience, in_words(subscription.cron, subscription.timezone)
        )
        for subscription in subscriptions
        if subscription.by in own_names
        or (subscription.platform == caller.platform and subscription.channel == caller.channel)
    ]


def _post_title(post: str) -> str:
    kind, _, service = post.partition(" ")
    return f"{kind} of {service}" if service else kind
