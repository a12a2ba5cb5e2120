"""What a message is for: read from its columns, and from its id where a version without these columns wrote it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.builders.posts import START, message
from support.harness.ledgers import ledger_at

from bot.delivery.fallback_tests import message_for
from bot.model import Message, Priority, Purpose, Receipt
from bot.model.incidents import NotificationReceipt
from bot.model.notifications import NotificationReason, alert_id
from bot.storage.ledger import Ledger

INCIDENT, AUDIENCE = "aws-us-east-1-1123-0900", "slack:C0:TEAM"
ALERT = alert_id(INCIDENT, AUDIENCE, NotificationReason.WAVE, wave=2, step=3)
ABOUT = {"incident": INCIDENT, "reason": "wave"}


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url: str = str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("database")
    return url


def posts() -> list[Message]:
    """A message of each purpose that was read from ids before."""
    change = f"{ALERT}:20261123T090000:0a1b2c3d"
    update = {"incident": INCIDENT, "reason": "update", "replaces": ALERT}
    return [
        message(change, audience="ops", purpose=Purpose.ALERT, **update),  # first, or it is merged into the alert
        message(ALERT, audience=AUDIENCE, priority=Priority.ALERT, purpose=Purpose.ALERT, **ABOUT),
        message(f"{ALERT}/detail", audience=AUDIENCE, under=ALERT, purpose=Purpose.ALERT_DETAIL, **ABOUT),
        message("catch-up:payments:m1", purpose=Purpose.CATCH_UP, card={"data": {"until": START.isoformat()}}),
        message_for("security", "webhook:pager", START),
    ]


async def read(ledger: Ledger) -> dict[str, tuple[Purpose | None, str, str]]:
    """Every message's purpose, incident and reason."""
    found = {}
    for posted in posts():
        claim = await ledger.claim_one(posted.id, "me", START, timedelta(minutes=1))
        assert claim is not None
        await ledger.put_back(claim, START)
        found[posted.id] = claim.message.purpose, claim.message.incident, claim.message.reason
    return found


async def test_the_id_tells_what_the_columns_do(where: str) -> None:
    async with ledger_at(where) as ledger:
        for posted in posts():
            assert await ledger.post(posted, ["webhook:pager"], START)
        said = await read(ledger)
        assert said == {posted.id: (posted.purpose, posted.incident, posted.reason) for posted in posts()}
        async with ledger.write() as connection:
            await connection.execute(text("UPDATE messages SET purpose = NULL, incident = NULL, reason = NULL"))
        assert await read(ledger) == said


@pytest.mark.parametrize("known", [True, False], ids=["columns", "id"])
async def test_the_ledger_acts_on_it(where: str, *, known: bool) -> None:
    async with ledger_at(where) as ledger:
        for posted in posts():
            await ledger.post(posted, ["webhook:pager"], START)
        if not known:
            async with ledger.write() as connection:
                await connection.execute(text("UPDATE messages SET purpose = NULL, incident = NULL, reason = NULL"))
        for id in (ALERT, posts()[-1].id):  # noqa: A001 - the field's own name
            claim = await ledger.claim_one(id, "me", START, timedelta(minutes=1))
            assert claim is not None
            failed = Receipt(id, claim.message.audience, "slack:#payments", "retry", START)
            await ledger.add_receipt(claim, failed)
            receipt = Receipt(id, claim.message.audience, "webhook:pager", "sent", START)
            assert await ledger.settle(claim, "sent", receipt, START)
        assert await ledger.route_tests() == {"webhook:pager": START}
        told = NotificationReceipt(AUDIENCE, "wave", START, START, "webhook:pager")
        assert await ledger.notification_receipts(INCIDENT) == (told,)
        digest = await ledger.last_digest("payments")
        assert digest is not None
        assert digest.id == "catch-up:payments:m1"
        since = START - timedelta(days=1)
        assert [sent.message for sent in await ledger.diverted(AUDIENCE, "slack:#payments", since)] == [ALERT]
        assert await ledger.diverted("security", "slack:#payments", since) == (), "a fallback test is not diverted"
