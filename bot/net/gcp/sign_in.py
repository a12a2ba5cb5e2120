"""Signs in to Google Cloud with google-auth, whose calls go through our guarded HTTP client.

Application default credentials cover a service account file, workload identity federation, a user's own sign-in and the metadata
server: https://cloud.google.com/docs/authentication/application-default-credentials
"""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import google.auth
from google.auth import (
    _cloud_sdk,
    aws,
    environment_vars,
    exceptions,
    external_account_authorized_user,
    identity_pool,
    impersonated_credentials,
    transport,
)
from google.oauth2 import credentials, service_account

from bot.net.egress import NetworkError
from bot.net.failures import failure_words
from bot.net.http_client import HttpAnswer, HttpClient, HttpRequest
from bot.net.read_error import ReadError

ACTION: Final = "sign-in"
_SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform.read-only",)
_METADATA_HOSTS: Final = frozenset({"metadata.google.internal", "169.254.169.254"})
_LONGEST: Final = 120.0  # seconds that a call of google-auth may ask for


class _Answer(transport.Response):
    """An answer in the form that google-auth reads."""

    def __init__(self, answer: HttpAnswer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body


class GoogleTransport(transport.Request):
    """Makes google-auth's calls, from a thread of its own, on the event loop of the guarded client.

    `private`: endpoints that credentials name may be at private addresses. The metadata server always may.
    """

    def __init__(self, http: HttpClient, loop: asyncio.AbstractEventLoop, *, private: bool = False) -> None:
        self._http, self._loop, self._private = http, loop, private

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Answer:
        """Make one call.

        Raises:
            TransportError: there is no answer.
        """
        request = HttpRequest(
            url,
            method,
            credentials=dict(headers or {}),
            body=body.encode() if isinstance(body, str) else body,
            private=self._private or urlsplit(url).hostname in _METADATA_HOSTS,
            timeout=timedelta(seconds=min(timeout or 10.0, _LONGEST)),
        )
        try:
            return _Answer(asyncio.run_coroutine_threadsafe(self._http.request(request), self._loop).result())
        except NetworkError as error:
            failure: Any = exceptions.TransportError
            raise failure(str(error)) from error


@dataclass(slots=True)
class GoogleSignIn:
    """Gives the headers that sign a call in, renewed before they expire. `credentials_file`: else the default credentials."""

    http: HttpClient
    credentials_file: str = ""
    private: bool = False
    _credentials: Any = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorize(self) -> Mapping[str, str]:
        """The headers of a call.

        Raises:
            ReadError: there are no credentials, or Google does not accept them.
        """
        async with self._turn:
            if self._credentials is None or not self._credentials.valid:
                carrier = GoogleTransport(self.http, asyncio.get_running_loop(), private=self.private)
                await asyncio.to_thread(self._refresh, carrier)
        headers: dict[str, str] = {}
        self._credentials.apply(headers)  # adds the project whose quota is used, where the credentials name one
        return headers

    def _refresh(self, carrier: GoogleTransport) -> None:
        try:
            if self._credentials is None:
                self._credentials = _load(self.credentials_file, carrier)
            self._credentials.refresh(carrier)
        except exceptions.DefaultCredentialsError:
            raise ReadError(ACTION, "no usable Google credentials found", "NoCredentials", fatal=True) from None
        except (exceptions.GoogleAuthError, OSError, ValueError) as error:
            reason = f"Google did not accept the credentials ({failure_words(error, 'unknown reason')})"
            raise ReadError(ACTION, reason, "NotAccepted", fatal=True) from None


def _load(path: str, carrier: GoogleTransport) -> Any:
    """The credentials of a file, else those of the environment's or gcloud's own file, else those of the metadata server."""
    found = path or os.environ.get(environment_vars.CREDENTIALS, "")
    sdk: Any = _cloud_sdk
    own = Path(sdk.get_application_default_credentials_path())
    if found or own.is_file():
        return _of_file(Path(found) if found else own)
    return google.auth.default(scopes=_SCOPES, request=carrier)[0]


def _of_file(path: Path) -> Any:
    """The credentials of a file, by its own type. One that runs a program is not accepted.

    Raises:
        ValueError: its type is not supported.
    """
    found = json.loads(path.read_bytes())
    kind = str(found.get("type")) if isinstance(found, dict) else ""
    source = found.get("credential_source") if kind == "external_account" else None
    if isinstance(source, dict) and "executable" in source:
        raise ValueError("the credentials file runs a program, which is not supported")
    if isinstance(source, dict) and str(source.get("environment_id", "")).startswith("aws"):
        kind = "aws"
    build = _BUILDERS.get(kind)
    if build is None:
        raise ValueError("the type of the credentials file is not supported")
    return build(found, scopes=_SCOPES)


def _of_workforce(found: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    build: Any = external_account_authorized_user.Credentials.from_info
    return build({**found, "scopes": list(scopes)})


_BUILDERS: Final[Mapping[str, Any]] = {
    "aws": aws.Credentials.from_info,
    "authorized_user": credentials.Credentials.from_authorized_user_info,
    "external_account": identity_pool.Credentials.from_info,
    "external_account_authorized_user": _of_workforce,
    "impersonated_service_account": impersonated_credentials.Credentials.from_impersonated_service_account_info,
    "service_account": service_account.Credentials.from_service_account_info,
}
