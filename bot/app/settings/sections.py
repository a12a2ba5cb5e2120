"""The sections of backstay.yaml beside the catalogue: what each edge needs to be told."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator

from bot.app.settings.audits import Audits
from bot.app.settings.backstage import BackstageSettings
from bot.app.settings.clouds import AwsAccess, AzureAccess, GcpAccess, KubernetesAccess
from bot.app.settings.detection import DetectionSettings
from bot.app.settings.domains import DomainSettings
from bot.app.settings.endpoints import Endpoint
from bot.app.settings.monitors import MonitorSettings
from bot.app.settings.portals import PortalSettings
from bot.app.settings.rehearsals import RehearsalSettings
from bot.app.settings.runbooks import RunbookSettings
from bot.app.settings.tickets import TicketSettings
from bot.app.settings.webhooks import WebhookSettings
from bot.catalogue import AudienceName, CatalogueFile, Duration, Reference, Section, StringList, quote, refuse
from bot.model import Caller, Membership, Role


class SlackSettings(Section):
    """The Slack app. Without a bot token, Slack is off."""

    bot_token: Reference | None = Field(default=None, description="xoxb-…, by reference")
    signing_secret: Reference | None = Field(default=None, description="verifies requests from Slack (HTTP mode)")
    app_token: Reference | None = Field(default=None, description="xapp-…, by reference; turns Socket Mode on")
    api_url: str = Field(default="https://slack.com/api/", description="base address of Slack's Web API")
    command: str = Field(default="/resilience", description="the slash command", pattern=r"^/[a-z0-9_-]{1,31}$")
    socket_mode: bool | None = Field(default=None, description="default: on when there is an app token")

    @property
    def enabled(self) -> bool:
        """Whether Slack is set up at all."""
        return self.bot_token is not None

    @property
    def over_socket(self) -> bool:
        """Whether events come over Socket Mode."""
        return self.app_token is not None if self.socket_mode is None else self.socket_mode


class TeamsSettings(Section):
    """The Teams app. Without an app ID, Teams is off, except for requests from this machine where allowed."""

    app_id: str = Field(default="", description="application (client) id of the app registration")
    app_password: Reference | None = Field(default=None, description="client secret, by reference")
    tenant_id: str = Field(
        default="", description="tenant of the app registration; requests from other tenants are refused"
    )
    allow_anonymous: bool = Field(default=False, description="without app_id: answer requests from this machine")
    service_urls: StringList = Field(
        default=("https://smba.trafficmanager.net/", "https://smba.infra.gcc.teams.microsoft.com/"),
        description="URL prefixes that answers may be sent to",
    )
    login_url: str = Field(default="https://login.microsoftonline.com", description="address of Entra ID")
    keys_url: str = Field(
        default="https://login.botframework.com/v1/.well-known/openidconfiguration",
        description="where the signing keys of Teams' tokens are published",
    )

    @property
    def enabled(self) -> bool:
        """Whether Teams is set up at all."""
        return bool(self.app_id) or self.allow_anonymous


class WebSettings(Section):
    """Where chat endpoints, health and metrics are served."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="0 picks a free port")
    public_url: str = Field(default="", description="public base URL, used in links")
    trusted_proxies: StringList = Field(
        default=(), description="addresses and networks of your proxies; only theirs is forwarded_header believed"
    )
    forwarded_header: Literal["X-Forwarded-For", "Forwarded"] = Field(
        default="X-Forwarded-For", description="header in which your proxies name the sender's address"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            try:
                ip_network(item, strict=False)
            except ValueError:
                raise refuse(
                    f"{quote(item)} is neither an address nor a network; write 10.0.0.5 or 10.0.0.0/8"
                ) from None
        return value


class RoleSettings(Section):
    """Roles in chat: IDs of users or groups, `slack:U123` or plain."""

    everyone: Role = Field(default=Role.VIEWER, description="role of every other member of the workspace or tenant")
    external: Role | None = Field(
        default=None,
        description="role of guests, and of people of other workspaces or tenants; without it they are refused",
    )
    responder: StringList = Field(
        default=(), description="users and groups that may also attest, subscribe channels and broadcast"
    )
    admin: StringList = Field(default=(), description="users and groups that may also waive failed checks")

    @property
    def holders(self) -> Mapping[Role, tuple[str, ...]]:
        """Who was named for what a role may, those of higher roles included."""
        return {Role.ADMIN: self.admin, Role.RESPONDER: (*self.responder, *self.admin)}

    def role_of(self, caller: Caller) -> Role | None:
        """The highest role that the caller was given; None where they have none.

        Each person may be named by id, guests and strangers too. A group gives its role to members alone, because guests and
        strangers join channels and groups without an operator of backstay. `UNVERIFIED` callers get at most viewer.
        """
        member, external = caller.membership is Membership.MEMBER, caller.membership.external
        common = self.external if external else self.everyone if member else Role.VIEWER
        mine = caller.identities if member else replace(caller, groups=()).identities
        named = Role.ADMIN if mine & set(self.admin) else Role.RESPONDER if mine & set(self.responder) else None
        return max((role for role in (common, named) if role is not None), key=list(Role).index, default=None)

    @field_validator("external", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "none" else value


class HeartbeatSettings(Section):
    """A dead man's switch: a URL of a service that raises an alarm when the heartbeat stops."""

    short = "url"
    url: Reference | None = Field(default=None, description="URL to GET once a minute while backstay is healthy")


class OutgoingSettings(Section):
    """Where messages may be sent beside Slack and Teams: webhooks, workflows, mail servers, the heartbeat."""

    allow: StringList = Field(
        default=(), description="allowed hosts, *.example.com for all subdomains; default: any public host"
    )
    private: bool = Field(default=False, description="allow loopback and private networks too")

    @field_validator("allow")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            if not _HOST.fullmatch(item):
                raise refuse(
                    f"{item!r} is not a host; write hooks.example.com or *.example.com, without https:// and path"
                )
        return value


_HOST = re.compile(r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9])?")


class SettingsFile(CatalogueFile):
    """The whole of backstay.yaml."""

    ledger: str = Field(default="", description="path of an SQLite file, or postgresql://… by reference (env:NAME)")
    retention: Duration = Field(
        default=timedelta(days=400), description="how long scores, receipts and the audit log are kept; at least 30d"
    )
    aws: AwsAccess = Field(default=AwsAccess(), description="how AWS is read")
    gcp: GcpAccess = Field(default=GcpAccess(), description="how Google Cloud is read")
    azure: AzureAccess = Field(default=AzureAccess(), description="how Azure is read")
    kubernetes: KubernetesAccess = Field(default=KubernetesAccess(), description="how clusters are read")
    slack: SlackSettings = Field(default=SlackSettings(), description="the Slack app")
    teams: TeamsSettings = Field(default=TeamsSettings(), description="the Teams app")
    web: WebSettings = Field(default=WebSettings(), description="where the server listens")
    roles: RoleSettings = Field(default=RoleSettings(), description="who may do what in chat")
    hooks: WebhookSettings = Field(
        default=WebhookSettings(), description="HTTP API for operators, also when chat is down"
    )
    outgoing: OutgoingSettings = Field(default=OutgoingSettings(), description="where messages may be sent")
    heartbeat: HeartbeatSettings = Field(default=HeartbeatSettings(), description="dead man's switch")
    admin_audience: AudienceName = Field(
        default="", description="audience to notify about problems of backstay itself", validate_default=False
    )
    fallback_tests: bool = Field(default=True, description="test each fallback route once a month")
    audits: Audits = Field(default=Audits(), description="how audits run")
    rehearsals: RehearsalSettings = Field(
        default=RehearsalSettings(), description="where rehearsals are on record beside the clouds and Kubernetes"
    )
    tickets: TicketSettings = Field(default=TicketSettings(), description="tickets of failed findings")
    backstage: BackstageSettings = Field(
        default=BackstageSettings(), description="the Backstage that `backstay drift` compares with"
    )
    portals: tuple[PortalSettings, ...] = Field(default=(), description="developer portals that get the scores")
    runbooks: RunbookSettings = Field(default=RunbookSettings(), description="how runbooks are read")
    domains: DomainSettings = Field(
        default=DomainSettings(), description="whether domains of services are looked up, to guess dependencies"
    )
    watch: DetectionSettings = Field(default=DetectionSettings(), description="how outages are detected")
    endpoints: tuple[Endpoint, ...] = Field(default=(), description="your own endpoints to probe")
    monitors: tuple[MonitorSettings, ...] = Field(default=(), description="monitoring systems whose alerts are read")

    @field_validator("retention")
    @classmethod
    def _long_enough(cls, value: timedelta) -> timedelta:
        if not timedelta(days=30) <= value <= timedelta(days=3660):
            raise refuse("must be between 30d and 3660d; trends and monthly posts need the history")
        return value
