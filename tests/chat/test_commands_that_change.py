"""Commands that leave something behind: what they take, what they answer to what cannot be taken, and to whom they are refused."""

import pytest
from support.builders.backend import SampleAudits, sample_backend, sample_services
from support.builders.moment import NOW
from support.builders.records import RecordsInMemory

from bot.cards.card import Card
from bot.cards.render.text import render as to_text
from bot.chat.command import FieldErrors, commands
from bot.chat.dispatch import dispatch, private
from bot.model import Caller, Role
from bot.model.backend import Backend

ADA = Caller("slack", "U1", "C1", "ada", "Europe/Berlin", groups=("S7",))
HOLDERS = {Role.ADMIN: ("slack:U9",), Role.RESPONDER: ("slack:U8", "slack:U9")}


def backend() -> tuple[Backend, RecordsInMemory]:
    records = RecordsInMemory()
    audits = SampleAudits(sample_services("billing", "checkout", "payment api"))
    return sample_backend(audits, records=records), records


async def ask(
    line: str,
    of: Backend | None = None,
    *,
    role: Role = Role.ADMIN,
    who: Caller = ADA,
    fields: dict[str, str] | None = None,
) -> Card:
    cards = dispatch(line, who, of or backend()[0], now=lambda: NOW, role=role, fields=fields, holders=HOLDERS)
    return [card async for card in cards][-1]


ROLES = {
    "attest": Role.RESPONDER,
    "broadcast": Role.RESPONDER,
    "drill": Role.RESPONDER,
    "subscribe": Role.RESPONDER,
    "unsubscribe": Role.RESPONDER,
    "waive": Role.ADMIN,
}
_RANKS = (Role.VIEWER, Role.RESPONDER, Role.ADMIN)


@pytest.mark.parametrize("word", [*ROLES, "incidents", "runbook", "status"])
@pytest.mark.parametrize("role", _RANKS)
async def test_who_may_use_what(word: str, role: Role) -> None:
    needs = ROLES.get(word, Role.VIEWER)
    assert commands()[word].role is needs
    of, records = backend()
    card = await ask(commands()[word].example, of, role=role)
    if _RANKS.index(role) >= _RANKS.index(needs):
        assert card.kind not in ("refused", "error"), to_text(card)
        assert records.refusals == []
        return
    assert card.kind == "refused"
    assert private(card)
    assert (card.data or {})["holders"] == list(HOLDERS[needs])
    assert HOLDERS[needs][0] in to_text(card)
    assert records.refusals == [("slack:U1", word)]
    assert not any((records.words, records.accepted, records.wanted, records.drafts))


@pytest.mark.parametrize("word", sorted(word for word, one in commands().items() if one.role is not Role.VIEWER))
async def test_a_viewer_is_refused_whatever_changes_something(word: str) -> None:
    assert (await ask(word, role=Role.VIEWER)).kind == "refused"


async def test_a_role_that_nobody_has_is_told_with_where_to_set_it() -> None:
    cards = dispatch("waive", ADA, backend()[0], now=lambda: NOW, role=Role.VIEWER)
    (card,) = [card async for card in cards]
    assert "roles.admin" in to_text(card)


@pytest.mark.parametrize("word", ["attest", "broadcast", "subscribe", "waive"])
async def test_the_word_alone_asks_with_a_form(word: str) -> None:
    card = await ask(word)
    assert card.form
    assert (card.form.command, card.form.opens, private(card)) == (word, word, True)
    assert commands()[word].form


@pytest.mark.parametrize(
    ("line", "practice", "link"),
    [
        ("attest checkout game_day https://x.example/a", "game_day", "https://x.example/a"),
        ("attest CHECKOUT Game Day http://x.example/a", "game_day", "http://x.example/a"),
        ("attest checkout fault-injection", "fault_injection", ""),
        ("attest payment api infrastructure as code https://x.example", "infrastructure_as_code", "https://x.example"),
        ("attest 'payment api' training", "training", ""),
    ],
)
async def test_attest_takes(line: str, practice: str, link: str) -> None:
    of, records = backend()
    assert (await ask(line, of)).kind == "attested"
    (word,) = records.words
    assert (word.practice, word.link, word.by, word.at) == (practice, link, "ada", NOW)
    assert word.expires_at > NOW


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("attest checkout", "Enter a practice. Known: failover, restore"),
        ("attest checkout gameday", "did you mean game_day?"),
        ("attest chekout game_day", "did you mean checkout?"),
        ("attest checkout game_day ftp://x.example", "not a link"),
        ("attest checkout game_day https://x.example/<b>", "not a link"),
        ("attest game_day", "No service is called 'game_day'"),
    ],
)
async def test_attest_does_not_take(line: str, said: str) -> None:
    of, records = backend()
    card = await ask(line, of)
    assert card.kind == "error"
    assert said in card.summary
    assert records.words == []


@pytest.mark.parametrize(
    "owner",
    [
        Caller("slack", "payments", "C1"),
        Caller("slack", "U1", "C1", name="Payments"),
        Caller("slack", "U1", groups=("payments",)),
    ],
)
async def test_nobody_vouches_for_their_own(owner: Caller) -> None:
    of, records = backend()
    card = await ask("attest checkout training https://x.example", of, who=owner)
    assert "You own" in card.summary
    assert records.words == []


@pytest.mark.parametrize(
    ("line", "service", "resource"),
    [
        ("waive RG03 30 second region comes later", "", ""),
        ("waive rg03:checkout 30d second region comes later", "checkout", ""),
        ("waive RG03:payment api 30 days second region comes later", "payment api", ""),
        ('waive "RG03:payment api" 30 second region comes later', "payment api", ""),
        ("waive RG03:checkout:arn:aws:s3:::b 30 second region comes later", "checkout", "arn:aws:s3:::b"),
    ],
)
async def test_waive_takes(line: str, service: str, resource: str) -> None:
    of, records = backend()
    assert (await ask(line, of)).kind == "waived"
    (waiver,) = records.accepted
    assert (waiver.service, waiver.check, waiver.resource) == (service, "RG03", resource)
    assert (waiver.reason, waiver.by, (waiver.until - NOW).days) == ("second region comes later", "ada", 30)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("waive RG99 30 second region comes later", "No check is called 'RG99'"),
        ("waive RG03:chekout 30 second region comes later", "did you mean RG03:checkout?"),
        ("waive RG03:checkout second region comes later", "Enter a number of days from 1 to 365."),
        ("waive RG03:checkout 0 second region comes later", "Enter a number of days from 1 to 365."),
        ("waive RG03:checkout 366 second region comes later", "Enter a number of days from 1 to 365."),
        ("waive RG03:checkout ٣ second region comes later", "Enter a number of days from 1 to 365."),
        ("waive RG03:checkout 30", "Enter a reason of at least 8 characters"),
        ("waive RG03:checkout 30 ok", "Enter a reason of at least 8 characters"),
        (f"waive RG03:checkout 30 {'because ' * 80}", "At most 500 characters"),
    ],
)
async def test_waive_does_not_take(line: str, said: str) -> None:
    of, records = backend()
    card = await ask(line, of)
    assert card.kind == "error"
    assert said in card.summary
    assert records.accepted == []


async def test_a_finding_alone_is_the_beginning_of_a_form() -> None:
    form = (await ask("waive 'RG03:payment api'")).form
    assert form
    assert form.fields[0].value == "RG03:payment api"
    assert form.opens == "waive 'RG03:payment api'"


@pytest.mark.parametrize(
    ("line", "post", "cron_", "timezone"),
    [
        ("subscribe scorecard", "scorecard", "0 9 * * MON", "Europe/Berlin"),
        ("subscribe daily 7:15", "scorecard", "15 7 * * *", "Europe/Berlin"),
        (
            "subscribe checkout weekdays 8.30 america/new_york",
            "scorecard checkout",
            "30 8 * * MON-FRI",
            "America/New_York",
        ),
        ("subscribe scorecard payment api every tuesday at 5pm UTC", "scorecard payment api", "0 17 * * TUE", "UTC"),
        ("subscribe digest", "digest", "0 8 * * *", "Europe/Berlin"),
        ("subscribe digest_if_any daily 08:00 UTC", "digest_if_any", "0 8 * * *", "UTC"),
        ("subscribe weekly mon, thu 09:00", "scorecard", "0 9 * * MON,THU", "Europe/Berlin"),
        ("subscribe scorecard '0 9 1 * *'", "scorecard", "0 9 1 * *", "Europe/Berlin"),
    ],
)
async def test_subscribe_takes(line: str, post: str, cron_: str, timezone: str) -> None:
    of, records = backend()
    card = await ask(line, of)
    assert card.kind == "subscribed", to_text(card)
    (wanted,) = records.wanted
    assert (wanted.audience, wanted.post, wanted.cron, wanted.timezone) == ("slack:C1", post, cron_, timezone)
    assert "Already subscribed" in (await ask(line, of)).title


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("subscribe chekout", "No service is called 'chekout'"),
        ("subscribe scorecard mondy 09:00", "'mondy' is not a day"),
        ("subscribe scorecard monday 25:00", "not a time of day"),
        ("subscribe scorecard monday 09:00 Europe/Berlni", "No time zone is called 'Europe/Berlni'"),
        ("subscribe scorecard '* * * * *'", "At most one post per hour"),
        ("subscribe scorecard '99 9 * * *'", "not a cron expression"),
        ("unsubscribe chekout", "No post is called 'chekout'"),
    ],
)
async def test_subscribe_does_not_take(line: str, said: str) -> None:
    of, records = backend()
    card = await ask(line, of)
    assert card.kind == "error", to_text(card)
    assert said in card.summary
    assert records.wanted == []


@pytest.mark.parametrize("who", [Caller("slack", "U1"), Caller("terminal", "ada", "tty")])
@pytest.mark.parametrize("line", ["subscribe scorecard", "unsubscribe"])
async def test_only_a_channel_gets_posts(line: str, who: Caller) -> None:
    assert "run this command in the channel" in (await ask(line, who=who)).summary


async def test_unsubscribing_from_one_of_two() -> None:
    of, records = backend()
    await ask("subscribe scorecard", of)
    await ask("subscribe 'payment api' friday 16:00", of)
    card = await ask("unsubscribe payment api", of)
    assert ((card.data or {})["removed"], (card.data or {})["left"]) == (1, ["scorecard"])
    assert (await ask("unsubscribe payment api", of)).tone == "warning"
    assert [name.post for name in records.wanted] == ["scorecard"]


async def test_the_time_zone_is_the_organisations_where_the_platform_tells_none() -> None:
    of, records = backend()
    records.timezone = "Asia/Tokyo"
    await ask("subscribe scorecard", of, who=Caller("teams", "29:x", "19:abc@thread.tacv2"))
    assert (records.wanted[0].timezone, records.wanted[0].audience) == ("Asia/Tokyo", "teams:19:abc@thread.tacv2")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("broadcast Tills are slow severity=bad audiences=web", "Choose a severity: information, warning, critical."),
        ("broadcast Tills are slow severity=warning audiences=wbe", "did you mean web?"),
        ("broadcast Tills are slow severity=warning audiences=,", "Choose at least one audience."),
        ("broadcast send 0123456789abcdef", "This draft does not exist"),
    ],
)
async def test_broadcast_does_not_take(line: str, said: str) -> None:
    of, records = backend()
    card = await ask(line, of)
    assert card.kind == "error"
    assert said in card.summary
    assert records.drafts == {}


async def test_nobody_to_tell() -> None:
    of, records = backend()
    records.named = ()
    assert "define audiences" in (await ask("broadcast", of)).summary


async def test_a_broadcast_begun_as_a_line_goes_on_as_a_form() -> None:
    form = (await ask("broadcast Tills are slow severity=critical")).form
    assert form
    assert [field.value for field in form.fields] == ["Tills are slow", "critical", ""]
    assert form.opens == "broadcast Tills are slow severity=critical"


@pytest.mark.parametrize(
    ("line", "fields", "wrong"),
    [
        ("attest", {"service": "gone", "practice": "", "link": "x"}, {"service", "practice", "link"}),
        ("waive", {"finding": "", "days": "-1", "reason": ""}, {"finding", "days", "reason"}),
        (
            "subscribe",
            {"post": "gone", "days": "MON", "time": "noon", "timezone": "Mars"},
            {"post", "time", "timezone"},
        ),
        ("broadcast", {"text": " ", "severity": "", "audiences": ""}, {"text", "severity", "audiences"}),
        ("broadcast", {"text": "x" * 2001, "severity": "warning", "audiences": "web"}, {"text"}),
    ],
)
async def test_what_a_form_cannot_take_is_said_beside_its_field(
    line: str, fields: dict[str, str], wrong: set[str]
) -> None:
    with pytest.raises(FieldErrors) as error:
        await ask(line, fields=fields)
    assert set(error.value.errors) == wrong
    form = error.value.form.form
    assert form
    assert {field.name for field in form.fields if field.error} == wrong


async def test_a_filled_in_form_subscribes() -> None:
    of, records = backend()
    fields = {"post": "checkout", "days": "MON-FRI", "time": "8:05", "timezone": "utc"}
    assert (await ask("subscribe", of, fields=fields)).kind == "subscribed"
    assert (records.wanted[0].cron, records.wanted[0].timezone) == ("5 8 * * MON-FRI", "UTC")


@pytest.mark.parametrize("line", ["status", "status aws", "incidents", "drill"])
async def test_what_is_not_watched_is_no_all_clear(line: str) -> None:
    card = await ask(line)
    assert card.tone != "good"
