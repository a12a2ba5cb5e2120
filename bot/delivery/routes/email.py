"""E-mail over SMTP: the card as text and as HTML, over a line that is encrypted and whose far end is verified."""

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

from bot.cards.card import load
from bot.cards.render import html as to_html
from bot.cards.render import text as to_text
from bot.cards.sanitise import clean, cut
from bot.delivery.routing.context import Options, RouteContext
from bot.delivery.routing.possible_duplicate import mark_possible_duplicate
from bot.model import Message, Priority, Refused, Result, Retry, RouteSpec, Sent
from bot.net.egress import ForbiddenError, UnresolvableError
from bot.net.http import RouteError

if TYPE_CHECKING:
    from aiosmtplib import SMTP

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
SLOWER = 4
"""Mail servers think for longer than a chat before they answer: so many times as long as other routes they are given."""

_LONGEST_SUBJECT = 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_log = structlog.get_logger(__name__)


class Settings(Options):
    """`password` is a reference. `security` none is for a relay on this machine; `insecure` allows it elsewhere."""

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
        for one in (value,) if isinstance(value, str) else value:
            if "@" not in parseaddr(one)[1] or not one.isprintable():
                raise ValueError("is no e-mail address")
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
        """Hand the message to the server. After a cut line it may arrive twice, under the same Message-ID."""
        return await self._send(mark_possible_duplicate(message, attempt), "")

    async def send_under(self, reference: str, message: Message, attempt: int) -> Result:
        """The same as an answer to the mail whose Message-ID is `reference`: mail programs show both as one thread."""
        return await self._send(mark_possible_duplicate(message, attempt), reference)

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
            return Retry(f"{self.platform} did not answer in time", ambiguous=True)

    async def _hand_over(self, mail: EmailMessage) -> Result:
        from aiosmtplib import SMTPConnectError, SMTPException, SMTPResponseException  # noqa: PLC0415 - only with e-mail

        try:
            server = await self._server()
        except ForbiddenError as error:
            return Refused(str(error))
        except (UnresolvableError, OSError) as error:
            said = str(error) if isinstance(error, UnresolvableError) else type(error).__name__
            return Retry(f"{self.platform} cannot be reached ({said})")
        try:
            await server.connect()
            await self._prove(server)
        except SMTPResponseException as error:
            return self._judge(error.code)
        except (SMTPConnectError, SMTPException, OSError) as error:
            server.close()
            return Retry(f"{self.platform} cannot be reached ({type(error).__name__})")
        try:
            return await self._deliver(server, mail)
        finally:
            server.close()

    async def _prove(self, server: "SMTP") -> None:
        if self._login[0]:
            await server.login(*self._login)

    async def _deliver(self, server: "SMTP", mail: EmailMessage) -> Result:
        from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException  # noqa: PLC0415 - as above

        try:
            refused, _ = await server.send_message(mail)
        except SMTPRecipientsRefused as error:
            # One that may work later is reason enough to come back.
            return self._judge(min(one.code for one in error.recipients))
        except SMTPResponseException as error:
            return self._judge(error.code)
        except (SMTPException, OSError) as error:
            return Retry(f"{self.platform} cut the line ({type(error).__name__})", ambiguous=True)
        if refused:
            _log.warning("email.some_refused", route=self.name, refused=len(refused), of=len(self._settings.to))
        return Sent(str(mail["Message-ID"]))

    def _judge(self, code: int) -> Refused | Retry:
        """RFC 5321, 4.2.1: what begins with 4 passes, what begins with 5 stands. -1: no answer that makes sense."""
        said = f"{self.platform} answered {code}"
        if code == -1:
            return Retry(f"{self.platform} talked nonsense", ambiguous=True)
        return Refused(said) if 500 <= code < 600 else Retry(said)

    async def _line(self) -> socket.socket:
        """A connection to an address of the server that was looked at."""
        settings, outgoing = self._settings, self._context.outgoing
        port = settings.port or PORTS[settings.security]
        ips = await outgoing.addresses(settings.host, port, private=settings.allow_private)
        line = socket.socket(socket.AF_INET6 if ":" in ips[0] else socket.AF_INET)
        line.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(line, (ips[0], port))
        except BaseException:
            line.close()
            raise
        return line

    async def _server(self) -> "SMTP":
        from aiosmtplib import SMTP  # noqa: PLC0415 - as above

        settings = self._settings
        return SMTP(
            hostname=settings.host,
            sock=await self._line(),
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
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation reply, please
        if message.priority is Priority.ALERT:
            mail["Importance"] = "high"
        mail.set_content(_sound(to_text.render(card)))
        mail.add_alternative(_sound(to_html.render(card)), subtype="html")
        return mail


def message_id(delivery: str, sender: str) -> str:
    """The same on every try, so that mail programs show a repeat once."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(delivery.encode(errors='replace')).hexdigest()[:40]}@{domain}>"


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()


def build(spec: RouteSpec, context: RouteContext) -> Email:
    """Build the route.

    Raises:
        RouteError: its settings make no sense, or would send a password or a message in the clear.
    """
    settings = Settings.of(_listed(spec))
    if settings.security == "none" and settings.host not in _LOOPBACK and not settings.insecure:
        raise RouteError(f"route {spec.name}: security must be starttls or tls (or say `insecure: true`)")
    try:
        context.outgoing.check(settings.host, private=settings.allow_private)
    except ForbiddenError as error:
        raise RouteError(f"route {spec.name}: {error}") from None
    if bool(settings.username) != bool(settings.password):
        raise RouteError(f"route {spec.name}: username and password go together")
    return Email(spec.name, settings, (settings.username, context.resolve(settings.password)), context)


def _listed(spec: RouteSpec) -> RouteSpec:
    """One address may stand alone."""
    to: str | Sequence[str] = spec.options.get("to", ())
    return RouteSpec(spec.kind, spec.name, {**spec.options, "to": (to,) if isinstance(to, str) else to})
