"""Sends e-mail over SMTP with verified TLS: the card as text and as HTML."""

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, ClassVar, Literal

import structlog
from pydantic import Field, field_validator

from bot.cards.bare_links import without_bare_links
from bot.cards.card import load
from bot.cards.render import html as to_html
from bot.cards.render import text as to_text
from bot.cards.sanitise import clean, cut
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Priority, Proof, Refused, Result, Retry, RouteSpec, Sent
from bot.net.egress import ForbiddenError, UnresolvableError
from bot.net.failures import failure_words
from bot.net.http import RouteError

if TYPE_CHECKING:
    from aiosmtplib import SMTP

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
SLOWER = 4
"""Mail servers answer slowly: they get this many times the timeout of other routes."""

_LONGEST_SUBJECT = 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_log = structlog.get_logger(__name__)


class Settings(Options):
    """`password` is a reference. `security: none` is for a relay on this machine; `insecure` allows it elsewhere."""

    to: tuple[str, ...] = Field(min_length=1)
    sender: str
    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    username: str = ""
    password: str = ""
    security: Security = "starttls"
    insecure: bool = False
    allow_private: bool = False

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (value,) if isinstance(value, str) else value:
            if "@" not in parseaddr(address)[1] or not address.isprintable():
                raise ValueError("is not an e-mail address")
        return value


class Email:
    """One list of recipients at one mail server."""

    kind: ClassVar[str] = "email"

    def __init__(self, name: str, settings: Settings, login: tuple[str, str], context: RouteContext) -> None:
        self.name = name
        self.platform = settings.host
        self._settings = settings
        self._login = login
        self._context = context
        self._patience = context.timeout.total_seconds() * SLOWER

    async def send(self, message: Message, attempt: int) -> Result:
        """Send the message. After a broken connection it may be delivered twice, with the same Message-ID."""
        return await self._send(mark_possible_duplicate(message, attempt), "")

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """Send as a reply to the e-mail whose Message-ID is `reference`, so that mail programs show one thread."""
        return await self._send(mark_possible_duplicate(message, attempt), reference)

    async def prove(self) -> Proof:
        """Connect to the mail server and log in, without a mail."""
        from aiosmtplib import SMTPException, SMTPResponseException  # noqa: PLC0415 - only with e-mail

        try:
            async with asyncio.timeout(self._patience):
                server = await self._server()
                try:
                    await server.connect()
                    await self._log_in(server)
                finally:
                    server.close()
        except SMTPResponseException as error:
            return Proof(False, f"{self.platform} answered {error.code}")
        except (ForbiddenError, UnresolvableError) as error:
            return Proof(False, str(error))
        except (SMTPException, OSError) as error:  # TimeoutError is an OSError
            return Proof(False, f"could not connect to {self.platform} ({failure_words(error)})")
        return Proof(True, f"{self.platform} accepts the login" if self._login[0] else f"{self.platform} answers")

    async def _send(self, message: Message, answers: str) -> Result:
        try:
            mail = await asyncio.to_thread(self._mail, message)
        except ValueError:
            return Refused("the card cannot be read")
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        try:
            async with asyncio.timeout(self._patience):
                return await self._hand_over(mail)
        except TimeoutError:
            return Retry(f"{self.platform} did not answer within {self._patience:g} s", ambiguous=True)

    async def _hand_over(self, mail: EmailMessage) -> Result:
        from aiosmtplib import SMTPConnectError, SMTPException, SMTPResponseException  # noqa: PLC0415 - only with e-mail

        try:
            server = await self._server()
        except ForbiddenError as error:
            return Refused(str(error))
        except (UnresolvableError, OSError) as error:
            reason = str(error) if isinstance(error, UnresolvableError) else failure_words(error)
            return Retry(f"could not connect to {self.platform} ({reason})", unreached=True)
        try:
            await server.connect()
            await self._log_in(server)
        except SMTPResponseException as error:
            return self._result_of(error.code)
        except (SMTPConnectError, SMTPException, OSError) as error:
            server.close()
            return Retry(f"could not connect to {self.platform} ({failure_words(error)})", unreached=True)
        try:
            return await self._deliver(server, mail)
        finally:
            server.close()

    async def _log_in(self, server: "SMTP") -> None:
        if self._login[0]:
            await server.login(*self._login)

    async def _deliver(self, server: "SMTP", mail: EmailMessage) -> Result:
        from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException  # noqa: PLC0415 - as above

        try:
            refused, _ = await server.send_message(mail)
        except SMTPRecipientsRefused as error:
            # One recipient that may work later is enough to try again.
            return self._result_of(min(recipient.code for recipient in error.recipients))
        except SMTPResponseException as error:
            return self._result_of(error.code)
        except (SMTPException, OSError) as error:
            return Retry(f"connection to {self.platform} broke ({failure_words(error)})", ambiguous=True)
        if refused:
            _log.warning("email_recipients_refused", route=self.name, refused=len(refused), of=len(self._settings.to))
        return Sent(str(mail["Message-ID"]))

    def _result_of(self, code: int) -> Refused | Retry:
        """RFC 5321, 4.2.1: codes 4xx are transient, 5xx permanent. -1: the answer was not SMTP."""
        reason = f"{self.platform} answered {code}"
        if code == -1:
            return Retry(f"{self.platform} gave an invalid SMTP answer", ambiguous=True)
        return Refused(reason) if 500 <= code < 600 else Retry(reason)

    async def _connect(self) -> socket.socket:
        """A connection to an address of the server that the egress policy allows."""
        settings, outgoing = self._settings, self._context.outgoing
        port = settings.port or PORTS[settings.security]
        ips = await outgoing.addresses(settings.host, port, private=settings.allow_private)
        connection = socket.socket(socket.AF_INET6 if ":" in ips[0] else socket.AF_INET)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, (ips[0], port))
        except BaseException:
            connection.close()
            raise
        return connection

    async def _server(self) -> "SMTP":
        from aiosmtplib import SMTP  # noqa: PLC0415 - as above

        settings = self._settings
        return SMTP(
            hostname=settings.host,
            sock=await self._connect(),
            timeout=self._patience,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._context.trust or ssl.create_default_context(),
        )

    def _mail(self, message: Message) -> EmailMessage:
        card = load(message.card)
        mail = EmailMessage(policy=WIRE)
        mail["Subject"] = cut(clean(card.title), _LONGEST_SUBJECT)
        mail["From"] = self._settings.sender
        mail["To"] = ", ".join(self._settings.to)
        mail["Date"] = format_datetime(message.created_at or self._context.clock())
        mail["Message-ID"] = message_id(message.id, self._settings.sender)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: asks for no automatic reply
        if message.priority is Priority.ALERT:
            mail["Importance"] = "high"
        inert = without_bare_links(card)
        mail.set_content(_encodable(to_text.render(inert)))
        mail.add_alternative(_encodable(to_html.render(inert)), subtype="html")
        return mail


def message_id(delivery: str, sender: str) -> str:
    """The Message-ID of a delivery, the same for every attempt, so that mail programs show a repeat once."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(delivery.encode(errors='replace')).hexdigest()[:40]}@{domain}>"


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def build(spec: RouteSpec, context: RouteContext) -> Email:
    """Build the route.

    Raises:
        RouteError: a setting is wrong, or would send a password or a message unencrypted.
    """
    settings = Settings.of(_with_list(spec))
    if settings.security == "none" and settings.host not in _LOOPBACK and not settings.insecure:
        raise RouteError(f"route {spec.name}: security must be starttls or tls (or set `insecure: true`)")
    try:
        context.outgoing.check(settings.host, private=settings.allow_private)
    except ForbiddenError as error:
        raise RouteError(f"route {spec.name}: {error}") from None
    if bool(settings.username) != bool(settings.password):
        raise RouteError(f"route {spec.name}: set both username and password, or neither")
    return Email(spec.name, settings, (settings.username, context.resolve(settings.password)), context)


def _with_list(spec: RouteSpec) -> RouteSpec:
    """The spec with `to` as a list, where it is a single address."""
    to: str | Sequence[str] = spec.options.get("to", ())
    return RouteSpec(spec.kind, spec.name, {**spec.options, "to": (to,) if isinstance(to, str) else to})
