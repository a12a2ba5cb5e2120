"""The section of backstay.yaml about monitoring systems that are read: which alerts watch a service, and whom they reach."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, NamedTuple, get_args

from pydantic import Field, field_validator, model_validator

from bot.catalogue import Section, quote, refuse
from bot.catalogue.types import Duration, Reference, ScopeText, StringList
from bot.net.loopback import loopback

Kind = Literal["prometheus", "alertmanager", "grafana", "datadog", "newrelic"]
SERVICE_LABELS: Final = (
    *("service", "service_name", "app", "application", "app_kubernetes_io_name", "component", "job", "deployment"),
    *("workload", "destination_service_name", "destination_workload", "exported_service", "exported_job"),
)
"""Labels whose value may be the name of a service, as exporters, Kubernetes, Istio and OpenTelemetry set them."""


_SITE: Final = r"^((app\.)?([a-z]{2}[0-9]\.)?(datadoghq\.(com|eu)|ddog-gov\.com))?$"
"""Sites of Datadog: https://docs.datadoghq.com/getting_started/site/."""

_NEW_RELIC_EU: Final = "https://api.eu.newrelic.com"
"""https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/#endpoints."""


class _Keys(NamedTuple):
    """The keys of a kind beside those that every kind has. One of each of `needs` (separated by `|`) must be set."""

    needs: tuple[str, ...]
    may: tuple[str, ...]


_SIGN_IN: Final = ("token", "user", "password")
_KEYS: Final[Mapping[str, _Keys]] = {
    "prometheus": _Keys(("url",), (*_SIGN_IN, "tenant", "most_queries")),
    "alertmanager": _Keys(("url",), (*_SIGN_IN, "tenant", "people")),
    "grafana": _Keys(("url", "token|user"), (*_SIGN_IN, "tenant", "people")),
    "datadog": _Keys(("api_key", "app_key"), ("url", "site", "people")),
    "newrelic": _Keys(("api_key", "accounts"), ("url", "region", "people", "most_queries")),
}
_COMMON: Final = ("kind", "name", "runs_on", "service_labels", "ca_file", "insecure", "calls_per_second", "timeout")
_SECRETS: Final = ("token", "password", "api_key", "app_key")


class MonitorSettings(Section):
    """A monitoring system to read. Its address may be private; redirects are not followed."""

    kind: Kind = Field(
        description="the product: prometheus (also Mimir, Thanos), alertmanager, grafana, datadog or newrelic"
    )
    name: str = Field(default="", max_length=100, description="name in reports; default: the host of url")
    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="base address, with the path prefix if there is one: `https://mimir.example/prometheus`",
    )
    token: Reference | None = Field(default=None, description="bearer token, by reference")
    user: str = Field(default="", description="user name for a password (HTTP Basic)")
    password: Reference | None = Field(default=None, description="password of user, by reference")
    api_key: Reference | None = Field(default=None, description="Datadog: API key; New Relic: user key; by reference")
    app_key: Reference | None = Field(default=None, description="Datadog: application key, by reference")
    site: str = Field(
        default="",
        pattern=_SITE,
        description="Datadog: site of the organisation, such as datadoghq.eu or us3.datadoghq.com",
    )
    region: Literal["", "us", "eu"] = Field(default="", description="New Relic: region of the accounts; default: us")
    accounts: StringList = Field(default=(), description="New Relic: IDs of the accounts to read")
    tenant: str = Field(default="", description="Mimir: tenant (X-Scope-OrgID); Grafana: ID of the organization")
    runs_on: tuple[ScopeText, ...] = Field(
        default=(), description="clouds or scopes that it runs on, such as aws/eu-west-1, to find shared fate"
    )
    service_labels: StringList = Field(
        default=SERVICE_LABELS, description="labels whose value may be the name of a service"
    )
    people: StringList = Field(
        default=(), description="receivers that reach a person although they are webhooks, by name"
    )
    ca_file: str = Field(default="", description="certificate authorities of your own, as a PEM file")
    insecure: bool = Field(default=False, description="allow secrets over http:// to another machine")
    most_queries: int = Field(
        default=500,
        ge=0,
        le=100_000,
        description="Prometheus, New Relic: queries of one audit for the data of alerts; beyond them it is unknown",
    )
    calls_per_second: float = Field(default=10, gt=0, le=1000, description="limit")
    timeout: Duration = Field(default=timedelta(seconds=30), description="timeout of one call")

    @property
    def address(self) -> str:
        """The base address: as set, or of the site or region; empty for the product's own."""
        if self.url or not (self.site or self.region == "eu"):
            return self.url
        return f"https://api.{self.site.removeprefix('app.')}" if self.site else _NEW_RELIC_EU

    @field_validator("accounts", mode="before")
    @classmethod
    def _as_texts(cls, value: object) -> object:
        """YAML reads an ID as a number."""
        listed = value if isinstance(value, list | tuple) else [value]
        return [str(item) if isinstance(item, int) else item for item in listed]

    @field_validator("accounts")
    @classmethod
    def _numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for account in value:
            if not account.isdecimal() or len(account) > 12:
                raise refuse(f"{quote(account)} is not the ID of an account of New Relic, which is a number")
        return value

    @model_validator(mode="after")
    def _fits(self) -> "MonitorSettings":
        keys = _KEYS[self.kind]
        given = self.model_fields_set
        allowed = {*_COMMON, *keys.may, *(key for needed in keys.needs for key in needed.split("|"))}
        if foreign := sorted(key for key in given if key not in allowed and getattr(self, key)):
            raise refuse(f"{foreign[0]} is not a setting of {self.kind}; it has {', '.join(sorted(allowed))}")
        for needed in keys.needs:
            if not any(getattr(self, key) for key in needed.split("|")):
                raise refuse(f"{self.kind} needs {' or '.join(needed.split('|'))}")
        if self.user and self.password is None:
            raise refuse("user needs password beside it")
        secret = any(getattr(self, key, None) is not None for key in _SECRETS)
        if secret and self.url.startswith("http://") and not (self.insecure or loopback(self.url)):
            raise refuse("a secret would be sent unencrypted; use url: https://... or set insecure: true")
        return self


KINDS: Final = get_args(Kind)
