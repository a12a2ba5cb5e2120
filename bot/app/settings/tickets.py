"""Tickets of failed findings, in one tracker. Off without this section.

Least privilege. Jira: an account that may browse one project, create, edit and transition its issues and comment on them, with an API
token. GitHub: a fine-grained token for one repository with `Issues: read and write`. GitLab: a project access token, role Reporter,
scope `api`. Linear: an API key limited to one team, with `Read` and `Write`.
"""

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from bot.catalogue import Section, StringList
from bot.catalogue.secrets import refuse
from bot.catalogue.types import Duration, Reference
from checks import Severity

_URLS = {"github": "https://api.github.com", "gitlab": "https://gitlab.com", "linear": "https://api.linear.app"}
DUE = {1: timedelta(days=14), 2: timedelta(days=30), 3: timedelta(days=90), 4: timedelta(days=180)}


class TicketSettings(Section):
    """Tickets of failed findings."""

    tracker: Literal["jira", "github", "gitlab", "linear"] | None = Field(
        default=None, description="the product; default: no tickets"
    )
    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="address of the tracker, such as https://acme.atlassian.net",
    )
    project: str = Field(
        default="", description="Jira's project key, owner/repository, GitLab's path, or the key of Linear's team"
    )
    user: str = Field(default="", description="e-mail address of the account (Jira)")
    token: Reference | None = Field(default=None, description="token, by reference")
    private: bool = Field(default=False, description="allow a private address")
    issue_type: str = Field(default="Task", description="type of the issues (Jira)")
    labels: StringList = Field(default=(), description="labels beside `backstay`")
    severity: Severity = Field(default=Severity.HIGH, description="lowest severity that gets a ticket")
    services: StringList = Field(default=(), description="only these services; default: all")
    owners: dict[str, str] = Field(
        default={}, description="owner of a service: the tracker's id or name of the assignee"
    )
    due: dict[int, Duration] = Field(default={}, description="time to fix by tier; default: 14d, 30d, 90d, 180d")
    most: int = Field(default=25, ge=1, le=500, description="tickets created in one run; the most severe come first")
    every: Duration = Field(default=timedelta(hours=6), description="time between two runs while serving")

    @model_validator(mode="after")
    def _whole(self) -> "TicketSettings":
        if self.tracker is None:
            return self
        for key in ("project", "token"):
            if not getattr(self, key):
                raise refuse(f"`{key}:` is missing; tickets in {self.tracker} need it")
        if self.tracker == "jira" and not (self.url and self.user):
            raise refuse("Jira needs `url:` and `user:`, the e-mail address that the token belongs to")
        if self.tracker == "github" and self.project.count("/") != 1:
            raise refuse("`project:` must be owner/repository")
        if self.every < timedelta(minutes=15):
            raise refuse("`every:` must be at least 15m")
        return self

    @property
    def address(self) -> str:
        """The address of the API's root."""
        return self.url or _URLS.get(self.tracker or "", "")

    @property
    def due_by_tier(self) -> dict[int, timedelta]:
        """Time to fix by tier."""
        return DUE | self.due
