"""Builds the audit service, collectors and routes from settings, for `serve`, workers and the command line."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.app.settings import Settings
from bot.app.wiring.domains import domain_collector
from bot.app.wiring.monitors import monitors
from bot.app.wiring.rehearsals import rehearsal_records
from bot.audit.service import AuditService
from bot.delivery.routing.context import RouteContext
from bot.model import Clock, Collector, Conversation, utc_now
from bot.storage.ledger import Ledger

if TYPE_CHECKING:
    from bot.audit.collectors.aws.batches import FactFilter
    from bot.audit.collectors.aws.collector import AwsCollector
    from bot.audit.collectors.kubernetes.collector import KubernetesCollector
    from bot.chat.slack.web_client import SlackWebClient
    from bot.chat.teams.api import TeamsApi


@asynccontextmanager
async def open_audit_service(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[AuditService[Ledger]]:
    """The audit service on the ledger of these settings; the ledger is closed at the end of the block.

    Raises:
        LedgerError: the ledger cannot be used.
        ConfigError: a secret cannot be resolved.
    """
    ledger = await Ledger.open(settings.ledger_address())
    try:
        yield audit_service_on(settings, ledger, clock)
    finally:
        await ledger.close()


def audit_service_on(settings: Settings, ledger: Ledger, clock: Clock = utc_now) -> AuditService[Ledger]:
    """The audit service on an open ledger."""
    from bot.audit.zone_watch import ZoneWatch

    watch = ZoneWatch(ledger, settings.catalogue.audiences, settings.admin_audience)
    return AuditService(
        settings.catalogue, collectors(settings, ledger, clock), ledger, clock, watch, ledger.guess_decisions
    )


def collectors(settings: Settings, ledger: Ledger, clock: Clock) -> Sequence[Collector]:
    """The collectors: the clouds, AWS read by workers if those are enabled, and what the catalogue itself declares.

    Raises:
        ConfigError: the ledger's address cannot be resolved.
        UnusableError: workers are enabled, but the ledger is not on PostgreSQL or backstay[scale] is not installed.
    """
    from bot.app.wiring.runbooks import runbook_pages
    from bot.audit.collectors.declared import DeclaredCollector
    from bot.audit.evidence_links import EvidenceLinks

    pages = runbook_pages(settings, ledger, clock)
    declared = DeclaredCollector(
        settings.catalogue, clock, ledger.route_tests, read_runbooks=pages.read, read_attestations=ledger.attestations
    )
    attested = EvidenceLinks(declared, settings.catalogue, clock)
    monitoring = monitors(settings, clock)
    rehearsed, domains = rehearsal_records(settings, ledger.drills, clock), domain_collector(settings, clock)
    beside = [found for found in (monitoring, rehearsed, domains) if found]
    return (clouds(settings, ledger, clock), attested, *beside)


def clouds(settings: Settings, ledger: Ledger, clock: Clock) -> Collector:
    """The clouds whose accounts are listed, read side by side; AWS, by its own credentials, where none is listed.

    Raises:
        ConfigError: a secret cannot be resolved.
        UnusableError: workers are enabled, but the ledger is not on PostgreSQL or backstay[scale] is not installed.
    """
    from bot.audit.collectors.clouds import Clouds

    made: dict[str, Collector] = {}
    if reads_aws(settings):
        made["aws"] = distributed_collector(settings, ledger, clock) if settings.audits.workers else aws(settings)
    return Clouds(made | other_clouds(settings))


def reads_aws(settings: Settings) -> bool:
    """Whether AWS is read: its accounts are listed, or those of no cloud and nothing says that there is none to read.

    Where monitoring systems are listed and no service selects resources, the services run where no cloud is read.
    """
    listed = {account.cloud for account in settings.catalogue.accounts}
    entries = settings.catalogue.entries
    declared = settings.monitors and entries and not any(entry.selector.finds_something for entry in entries)
    return "aws" in listed or settings.aws.organization or not (listed or settings.kubernetes.in_cluster or declared)


def other_clouds(settings: Settings) -> dict[str, Collector]:
    """The collectors of the other clouds whose accounts are listed, by cloud.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    listed = {account.cloud for account in settings.catalogue.accounts}
    if settings.kubernetes.in_cluster:
        listed.add("kubernetes")
    makers: dict[str, Callable[[Settings], Collector]] = {"gcp": gcp, "azure": azure, "kubernetes": kubernetes}
    return {cloud: make(settings) for cloud, make in makers.items() if cloud in listed}


def distributed_collector(settings: Settings, ledger: Ledger, clock: Clock) -> Collector:
    """The AWS collector that lets workers read the accounts.

    Raises:
        ConfigError: the ledger's address cannot be resolved.
        UnusableError: the ledger is not on PostgreSQL, or backstay[scale] is not installed.
    """
    from bot.audit.workers.distributed import DistributedCollector
    from bot.audit.workers.queue import JobQueue, psycopg_conninfo

    address = settings.ledger_address()
    psycopg_conninfo(address)
    return DistributedCollector(
        ledger, lambda: JobQueue(address), aws(settings), relevance_filter(settings), clock, settings.audits.patience
    )


async def work(settings: Settings, concurrency: int) -> None:
    """Run a worker until SIGTERM or SIGINT: it reads accounts, `concurrency` at a time.

    Raises:
        LedgerError: the ledger cannot be used.
        ConfigError: a secret cannot be resolved.
        UnusableError: the ledger is not on PostgreSQL, or backstay[scale] is not installed.
    """
    from bot.audit.workers.queue import JobQueue
    from bot.audit.workers.worker import AccountReader

    address = settings.ledger_address()
    queue = JobQueue(address)
    ledger = await Ledger.open(address)
    try:
        async with queue.opened():
            await queue.work(AccountReader(ledger, aws(settings), relevance_filter(settings)).read, concurrency)
    finally:
        await ledger.close()


def relevance_filter(settings: Settings) -> "FactFilter":
    """The filter that keeps only facts that some service may need; without a catalogue it keeps all of them."""
    from bot.audit.attribution import RelevanceFilter
    from bot.audit.collectors.aws.batches import keep_all

    entries = settings.catalogue.entries
    return RelevanceFilter(entries) if entries else keep_all


def aws(settings: Settings) -> "AwsCollector":
    """The AWS collector: settings of `aws:` and the accounts of the catalogue."""
    from pydantic import SecretStr

    from bot.audit.collectors.aws.collector import AwsAccount, AwsCollector, AwsSettings

    accounts = tuple(
        AwsAccount(
            id=account.id,
            name=account.name,
            role=account.role,
            external_id=SecretStr(settings.secret(account.external_id)),
            regions=account.regions,
        )
        for account in settings.catalogue.accounts_of("aws")
    )
    return AwsCollector(
        AwsSettings(**settings.aws.model_dump(), accounts=accounts), fact_filter=relevance_filter(settings)
    )


def gcp(settings: Settings) -> Collector:
    """The collector of Google Cloud: settings of `gcp:` and what the catalogue lists of it."""
    from bot.audit.collectors.gcp.collector import GcpCollector, GcpSettings

    parents = tuple(account.id for account in settings.catalogue.accounts_of("gcp"))
    return GcpCollector(GcpSettings(**settings.gcp.model_dump(), parents=parents))


def azure(settings: Settings) -> Collector:
    """The collector of Azure: settings of `azure:`, and the subscriptions and management groups that the catalogue lists.

    Raises:
        ConfigError: the secret cannot be resolved.
    """
    from pydantic import SecretStr

    from bot.audit.collectors.azure.collector import AzureCollector, SubscriptionSettings

    access = settings.azure
    listed: dict[str, list[str]] = {"subscriptions": [], "managementGroups": []}
    for account in settings.catalogue.accounts_of("azure"):
        kind, _, name = account.id.partition("/")
        listed[kind].append(name)
    return AzureCollector(
        SubscriptionSettings(
            subscriptions=tuple(listed["subscriptions"]),
            management_groups=tuple(listed["managementGroups"]),
            tenant=access.tenant_id,
            client=access.client_id,
            secret=SecretStr(settings.secret(access.client_secret)),
            **access.model_dump(exclude={"tenant_id", "client_id", "client_secret"}),
        )
    )


def kubernetes(settings: Settings) -> "KubernetesCollector":
    """The collector of clusters: settings of `kubernetes:` and the contexts that the catalogue lists."""
    from bot.audit.collectors.kubernetes.collector import KubernetesCollector, KubernetesSettings

    contexts = tuple(account.id.partition("/")[2] for account in settings.catalogue.accounts_of("kubernetes"))
    return KubernetesCollector(KubernetesSettings(**settings.kubernetes.model_dump(), contexts=contexts))


def teams_api(settings: Settings) -> "TeamsApi | None":
    """The client of Teams, None if Teams is not set up. The caller closes it.

    Raises:
        ConfigError: the app's password cannot be resolved.
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
    """What routes are built with. `teams`: the client of Teams, if the chat already has one.

    Raises:
        ConfigError: Slack's token or the password of the Teams app cannot be resolved.
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
    """Without a ledger no conversation is known."""
    return ()
