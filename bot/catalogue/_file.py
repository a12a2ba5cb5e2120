"""The shape of backstay.yaml's catalogue as a person writes it: short forms and long forms, each key with its meaning."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bot.catalogue._words import (
    AccountId,
    AudienceName,
    Cron,
    Day,
    Duration,
    OneOrMany,
    Reference,
    Regions,
    ScopeText,
    Target,
    TierNumber,
    TimeZone,
    Words,
    address,
    quote,
    refuse,
)
from checks import RehearsalKind, RehearsalResult

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
_TELLING = re.compile(
    r"auth|token|secret|key|cookie|password", re.IGNORECASE
)  # headers that are there to prove something
Text = Annotated[str, StringConstraints(max_length=4000)]


class Section(BaseModel):
    """A mapping of the file. Unknown keys are mistakes; `short` names the field that a bare word (or list) stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    short: ClassVar[str] = ""
    bare: ClassVar[type] = str

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, value: Any) -> Any:
        if cls.short and isinstance(value, cls.bare):
            return {cls.short: value}
        if value is None and not cls.short:
            return {}
        if not isinstance(value, Mapping | cls):
            alone = ("a list or " if cls.bare is list else "a word or ") if cls.short else ""
            expected = f"{alone}a mapping"
            raise refuse(f"expected {expected} with {', '.join(cls.model_fields)}, not {quote(value)}")
        # An empty value (`owner:`) is a key that was not filled in: the default holds.
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, Mapping) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Both forms: the mapping, and the bare word or list where there is one."""
        schema = handler(core)
        if not cls.short:
            return schema
        word = handler.resolve_ref_schema(schema)["properties"][cls.short]
        return {"anyOf": [{key: word[key] for key in word if key not in ("title", "default")}, schema]}


class TierSection(Section):
    """What one tier of importance means."""

    weight: float | None = Field(default=None, gt=0, description="share in the estate's score")
    rto: Duration | None = Field(default=None, description="how soon a service of this tier must be back")
    rpo: Duration | None = Field(default=None, description="how much data it may lose, as time")


class DependencySection(Section):
    """What a service needs: a service, a scope (aws/us-east-1/dynamodb) or a SaaS."""

    short = "on"
    on: Target = Field(description="service, scope (provider/region/part) or SaaS")
    soft: bool = Field(default=False, description="its loss degrades the service but does not take it down")
    fallback: str = Field(default="", description="what takes over when it is lost")


class ResourcesSection(Section):
    """How to find a service's resources. Ways are alternatives; accounts and regions limit all of them."""

    tags: dict[str, OneOrMany] = Field(default={}, description="all of these tags, each with one of its values")
    stacks: Words = Field(default=(), description="infrastructure stacks by name, * allowed")
    arns: Words = Field(default=(), description="resources by identifier, * allowed")
    accounts: Words = Field(default=(), description="only in these accounts")
    regions: Regions = Field(default=(), description="only in these regions")


class DeploymentSection(Section):
    """A place where the service runs that no collector can see."""

    short = "on"
    on: ScopeText = Field(description="where: provider or provider/region")
    account: str = Field(default="", description="account, project or subscription")
    zones: Words = Field(default=(), description="zones in use")
    role: Literal["active", "standby"] = Field(default="active", description="takes traffic, or waits")
    runs: str = Field(default="", description="what runs there, in a few words")


class RunbookSection(Section):
    """What to do when the service breaks."""

    short = "url"
    url: str = Field(description="address of a page, or path of a text file beside backstay.yaml", min_length=1)
    reviewed: Day | None = Field(default=None, description="when it was last read through")
    hosted_on: Words | None = Field(default=None, description="clouds that its page stands on, where known")


class DrillSection(Section):
    """A recovery that was practised."""

    kind: RehearsalKind = Field(description="what was practised")
    at: Day = Field(description="the day of it (UTC)")
    result: RehearsalResult = Field(default=RehearsalResult.SUCCEEDED, description="how it went")
    scope: ScopeText = Field(default="", description="what was lost in it", validate_default=False)
    rto: Duration | None = Field(default=None, description="measured from the loss until healthy again")
    rpo: Duration | None = Field(default=None, description="data lost, as time")
    attested_by: str = Field(description="whose word it is", min_length=1)
    link: str = Field(default="", description="the record of it")
    expires: Day | None = Field(default=None, description="when this word stops counting")


class AttestationSection(Section):
    """A person's word for a practice that no machine can read."""

    practice: Name = Field(description="kill_switch, training, load_shedding, exit_plan ...")
    by: str = Field(description="whose word it is; not the owner's own", min_length=1)
    at: Day = Field(description="the day it was given")
    link: str = Field(default="", description="the record of it")
    expires: Day | None = Field(default=None, description="when it stops counting")


class WaiverSection(Section):
    """A failed check that is accepted for a while."""

    check: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\d{2}$")] = Field(description="id of the check")
    resource: str = Field(default="", description="only for this resource; empty: all of the service")
    reason: Text = Field(description="why it is accepted", min_length=1)
    by: str = Field(description="who accepts it", min_length=1)
    until: Day = Field(description="the last day it counts")


class ServiceSection(Section):
    """A service: what it is worth, what it needs, where its resources are."""

    name: Name = Field(description="unique; what people type in chat")
    tier: TierNumber = Field(default=3, description="importance, 1 is the highest")
    owner: str = Field(default="", description="team or person who answers for it")
    audience: AudienceName = Field(default="", description="who gets its reports", validate_default=False)
    description: Text = Field(default="", description="one sentence for people")
    users: int | None = Field(default=None, ge=0, description="people who cannot work without it")
    revenue_per_hour: float | None = Field(default=None, ge=0, description="in the organisation's currency")
    revenue_as_of: Day | None = Field(default=None, description="when that figure was last checked")
    rto: Duration | None = Field(default=None, description="how soon it must be back; else its tier's")
    rpo: Duration | None = Field(default=None, description="how much data it may lose; else its tier's")
    depends_on: tuple[DependencySection, ...] = Field(default=(), description="what it needs to work")
    resources: ResourcesSection = Field(default=ResourcesSection(), description="how to find what it is made of")
    deployments: tuple[DeploymentSection, ...] = Field(default=(), description="declared places where it runs")
    runbook: RunbookSection | None = Field(default=None, description="what to do when it breaks")
    drills: tuple[DrillSection, ...] = Field(default=(), description="recoveries that were practised")
    attestations: tuple[AttestationSection, ...] = Field(default=(), description="practices vouched for")
    waivers: tuple[WaiverSection, ...] = Field(default=(), description="failed checks accepted for a while")
    labels: dict[str, str] = Field(default={}, description="free words carried along")


class SlackRoute(Section):
    """A Slack channel."""

    short = "channel"
    channel: str = Field(description="#name or id of the channel", min_length=2)
    name: str = Field(default="", description="unique name of the route; else slack:#channel")
    runs_on: Words | None = Field(default=None, description="clouds it stands on; known for Slack")


class WebhookRoute(Section):
    """Any HTTP receiver."""

    short = "url"
    url: str = Field(description="env:NAME, file:PATH, or an address without anything secret in it", min_length=1)
    secret: Reference | None = Field(default=None, description="key of the HMAC signature")
    template: str = Field(default="", description="file with a Jinja2 template for another shape of body")
    content_type: str = Field(default="application/json", description="of the templated body")
    headers: dict[str, str] = Field(default={}, description="more headers; secrets as env:NAME")
    insecure: bool = Field(default=False, description="allow http:// to another machine")
    allow_private: bool = Field(default=False, description="allow a private address")
    name: str = Field(default="", description="unique name of the route")
    runs_on: Words | None = Field(default=None, description="clouds the receiver stands on")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value)

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, content in value.items():
            if _TELLING.search(name) and not content.startswith(("env:", "file:")):
                raise refuse(f"the header {name} carries a secret; write env:NAME or file:PATH")
        return value


class TeamsRoute(Section):
    """A Microsoft Teams Workflows webhook; its address is a secret."""

    short = "url"
    url: Reference = Field(description="env:NAME or file:PATH of the workflow's address")
    allow_private: bool = Field(default=False, description="allow a private address")
    name: str = Field(default="", description="unique name of the route")
    runs_on: Words | None = Field(default=None, description="clouds it stands on; known for Teams")


class RouteSection(Section):
    """One way to people: exactly one of the kinds."""

    slack: SlackRoute | None = Field(default=None, description="a Slack channel")
    webhook: WebhookRoute | None = Field(default=None, description="any HTTP receiver")
    teams_workflow: TeamsRoute | None = Field(default=None, description="a Teams Workflows webhook")

    @model_validator(mode="after")
    def _one_kind(self) -> "RouteSection":
        if len(self.model_fields_set) != 1:
            kinds = ", ".join(type(self).model_fields)
            raise refuse(
                f'a route is exactly one of {kinds}; quote a channel (slack: "#payments"), as # begins a comment'
            )
        return self


class AudienceScheduleSection(Section):
    """When an audience gets its post."""

    short = "cron"
    cron: Cron = Field(default="0 9 * * MON", description="minute hour day month weekday", validate_default=False)
    timezone: TimeZone | None = Field(default=None, description="else the audience's")
    grace: Duration | None = Field(default=None, description="how late a missed post is still made up for")
    post: str = Field(default="scorecard", description="what is posted")


class ScheduleSection(AudienceScheduleSection):
    """When the named audience gets its post."""

    short = ""
    audience: AudienceName = Field(description="who gets it")


class AudienceSection(Section):
    """A team and its routes, tried in order."""

    short = "routes"
    bare = list
    routes: tuple[RouteSection, ...] = Field(description="the primary first, then its fallbacks")
    timezone: TimeZone | None = Field(default=None, description="IANA name; else the organisation's")
    schedules: tuple[AudienceScheduleSection, ...] | None = Field(default=None, description="else Monday 09:00")

    @model_validator(mode="after")
    def _some_route(self) -> "AudienceSection":
        if not self.routes:
            raise refuse("has no routes; name at least one")
        return self


class ProviderSection(Section):
    """A cloud or SaaS that services depend on."""

    short = "name"
    name: Name = Field(description="as depends_on calls it")
    runs_on: tuple[ScopeText, ...] = Field(default=(), description="clouds or scopes it stands on")
    aliases: Words = Field(default=(), description="other names for it")


class AccountSection(Section):
    """A cloud account to read."""

    short = "id"
    id: AccountId = Field(description="12 digits")
    name: str = Field(default="", description="for people")
    role: str = Field(default="", description="role to assume: its name or ARN")
    external_id: Reference | None = Field(default=None, description="external id that the role asks for")
    regions: Regions = Field(default=(), description="only these; else all that are enabled")


class CatalogueFile(Section):
    """What backstay.yaml says of services and people."""

    organisation: str = Field(default="", description="whose services these are", max_length=200)
    currency: str = Field(default="USD", description="of every money figure", pattern=r"^[A-Z]{3}$")
    timezone: TimeZone = Field(default="UTC", description="for audiences that name none", validate_default=False)
    grace: Duration = Field(
        default="6h", description="how late a missed post is still made up for", validate_default=True
    )
    tiers: dict[Annotated[int, Field(ge=1, le=99)], TierSection] = Field(
        default={}, description="importance, 1 is the highest"
    )
    services: tuple[ServiceSection, ...] = Field(default=(), description="the services")
    audiences: dict[Name, AudienceSection] = Field(default={}, description="teams and how to reach them")
    schedules: tuple[ScheduleSection, ...] = Field(default=(), description="posts by audience")
    providers: tuple[ProviderSection, ...] = Field(default=(), description="clouds and SaaS that are not built in")
    accounts: tuple[AccountSection, ...] = Field(default=(), description="cloud accounts to read")
