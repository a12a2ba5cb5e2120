"""The sections of backstay.yaml about watching: what is probed, through whom, and who hears what nobody takes on."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bot.app.settings.maintenance import Maintenance
from bot.catalogue import Duration, Reference, Regions, Section, StringList, quote, refuse
from bot.detection.probes.aws_endpoints import CONTROLS
from bot.detection.probes.probe import Resolver, resolver
from bot.detection.probes.targets import RESOLVERS


class CanarySettings(Section):
    """Cheap reads of the AWS services that yours stand on, with backstay's own credentials."""

    short = "enabled"
    enabled: bool = Field(default=True, description="call them; see the cost in the README")
    regions: Regions = Field(default=(), description="only these regions; else all that your services stand in")
    accounts: StringList = Field(
        default=(), description="ids of accounts to call in; else that of the credentials alone"
    )
    interval: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=10),
        le=timedelta(hours=1),
        description="from one call to the next of the same service",
    )


class ForwardSettings(Section):
    """A backstay that shares no ledger with this one, and hears what is seen from here."""

    url: str = Field(description="https://…/hooks/in/NAME there, of a source with `format: backstay`")
    secret: Reference = Field(description="the secret of that source")

    @field_validator("url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise refuse(f"expected an address such as https://backstay.example/hooks/in/eu, not {quote(value)}")
        if parts.scheme == "http" and not here:
            raise refuse("must begin with https://: what is seen from here is nobody else's to change")
        return value


class Microsoft365(Section):
    """An app registration that may read the service health of a tenant (ServiceHealth.Read.All)."""

    tenant_id: str = Field(description="the tenant", pattern=r"^[A-Za-z0-9.-]{1,80}$")
    app_id: str = Field(description="application (client) id", pattern=r"^[A-Za-z0-9-]{1,80}$")
    app_password: Reference = Field(description="its client secret, by reference")
    login_url: str = Field(default="https://login.microsoftonline.com", description="address of Entra ID")
    graph_url: str = Field(default="https://graph.microsoft.com", description="address of Microsoft Graph")

    @field_validator("login_url", "graph_url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise refuse(f"must begin with https://, for a secret goes there, not {quote(value)}")
        return value


class DetectionSettings(Section):
    """How providers are watched from here."""

    probes: bool = Field(default=False, description="look from here at the endpoints of what the services stand on")
    interval: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=2),
        le=timedelta(minutes=10),
        description="from one look to the next",
    )
    canaries: CanarySettings = Field(
        default=CanarySettings(enabled=False),
        description="call the AWS services that yours stand on: true, or regions, accounts and interval",
    )
    vantage: str = Field(
        default="", description="what the place that this replica looks from is called; else the host", max_length=60
    )
    resolvers: StringList = Field(
        default=tuple(one.host for one in RESOLVERS),
        description="DNS servers to ask, an odd number of them: address, or address:port",
    )
    controls: StringList = Field(
        default=CONTROLS,
        description="two names at least that nothing of yours stands on, reached from here; when all fail, it is your network",
    )
    feeds: Literal["all", "needed", "none"] = Field(
        default="all", description="whose status pages are read: all that are known, those your services need, or none"
    )
    feed_interval: Duration = Field(
        default=timedelta(seconds=60),
        description="from one reading of a page that matters to you to the next; others are read a fifth as often",
    )
    report_to: tuple[ForwardSettings, ...] = Field(
        default=(), description="backstays with a ledger of their own that hear what is seen from here: url and secret"
    )
    maintenance: tuple[Maintenance, ...] = Field(
        default=(), description="times of your own in which trouble opens no incident"
    )
    aws_health: bool = Field(
        default=False, description="also ask AWS Health of the accounts read; needs Business or Enterprise support"
    )
    microsoft365: Microsoft365 | None = Field(
        default=None, description="also ask Microsoft 365 for your tenant's health: tenant_id, app_id, app_password"
    )
    escalate_to: StringList = Field(
        default=(), description="audiences that hear next of what nobody acknowledges, in order"
    )
    escalate_after: Duration = Field(
        default=timedelta(minutes=15), ge=timedelta(seconds=10), description="how long each of them is waited for"
    )

    @property
    def asked(self) -> tuple[Resolver, ...]:
        """The DNS servers."""
        return tuple(resolver(one) for one in self.resolvers)

    @field_validator("resolvers")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                resolver(one)
            except ValueError as error:
                raise refuse(str(error)) from None
        return value
