"""How runbooks are read: credentials of wikis and repositories. Which runbook a service has: `runbook:` of the service.

Least privilege. Confluence Cloud: an account that may only view the spaces, with an API token
(https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/). Data Center: a personal access
token of such an account. Notion: an internal integration with `Read content` alone, connected to the pages
(https://developers.notion.com/reference/capabilities). Git, GitHub and GitLab: a deploy key or a token that may read one repository
(GitHub: fine-grained, `Contents: read`; GitLab: `read_repository`). Google Docs: a token of scope `drive.readonly`.
"""

from typing import Literal

from pydantic import Field, model_validator

from bot.catalogue import Section, StringList
from bot.catalogue.secrets import refuse
from bot.catalogue.types import Reference

_URL = r"^(https?://\S+|git\+\S+|ssh://\S+)?$"


class RunbookSourceSection(Section):
    """One wiki or repository, and how to get into it."""

    kind: Literal["confluence", "git", "google_docs", "notion", "page", "wiki"] = Field(description="what it is")
    url: str = Field(
        default="",
        pattern=_URL,
        description="where addresses of its runbooks begin, such as https://acme.atlassian.net/wiki; default: every address of "
        "this kind",
    )
    api: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="address of its API, where it is another than usual"
    )
    user: str = Field(
        default="", description="account that the token belongs to (Confluence Cloud: its e-mail address)"
    )
    token: Reference | None = Field(default=None, description="token that may read it, by reference")
    key: Reference | None = Field(default=None, description="private SSH key (git), by reference")
    known_hosts: Reference | None = Field(
        default=None, description="the SSH keys of its host, as lines of known_hosts, by reference"
    )
    hosted_on: StringList | None = Field(default=None, description="clouds that host it, where known")

    @model_validator(mode="after")
    def _whole(self) -> "RunbookSourceSection":
        if self.kind in ("confluence", "notion") and self.token is None:
            raise refuse(f"{self.kind} needs `token:`, such as env:{self.kind.upper()}_TOKEN")
        if self.key is not None and self.known_hosts is None:
            raise refuse("`key:` needs `known_hosts:`, so that nobody else can answer as the host")
        return self


class RunbookSettings(Section):
    """How runbooks are read."""

    sources: tuple[RunbookSourceSection, ...] = Field(
        default=(), description="wikis and repositories that ask for a sign-in"
    )
    links: bool = Field(default=True, description="try the links of runbooks once a day")
