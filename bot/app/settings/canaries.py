"""The section of backstay.yaml about canaries other than those of AWS: what is called, and with whose credentials."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.catalogue import Duration, Reference, Section, Target, quote, refuse

_NAME = r"^[A-Za-z0-9._/-]{1,200}$"


def _secure(value: str) -> str:
    parts = urlsplit(value)
    here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise refuse(f"must begin with https:// and contain no user, not {quote(value)}")
    return value


SecureUrl = Annotated[str, AfterValidator(_secure)]
"""An https address, or an http one of this machine."""


class GitSettings(Section):
    """A Git repository whose references are listed over HTTPS, as `git fetch` begins."""

    short = "url"
    url: SecureUrl = Field(description="https://github.com/OWNER/NAME.git")
    about: Target = Field(default="github", description="provider or scope that is down when it fails")
    token: Reference | None = Field(default=None, description="token that may read a private repository")


class ActionsSettings(Section):
    """A workflow of a test repository that backstay starts by workflow_dispatch; it should do nothing."""

    repository: str = Field(description="OWNER/NAME of a test repository", pattern=r"^[\w.-]+/[\w.-]+$")
    workflow: str = Field(description="file name of the workflow: canary.yaml", pattern=_NAME)
    ref: str = Field(default="main", description="branch on which it runs", pattern=_NAME)
    token: Reference = Field(description="token with actions: write for that repository alone")
    every: Duration = Field(
        default=timedelta(minutes=15), ge=timedelta(minutes=5), description="interval between two runs of the workflow"
    )
    api_url: SecureUrl = Field(default="https://api.github.com", description="address of GitHub's API")


class RegistrySettings(Section):
    """An image whose manifest is requested, as `docker pull` begins."""

    url: SecureUrl = Field(default="https://registry-1.docker.io", description="address of the registry")
    repository: str = Field(default="library/alpine", description="repository of the image", pattern=_NAME)
    tag: str = Field(default="latest", description="tag of the image", pattern=_NAME)
    about: Target = Field(default="docker-hub", description="provider or scope that is down when it fails")
    user: str = Field(default="", description="user name, if the image is not public")
    password: Reference | None = Field(default=None, description="the user's password or token")


class LoginSettings(Section):
    """A login page that must contain a text."""

    url: SecureUrl = Field(description="address of the page; up to five redirects are followed")
    text: str = Field(description="text that only the working page contains", min_length=2)
    about: Target = Field(description="provider, service or scope that is down when it fails")


class GoogleSettings(Section):
    """An object in a bucket of Google Cloud Storage whose metadata is read."""

    region: str = Field(description="region of the bucket: us-east5", pattern=r"^[a-z0-9-]{2,40}$")
    bucket: str = Field(description="bucket of that region alone", pattern=_NAME)
    name: str = Field(description="name of the object", min_length=1, max_length=1024)
    key: Reference | None = Field(
        default=None,
        description="JSON key of a service account with storage.objects.get; default: the object is public",
    )
    url: SecureUrl = Field(default="https://storage.googleapis.com", description="address of Cloud Storage")
    token_url: SecureUrl = Field(default="https://oauth2.googleapis.com/token", description="address that gives tokens")


class AzureSettings(Section):
    """An app registration whose subscriptions are listed; it needs no role."""

    tenant_id: str = Field(description="the tenant", pattern=r"^[A-Za-z0-9.-]{1,80}$")
    app_id: str = Field(description="application (client) id", pattern=r"^[A-Za-z0-9-]{1,80}$")
    app_password: Reference = Field(description="client secret, by reference")
    url: SecureUrl = Field(default="https://management.azure.com", description="address of Azure Resource Manager")
    login_url: SecureUrl = Field(default="https://login.microsoftonline.com", description="address of Entra ID")


class SyntheticSettings(Section):
    """Canaries of services other than AWS. None is made unless it is listed."""

    git: tuple[GitSettings, ...] = Field(default=(), description="Git repositories to list over HTTPS")
    actions: tuple[ActionsSettings, ...] = Field(default=(), description="workflows of GitHub Actions to start")
    registries: tuple[RegistrySettings, ...] = Field(default=(), description="container images to request")
    logins: tuple[LoginSettings, ...] = Field(default=(), description="login pages to request")
    gcp: tuple[GoogleSettings, ...] = Field(default=(), description="objects in Google Cloud Storage to read")
    azure: AzureSettings | None = Field(default=None, description="app registration that lists Azure subscriptions")

    @property
    def any(self) -> bool:
        """Whether anything is configured."""
        return bool(self.git or self.actions or self.registries or self.logins or self.gcp or self.azure)
