"""What a platform delivers again runs once: after a restart, and where another replica gets it."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.fakes import slack_requests as slack
from support.fakes import teams_activities as teams
from support.harness import postgres
from support.harness.ledgers import ledger_at
from support.harness.slack_app import Fields, card, slack_app
from support.harness.teams_app import teams_app

from bot.cards.card import Card
from bot.model import Caller
from bot.storage.ledger import Ledger, LedgerError


class Answers:
    """Counts the lines that it answers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def __call__(self, line: str, _caller: Caller, _fields: Fields) -> AsyncGenerator[Card, None]:
        self.lines.append(line)
        yield card(f"Answer to {line}")


DELIVERED: Mapping[str, Mapping[str, Any]] = {
    "a mention": slack.mention("<@U0BOT> scorecard billing", ts="1763900000.000100"),
    "a direct message": slack.direct("scorecard billing", ts="1763900000.000200"),
    "a slash command": slack.slash("scorecard billing", trigger="13345224609.738474920.8088930838d88f008e0"),
}


@pytest.mark.parametrize("body", DELIVERED.values(), ids=DELIVERED.keys())
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_what_slack_delivers_to_another_replica_runs_once(
    body: Mapping[str, Any], database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = tmp_path if database == "sqlite" else postgres.new_database(request.getfixturevalue("postgresql"))
    answers = Answers()
    async with ledger_at(where) as ledger:
        for _ in range(2):
            async with slack_app(answers, handled=ledger) as app:
                assert await app.ask(body) == 200
                await app.settle()
    assert answers.lines == ["scorecard billing"]


async def test_a_message_whose_event_has_another_id_is_still_the_same(tmp_path: Path) -> None:
    answers = Answers()
    async with ledger_at(tmp_path) as ledger:
        for event in ("Ev1", "Ev2"):
            async with slack_app(answers, handled=ledger) as app:
                await app.ask(slack.mention("<@U0BOT> help", ts="1763900000.000300", event_id=event))
                await app.settle()
    assert answers.lines == ["help"]


async def test_an_answer_does_not_wait_for_a_ledger_that_is_away() -> None:
    class Away:
        async def handle_first(self, *_: object) -> bool:
            raise LedgerError("The ledger is away")

    answers = Answers()
    async with slack_app(answers, handled=Away()) as app:
        for ts in ("1763900000.000400", "1763900000.000400", "1763900000.000500"):
            await app.ask(slack.mention("<@U0BOT> help", ts=ts))
        await app.settle()
    assert answers.lines == ["help", "help"], "memory still tells repeats apart"


async def test_what_teams_delivers_after_a_restart_runs_once(tmp_path: Path) -> None:
    answers = Answers()
    for _ in range(2):
        async with teams_app(answers, tmp_path) as app:
            await app.ask(teams.message(app.teams.url, "scorecard billing", id="activity-1"))
            await app.ask(teams.click(app.teams.url, "status", id="activity-2"))
            await app.settle()
    assert sorted(answers.lines) == ["scorecard billing", "status"]


async def test_old_requests_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = await Ledger.open(path)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    assert await ledger.handle_first(["a", ""], now)
    assert not await ledger.handle_first(["a", "b"], now)
    await ledger.prune(now - timedelta(days=400), now + timedelta(days=3))
    assert await ledger.handle_first(["a"], now)
    await ledger.close()
