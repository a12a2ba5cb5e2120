"""The shape of backstay.yaml's catalogue as a person writes it: short forms and long forms, each key with its meaning."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bot.catalogue.audiences import AudienceSection, ScheduleSection
from bot.catalogue.secrets import headers, is_reference, refuse
from bot.catalogue.section import Name, Section, Text
from bot.catalogue.types import (
    AccountId,
    AudienceName,
    Day,
    Duration,
    OneOrMany,
    Reference,
    Regions,
    ScopeText,
    StringList,
    Target,
    TierNumber,
    TimeZone,
)
from checks import RehearsalKind, RehearsalResult


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
    stacks: StringList = Field(default=(), description="infrastructure stacks by name, * allowed")
    arns: StringList = Field(default=(), description="resources by identifier, * allowed")
    accounts: StringList = Field(default=(), description="only in these accounts")
    regions: Regions = Field(default=(), description="only in these regions")


class DeploymentSection(Section):
    """A place where the service runs that no collector can see."""

    short = "on"
    on: ScopeText = Field(description="where: provider or provider/region")
    account: str = Field(default="", description="account, project or subscription")
    zones: StringList = Field(default=(), description="zones in use")
    role: Literal["active", "standby"] = Field(default="active", description="takes traffic, or waits")
    runs: str = Field(default="", description="what runs there, in a few words")


class RunbookSection(Section):
    """What to do when the service breaks."""

    short = "url"
    url: str = Field(description="address of a page, or path of a text file beside backstay.yaml", min_length=1)
    reviewed: Day | None = Field(default=None, description="when it was last read through")
    hosted_on: StringList | None = Field(default=None, description="clouds that its page stands on, where known")


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


class ProviderSection(Section):
    """A cloud or SaaS that services depend on."""

    short = "name"
    name: Name = Field(description="as depends_on calls it")
    runs_on: tuple[ScopeText, ...] = Field(default=(), description="clouds or scopes it stands on")
    aliases: StringList = Field(default=(), description="other names for it")
    feed: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="address of its status feed; the format is found out by itself",
    )
    private: bool = Field(default=False, description="the feed may stand at a private address")
    headers: dict[str, str] = Field(default={}, description="headers to ask with; secrets as env:NAME")

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        return headers(value)

    @model_validator(mode="after")
    def _in_the_open(self) -> "ProviderSection":
        secret = any(is_reference(value) for value in self.headers.values())
        if secret and self.feed.startswith("http://") and not self.private:
            raise refuse("a secret in headers would travel in the open; write feed: https://... or private: true")
        return self


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
