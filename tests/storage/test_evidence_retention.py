"""Retention deletes old evidence, and what stays can still be verified; what it deletes was verified before."""

from pathlib import Path

from support.builders.evidence import AT, DAY, after, lived_in
from support.harness.ledgers import ledger_at

from bot.model import utc_now
from bot.storage.evidence_chain import ChainHead
from bot.storage.evidence_verification import chain_head, verify_chain


async def test_retention_leaves_a_chain_that_can_be_verified(on_both: str) -> None:
    async with ledger_at(on_both) as ledger:
        await lived_in(ledger)
        early = await chain_head(ledger)
        await lived_in(ledger, AT + 40 * DAY)
        late = await chain_head(ledger)
        gone = await ledger.prune(AT + 20 * DAY, AT + 50 * DAY)
        found = await verify_chain(ledger, late)
        assert gone == 12, "six receipts and six lines; attestations are kept until they expire"
        assert (found.problems, found.unverified) == ((), "")
        assert found.rows == {"attestations": 12, "audit_log": 6, "drills": 0, "receipts": 6, "waivers": 1}
        assert found.pruned >= early.seq
        assert "older than what is kept" in (await verify_chain(ledger, ChainHead(2, early.hash))).unverified
        await ledger.prune(AT + 400 * DAY, AT + 500 * DAY)
        await lived_in(ledger, AT + 500 * DAY, count=1)
        found = await verify_chain(ledger)
    assert (found.problems, sum(found.rows.values())) == ((), 4)


FOUND = {
    "audit_log row 2: edited (found by an earlier prune)",
    "receipts row 1: missing (found by an earlier prune)",
}


async def test_retention_hides_no_edit(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    done = "UPDATE audit_log SET actor = 'nobody' WHERE id = 2; DELETE FROM receipts WHERE id = 1"
    await after(intact[0], tmp_path, done)
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger:
        for days in (20, 21):
            await ledger.prune(AT + days * DAY, AT + 50 * DAY)
            assert set((await verify_chain(ledger)).problems) == FOUND
        await ledger.prune(utc_now() + DAY, utc_now())
        found = await verify_chain(ledger)
    assert found.links == 7, "six attestations are carried; the checkpoint of before hands on what it found"
    assert set(found.problems) == FOUND


async def test_an_edited_row_that_stays_is_still_told(intact: tuple[bytes, ChainHead], tmp_path: Path) -> None:
    await after(intact[0], tmp_path, "UPDATE attestations SET link = 'https://other.example' WHERE id = 6")
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger:
        await ledger.prune(AT + 20 * DAY, AT + 50 * DAY)
        assert "attestations row 6: edited" in (await verify_chain(ledger)).problems
