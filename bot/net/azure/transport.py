"""Makes the calls of azure-identity through the guarded HTTP client.

Source: azure-core, "AsyncHttpTransport" (docs of the client library's pipeline).
"""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import AsyncHttpResponse, AsyncHttpTransport, HttpRequest

from bot.net import http_client
from bot.net.egress import NetworkError
from bot.net.http_client import HttpAnswer, HttpClient

_METADATA_HOST: Final = "169.254.169.254"
_ENDPOINTS: Final = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST")
"""Variables in which App Service, Functions, Azure Arc and AKS name the local address of a managed identity."""
_SECONDS: Final = 20.0  # of one call, unless azure-identity asks for less


class _Answer(AsyncHttpResponse):
    """An answer in the form that azure-core reads."""

    def __init__(self, request: HttpRequest, answer: HttpAnswer) -> None:
        super().__init__(request, None)
        self.status_code, self.headers, self._read = answer.status, dict(answer.headers), answer.body
        self.reason = ""
        self.content_type = self.headers.get("content-type", "")

    def body(self) -> bytes:
        return self._read

    async def load_body(self) -> None:
        """Nothing is left to read."""

    async def stream_download(self, pipeline: Any, **_: Any) -> AsyncIterator[bytes]:  # noqa: ARG002 - the signature of azure-core
        yield self._read

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing is open."""


class GuardedTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Makes calls. `private`: the authority may be at a private address. The address of a managed identity always may.

    `plain`: host and port of an authority without TLS, which azure-identity knows as one with it.
    """

    def __init__(self, http: HttpClient, *, private: bool = False, plain: str = "") -> None:
        self._http, self._private, self._plain = http, private, plain

    async def send(self, request: HttpRequest, **options: Any) -> AsyncHttpResponse:
        """Make one call.

        Raises:
            ServiceRequestError: there is no answer.
        """
        data: Any = request.body if hasattr(request, "body") else getattr(request, "content", None)
        seconds = min(float(options.get("connection_timeout") or _SECONDS), _SECONDS)
        url = request.url
        if self._plain and urlsplit(url).netloc == self._plain:
            url = url.replace("https://", "http://", 1)
        own = http_client.HttpRequest(
            url,
            request.method,
            credentials=dict(request.headers),
            body=_content(data),
            private=self._private or urlsplit(url).hostname in _local_hosts(),
            timeout=timedelta(seconds=seconds),
        )
        try:
            return _Answer(request, await self._http.request(own))
        except NetworkError as error:
            raise ServiceRequestError(str(error)) from error

    async def open(self) -> None:
        """The client is open already."""

    async def close(self) -> None:
        """The client is closed by its owner."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """The client is closed by its owner."""


def _content(data: Any) -> bytes | None:
    """The body of a request: azure-core holds a form as a mapping until it is sent."""
    if isinstance(data, dict):
        return urlencode(data).encode()
    return data.encode() if isinstance(data, str) else data


def _local_hosts() -> frozenset[str | None]:
    named = (urlsplit(os.environ.get(name, "")).hostname for name in _ENDPOINTS)
    return frozenset({_METADATA_HOST, *(host for host in named if host)})
