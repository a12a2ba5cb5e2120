"""Builds the status feeds from settings: public pages, private pages, and APIs that need credentials."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.app.settings import Settings
from bot.catalogue import Account, KnownProvider
from bot.catalogue.secrets import is_reference
from bot.detection.feeds.api_feed import ApiFeed, ApiReadError
from bot.detection.feeds.google_service_health_api import ServiceHealth, has_events
from bot.detection.feeds.http_feed import FeedSpec, HttpFeed, pool
from bot.detection.feeds.microsoft_graph import Graph
from bot.model import Clock, Feed, UnusableError
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.gcp import FIX, is_installed
from bot.net.http_client import HttpClient

_USELESS = timedelta(minutes=30)


def specs(settings: Settings, providers: Iterable[KnownProvider]) -> list[FeedSpec]:
    """The feeds of these providers, with their secrets resolved.

    Raises:
        ConfigError: the secret of a header cannot be resolved.
    """
    return [
        FeedSpec(provider.name, provider.feed, provider.format, provider.private, _headers(settings, provider))
        for provider in providers
        if provider.feed
    ]


@asynccontextmanager
async def opened(specs: Sequence[FeedSpec], clock: Clock, *, deadline: float) -> AsyncIterator[Sequence[Feed]]:
    """Opens these feeds over one pool of connections; each has to answer within `deadline` seconds."""
    async with pool() as client:
        yield [HttpFeed(spec, client, clock, deadline=deadline) for spec in specs]


@dataclass(frozen=True, slots=True)
class Sources:
    """All feeds that `serve` reads.

    Raises:
        ConfigError: a secret cannot be resolved.
        UnusableError: Personalized Service Health is enabled, and google-auth is not installed.
    """

    settings: Settings
    clock: Clock
    specs: Sequence[FeedSpec]

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "Sources":
        """All feeds of the settings. Their secrets are resolved now, so that a missing one is reported at the start."""
        if settings.watch.microsoft365:
            settings.secret(settings.watch.microsoft365.app_password)
        if settings.watch.google_service_health and not is_installed():
            raise UnusableError("google_service_health needs google-auth, which is not installed", FIX)
        return cls(settings, clock, specs(settings, settings.catalogue.providers.values()))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sequence[Feed]]:
        """Opens the feeds over one pool of connections, AWS through its SDK. A feed that hangs takes no connection from the others."""
        async with pool(len(self.specs) + 10) as client:
            pages = [HttpFeed(spec, client, self.clock) for spec in self.specs]
            yield [*pages, *self._health(), *self._google_health(client), *self._graph(client)]

    def _graph(self, client: HttpClient) -> Iterator[ApiFeed]:
        tenant = self.settings.watch.microsoft365
        if tenant is not None:
            graph = Graph(
                client,
                self.clock,
                tenant.tenant_id,
                tenant.app_id,
                lambda: self.settings.secret(tenant.app_password),
                tenant.graph_url,
                tenant.login_url,
            )
            yield ApiFeed("microsoft365", "your tenant", "microsoft365", graph.ask, self.clock)

    def _health(self) -> Iterator[ApiFeed]:
        if self.settings.watch.aws_health:
            for account in self.settings.catalogue.accounts_of("aws") or (Account(""),):
                yield self._health_of(account)

    def _google_health(self, client: HttpClient) -> Iterator[ApiFeed]:
        if not self.settings.watch.google_service_health:
            return
        # google-auth is optional, so it is imported only if this feed is enabled.
        from bot.net.gcp.sign_in import GoogleSignIn  # noqa: PLC0415

        gcp = self.settings.gcp
        sign_in = GoogleSignIn(client, gcp.credentials_file, gcp.private)
        limits = ApiLimits(rate=1, burst=5, timeout=timedelta(seconds=gcp.timeout))
        api = CloudApi(client, sign_in.authorize, limits, gcp.private)
        for account in self.settings.catalogue.accounts_of("gcp"):
            if has_events(account.id):
                label = f"Personalized Service Health of {account.name or account.id}"
                asked = ServiceHealth(api, account.id, gcp.api_url)
                yield ApiFeed("gcp", label, "google_service_health", asked.ask, self.clock)

    def _health_of(self, account: Account) -> ApiFeed:
        # The SDK is slow to load and takes memory, so it is imported only if AWS Health is enabled.
        from bot.detection.feeds.aws_health_api import AccountHealth, HealthReadError  # noqa: PLC0415

        aws = self.settings.aws
        role, given = account.role or (aws.role if account.id else ""), self.settings.secret(account.external_id)
        asked = AccountHealth(aws.profile, account.id, role, given, aws.timeout)

        async def ask() -> bytes:
            try:
                return await asyncio.to_thread(asked.read)
            except HealthReadError as error:
                raise ApiReadError(str(error), _USELESS if error.lasting else timedelta()) from None

        label = f"AWS Health of {account.name or account.id}" if account.id else "AWS Health"
        return ApiFeed("aws", label, "aws_health", ask, self.clock)


def _headers(settings: Settings, provider: KnownProvider) -> dict[str, str]:
    return {name: settings.secret(value) if is_reference(value) else value for name, value in provider.headers.items()}
