"""The sections of backstay.yaml about watching: what is probed, through whom, and who hears what nobody takes on."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bot.app.settings.canaries import SyntheticSettings
from bot.app.settings.maintenance import Maintenance
from bot.catalogue import Duration, Reference, Regions, Section, StringList, quote, refuse
from bot.detection.probes.aws_endpoints import CONTROLS
from bot.detection.probes.probe import Resolver, parse_resolver
from bot.detection.probes.targets import RESOLVERS


class CanarySettings(Section):
    """Cheap read calls to the AWS services that your services use, with backstay's own credentials."""

    short = "enabled"
    enabled: bool = Field(default=True, description="make these calls; see their cost in the documentation")
    regions: Regions = Field(
        default=(), description="only these regions; default: all regions that your services run in"
    )
    accounts: StringList = Field(
        default=(), description="IDs of accounts to call in; default: the account of the credentials"
    )
    interval: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=10),
        le=timedelta(hours=1),
        description="interval between two calls to the same service",
    )


class ForwardSettings(Section):
    """Another backstay with a ledger of its own that receives the signals seen here."""

    url: str = Field(description="https://…/hooks/in/NAME on the other side, a source with `format: backstay`")
    secret: Reference = Field(description="secret of that source")

    @field_validator("url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise refuse(f"expected an address such as https://backstay.example/hooks/in/eu, not {quote(value)}")
        if parts.scheme == "http" and not here:
            raise refuse("must begin with https://, so that nobody can change signals on the way")
        return value


class Microsoft365(Section):
    """An app registration that may read a tenant's service health (ServiceHealth.Read.All)."""

    tenant_id: str = Field(description="the tenant", pattern=r"^[A-Za-z0-9.-]{1,80}$")
    app_id: str = Field(description="application (client) id", pattern=r"^[A-Za-z0-9-]{1,80}$")
    app_password: Reference = Field(description="client secret, by reference")
    login_url: str = Field(default="https://login.microsoftonline.com", description="address of Entra ID")
    graph_url: str = Field(default="https://graph.microsoft.com", description="address of Microsoft Graph")

    @field_validator("login_url", "graph_url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise refuse(f"must begin with https://, because a secret is sent there, not {quote(value)}")
        return value


class DetectionSettings(Section):
    """How outages are detected from here."""

    probes: bool = Field(
        default=True,
        description="probe the public endpoints of the providers that your services depend on, and your own; "
        "`backstay probe --list` shows them",
    )
    interval: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=2),
        le=timedelta(minutes=10),
        description="interval between two probes of the same target",
    )
    canaries: CanarySettings = Field(
        default=CanarySettings(enabled=False),
        description="call the AWS services that your services use: true, or regions, accounts and interval",
    )
    synthetics: SyntheticSettings = Field(
        default=SyntheticSettings(),
        description="calls to other services, each only where it is configured here; as often as `canaries.interval` says",
    )
    vantage: str = Field(default="", description="name of this vantage point; default: the host name", max_length=60)
    resolvers: StringList = Field(
        default=tuple(resolver.host for resolver in RESOLVERS),
        description="DNS servers to query, an odd number: address or address:port",
    )
    controls: StringList = Field(
        default=CONTROLS,
        description="control group: two or more names that your services do not depend on; when all fail, your own network is down",
    )
    feeds: Literal["all", "needed", "none"] = Field(
        default="all", description="status pages to read: all known ones, those your services need, or none"
    )
    feed_interval: Duration = Field(
        default=timedelta(seconds=60),
        description="interval between two reads of a page that your services need; other pages are read a fifth as often",
    )
    report_to: tuple[ForwardSettings, ...] = Field(
        default=(), description="other backstays that receive the signals seen here: url and secret"
    )
    maintenance: tuple[Maintenance, ...] = Field(
        default=(), description="your own maintenance windows; problems within them open no incident"
    )
    aws_health: bool = Field(
        default=False, description="also read AWS Health of these accounts; needs Business or Enterprise support"
    )
    google_service_health: bool = Field(
        default=False,
        description="also read Personalized Service Health of the Google Cloud projects and organisations in `accounts:`",
    )
    microsoft365: Microsoft365 | None = Field(
        default=None,
        description="also read your tenant's Microsoft 365 service health: tenant_id, app_id, app_password",
    )
    escalate_to: StringList = Field(default=(), description="audiences to notify, in order, when nobody acknowledges")
    escalate_after: Duration = Field(
        default=timedelta(minutes=15),
        ge=timedelta(seconds=10),
        description="how long to wait for an acknowledgement before each of them",
    )

    slos: Literal["warn", "read", "off"] = Field(
        default="warn",
        description="error budgets of `slos:`: read them and warn a service's audience, read them only, or neither",
    )
    slo_interval: Duration = Field(
        default=timedelta(minutes=1),
        ge=timedelta(seconds=30),
        le=timedelta(hours=1),
        description="interval between two readings of the error budgets",
    )

    @property
    def asked(self) -> tuple[Resolver, ...]:
        """The DNS servers."""
        return tuple(parse_resolver(resolver) for resolver in self.resolvers)

    @field_validator("slos", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        """YAML reads `off` and `on` as truth values."""
        return {False: "off", True: "warn"}.get(value, value) if isinstance(value, bool) else value

    @field_validator("resolvers")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            try:
                parse_resolver(item)
            except ValueError as error:
                raise refuse(str(error)) from None
        return value
