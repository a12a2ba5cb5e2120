"""The part of backstay.yaml that says who is told: audiences, their routes, their schedules."""

from typing import Literal

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from bot.catalogue.secrets import address, headers, quote, refuse
from bot.catalogue.section import Section
from bot.catalogue.types import (
    AudienceName,
    Cron,
    Duration,
    Reference,
    StringList,
    TimeZone,
)
from bot.model.records import DIGESTS, SCORECARD


class SlackRouteSection(Section):
    """A Slack channel."""

    short = "channel"
    channel: str = Field(description="#name or id of the channel", min_length=2)
    name: str = Field(default="", description="unique name of the route; default: slack:#channel")
    runs_on: StringList | None = Field(default=None, description="clouds it runs on; known for Slack")


class WebhookRouteSection(Section):
    """Any HTTP receiver."""

    short = "url"
    url: str = Field(description="env:NAME, file:PATH, or a URL without secrets", min_length=1)
    secret: Reference | None = Field(default=None, description="key for the HMAC signature")
    template: str = Field(default="", description="file with a Jinja2 template for the body")
    content_type: str = Field(default="application/json", description="content type of the templated body")
    headers: dict[str, str] = Field(default={}, description="extra headers; secrets as env:NAME")
    insecure: bool = Field(default=False, description="allow http:// to another machine")
    allow_private: bool = Field(default=False, description="allow a private address")
    name: str = Field(default="", description="unique name of the route")
    runs_on: StringList | None = Field(default=None, description="clouds the receiver runs on")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value)

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        return headers(value)


class TeamsRouteSection(Section):
    """A channel or chat in Teams that the backstay app was added to."""

    short = "conversation"
    conversation: str = Field(description="Team / Channel, a person's name, or an id", min_length=1)
    name: str = Field(default="", description="unique name of the route; default: teams:conversation")
    runs_on: StringList | None = Field(default=None, description="clouds it runs on; known for Teams")


class TeamsWorkflowRouteSection(Section):
    """A Microsoft Teams Workflows webhook; its URL is a secret."""

    short = "url"
    url: Reference = Field(description="env:NAME or file:PATH of the workflow's URL")
    allow_private: bool = Field(default=False, description="allow a private address")
    name: str = Field(default="", description="unique name of the route")
    runs_on: StringList | None = Field(default=None, description="clouds it runs on; known for Teams")


class EmailRouteSection(Section):
    """E-mail over SMTP."""

    to: StringList = Field(description="recipients", min_length=1)
    sender: str = Field(description="sender address, such as backstay@example.com", min_length=3)
    host: str = Field(description="the mail server", min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535, description="default: 587, 465 for tls, 25 for none")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="none is allowed on this machine only"
    )
    insecure: bool = Field(default=False, description="allow `security: none` to another machine")
    allow_private: bool = Field(default=False, description="allow a private address")
    username: str = Field(default="", description="user name, if the server requires one")
    password: Reference | None = Field(default=None, description="password, if the server requires one")
    name: str = Field(default="", description="unique name of the route; default: email:first address")
    runs_on: StringList | None = Field(default=None, description="clouds the mail server runs on")


class PagerDutyRouteSection(Section):
    """A PagerDuty service."""

    short = "routing_key"
    routing_key: Reference = Field(description="integration key of the Events API v2")
    url: str = Field(default="", description="another endpoint, such as https://events.eu.pagerduty.com/v2/enqueue")
    allow_private: bool = Field(default=False, description="allow a private address")
    name: str = Field(default="", description="unique name of the route")
    runs_on: StringList | None = Field(default=None, description="clouds it runs on; known for PagerDuty")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value) if value else value


class FileRouteSection(Section):
    """A file that gets one line of JSON per message; the last resort."""

    short = "path"
    path: str = Field(description="path of the file, - for standard output", min_length=1)
    name: str = Field(default="", description="unique name of the route")
    runs_on: StringList | None = Field(default=None, description="clouds that this machine runs on")


class AppriseRouteSection(Section):
    """One target of Apprise (SMS, ntfy, Telegram …); needs the extra backstay[apprise]."""

    short = "url"
    url: Reference = Field(description="env:NAME or file:PATH of the Apprise URL")
    name: str = Field(default="", description="unique name of the route")
    runs_on: StringList | None = Field(default=None, description="clouds it runs on")


class RouteSection(Section):
    """One route: exactly one of the kinds."""

    slack: SlackRouteSection | None = Field(default=None, description="a Slack channel")
    webhook: WebhookRouteSection | None = Field(default=None, description="any HTTP receiver")
    teams: TeamsRouteSection | None = Field(
        default=None, description="a Teams channel or chat that backstay was added to"
    )
    teams_workflow: TeamsWorkflowRouteSection | None = Field(default=None, description="a Teams Workflows webhook")
    email: EmailRouteSection | None = Field(default=None, description="e-mail")
    pagerduty: PagerDutyRouteSection | None = Field(default=None, description="a PagerDuty service")
    apprise: AppriseRouteSection | None = Field(default=None, description="one target of Apprise")
    file: FileRouteSection | None = Field(default=None, description="lines of JSON in a file, or on standard output")

    @model_validator(mode="after")
    def _one_kind(self) -> "RouteSection":
        if len(self.model_fields_set) != 1:
            kinds = ", ".join(type(self).model_fields)
            raise refuse(
                f'a route is exactly one of {kinds}; quote a channel (slack: "#payments"), because # starts a comment'
            )
        return self


class AudienceScheduleSection(Section):
    """When an audience receives a post."""

    short = "cron"
    cron: Cron = Field(default="0 9 * * MON", description="minute hour day month weekday", validate_default=False)
    timezone: TimeZone | None = Field(default=None, description="default: the audience's time zone")
    grace: Duration | None = Field(default=None, description="how late a missed post is still sent")
    post: str = Field(
        default=SCORECARD,
        description="scorecard, scorecard SERVICE, digest, or digest_if_any (only when there are incidents)",
    )

    @field_validator("post")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in (SCORECARD, *DIGESTS) and not value.startswith(f"{SCORECARD} "):
            kinds = f"{SCORECARD}, {SCORECARD} SERVICE, {', '.join(DIGESTS)}"
            raise refuse(f"{quote(value)} is not a post; expected one of {kinds}")
        return value


class ScheduleSection(AudienceScheduleSection):
    """When the named audience receives a post."""

    short = ""
    audience: AudienceName = Field(description="audience that receives it")


class AudienceSection(Section):
    """A team and its routes, tried in order."""

    short = "routes"
    bare = list
    routes: tuple[RouteSection, ...] = Field(description="the primary route first, then the fallbacks")
    timezone: TimeZone | None = Field(default=None, description="IANA time zone; default: the organisation's")
    schedules: tuple[AudienceScheduleSection, ...] | None = Field(default=None, description="default: Monday 09:00")
    members: StringList = Field(default=(), description="members: IDs of users or groups, as in roles")

    @model_validator(mode="after")
    def _some_route(self) -> "AudienceSection":
        if not self.routes:
            raise refuse("has no routes; add at least one")
        return self
