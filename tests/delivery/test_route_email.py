"""E-mail: what arrives, over which line, and what each answer of a mail server means."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from support.builders.posts import context, message
from support.fakes.mail_server import MailServer, certificates
from support.harness.loopback import closed_port

from bot.delivery.routes.email import message_id
from bot.delivery.routing.registry import build
from bot.model import Priority, Refused, Retry, Route, RouteSpec, Sent, Threadable
from bot.net.http import RouteError

SECRETS = {"env:MAIL": "p4ss-of-the-mail"}


def email(port: int, *, around: dict[str, Any] | None = None, **options: Any) -> Route:
    sound = {"to": ("ops@example.com",), "sender": "backstay@example.com", "host": "localhost", "security": "none"}
    return build(
        RouteSpec("email", "email:ops", {**sound, "port": port, **options}),
        context(secret=SECRETS.__getitem__, **around or {}),
    )


async def test_arrives_as_text_and_html() -> None:
    async with MailServer().running() as server:
        result = await email(server.port).send(message(priority=Priority.ALERT), 1)
    assert result == Sent(message_id("m1", "backstay@example.com"))
    (mail,) = server.mails
    assert (mail["Subject"], mail["To"], mail["From"]) == (
        "Billing scores 72",
        "ops@example.com",
        "backstay@example.com",
    )
    assert (mail["Message-ID"], mail["Importance"]) == (message_id("m1", "backstay@example.com"), "high")
    assert mail["Auto-Submitted"] == "auto-generated"
    bodies = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    assert "Fix the backups first." in bodies["text/plain"]
    assert "<" in bodies["text/html"]
    assert "Fix the backups first." in bodies["text/html"]


async def test_a_repeat_has_the_same_message_id() -> None:
    async with MailServer().running() as server:
        for attempt in (1, 2):
            await email(server.port).send(message(), attempt)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1


async def test_a_detail_is_an_answer_to_the_mail_it_belongs_under() -> None:
    async with MailServer().running() as server:
        route = email(server.port)
        first = await route.send(message("alert"), 1)
        assert isinstance(first, Sent)
        assert isinstance(route, Threadable)
        assert isinstance(await route.send_under(first.reference, message("alert/detail", under="alert"), 1), Sent)
    alert, detail = server.mails
    assert (detail["In-Reply-To"], detail["References"]) == (alert["Message-ID"], alert["Message-ID"])
    assert detail["Message-ID"] != alert["Message-ID"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_line_is_encrypted_and_its_end_verified(security: str) -> None:
    here, trust = certificates()
    server = MailServer()
    server.login = ("backstay", SECRETS["env:MAIL"])
    login = {"username": "backstay", "password": "env:MAIL", "security": security}
    ways = {"starttls": here} if security == "starttls" else {"tls": here}
    patient = {"timeout": timedelta(seconds=5)}
    async with server.running(**ways):
        assert isinstance(
            await email(server.port, around={"trust": trust, **patient}, **login).send(message(), 1), Sent
        )
        stranger = await email(server.port, around=patient, **login).send(message(), 1)
        by_number = await email(server.port, around={"trust": trust, **patient}, host="127.0.0.1", **login).send(
            message(), 1
        )
    assert isinstance(stranger, Retry)
    assert isinstance(by_number, Retry)
    assert len(server.mails) == 1
    assert SECRETS["env:MAIL"] not in repr((stranger, by_number))


async def test_nothing_is_sent_in_the_clear_where_starttls_was_asked_for() -> None:
    async with MailServer().running() as server:
        result = await email(server.port, security="starttls").send(message(), 1)
    assert isinstance(result, Retry)
    assert server.mails == []


async def test_a_wrong_password_is_refused() -> None:
    here, trust = certificates()
    server = MailServer()
    server.login = ("backstay", "another")
    async with server.running(starttls=here):
        route = email(
            server.port,
            around={"trust": trust, "timeout": timedelta(seconds=5)},
            username="backstay",
            password="env:MAIL",
            security="starttls",
        )
        result = await route.send(message(), 1)
    assert result == Refused("localhost answered 535")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 try later", Retry("localhost answered 451")),
        ("421 closing", Retry("localhost answered 421")),
        ("554 spam", Refused("localhost answered 554")),
    ],
)
async def test_what_a_server_answers(answer: str, expected: Retry | Refused) -> None:
    async with MailServer().running() as server:
        server.answers["DATA"] = answer
        assert await email(server.port).send(message(), 1) == expected


async def test_recipients_are_judged_one_by_one() -> None:
    both = ("ops@example.com", "gone@example.com")
    async with MailServer().running() as server:
        server.answers["RCPT gone@example.com"] = "550 no such person"
        assert isinstance(await email(server.port, to=both).send(message(), 1), Sent)
        assert server.recipients == ["ops@example.com"]
        assert isinstance(await email(server.port, to="gone@example.com").send(message(), 1), Refused)
        server.answers["RCPT ops@example.com"] = "450 mailbox busy"
        assert isinstance(await email(server.port, to=both).send(message(), 1), Retry)


async def test_a_cut_line_after_the_mail_left_is_in_doubt() -> None:
    async with MailServer().running() as server:
        server.cuts.add("DATA")
        result = await email(server.port).send(message(), 1)
    assert isinstance(result, Retry)
    assert result.ambiguous
    assert len(server.mails) == 1


async def test_a_server_that_hangs_does_not_hold_the_sender() -> None:
    async with MailServer().running() as server:
        server.hangs.add("DATA")
        async with asyncio.timeout(60):
            result = await email(server.port).send(message(), 1)
    assert isinstance(result, Retry)
    assert result.ambiguous


async def test_nobody_there_is_in_no_doubt() -> None:
    for route in (email(closed_port()), email(25, host="mail.invalid", security="tls")):
        result = await route.send(message(), 1)
        assert isinstance(result, Retry)
        assert not result.ambiguous


async def test_hostile_titles_stay_in_the_subject() -> None:
    odd = message(title="half \ud83d\r\nBcc: everyone@example.com\r\n\r\nbody \x00 " + "long " * 100)
    async with MailServer().running() as server:
        assert isinstance(await email(server.port).send(odd, 1), Sent)
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert server.recipients == ["ops@example.com"]
    assert len(mail["Subject"]) <= 210  # folding a long line may have doubled a space


async def test_a_broken_card_is_refused() -> None:
    assert await email(closed_port()).send(message(card={"blocks": 7}), 1) == Refused("the card cannot be read")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"security": "none", "host": "mail.example.com"}, "security must be starttls or tls"),
        ({"username": "me"}, "set both username and password, or neither"),
        ({"to": "nobody"}, "is not an e-mail address"),
        ({"to": ()}, "to:"),
        ({"sender": "a@b\r\nBcc: c@d"}, "is not an e-mail address"),
        ({"hots": "x"}, "hots"),
    ],
)
def test_settings_that_make_no_sense_are_told(options: dict[str, Any], told: str) -> None:
    with pytest.raises(RouteError, match=told):
        email(25, **options)
