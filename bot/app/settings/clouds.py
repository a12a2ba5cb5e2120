"""How each cloud is read. Which accounts, projects, subscriptions and clusters of it: `accounts:`."""

from pydantic import Field, model_validator

from bot.catalogue import Section
from bot.catalogue.secrets import refuse
from bot.catalogue.types import Reference, Regions

_URL = r"^(https?://\S+)?$"


class AwsAccess(Section):
    """How AWS is read. Credentials come from AWS's own environment variables and files."""

    profile: str = Field(default="", description="profile in AWS's configuration files")
    regions: Regions = Field(default=(), description="only these regions; default: all that are enabled")
    regions_are_all: bool = Field(
        default=False,
        description="nothing runs outside `regions`, so that a service found in one of them runs only there",
    )
    organization: bool = Field(default=False, description="read every account of the organization")
    role: str = Field(default="", description="role to assume in accounts that have none of their own")
    concurrency: int = Field(default=16, ge=1, le=128, description="requests in flight at once")
    calls_per_second: float = Field(default=20, gt=0, le=1000, description="limit per account, region and service")
    timeout: float = Field(default=20, gt=0, le=300, description="timeout of one call, in seconds")


class GcpAccess(Section):
    """How Google Cloud is read. Credentials come from Google's own places unless a file is named."""

    credentials_file: str = Field(
        default="",
        description="key of a service account or configuration of workload identity federation; default: application "
        "default credentials",
    )
    api_url: str = Field(
        default="",
        pattern=_URL,
        description="one address for all of Google's APIs, as Private Service Connect gives them; default: their own",
    )
    private: bool = Field(default=False, description="allow private addresses for api_url and for signing in")
    calls_per_second: float = Field(default=10, gt=0, le=1000, description="limit per API")
    timeout: float = Field(default=30, gt=0, le=300, description="timeout of one call, in seconds")


class AzureAccess(Section):
    """How Azure is read. Without a secret, credentials come from azure-identity's own places."""

    tenant_id: str = Field(default="", description="tenant to sign in to; default: `AZURE_TENANT_ID`")
    client_id: str = Field(
        default="",
        description="application to sign in as, or user-assigned managed identity; default: `AZURE_CLIENT_ID`",
    )
    client_secret: Reference | None = Field(
        default=None,
        description="secret of that application; default: environment variables, workload identity, managed identity, "
        "Azure CLI, in this order",
    )
    login_url: str = Field(
        default="",
        pattern=rf"^$|{_URL}",
        description="authority that gives tokens, `https://login.microsoftonline.us` for Azure Government; "
        "default: `AZURE_AUTHORITY_HOST`, else the public cloud's",
    )
    api_url: str = Field(
        default="https://management.azure.com",
        pattern=_URL,
        description="address of Azure Resource Manager, `https://management.usgovcloudapi.net` for Azure Government",
    )
    private: bool = Field(default=False, description="allow private addresses for login_url and api_url")
    calls_per_second: float = Field(default=3, gt=0, le=1000, description="limit; Resource Graph grants 15 in 5 s")
    most_calls: int = Field(
        default=40,
        ge=1,
        le=100_000,
        description="calls of one audit after which backstay asks no more for settings that Resource Graph does not "
        "have (blob versioning, queues, failover policies); these are then unknown",
    )
    timeout: float = Field(default=30, gt=0, le=300, description="timeout of one call, in seconds")

    @model_validator(mode="after")
    def _whole(self) -> "AzureAccess":
        if self.client_secret and not (self.client_id and self.tenant_id):
            raise refuse("client_secret needs tenant_id and client_id beside it")
        return self


class KubernetesAccess(Section):
    """How clusters are read. Contexts come from the kubeconfig that kubectl would use unless one is named."""

    kubeconfig: str = Field(default="", description="path of a kubeconfig; default: KUBECONFIG, else ~/.kube/config")
    in_cluster: bool = Field(
        default=False, description="read the cluster that backstay itself runs in, by its service account"
    )
    calls_per_second: float = Field(default=20, gt=0, le=1000, description="limit per cluster")
    timeout: float = Field(default=30, gt=0, le=300, description="timeout of one call, in seconds")
