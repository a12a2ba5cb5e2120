"""What the ledger keeps, on SQLite and on PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders.posts import START, message
from support.builders.scorecards import sample_estate
from support.harness.ledgers import deliver_fallback_test, ledger_at

from bot.model import Priority, Receipt
from bot.storage.ledger import AuditLogEntry, Claim, Ledger, LedgerError
from bot.storage.statistics import ledger_statistics

LEASE = timedelta(seconds=60)
ROUTES = ("slack:#payments", "webhook:pager")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "backstay.db")
    url: str = request.getfixturevalue("database")
    return url


@pytest.fixture
async def ledger(where: str) -> AsyncIterator[Ledger]:
    async with ledger_at(where) as opened:
        yield opened


async def claim(ledger: Ledger, owner: str = "me", after: float = 0, limit: int = 10) -> tuple[Claim, ...]:
    return await ledger.claim(owner, START + timedelta(seconds=after), LEASE, limit)


def ids(claims: tuple[Claim, ...]) -> list[str]:
    return [claimed.message.id for claimed in claims]


def receipt(id: str = "m1", outcome: str = "sent", route: str = ROUTES[0], **fields: str) -> Receipt:
    return Receipt(id, "payments", route, outcome, START, **fields)  # type: ignore[arg-type]


async def test_a_message_comes_back_as_it_was_posted(ledger: Ledger) -> None:
    whole = message(dedupe="d", expires_at=START + timedelta(hours=1), priority=Priority.ALERT)
    await ledger.post(whole, ROUTES, START)
    (claimed,) = await claim(ledger)
    assert claimed.message == whole
    assert claimed.routes == ROUTES


async def test_long_names_are_kept_whole(ledger: Ledger) -> None:
    long = message("Ö" * 600, audience="ä" * 400, dedupe="d" * 700)
    assert await ledger.post(long, ["webhook:" + "h" * 400], START)
    (claimed,) = await claim(ledger)
    assert claimed.message == long
    assert await ledger.begin_schedule("s" * 900, START) == START


async def test_what_is_undone_posts_nothing(ledger: Ledger) -> None:
    async def fail_at_the_end() -> None:
        async with ledger.begin() as transaction:
            assert await transaction.take_slot("s", START, "taken", START)
            assert await transaction.post(message(), ROUTES, START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert not ledger.posted.is_set()
    assert await claim(ledger) == ()
    assert await ledger.slots("s", START) == {}


async def test_a_claim_is_ones_own_until_its_lease_is_over(ledger: Ledger) -> None:
    await ledger.post(message(), ROUTES, START)
    (mine,) = await claim(ledger, "a")
    assert await claim(ledger, "b", after=59) == ()
    assert await ledger.next_due() == START + LEASE
    (taken_over,) = await claim(ledger, "b", after=61)
    assert taken_over.owner == "b"
    assert await ledger.begin_try(mine, ROUTES[0], START, LEASE) is None
    assert not await ledger.settle(mine, "sent", None, START)
    assert await ledger.begin_try(taken_over, ROUTES[0], START, LEASE) == 1
    assert await ledger.settle(taken_over, "sent", receipt(), START)
    assert (await ledger.backlog()).pending == 0


async def test_a_sign_of_life_keeps_a_claim(ledger: Ledger) -> None:
    await ledger.post(message(), ROUTES, START)
    (mine,) = await claim(ledger, "a")
    assert await ledger.renew(mine, START + 2 * LEASE)
    assert await claim(ledger, "b", after=61) == ()
    (taken_over,) = await claim(ledger, "b", after=121)
    assert not await ledger.renew(mine, START + 4 * LEASE)
    assert await ledger.settle(taken_over, "sent", receipt(), START)
    assert not await ledger.renew(taken_over, START + 4 * LEASE)


async def test_many_at_once_never_claim_the_same(ledger: Ledger, where: str) -> None:
    for number in range(40):
        await ledger.post(message(f"m{number}", audience=f"team{number}"), ROUTES, START)
    async with ledger_at(where) as other:
        work = (claim(one, f"s{number}", limit=7) for number, one in enumerate([ledger, other] * 4))
        taken = [name for claims in await asyncio.gather(*work) for name in ids(claims)]
    assert len(taken) == len(set(taken))
    rest = ids(await claim(ledger, "rest", limit=40))
    assert sorted(taken + rest) == sorted(f"m{number}" for number in range(40))


async def test_only_the_first_of_an_audience_is_handed_out(ledger: Ledger) -> None:
    for number in range(3):
        await ledger.post(message(f"p{number}"), ROUTES, START)
    await ledger.post(message("o0", audience="ops"), ROUTES, START)
    first = await claim(ledger)
    assert ids(first) == ["p0", "o0"]
    await ledger.post(message("alert", priority=Priority.ALERT), ROUTES, START)
    assert ids(await claim(ledger)) == ["alert"]
    await ledger.settle(first[0], "sent", receipt("p0"), START)
    assert await claim(ledger) == ()


async def test_one_that_never_gets_through_lets_the_others_pass(ledger: Ledger) -> None:
    await ledger.post(message("stuck"), ROUTES, START)
    await ledger.post(message("next"), ROUTES, START)
    for _ in range(5):
        (stuck,) = await claim(ledger)
        assert stuck.message.id == "stuck"
        await ledger.put_back(stuck, START)
    await claim(ledger, limit=1)
    assert ids(await claim(ledger)) == ["next"]


async def test_tries_and_refusals_are_remembered(ledger: Ledger) -> None:
    await ledger.post(message(), ROUTES, START)
    (mine,) = await claim(ledger)
    assert [await ledger.begin_try(mine, route, START, LEASE) for route in (*ROUTES, ROUTES[1])] == [1, 1, 2]
    await ledger.add_receipt(mine, receipt(outcome="refused", detail="archived"))
    await ledger.put_back(mine, START + timedelta(seconds=9))
    assert await claim(ledger, after=8) == ()
    assert await ledger.next_due() == START + timedelta(seconds=9)
    (again,) = await claim(ledger, after=9)
    assert again.tries == {ROUTES[0]: 1, ROUTES[1]: 2}
    assert again.refused == {ROUTES[0]}
    assert again.rounds == 1


async def test_receipts_are_found_by_message_audience_and_time(ledger: Ledger) -> None:
    await ledger.post(message(), ROUTES, START)
    (mine,) = await claim(ledger)
    await ledger.add_receipt(mine, receipt(outcome="retry", detail="500"))
    await ledger.settle(mine, "sent", receipt(route=ROUTES[1], reference="C1:2"), START)
    assert [kept.outcome for kept in await ledger.receipts(message="m1")] == ["retry", "sent"]
    assert [kept.outcome for kept in await ledger.receipts(audience="payments", limit=1)] == ["sent"]
    assert await ledger.receipts(audience="ops") == ()
    assert await ledger.receipts(since=START + timedelta(seconds=1)) == ()
    assert await ledger.last_reference(ROUTES[1]) == "C1:2"
    assert await ledger.last_reference(ROUTES[0]) == ""


async def test_scores_are_remembered_and_the_last_facts_kept(ledger: Ledger) -> None:
    assert await ledger.last_audit_blob() is None
    card = sample_estate(3)
    for _ in range(2):  # the same audit twice is one
        await ledger.save_audit(card, b"facts")
    assert await ledger.last_audit_blob() == (card.generated_at, b"facts")
    (whole,) = await ledger.history("", card.generated_at)
    assert (whole.score, whole.grade, whole.at, whole.ruleset) == (
        card.score,
        card.grade,
        card.generated_at,
        card.ruleset,
    )
    for service in card.services:
        (past,) = await ledger.history(service.service.name, card.generated_at)
        assert past.score == service.score
        assert past.failing == {found.check.id for found in service.findings if found.outcome == "fail"}
        assert past.failing <= whole.failing
    assert await ledger.history("", card.generated_at + timedelta(seconds=1)) == ()


async def test_a_slot_is_taken_once(ledger: Ledger, where: str) -> None:
    async def take(from_: Ledger) -> bool:
        async with from_.begin() as transaction:
            return await transaction.take_slot("s", START, "taken", START)

    async with ledger_at(where) as other:
        assert sorted(await asyncio.gather(*(take(replica) for replica in [ledger, other] * 3))) == [False] * 5 + [True]
    assert await ledger.slots("s", START) == {START: "taken"}


async def test_pruning_forgets_what_is_over_and_keeps_what_is_on_its_way(ledger: Ledger) -> None:
    await ledger.post(message("done"), ROUTES, START)
    (done,) = await claim(ledger)
    await ledger.settle(done, "sent", receipt("done"), START)
    await ledger.post(message("waiting"), ROUTES, START)
    await ledger.begin_schedule("s", START)
    await ledger.save_audit(sample_estate(2), b"facts")
    async with ledger.begin() as transaction:
        await transaction.take_slot("s", START + timedelta(days=7), "taken", START)
    assert await ledger.prune(START + timedelta(days=400)) > 0
    assert ids(await claim(ledger)) == ["waiting"]
    assert await ledger.receipts() == ()
    assert await ledger.history("", START - timedelta(days=400)) == ()
    assert await ledger.last_audit_blob() is not None
    assert await ledger.begin_schedule("s", START) == START + timedelta(days=7)


async def test_the_log_says_who_and_when(ledger: Ledger) -> None:
    entry = AuditLogEntry(START, "slack:U1", "check", {"service": "billing"})
    await ledger.log(entry)
    assert await ledger.entries(START) == (entry,)


async def test_the_last_delivered_test_of_each_route_is_remembered(ledger: Ledger) -> None:
    await deliver_fallback_test(ledger, ROUTES[0], START)
    await deliver_fallback_test(ledger, ROUTES[0], START + timedelta(days=1))
    assert await ledger.route_tests() == {ROUTES[0]: START + timedelta(days=1)}


async def test_a_moment_without_a_zone_is_not_taken(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="with a zone only"):
        await ledger.begin_schedule("s", START.replace(tzinfo=None))


async def test_replicas_may_start_at_once(where: str) -> None:
    opened = await asyncio.gather(*(Ledger.open(where) for _ in range(6)))
    for replica in opened:
        assert await replica.receipts() == ()
        await replica.close()


@pytest.mark.parametrize(
    "instead", ["backstay@127.0.0.1:1/postgres", "backstay@127.0.0.1:{port}/nosuch", "eve:hunter2@127.0.0.1:{port}/x"]
)
async def test_a_postgresql_that_does_not_let_us_in_is_told_without_the_password(postgresql: str, instead: str) -> None:
    port = postgresql.rpartition(":")[2].partition("/")[0]
    with pytest.raises(LedgerError, match="cannot be used") as told:
        await Ledger.open(f"postgresql://{instead.format(port=port)}")
    assert "hunter2" not in str(told.value)


async def test_an_error_of_the_blocks_own_stays_what_it_is(ledger: Ledger) -> None:
    async def fail() -> None:
        async with ledger.begin() as transaction:
            await transaction.post(message(), ROUTES, START)
            raise OSError("disk of somebody else")

    with pytest.raises(OSError, match="somebody else"):
        await fail()
    assert await claim(ledger) == ()


async def test_scores_are_kept_in_full_for_two_days_and_then_the_last_of_each_day(ledger: Ledger) -> None:
    estate, hour = sample_estate(2), timedelta(hours=1)
    first = START.replace(hour=0)
    for at in (first + hour * number for number in range(96)):
        await ledger.save_audit(replace(estate, generated_at=at), b"facts")
    now = first + timedelta(days=4)
    await ledger.prune(START - timedelta(days=30), now)
    kept = [score.at for score in await ledger.history("service-001", first)]
    full = [at for at in (first + hour * number for number in range(96)) if at >= now - timedelta(days=2)]
    assert kept == [first + 23 * hour, first + 47 * hour, *full]
    assert await ledger.prune(START - timedelta(days=30), now) == 0


async def test_what_was_forgotten_is_given_back_to_the_disk(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        for number in range(300):
            await ledger.post(message(f"m{number}", title="x" * 8000), [], START)
        for held in await ledger.claim("me", START, LEASE, 500):
            await ledger.settle(held, "sent", None, START)
        while claims := await ledger.claim("me", START, LEASE, 500):
            for held in claims:
                await ledger.settle(held, "sent", None, START)
        full = (await ledger_statistics(ledger)).size
        assert await ledger.prune(START + timedelta(days=1), START) >= 300
        assert (await ledger_statistics(ledger)).size < full / 4
