"""The chain over evidence rows: whatever is done to a row or a link behind backstay's back is found, and named."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import JSON, Float, Integer
from support.builders.evidence import AT, DAY, after, lived_in
from support.harness.ledgers import ledger_at, new_file

from bot.storage.evidence_chain import GENESIS, KINDS, ChainHead, LinkBody, insert_evidence, link_hash
from bot.storage.evidence_verification import adopt_rows, chain_head, verify_chain
from bot.storage.ledger import AuditLogEntry, Ledger
from bot.storage.utc_column import UtcDateTime
from checks import Waiver

Intact = tuple[bytes, ChainHead]


async def test_what_backstay_writes_itself_is_intact(on_both: str) -> None:
    async with ledger_at(on_both) as ledger:
        await lived_in(ledger)
        found = await verify_chain(ledger, await chain_head(ledger))
    assert found.problems == ()
    assert found.rows == {"attestations": 6, "audit_log": 6, "drills": 0, "receipts": 6, "waivers": 1}
    assert found.links == 6 * 4 + 5, "one for each row, and one for each waiver that another one replaced"
    assert (found.pruned, found.adopted, found.unverified) == (0, 0, "")


async def test_both_databases_compute_the_same_hashes(tmp_path: Path, database: str) -> None:
    heads = []
    for where in (str(tmp_path / "ledger.db"), database):
        async with ledger_at(where) as ledger:
            for kind, (table, _) in KINDS.items():
                row = {column.name: _made_up(column.type) for column in table.columns}
                await ledger.write_at_once(partial(insert_evidence, kind=kind, rows=[row]))
            heads.append(await chain_head(ledger))
    assert heads[0] == heads[1]


def _made_up(kind: object) -> object:
    if isinstance(kind, UtcDateTime):
        return AT + timedelta(microseconds=1)
    if isinstance(kind, JSON):
        return {"b": [1.5, None], "a": "x\0"}
    return 7 if isinstance(kind, Integer | Float) else "x\0"


SWAPPED_LINKS = """
UPDATE evidence_links SET seq = 99 WHERE seq = 3; UPDATE evidence_links SET seq = 3 WHERE seq = 4;
UPDATE evidence_links SET seq = 4 WHERE seq = 99
"""
DROPPED_OLDEST = """
DELETE FROM evidence_links WHERE seq <= 4;
UPDATE evidence_head SET base_seq = 4, base_hash = (SELECT hash FROM evidence_links WHERE seq = 5)
"""

TAMPERED: dict[str, tuple[str, tuple[str, ...]]] = {
    "an edited line of the audit log": (
        "UPDATE audit_log SET actor = 'slack:U2' WHERE id = 3",
        ("audit_log row 3: edited",),
    ),
    "an edited attestation": (
        "UPDATE attestations SET expires_at = '2036-01-01 00:00:00.000000' WHERE id = 2",
        ("attestations row 2: edited",),
    ),
    "an edited waiver": ("UPDATE waivers SET reason = 'fine'", ("waivers row 1: edited",)),
    "an edited receipt": ("UPDATE receipts SET outcome = 'sent', route = 'mail' WHERE id = 1", ("receipts row 1: edited",)),
    "a dropped row": ("DELETE FROM receipts WHERE id = 4", ("receipts row 4: missing",)),
    "a dropped newest row": ("DELETE FROM audit_log WHERE id = 6", ("audit_log row 6: missing",)),
    "an inserted row": (
        "INSERT INTO audit_log (at, actor, action, detail) VALUES ('2026-10-21 07:00:00.000000', 'ada', 'waive', '{}')",
        ("audit_log row 7: not in the chain (inserted, or written by an older version)",),
    ),
    "two rows in each other's place": (
        "UPDATE receipts SET id = 99 WHERE id = 1; UPDATE receipts SET id = 1 WHERE id = 2; UPDATE receipts SET id = 2 WHERE id = 99",
        ("receipts row 1: edited", "receipts row 2: edited"),
    ),
    "a row under another number": (
        "UPDATE receipts SET id = 50 WHERE id = 5",
        ("receipts row 50: not in the chain (inserted, or written by an older version)", "receipts row 5: missing"),
    ),
    "an edited link": (
        "UPDATE evidence_links SET digest = (SELECT digest FROM evidence_links WHERE seq = 4) WHERE seq = 3",
        ("link 3 of the chain (audit_log row 1): edited, reordered, or not after the link before it", "audit_log row 1: edited"),
    ),
    "two links in each other's place": (
        SWAPPED_LINKS,
        tuple(
            f"link {link} of the chain ({row}): edited, reordered, or not after the link before it"
            for link, row in ((3, "receipts row 1"), (4, "audit_log row 1"), (5, "waivers row 1"))
        ),
    ),
    "a dropped row with its link": (
        "DELETE FROM receipts WHERE id = 1; DELETE FROM evidence_links WHERE seq = 4",
        (
            "link 4 of the chain: missing",
            "link 5 of the chain (waivers row 1): edited, reordered, or not after the link before it",
        ),
    ),
    "dropped oldest links": (
        DROPPED_OLDEST,
        (
            "link 5 of the chain (waivers row 1): edited, reordered, or not after the link before it",
            "attestations row 1: not in the chain (inserted, or written by an older version)",
            "audit_log row 1: not in the chain (inserted, or written by an older version)",
            "receipts row 1: not in the chain (inserted, or written by an older version)",
            "the chain begins after link 4, which no checkpoint covers: the oldest links are missing",
        ),
    ),
    "a dropped newest row with its link": (
        "DELETE FROM receipts WHERE id = 6; DELETE FROM evidence_links WHERE seq = 29",
        ("the chain ends at link 28; its head says 29: the newest links are missing or edited",),
    ),
    "a row that is unreadable": (
        "UPDATE receipts SET at = 'never' WHERE id = 2; UPDATE audit_log SET detail = '{' WHERE id = 1",
        ("audit_log row 1: edited, and unreadable", "receipts row 2: edited, and unreadable"),
    ),
    "a link that is unreadable": (
        "UPDATE evidence_links SET at = 'never' WHERE seq = 29",
        (
            "link 29 of the chain: unreadable",
            "receipts row 6: not in the chain (inserted, or written by an older version)",
            "the chain ends at link 28; its head says 29: the newest links are missing or edited",
        ),
    ),
    "a dropped head": ("DELETE FROM evidence_head", ("the head of the chain: missing",)),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_was_done_behind_its_back_is_named(intact: Intact, what: str, tmp_path: Path) -> None:
    done, problems = TAMPERED[what]
    assert (await after(intact[0], tmp_path, done)).problems == problems


CUT_OFF = """
DELETE FROM receipts WHERE id = 6; DELETE FROM evidence_links WHERE seq = 29;
UPDATE evidence_head SET seq = 28, hash = (SELECT hash FROM evidence_links WHERE seq = 28)
"""


async def test_a_tail_cut_off_with_the_head_shows_against_a_report(intact: Intact, tmp_path: Path) -> None:
    assert (await after(intact[0], tmp_path, CUT_OFF)).problems == (), "nothing inside of the ledger can show it"
    found = await after(intact[0], tmp_path, CUT_OFF, known=intact[1])
    assert found.problems == ("link 29, which the report carries, is missing: the newest rows were cut off",)


async def test_a_chain_that_was_computed_anew_shows_against_a_report(intact: Intact, tmp_path: Path) -> None:
    done = "DELETE FROM evidence_links; DELETE FROM evidence_head; UPDATE audit_log SET actor = 'nobody' WHERE id = 1"
    assert (await after(intact[0], tmp_path, done)).problems
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger:
        await ledger.write_at_once(lambda connection: adopt_rows(connection, {}))
        assert (await verify_chain(ledger)).problems == ()
        found = await verify_chain(ledger, ChainHead(3, intact[1].hash))
    assert found.problems == ("link 3 differs from the one that the report carries: the chain was rewritten",)


async def test_an_edit_before_a_legitimate_removal_is_found(intact: Intact, tmp_path: Path) -> None:
    await after(intact[0], tmp_path, "UPDATE waivers SET reason = 'fine'")
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger, ledger.begin() as transaction:
        await transaction.waive(Waiver("checkout", "BK01", "again", "ada", AT + 60 * DAY), AT)
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger:
        assert (await verify_chain(ledger)).problems == ("waivers row 1: edited before it was removed by link 30",)


async def test_a_transaction_that_fails_leaves_no_link(on_both: str) -> None:
    async with ledger_at(on_both) as ledger:
        with pytest.raises(ValueError, match="undone"):
            await _undone(ledger)
        await ledger.log(AuditLogEntry(AT, "ada", "attest", {}))
        found = await verify_chain(ledger)
    assert (found.problems, found.links) == ((), 1)


async def _undone(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await transaction.log(AuditLogEntry(AT, "ada", "waive", {}))
        raise ValueError("undone")


async def test_replicas_append_to_one_chain(on_both: str) -> None:
    async with ledger_at(on_both) as ours, ledger_at(on_both) as theirs:

        async def write(ledger: Ledger, name: str) -> None:
            for number in range(15):
                await ledger.log(AuditLogEntry(AT, name, f"n{number}", {}))

        await asyncio.gather(*(write(ledger, name) for ledger, name in ((ours, "a"), (theirs, "b"), (ours, "c"))))
        found = await verify_chain(theirs, await chain_head(ours))
    assert (found.problems, found.links, found.rows["audit_log"]) == ((), 45, 45)


async def test_rows_of_an_older_version_are_told_and_adopted(intact: Intact, tmp_path: Path) -> None:
    done = (
        "INSERT INTO audit_log (at, actor, action, detail) VALUES ('2026-10-21 07:00:00.000000', 'ada', 'waive', '{}')"
    )
    await after(intact[0], tmp_path, done)
    async with ledger_at(str(tmp_path / "ledger.db")) as ledger:
        assert await ledger.write_at_once(lambda connection: adopt_rows(connection, {"by": "ada"})) == 1
        assert await ledger.write_at_once(lambda connection: adopt_rows(connection, {"by": "ada"})) == 0
        found = await verify_chain(ledger, intact[1])
    assert (found.problems, found.adopted) == ((), 1)


MANY = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
INSERT INTO audit_log (at, actor, action, detail)
SELECT '2026-10-01 00:00:00.000000', 'ada', 'n' || n, '{}' FROM numbers
"""


async def test_one_hundred_thousand_rows_in_few_statements(tmp_path: Path) -> None:
    path = await new_file(tmp_path / "ledger.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(MANY)
        connection.commit()
    async with ledger_at(str(path)) as ledger:
        assert await ledger.write_at_once(lambda connection: adopt_rows(connection, {})) == 100_000
        async with ledger.write() as writing:
            await writing.exec_driver_sql("UPDATE audit_log SET actor = 'bob' WHERE id = 77777")
        found = await verify_chain(ledger)
    assert (found.problems, found.links) == (("audit_log row 77777: edited",), 100_000)


def test_the_digest_covers_every_column_of_evidence() -> None:
    assert {kind: {column.name for column in columns} for kind, (_, columns) in KINDS.items()} == {
        kind: {column.name for column in table.columns} for kind, (table, _) in KINDS.items()
    }


def test_a_link_hash_never_changes() -> None:
    body = LinkBody("added", "receipts", 1, "a" * 64, AT, {})
    assert link_hash(GENESIS, 1, body) == "ad590a2e3f23b80c752e1f182141a6d127a6cbcd65f5859c4235c810c327d371"


@pytest.mark.parametrize("text", ["", "12", "x:" + "a" * 64, "3:" + "g" * 64, "3:" + "a" * 63, "-1:" + "a" * 64])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no chain head"):
        ChainHead.parse(text)
