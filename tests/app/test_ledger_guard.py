"""The ledger is watched; operators hear over routes that do without it: once when trouble begins, once when it ends."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from support.builders.posts import ManualClock, message
from support.fakes.misbehaving import status
from support.harness.office import HOOK, SLACK, Office, open_office

from bot.app.jobs.ledger_guard import DirectPosts, LedgerGuard
from bot.app.wiring.ledger import remembered
from bot.model import Audience, Conversation, RouteSpec
from bot.storage.ledger import LedgerError

ADMINS = Audience("ops", (RouteSpec("slack", SLACK), RouteSpec("webhook", HOOK)))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def guard(office: Office, admins: Audience | None = ADMINS) -> LedgerGuard:
    posts = DirectPosts(admins, list(office.routes().values()), office.clock)
    return LedgerGuard(office.ledger, posts.send, clock=office.clock, sleep=office.clock.sleep)


def told(office: Office) -> list[str]:
    return [request.json["title"] for request in office.hook.received]


async def test_a_ledger_that_is_gone_is_told_once_by_the_first_route_that_works(office: Office, tmp_path: Path) -> None:
    office.slack.always("*", status(503))
    watch, [file] = guard(office), files(tmp_path)
    await office.post(message("waits"))
    await watch.check()
    file.rename(tmp_path / "away")
    for _ in range(4):
        await watch.check()
    with pytest.raises(LedgerError, match="was removed"):
        await watch.ready()
    assert told(office) == ["backstay cannot use its ledger"]
    [card] = [request.json for request in office.hook.received]
    assert (card["data"]["pending"], card["audience"]) == (1, "ops")
    (tmp_path / "away").rename(file)
    for _ in range(2):
        await watch.check()
    await watch.ready()
    assert told(office) == ["backstay cannot use its ledger", "The ledger of backstay works again"]
    file.rename(tmp_path / "away")
    for _ in range(2):
        await watch.check()
    assert told(office)[2:] == ["backstay cannot use its ledger"], "the next time is another one"


async def test_it_is_told_again_and_again_until_a_route_takes_it(office: Office, tmp_path: Path) -> None:
    office.slack.always("*", status(503))
    office.hook.always("hook", status(503))
    watch, [file] = guard(office), files(tmp_path)
    file.rename(tmp_path / "away")
    for _ in range(3):
        await watch.check()
    assert told(office) == []
    office.hook.always("hook")
    await watch.check()
    assert told(office) == ["backstay cannot use its ledger"]


async def test_one_check_that_fails_is_not_told(office: Office, tmp_path: Path) -> None:
    watch, [file] = guard(office), files(tmp_path)
    file.rename(tmp_path / "away")
    await watch.check()
    (tmp_path / "away").rename(file)
    for _ in range(3):
        await watch.check()
    assert told(office) == []
    assert office.slack.posts == {}


async def test_without_operators_it_goes_to_the_log(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch, [file] = guard(office, None), files(tmp_path)
    file.rename(tmp_path / "away")
    for _ in range(3):
        await watch.check()
    assert "was removed" in capsys.readouterr().out


async def test_conversations_are_remembered_while_they_cannot_be_read() -> None:
    at = ManualClock()()
    known = [Conversation(id="19:a", kind="channel", reference={}, seen_at=at)]
    broken = False

    async def read() -> Sequence[Conversation]:
        if broken:
            raise LedgerError("gone")
        return known

    conversations = remembered(read)
    assert await conversations() == known
    broken = True
    assert await conversations() == known


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.db"))
