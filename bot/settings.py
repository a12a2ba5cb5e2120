"""One file of settings (backstay.yaml) and the environment over it: what `app.py` builds the edges from."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, get_args

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from bot.catalogue import (
    MAX_BYTES,
    Catalogue,
    CatalogueFile,
    ConfigError,
    PathSteps,
    Problem,
    Reference,
    Regions,
    Section,
    Words,
    anchored,
    known,
    parse,
    resolve,
    warnings,
)
from bot.ports import Caller, Role

PREFIX = "BACKSTAY_"
FILE = "backstay.yaml"
MAX_SECRET_BYTES = 65_536
_NOT_OVERRIDDEN = frozenset(("services", "audiences", "schedules", "providers", "accounts", "tiers"))


class Slack(Section):
    """The Slack app. Without a bot token there is no Slack."""

    bot_token: Reference | None = Field(default=None, description="xoxb-…, by reference")
    signing_secret: Reference | None = Field(
        default=None, description="verifies that a request comes from Slack (HTTP mode)"
    )
    app_token: Reference | None = Field(default=None, description="xapp-…, by reference; switches Socket Mode on")
    api_url: str = Field(default="https://slack.com/api/", description="base address of Slack's Web API")
    command: str = Field(default="/resilience", description="the slash command", pattern=r"^/[a-z0-9_-]{1,31}$")
    socket_mode: bool | None = Field(default=None, description="else on when there is an app token")

    @property
    def enabled(self) -> bool:
        """Whether Slack is set up at all."""
        return self.bot_token is not None

    @property
    def over_socket(self) -> bool:
        """Whether events come over Socket Mode."""
        return self.app_token is not None if self.socket_mode is None else self.socket_mode


class Aws(Section):
    """How AWS is read. Credentials come from AWS's own environment variables and files."""

    profile: str = Field(default="", description="profile of AWS's configuration files")
    regions: Regions = Field(default=(), description="only these regions; else all that are enabled")
    organization: bool = Field(default=False, description="read every account of the organization")
    role: str = Field(default="", description="role to assume in accounts that name none of their own")
    concurrency: int = Field(default=16, ge=1, le=128, description="requests in flight at once")
    calls_per_second: float = Field(
        default=20, gt=0, le=1000, description="at most, for one account, region and service"
    )
    timeout: float = Field(default=20, gt=0, le=300, description="seconds to wait for one answer")


class Web(Section):
    """Where chat endpoints, health and metrics are served."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="0 takes any free one")
    public_url: str = Field(default="", description="how the world reaches it, for links")


class Roles(Section):
    """Who may do what in chat: ids of users or groups, `slack:U123` or plain."""

    everyone: Role = Field(default=Role.RESPONDER, description="what anybody may do")
    responder: Words = Field(default=(), description="may start audits and answer incidents")
    admin: Words = Field(default=(), description="may change settings")

    def role_of(self, caller: Caller) -> Role:
        """The highest role that the caller, or a group of theirs, was given."""
        mine = {caller.user, *caller.groups}
        mine |= {f"{caller.platform}:{one}" for one in mine}
        if mine & set(self.admin):
            return Role.ADMIN
        if mine & set(self.responder) and self.everyone is Role.VIEWER:
            return Role.RESPONDER
        return self.everyone


class SettingsFile(CatalogueFile):
    """The whole of backstay.yaml."""

    ledger: str = Field(default="", description="path of an SQLite file, or postgresql://… by reference (env:NAME)")
    aws: Aws = Field(default=Aws(), description="how AWS is read")
    slack: Slack = Field(default=Slack(), description="the Slack app")
    web: Web = Field(default=Web(), description="where it listens")
    roles: Roles = Field(default=Roles(), description="who may do what in chat")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was set. Secrets are still references; `secret` resolves one when it is needed.

    `path` is the file that was read, None where there was none: the cloud account is then the catalogue.
    """

    catalogue: Catalogue
    ledger: str
    aws: Aws = field(default_factory=Aws)
    slack: Slack = field(default_factory=Slack)
    web: Web = field(default_factory=Web)
    roles: Roles = field(default_factory=Roles)
    path: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def organisation(self) -> str:
        """Whose services these are."""
        return self.catalogue.organisation

    @property
    def currency(self) -> str:
        """What money is counted in (ISO 4217)."""
        return self.catalogue.currency

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

    def ledger_address(self) -> str:
        """Path or address of the ledger, resolved. It may hold a password: never show it.

        Raises:
            ConfigError: it is a reference that leads nowhere.
        """
        return self.secret(self.ledger) if self.ledger.startswith(("env:", "file:")) else self.ledger


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
    text, name = (_text(found), _spoken(found)) if found else ("", FILE)
    overlay, origins = _environment(env)
    made, document = parse(text, name, SettingsFile, overlay, origins)
    beside = found.absolute().parent if found else Path.cwd()
    raw = document.data or {}
    catalogue = resolve(made, known(raw), beside)
    settings = Settings(
        catalogue=catalogue,
        ledger=_ledger(made.ledger, env, beside),
        aws=made.aws,
        slack=_anchored(made.slack, beside),
        web=made.web,
        roles=made.roles,
        path=found,
        env=dict(env),
    )
    told = (*warnings(catalogue, document, name), *_unreachable(settings, name))
    return replace(settings, catalogue=replace(catalogue, warnings=told))


def secret(reference: str, env: Mapping[str, str]) -> SecretStr:
    """What a reference (`env:NAME`, `file:PATH`) leads to. Surrounding blanks and the last line feed are dropped.

    Raises:
        ConfigError: the variable is not set, the file cannot be read, or there is nothing in it. No value is shown.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = env.get(name, "").strip()
        if not value:
            raise ConfigError([Problem(f"env:{name}", 0, 0, "", f"the variable {name} is not set, or is empty")])
        return SecretStr(value)
    if kind != "file":
        raise ConfigError([Problem("a secret", 0, 0, "", "must be a reference: env:NAME or file:PATH")])
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            value = file.read(MAX_SECRET_BYTES + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError([Problem(reference, 0, 0, "", f"the file cannot be read: {said}")]) from None
    if not value or len(value) > MAX_SECRET_BYTES:
        raise ConfigError([Problem(reference, 0, 0, "", "the file is empty or far too long for a secret")])
    return SecretStr(value)


def schema() -> dict[str, Any]:
    """JSON Schema of backstay.yaml, for editors: every key with its meaning, short forms and long forms."""
    made = SettingsFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backstay.yaml",
        "description": "Services, what they need, and who is to be told.",
        **{key: value for key, value in made.items() if key not in ("title", "description")},
    }


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of variables, from a mapping that is handed in."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        super().__init__(_Overridable, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._env.items() if value.strip()}


class _Overridable(BaseSettings, SettingsFile):
    # Services and audiences belong into the file: they are long, and their lines are what messages point to.
    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(enable_decoding=False, extra="ignore")


def _environment(env: Mapping[str, str]) -> tuple[dict[str, Any], dict[PathSteps, str]]:
    """Values from variables, and the variable that each came from. A secret's value stays where it is: by reference."""
    overlay = {key: value for key, value in _Environment(env)().items() if key not in _NOT_OVERRIDDEN}
    names = {name.lower(): name for name in env}
    origins: dict[PathSteps, str] = {}
    for steps in list(_leaves(overlay, ())):
        name = names.get(PREFIX.lower() + "__".join(steps), PREFIX + "__".join(steps).upper())
        origins[steps] = name
        section: Any = overlay
        for step in steps[:-1]:
            section = section[step]
        value = str(section[steps[-1]])
        if _is_secret(steps, value) and not value.startswith(("env:", "file:")):
            section[steps[-1]] = f"env:{name}"
    return overlay, origins


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path


def _is_secret(steps: tuple[str, ...], value: str) -> bool:
    if steps == ("ledger",):
        return "@" in value  # an address with a user's name, likely with a password
    section = SettingsFile.model_fields.get(steps[0])
    inner = section.annotation if section else None
    if len(steps) != 2 or not (isinstance(inner, type) and issubclass(inner, Section)):
        return False
    written = inner.model_fields.get(steps[1])
    return written is not None and Reference in (written.annotation, *get_args(written.annotation))


def _find(path: Path | None, env: Mapping[str, str]) -> Path | None:
    named = path or (Path(env[PREFIX + "CONFIG"]).expanduser() if env.get(PREFIX + "CONFIG") else None)
    if named is None:
        return Path(FILE) if Path(FILE).is_file() else None
    return named


def _spoken(path: Path) -> str:
    return str(path)


def _text(path: Path) -> str:
    name = _spoken(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            size = f"has {path.stat().st_size:,} bytes; more than {MAX_BYTES:,} are not read"
            raise ConfigError([Problem(name, 0, 0, "", size)])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([Problem(name, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(name, line, 1, "", "is not UTF-8 text")]) from None


def _ledger(written: str, env: Mapping[str, str], beside: Path) -> str:
    if written.startswith("env:") or "://" in written:
        return written
    if written:
        return anchored(written, beside)
    state = env.get("XDG_STATE_HOME") or ""
    home = Path(state) if Path(state).is_absolute() else Path(env.get("HOME") or Path.home()) / ".local" / "state"
    return str(home / "backstay" / "backstay.db")


def _anchored(slack: Slack, beside: Path) -> Slack:
    """Relative `file:` references start beside backstay.yaml, wherever the program was started."""
    moved = {
        key: anchored(value, beside)
        for key in ("bot_token", "signing_secret", "app_token")
        if (value := getattr(slack, key)) and value.startswith("file:")
    }
    return slack.model_copy(update=moved)


def _unreachable(settings: Settings, file: str) -> Iterator[Problem]:
    if settings.slack.enabled:
        return
    for name, audience in settings.catalogue.audiences.items():
        if any(route.kind == "slack" for route in audience.routes):
            text = "has a Slack route, but slack.bot_token is not set; write bot_token: env:SLACK_BOT_TOKEN"
            yield Problem(file, 0, 0, f"audiences.{name}", text)
