"""Settings -> the edges that they ask for: collectors, routes, ledger and review. Serving and the command line start here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.ledger import Ledger
from bot.ports import Clock, Collector, Conversation
from bot.review import Review
from bot.routes import RouteContext
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.chat.teams_api import TeamsApi


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_review(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Review]:
    """The review flow on its ledger, closed at the end.

    Raises:
        LedgerError: the ledger cannot be used.
        ConfigError: a secret that is needed cannot be had.
    """
    ledger = await Ledger.open(settings.ledger_address())
    try:
        yield review_on(settings, ledger, clock)
    finally:
        await ledger.close()


def review_on(settings: Settings, ledger: Ledger, clock: Clock = utc_now) -> Review:
    """The review flow on an open ledger."""
    return Review(settings.catalogue, collectors(settings, ledger, clock), ledger, clock)


def collectors(settings: Settings, ledger: Ledger, clock: Clock) -> Sequence[Collector]:
    """What is read: AWS, and what the catalogue itself declares."""
    from bot.collectors.declared import DeclaredCollector
    from bot.collectors.runbook_pages import RunbookPages

    pages = RunbookPages(ledger, clock)
    declared = DeclaredCollector(settings.catalogue, clock, ledger.route_tests, copies=pages.read, given=ledger.vouched)
    return (aws(settings), declared)


def aws(settings: Settings) -> Collector:
    """The AWS collector: settings of `aws:` and the accounts of the catalogue."""
    from pydantic import SecretStr

    from bot.collectors.aws import AwsAccount, AwsCollector, AwsSettings

    accounts = tuple(
        AwsAccount(
            id=one.id,
            name=one.name,
            role=one.role,
            external_id=SecretStr(settings.secret(one.external_id)),
            regions=one.regions,
        )
        for one in settings.catalogue.accounts
    )
    return AwsCollector(AwsSettings(**settings.aws.model_dump(), accounts=accounts))


def teams_api(settings: Settings) -> "TeamsApi | None":
    """The calls to Teams, None where it is not set up. Close it in the end.

    Raises:
        ConfigError: the app's password is set but cannot be had.
    """
    teams = settings.teams
    if not teams.enabled:
        return None
    from bot.chat.teams_api import TeamsApi
    from bot.chat.teams_token import Registration, Tokens

    if not teams.app_id:
        return TeamsApi(None)
    password = settings.secret(teams.app_password)
    app = Registration(teams.app_id, password, teams.tenant_id, teams.login_url)
    return TeamsApi(Tokens(app), service_urls=teams.service_urls)


def route_context(settings: Settings, ledger: Ledger | None = None, *, teams: "TeamsApi | None" = None) -> RouteContext:
    """What routes are built with. `teams`: the calls to Teams that a chat beside them uses too.

    Raises:
        ConfigError: Slack's token or the password of the Teams app is set but cannot be had.
    """
    return RouteContext(
        secret=settings.secret,
        slack_token=settings.secret(settings.slack.bot_token),
        slack_api_url=settings.slack.api_url,
        last_reference=ledger.last_reference if ledger else None,
        teams=teams or teams_api(settings),
        conversations=ledger.conversations if ledger else _no_conversations,
    )


async def _no_conversations() -> Sequence[Conversation]:
    """Where there is no ledger, nothing was ever kept."""
    return ()
