"""The chat platforms as `serve` watches them: whether each answers and accepts our credentials, whatever routes there are."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.app.settings import Settings
from bot.delivery.problems import DeliveryProblems
from bot.delivery.routing.context import RouteContext
from bot.model import Conversation, Pingable, Refused, Result, Sent

if TYPE_CHECKING:
    from bot.chat.teams.api import TeamsApi

_FIX = {
    "slack": "check slack.bot_token and that the app is installed",
    "teams": "check teams.app_id, tenant_id and app_password",
}


class TeamsPlatform:
    """Teams: the sign-in of the app, then the service of one known conversation."""

    def __init__(self, api: "TeamsApi", conversations: Callable[[], Awaitable[Sequence[Conversation]]]) -> None:
        self._api, self._conversations = api, conversations

    async def ping(self) -> Result:
        """Check the credentials, and whether the service answers."""
        signed_in = await self._api.sign_in()
        known = await self._conversations() if isinstance(signed_in, Sent) else ()
        if not known:
            return signed_in
        found = await self._api.ping(known[0].reference)
        return Sent() if isinstance(found, Refused) else found  # backstay may have been removed from that conversation


def chat_platforms(settings: Settings, context: RouteContext, teams: "TeamsApi | None") -> Mapping[str, Pingable]:
    """The platforms that are set up, by name. `teams`: the client of Teams."""
    found: dict[str, Pingable] = {}
    if settings.slack.enabled:
        from bot.chat.slack.web_client import SlackWebClient  # noqa: PLC0415 - the SDK only where Slack is set up

        found["slack"] = SlackWebClient(context.slack_token, context)
    if teams is not None and context.conversations is not None:
        found["teams"] = TeamsPlatform(teams, context.conversations)
    return found


def platform_line(platform: str, problem: str) -> str:
    """What `serve` says when a platform begins or ceases to fail. `problem`: empty where it works."""
    name = platform.capitalize()
    if not problem:
        return f"{name}: works"
    fix = f"; {_FIX[platform]}" if platform in _FIX and "refused" in problem else ""
    return f"{name}: does not work ({problem}): nothing can be posted or answered there{fix}"


def degraded(problems: DeliveryProblems) -> dict[str, str]:
    """What readiness shows of the problems of delivery: name -> reason. Routes are counted, never named."""
    failing = len(problems.routes)
    noun = "route" if failing == 1 else "routes"
    return {**problems.platforms} | ({"routes": f"{failing} {noun} failed at the last try"} if failing else {})
