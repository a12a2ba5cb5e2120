"""Settings: backstay.yaml with environment variables over it, read once and checked as a whole."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.app.settings.audits import Audits
from bot.app.settings.backstage import BackstageSettings
from bot.app.settings.clouds import AwsAccess, AzureAccess, GcpAccess, KubernetesAccess
from bot.app.settings.default_ledger import own_ledger
from bot.app.settings.detection import DetectionSettings
from bot.app.settings.domains import DomainSettings
from bot.app.settings.endpoints import Endpoint
from bot.app.settings.environment import PREFIX, misspelt, overlay_from
from bot.app.settings.monitors import MonitorSettings
from bot.app.settings.portals import PortalSettings
from bot.app.settings.rehearsals import RehearsalSettings
from bot.app.settings.runbooks import RunbookSettings
from bot.app.settings.secrets import SecretReference, references_in, require, secret
from bot.app.settings.sections import (
    HeartbeatSettings,
    RoleSettings,
    SettingsFile,
    SlackSettings,
    TeamsSettings,
    WebSettings,
)
from bot.app.settings.tickets import TicketSettings
from bot.app.settings.webhooks import HookSource, WebhookSettings
from bot.catalogue import (
    MAX_BYTES,
    Catalogue,
    ConfigError,
    ConfigProblem,
    Section,
    anchored,
    known,
    parse,
    resolve,
    warnings,
)
from bot.catalogue.secrets import is_reference
from bot.catalogue.section import SettingsSchema
from bot.net.egress import EgressPolicy

__all__ = [
    "Audits",
    "AwsAccess",
    "AzureAccess",
    "DomainSettings",
    "Endpoint",
    "GcpAccess",
    "HeartbeatSettings",
    "HookSource",
    "KubernetesAccess",
    "MonitorSettings",
    "RehearsalSettings",
    "RoleSettings",
    "Settings",
    "SettingsFile",
    "SlackSettings",
    "TeamsSettings",
    "WebSettings",
    "WebhookSettings",
    "load",
    "schema",
    "secret",
]

FILE = "backstay.yaml"
S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was set. Secrets are still references; `secret` resolves one when it is needed.

    `path` is the file that was read, None where there was none: the cloud account is then the catalogue.
    """

    catalogue: Catalogue
    ledger: str
    aws: AwsAccess = field(default_factory=AwsAccess)
    gcp: GcpAccess = field(default_factory=GcpAccess)
    azure: AzureAccess = field(default_factory=AzureAccess)
    kubernetes: KubernetesAccess = field(default_factory=KubernetesAccess)
    slack: SlackSettings = field(default_factory=SlackSettings)
    teams: TeamsSettings = field(default_factory=TeamsSettings)
    web: WebSettings = field(default_factory=WebSettings)
    roles: RoleSettings = field(default_factory=RoleSettings)
    hooks: WebhookSettings = field(default_factory=WebhookSettings)
    retention: timedelta = timedelta(days=400)
    outgoing: EgressPolicy = field(default_factory=EgressPolicy)
    heartbeat: HeartbeatSettings = field(default_factory=HeartbeatSettings)
    admin_audience: str = ""
    fallback_tests: bool = True
    audits: Audits = field(default_factory=Audits)
    rehearsals: RehearsalSettings = field(default_factory=RehearsalSettings)
    domains: DomainSettings = field(default_factory=DomainSettings)
    tickets: TicketSettings = field(default_factory=TicketSettings)
    backstage: BackstageSettings = field(default_factory=BackstageSettings)
    portals: tuple[PortalSettings, ...] = ()
    runbooks: RunbookSettings = field(default_factory=RunbookSettings)
    watch: DetectionSettings = field(default_factory=DetectionSettings)
    endpoints: tuple[Endpoint, ...] = ()
    monitors: tuple[MonitorSettings, ...] = ()
    path: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    references: tuple[SecretReference, ...] = ()

    @property
    def organisation(self) -> str:
        """Name of the organisation."""
        return self.catalogue.organisation

    @property
    def currency(self) -> str:
        """Currency of money figures (ISO 4217)."""
        return self.catalogue.currency

    @property
    def named(self) -> tuple[str, ...]:
        """Every id of a person or a group that a role or a team names."""
        teams = self.catalogue.audiences.values()
        return (*self.roles.responder, *self.roles.admin, *(member for team in teams for member in team.members))

    @property
    def timezone(self) -> str:
        """The organisation's IANA time zone."""
        return self.catalogue.timezone

    def secret(self, reference: str | None) -> str:
        """The secret behind a reference, empty for none.

        Raises:
            ConfigError: it cannot be had.
        """
        return secret(reference, self.env).get_secret_value() if reference else ""

    def require_secrets(self) -> None:
        """Make sure that every secret that a start needs can be had.

        Raises:
            ConfigError: with every one that cannot, by its setting and line.
        """
        require(self.references, self.env)

    def ledger_address(self) -> str:
        """Path or address of the ledger, resolved. It may hold a password: never show it.

        Raises:
            ConfigError: it is a reference that leads nowhere.
        """
        return self.secret(self.ledger) if is_reference(self.ledger) else self.ledger


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read backstay.yaml and the variables over it.

    Args:
        path: the file; else BACKSTAY_CONFIG, else ./backstay.yaml if it is there, else there is none.
        env: the environment; else the process's own.

    Raises:
        ConfigError: with every mistake found.
    """
    env = os.environ if env is None else env
    found = _find(path, env)
    text, name = (_text(found), str(found)) if found else ("", FILE)
    overlay, origins = overlay_from(env)
    made, document = parse(text, name, SettingsFile, overlay, origins)
    beside = found.absolute().parent if found else Path.cwd()
    raw = document.data or {}
    catalogue = resolve(made, known(raw), beside)
    settings = Settings(
        catalogue=catalogue,
        ledger=_ledger(made.ledger, env, beside, found),
        aws=made.aws,
        gcp=_path_beside(made.gcp, "credentials_file", beside),
        azure=_beside(made.azure, beside),
        kubernetes=_path_beside(made.kubernetes, "kubeconfig", beside),
        slack=_beside(made.slack, beside),
        teams=_beside(made.teams, beside),
        web=made.web,
        roles=made.roles,
        hooks=_with_sources(_beside(made.hooks, beside), beside),
        heartbeat=_beside(made.heartbeat, beside),
        admin_audience=made.admin_audience,
        fallback_tests=made.fallback_tests,
        retention=made.retention,
        outgoing=EgressPolicy(made.outgoing.allow, made.outgoing.private),
        audits=made.audits,
        rehearsals=made.rehearsals.beside(beside),
        domains=made.domains,
        tickets=_beside(made.tickets, beside),
        backstage=_beside(made.backstage, beside),
        portals=tuple(_beside(portal, beside) for portal in made.portals),
        runbooks=_sources_beside(made.runbooks, beside),
        watch=_watching(_with_reports(made.watch, beside), beside),
        endpoints=tuple(_headers_beside(endpoint, beside) for endpoint in made.endpoints),
        monitors=tuple(_path_beside(_beside(monitor, beside), "ca_file", beside) for monitor in made.monitors),
        path=found,
        env=dict(env),
        references=tuple(references_in(document, name, beside, origins)),
    )
    told = (*warnings(catalogue, document, name), *_unreachable(settings, name), *misspelt(env))
    return replace(settings, catalogue=replace(catalogue, warnings=told))


def schema() -> dict[str, Any]:
    """JSON Schema of backstay.yaml, for editors: every key with its meaning, short forms and long forms."""
    made = SettingsFile.model_json_schema(schema_generator=SettingsSchema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backstay.yaml",
        "description": "Services, what they depend on, and the teams to notify.",
        **{key: value for key, value in made.items() if key not in ("title", "description")},
    }


def _find(path: Path | None, env: Mapping[str, str]) -> Path | None:
    named = path or (Path(env[PREFIX + "CONFIG"]).expanduser() if env.get(PREFIX + "CONFIG") else None)
    if named is None:
        return Path(FILE) if Path(FILE).is_file() else None
    return named


def _text(path: Path) -> str:
    name = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            size = f"has {path.stat().st_size:,} bytes; the limit is {MAX_BYTES:,}"
            raise ConfigError([ConfigProblem(name, 0, 0, "", size)])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([ConfigProblem(name, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        odd = f"byte 0x{error.object[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        raise ConfigError([ConfigProblem(name, *place, "", odd)]) from None


def _ledger(written: str, env: Mapping[str, str], beside: Path, found: Path | None) -> str:
    if written.startswith("env:") or "://" in written:
        return written
    if written:
        return anchored(written, beside)
    return own_ledger(found, env)


def _beside(section: S, beside: Path) -> S:
    """Relative `file:` references of a section start beside backstay.yaml, wherever the program was started."""
    values = {key: getattr(section, key) for key in type(section).model_fields}
    moved = {key: anchored(value, beside) for key, value in values.items() if str(value).startswith("file:")}
    return section.model_copy(update=moved)


def _path_beside(section: S, key: str, beside: Path) -> S:
    """A relative path of a section starts beside backstay.yaml too."""
    path = getattr(section, key)
    return section.model_copy(update={key: anchored(path, beside)}) if path else section


def _with_sources(hooks: WebhookSettings, beside: Path) -> WebhookSettings:
    return hooks.model_copy(update={"sources": tuple(_beside(source, beside) for source in hooks.sources)})


def _sources_beside(section: RunbookSettings, beside: Path) -> RunbookSettings:
    return section.model_copy(update={"sources": tuple(_beside(source, beside) for source in section.sources)})


def _headers_beside(endpoint: Endpoint, beside: Path) -> Endpoint:
    found = {name: anchored(v, beside) if v.startswith("file:") else v for name, v in endpoint.headers.items()}
    return endpoint.model_copy(update={"headers": found})


def _with_reports(watch: DetectionSettings, beside: Path) -> DetectionSettings:
    return watch.model_copy(update={"report_to": tuple(_beside(item, beside) for item in watch.report_to)})


def _watching(watch: DetectionSettings, beside: Path) -> DetectionSettings:
    tenant = watch.microsoft365
    return watch if tenant is None else watch.model_copy(update={"microsoft365": _beside(tenant, beside)})


def _unreachable(settings: Settings, file: str) -> Iterator[ConfigProblem]:
    missing = {
        "slack": "a Slack route, but slack.bot_token is not set; set bot_token: env:SLACK_BOT_TOKEN",
        "teams": "a Teams route, but teams.app_id is not set; a workflow webhook (teams_workflow) needs none",
    }
    for kind, enabled in (("slack", settings.slack.enabled), ("teams", settings.teams.enabled)):
        for name, audience in settings.catalogue.audiences.items():
            if not enabled and any(route.kind == kind for route in audience.routes):
                yield ConfigProblem(file, 0, 0, f"audiences.{name}", f"has {missing[kind]}")
    known = {account.id for account in settings.catalogue.accounts}
    for account in settings.watch.canaries.accounts:
        if account not in known:
            said = f"account {account} is not listed under accounts:, so the role to assume is unknown"
            yield ConfigProblem(file, 0, 0, "watch.canaries.accounts", said)
    if len(settings.watch.controls) == 1:
        yield ConfigProblem(
            file,
            0,
            0,
            "watch.controls",
            "a single control cannot tell your own network from a provider; list two or more, or none",
        )
    teams = settings.teams
    if teams.app_id and not (teams.app_password and teams.tenant_id):
        yield ConfigProblem(file, 0, 0, "teams", "app_id also needs app_password and tenant_id")
