"""Signs in to Azure with azure-identity, whose calls go through our guarded HTTP client.

Without a secret the credentials are tried in this order: environment variables (AZURE_CLIENT_SECRET or
AZURE_CLIENT_CERTIFICATE_PATH), workload identity (AZURE_FEDERATED_TOKEN_FILE), managed identity, and the Azure CLI. Source:
azure-identity, "Credential chains in the Azure Identity client library".
"""

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity.aio import (
    AzureCliCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from bot.net.azure.transport import GuardedTransport
from bot.net.failures import failure_words
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError

ACTION: Final = "sign-in"
PUBLIC: Final = "https://login.microsoftonline.com"
_EARLY: Final = 300.0  # seconds before a token expires
_LONGEST: Final = 60.0  # seconds for all of the credentials together


@dataclass(frozen=True, slots=True)
class AzureApp:
    """Whom to sign in as. Empty fields come from the environment; `client` alone names a user-assigned managed identity.

    `login_url`: the authority, which Azure Government and Azure China have of their own; empty: AZURE_AUTHORITY_HOST, else
    the public cloud's.
    """

    tenant: str = ""
    client: str = ""
    secret: str = field(default="", repr=False)
    login_url: str = ""

    @property
    def authority(self) -> str:
        """The address that gives tokens."""
        found = self.login_url or os.environ.get("AZURE_AUTHORITY_HOST", "") or PUBLIC
        return (found if "://" in found else f"https://{found}").rstrip("/")


@dataclass(slots=True)
class AzureSignIn:
    """Gives the headers that sign a call in, renewed before they expire. `scope`: of the API, `https://HOST/.default`."""

    http: HttpClient
    app: AzureApp
    scope: str = "https://management.azure.com/.default"
    private: bool = False
    _credential: Any = field(default=None, repr=False)
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorize(self) -> Mapping[str, str]:
        """The headers of a call.

        Raises:
            ReadError: there are no credentials, or Azure does not accept them, or does not answer.
        """
        async with self._turn:
            if time.time() >= self._until:
                await self._renew()
        return {"authorization": f"Bearer {self._token}"}

    async def _renew(self) -> None:
        logging.getLogger("azure").setLevel(logging.CRITICAL)  # its warnings repeat what each credential said
        try:
            async with asyncio.timeout(_LONGEST):
                self._credential = self._credential or await asyncio.to_thread(self._chosen)
                found = await self._credential.get_token(self.scope)
        except TimeoutError:
            raise ReadError(ACTION, f"the sign-in took longer than {_LONGEST:.0f} s", "TimedOut", fatal=True) from None
        except ClientAuthenticationError as error:  # also raised where no credential of the chain is set up
            code = _code(error)
            if not (code or self.app.secret):
                raise ReadError(ACTION, "no usable Azure credentials found", "NoCredentials", fatal=True) from None
            reason = f"Azure does not accept the credentials{f' ({code})' if code else ''}"
            raise ReadError(ACTION, reason, "Unauthorized", fatal=True) from None
        except (AzureError, OSError, ValueError) as error:
            reason = f"no answer to the sign-in: {failure_words(error, 'unknown reason')}"
            raise ReadError(ACTION, reason, "Unreachable", fatal=True) from None
        self._token, self._until = found.token, found.expires_on - _EARLY

    def _chosen(self) -> Any:
        """The credentials to use: those of the settings, else the first of the chain that is set up."""
        app, authority = self.app, urlsplit(self.app.authority)
        plain = authority.netloc if authority.scheme == "http" else ""
        options: dict[str, Any] = {
            "transport": GuardedTransport(self.http, private=self.private, plain=plain),
            "authority": f"https://{authority.netloc}{authority.path}",
            "retry_total": 1,
        }
        if app.secret:
            return ClientSecretCredential(app.tenant, app.client, app.secret, **options)
        return ChainedTokenCredential(*_chain(app, options))


def _chain(app: AzureApp, options: Mapping[str, Any]) -> Sequence[Any]:
    chain: list[Any] = [EnvironmentCredential(**options)]
    client = app.client or os.environ.get("AZURE_CLIENT_ID", "")
    tenant = app.tenant or os.environ.get("AZURE_TENANT_ID", "")
    if client and tenant and os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
        chain.append(WorkloadIdentityCredential(tenant_id=tenant, client_id=client, **options))
    own: dict[str, Any] = {name: value for name, value in options.items() if name != "authority"}
    own |= {"client_id": client} if client else {}
    chain.append(ManagedIdentityCredential(_exclude_workload_identity_credential=True, **own))
    chain.append(AzureCliCredential(tenant_id=app.tenant))
    return chain


def _code(error: ClientAuthenticationError) -> str:
    """The number of an Entra error (`AADSTS7000215`), which alone of its text holds nothing of ours."""
    words = str(error).replace(":", " ").split()
    return next((word for word in words if word.startswith("AADSTS") and word[6:].isdigit()), "")


def scope_of(api_url: str) -> str:
    """The scope of Azure Resource Manager at an address: `https://management.azure.com/.default`."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}/.default"
