"""The shape of backstay.yaml's catalogue as a person writes it: short forms and long forms, each key with its meaning."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from bot.catalogue.account_ids import FORMS, cloud_of
from bot.catalogue.audiences import AudienceSection, ScheduleSection
from bot.catalogue.dependencies import DependencySection, spread, with_mapping
from bot.catalogue.evidence_types import CheckId, PastDay, Practice, practices
from bot.catalogue.secrets import headers, is_reference, quote, refuse
from bot.catalogue.section import Name, Section, Text
from bot.catalogue.types import (
    AccountId,
    AccountIds,
    AudienceName,
    Day,
    Duration,
    OneOrMany,
    Reference,
    Regions,
    RegionsOfAnyCloud,
    ScopeText,
    StringList,
    TierNumber,
    TimeZone,
)
from checks import RehearsalKind, RehearsalResult


class TierSection(Section):
    """What one tier of importance means."""

    weight: float | None = Field(default=None, gt=0, description="weight in the estate's score")
    rto: Duration | None = Field(default=None, description="RTO of services in this tier")
    rpo: Duration | None = Field(default=None, description="RPO of services in this tier")


class ResourcesSection(Section):
    """How to find a service's resources. Ways are alternatives; accounts and regions limit all of them."""

    tags: dict[str, OneOrMany] = Field(
        default={}, description="tags that a resource must have, each with one of the listed values"
    )
    stacks: StringList = Field(
        default=(), description="names of infrastructure stacks, resource groups or folders, * matches anything"
    )
    arns: StringList = Field(default=(), description="ARNs of resources, * matches anything")
    accounts: AccountIds = Field(default=(), description="only in these accounts, projects, subscriptions or clusters")
    regions: RegionsOfAnyCloud = Field(default=(), description="only in these regions")


class DeploymentSection(Section):
    """A place where the service runs that no collector can read."""

    short = "on"
    on: ScopeText = Field(description="where: provider or provider/region")
    account: str = Field(default="", description="account, project or subscription")
    zones: StringList = Field(default=(), description="zones in use")
    role: Literal["active", "standby"] = Field(default="active", description="active takes traffic, standby waits")
    runs: str = Field(default="", description="what runs there, in a few words")


class RunbookSection(Section):
    """What to do when the service breaks."""

    short = "url"
    url: str = Field(
        description="address of a page; of a file in a repository (`git+https://git.example/ops.git#runbooks/checkout.md`); or path "
        "of a text file or folder beside backstay.yaml",
        min_length=1,
    )
    reviewed: PastDay | None = Field(default=None, description="when it was last reviewed")
    hosted_on: StringList | None = Field(default=None, description="clouds that host the page, where known")


class SloSection(Section):
    """A file with service level objectives (OpenSLO), whose error budgets are watched."""

    short = "file"
    file: str = Field(description="path of an OpenSLO file (openslo/v1 or v1alpha), beside backstay.yaml", min_length=1)
    monitor: str = Field(
        default="", description="name of the entry of monitors: that is asked; default: the only one that fits"
    )
    only: StringList = Field(default=(), description="names of SLOs of the file; default: those of this service")


class DrillSection(Section):
    """A recovery that was rehearsed."""

    kind: RehearsalKind = Field(description="the kind of rehearsal")
    at: PastDay = Field(description="day of the rehearsal (UTC)")
    result: RehearsalResult = Field(default=RehearsalResult.SUCCEEDED, description="how it went")
    scope: ScopeText = Field(default="", description="the scope that was taken away", validate_default=False)
    rto: Duration | None = Field(default=None, description="measured recovery time, from the loss until healthy")
    rpo: Duration | None = Field(default=None, description="measured data loss, as a duration")
    attested_by: str = Field(description="who attests it", min_length=1)
    link: str = Field(default="", description="link to the record")
    expires: Day | None = Field(default=None, description="when the record stops counting")


class AttestationSection(Section):
    """A person's attestation of a practice that no collector can read."""

    practice: Practice = Field(description=f"one of {', '.join(sorted(practices()))}")
    by: str = Field(description="who attests it; not the service's owner", min_length=1)
    at: PastDay = Field(description="day of the attestation")
    link: str = Field(default="", description="link to the record")
    expires: Day | None = Field(default=None, description="when the attestation stops counting")


class WaiverSection(Section):
    """A failed check that is accepted until a date."""

    check: CheckId = Field(description="id of the check")
    resource: str = Field(default="", description="only for this resource; empty: the whole service")
    reason: Text = Field(description="why it is accepted", min_length=1)
    by: str = Field(description="who accepts it", min_length=1)
    until: Day = Field(description="last day on which the waiver counts")


class ServiceSection(Section):
    """A service: what it is worth, what it needs, where its resources are."""

    name: Name = Field(description="unique name, as people type it in chat")
    tier: TierNumber = Field(default=3, description="importance, 1 is the highest")
    owner: str = Field(default="", description="team or person responsible for it")
    audience: AudienceName = Field(default="", description="audience that receives its reports", validate_default=False)
    description: Text = Field(default="", description="one sentence for people")
    users: int | None = Field(default=None, ge=0, description="users who cannot work without it")
    revenue_per_hour: float | None = Field(default=None, ge=0, description="in the organisation's currency")
    revenue_as_of: PastDay | None = Field(default=None, description="when the revenue figure was last checked")
    rto: Duration | None = Field(default=None, description="RTO; default: its tier's")
    rpo: Duration | None = Field(default=None, description="RPO; default: its tier's")
    depends_on: tuple[DependencySection, ...] = Field(
        default=(),
        description="what it needs to work; of a provider also the parts alone: `{stripe: [API]}`",
        json_schema_extra=with_mapping,
    )
    resources: ResourcesSection = Field(default=ResourcesSection(), description="how to find its resources")
    deployments: tuple[DeploymentSection, ...] = Field(
        default=(), description="places where it runs that no collector can read"
    )
    runbook: RunbookSection | None = Field(default=None, description="what to do when it breaks")
    slos: tuple[SloSection, ...] = Field(default=(), description="OpenSLO files with its service level objectives")
    drills: tuple[DrillSection, ...] = Field(default=(), description="recoveries that were rehearsed")
    attestations: tuple[AttestationSection, ...] = Field(default=(), description="attested practices")
    waivers: tuple[WaiverSection, ...] = Field(default=(), description="failed checks that are accepted until a date")
    labels: dict[str, str] = Field(default={}, description="free-form labels")

    @field_validator("depends_on", mode="before")
    @classmethod
    def _depends_on(cls, value: Any) -> Any:
        return spread(value)


class ProviderSection(Section):
    """A cloud or SaaS that services depend on."""

    short = "name"
    name: Name = Field(description="name used in depends_on")
    runs_on: tuple[ScopeText, ...] = Field(default=(), description="clouds or scopes it runs on")
    aliases: StringList = Field(default=(), description="other names for it")
    feed: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="URL of its status feed; the format is detected",
    )
    private: bool = Field(default=False, description="allow a private address for the feed")
    headers: dict[str, str] = Field(default={}, description="request headers; secrets as env:NAME")

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        return headers(value)

    @model_validator(mode="after")
    def _in_the_open(self) -> "ProviderSection":
        secret = any(is_reference(value) for value in self.headers.values())
        if secret and self.feed.startswith("http://") and not self.private:
            raise refuse("a secret in headers would be sent unencrypted; use feed: https://... or private: true")
        return self


class AccountSection(Section):
    """A cloud account to read: an AWS account, or a project, folder, subscription, management group or cluster."""

    short = "id"
    id: AccountId = Field(description=FORMS)
    name: str = Field(default="", description="display name")
    role: str = Field(default="", description="AWS: role to assume, its name or ARN")
    external_id: Reference | None = Field(default=None, description="AWS: external ID that the role requires")
    regions: Regions = Field(default=(), description="AWS: only these regions; default: all that are enabled")

    @model_validator(mode="after")
    def _of_aws(self) -> "AccountSection":
        foreign = [key for key in ("role", "external_id", "regions") if getattr(self, key)]
        if foreign and cloud_of(self.id) != "aws":
            raise refuse(f"{foreign[0]} is for AWS accounts, and {quote(self.id)} is none; leave it out")
        return self


class CatalogueFile(Section):
    """The catalogue part of backstay.yaml: services, audiences, providers, accounts."""

    organisation: str = Field(default="", description="name of the organisation", max_length=200)
    currency: str = Field(default="USD", description="currency of all money figures (ISO 4217)", pattern=r"^[A-Z]{3}$")
    timezone: TimeZone = Field(default="UTC", description="default time zone of audiences", validate_default=False)
    grace: Duration = Field(default="6h", description="how late a missed post is still sent", validate_default=True)
    tiers: dict[Annotated[int, Field(ge=1, le=99)], TierSection] = Field(
        default={}, description="importance, 1 is the highest"
    )
    services: tuple[ServiceSection, ...] = Field(default=(), description="the services")
    audiences: dict[Name, AudienceSection] = Field(default={}, description="teams and how to reach them")
    schedules: tuple[ScheduleSection, ...] = Field(default=(), description="posts by audience")
    providers: tuple[ProviderSection, ...] = Field(default=(), description="clouds and SaaS beside the built-in ones")
    accounts: tuple[AccountSection, ...] = Field(default=(), description="cloud accounts to read")
