"""Settings -> the edges that they ask for: collectors, routes, ledger and review. Serving and the command line start here."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app.settings import Settings
from bot.audit.service import AuditService
from bot.delivery.routing.context import RouteContext
from bot.model import Clock, Collector, Conversation, utc_now
from bot.storage.ledger import Ledger

if TYPE_CHECKING:
    from bot.audit.collectors.aws.batches import Sift
    from bot.audit.collectors.aws.collector import AwsCollector
    from bot.chat.slack.web_client import SlackWebClient
    from bot.chat.teams.api import TeamsApi


@asynccontextmanager
async def open_review(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[AuditService]:
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


def review_on(settings: Settings, ledger: Ledger, clock: Clock = utc_now) -> AuditService:
    """The review flow on an open ledger."""
    return AuditService(settings.catalogue, collectors(settings, ledger, clock), ledger, clock)


def collectors(settings: Settings, ledger: Ledger, clock: Clock) -> Sequence[Collector]:
    """What is read: AWS, by workers where that is set, and what the catalogue itself declares.

    Raises:
        ConfigError: the ledger's address cannot be had.
        UnusableError: workers are set up, but no PostgreSQL or no backstay[scale].
    """
    from bot.audit.collectors.declared import DeclaredCollector
    from bot.audit.collectors.runbooks.fetch import RunbookPages

    pages = RunbookPages(ledger, clock)
    declared = DeclaredCollector(
        settings.catalogue, clock, ledger.route_tests, copies=pages.read, given=ledger.attestations
    )
    return (farm(settings, ledger, clock) if settings.audits.workers else aws(settings), declared)


def farm(settings: Settings, ledger: Ledger, clock: Clock) -> Collector:
    """AWS, read by workers.

    Raises:
        ConfigError: the ledger's address cannot be had.
        UnusableError: the ledger is no PostgreSQL, or backstay[scale] is not installed.
    """
    from bot.audit.workers.distributed import DistributedCollector
    from bot.audit.workers.queue import JobQueue, conninfo

    address = settings.ledger_address()
    conninfo(address)
    return DistributedCollector(
        ledger, lambda: JobQueue(address), aws(settings), sift(settings), clock, settings.audits.patience
    )


async def work(settings: Settings, concurrency: int) -> None:
    """Be a worker until SIGTERM or SIGINT: read accounts, `concurrency` at a time.

    Raises:
        LedgerError: the ledger cannot be used.
        ConfigError: a secret that is needed cannot be had.
        UnusableError: the ledger is no PostgreSQL, or backstay[scale] is not installed.
    """
    from bot.audit.workers.queue import JobQueue
    from bot.audit.workers.worker import AccountReader

    address = settings.ledger_address()
    queue = JobQueue(address)
    ledger = await Ledger.open(address)
    try:
        async with queue.opened():
            await queue.work(AccountReader(ledger, aws(settings), sift(settings)).take, concurrency)
    finally:
        await ledger.close()


def sift(settings: Settings) -> "Sift":
    """What of many accounts' facts is kept: all, where no catalogue says what may be let go."""
    from bot.audit.attribution import RelevanceFilter

    entries = settings.catalogue.entries
    return RelevanceFilter(entries) if entries else list


def runbooks(settings: Settings, ledger: Ledger, clock: Clock) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """What keeps copies of the runbooks while serving; nothing where no service has one."""
    from bot.audit.collectors.runbooks.fetch import RunbookPages

    entries = [entry for entry in settings.catalogue.entries if entry.declared.runbook]
    return {"runbooks": lambda: RunbookPages(ledger, clock).run(entries)} if entries else {}


def aws(settings: Settings) -> "AwsCollector":
    """The AWS collector: settings of `aws:` and the accounts of the catalogue."""
    from pydantic import SecretStr

    from bot.audit.collectors.aws.collector import AwsAccount, AwsCollector, AwsSettings

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
    return AwsCollector(AwsSettings(**settings.aws.model_dump(), accounts=accounts), sift=sift(settings))


def teams_api(settings: Settings) -> "TeamsApi | None":
    """The calls to Teams, None where it is not set up. Close it in the end.

    Raises:
        ConfigError: the app's password is set but cannot be had.
    """
    teams = settings.teams
    if not teams.enabled:
        return None
    from bot.chat.teams.api import TeamsApi
    from bot.chat.teams.token import Registration, Tokens

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
        slack=_slack_calls,
        last_reference=ledger.last_reference if ledger else None,
        teams=teams or teams_api(settings),
        conversations=ledger.conversations if ledger else _no_conversations,
        outgoing=settings.outgoing,
    )


def _slack_calls(token: str, context: RouteContext) -> "SlackWebClient":
    from bot.chat.slack.web_client import SlackWebClient

    return SlackWebClient(token, context)


async def _no_conversations() -> Sequence[Conversation]:
    """Where there is no ledger, nothing was ever kept."""
    return ()
