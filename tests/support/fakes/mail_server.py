"""A mail server on loopback: plain, STARTTLS or TLS, with a login if wanted, and answers on order."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """`mails` is what it took. `answers` are given by the command they answer (`DATA`, `RCPT ops@example.com`)."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.hangs: set[str] = set()
        self.cuts: set[str] = set()
        self.login: tuple[str, str] | None = None
        self.encrypted: list[bool] = []
        self.port = 0

    @asynccontextmanager
    async def running(
        self, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["MailServer"]:
        """Serve for the block."""
        made: list[SMTP] = []

        def protocol() -> SMTP:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it does not know that the line is encrypted from the first byte
                made.append(self._protocol(starttls))
            return made[-1]

        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for entry in made:
                _abort(entry)
            await server.wait_closed()

    def _protocol(self, starttls: ssl.SSLContext | None) -> SMTP:
        return SMTP(
            self,
            hostname="loopback",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=self.login is not None,
            auth_require_tls=starttls is not None,
            auth_exclude_mechanism=["LOGIN"],  # one way to prove who one is, so that a refusal comes at once
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """A recipient."""
        if f"RCPT {address}" in self.answers:
            return self.answers[f"RCPT {address}"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """The mail itself."""
        if "DATA" in self.hangs:
            await asyncio.sleep(3600)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        if "DATA" in self.cuts:
            _abort(server)
        return "250 taken"

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False)


def _abort(connection: SMTP) -> None:
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on localhost shows, and what a client needs to believe it."""
    authority = trustme.CA()
    here, trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(here)
    authority.configure_trust(trust)
    return here, trust
