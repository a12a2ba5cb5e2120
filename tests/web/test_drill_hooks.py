"""Drills of CI at the door: who is let in, what is recorded once, and what reaches the next audit."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.builders.posts import START, ManualClock
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.rehearsals.collector import Reading, RehearsalRecords
from bot.audit.collectors.rehearsals.run import ReadingContext
from bot.audit.collectors.rehearsals.sources.signed_hook import SOURCE, read
from bot.catalogue import read as read_catalogue
from bot.detection.alerts import sign
from bot.storage.ledger import Ledger
from bot.storage.records import LedgerRecords
from bot.web.api.contract import DRILLS_IN
from bot.web.loop_lag import LoopLag
from bot.web.request_log import RequestLog
from bot.web.server import application
from bot.web.webhooks.admission import Admission
from bot.web.webhooks.authentication import WebhookSource
from bot.web.webhooks.drills import DrillReceiver
from checks import DEFAULT_TIERS, Rehearsal, RehearsalKind, RehearsalResult, Service

SECRET, TOKEN = "s3cret-of-the-ci-job-long", "t0ken-of-the-ci-job-long"
ENDED = (START - timedelta(hours=1)).isoformat()
DRILL: dict[str, Any] = {
    "id": "pipeline-7/failover",
    "service": "checkout",
    "kind": "failover",
    "result": "succeeded",
    "ended_at": ENDED,
    "scope": "aws/us-east-1",
    "rto_seconds": 660,
    "link": "https://ci.example.com/7",
}


@dataclass
class Door:
    """The server, and what it keeps."""

    url: str
    ledger: Ledger
    clock: ManualClock
    session: aiohttp.ClientSession

    async def post(self, body: Any, headers: dict[str, str] | None = None, name: str = "ci") -> tuple[int, Any]:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        if headers is None:
            headers = self.proof(sent, name)
        where = f"{self.url}/hooks/rehearsals/{name}"
        async with self.session.post(where, data=io.BytesIO(sent), headers=headers) as answer:
            return answer.status, json.loads(await answer.text())

    def proof(self, body: bytes, name: str = "ci", *, secret: str = SECRET, late: float = 0) -> dict[str, str]:
        stamp = str(int(self.clock().timestamp() - late))
        signature = sign(secret.encode(), stamp, "POST", f"/hooks/rehearsals/{name}", body)
        return {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature}


async def _services() -> tuple[str, ...]:
    return ("checkout",)


@asynccontextmanager
async def _door(folder: Path) -> AsyncIterator[Door]:
    clock = ManualClock()
    async with ledger_at(folder / "ledger.db") as ledger, aiohttp.ClientSession() as session:
        records = LedgerRecords(read_catalogue(""), ledger)
        receiver = DrillReceiver(
            {name: WebhookSource(name, "generic", clock, secret=SECRET, token=TOKEN) for name in ("ci", "other")},
            admission=Admission(ledger, clock),
            ledger=records,
            services=_services,
            log=RequestLog(ledger, clock),
            clock=clock,
        )
        app = application(posts={}, guarded={DRILLS_IN: receiver.handle}, probes={}, lag=LoopLag())
        async with serving(app) as url:
            yield Door(url, ledger, clock, session)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with _door(tmp_path) as made:
        yield made


async def _audited(door: Door) -> list[Rehearsal]:
    async def drills(context: ReadingContext) -> Any:
        return await read(door.ledger.drills, context)

    records = RehearsalRecords([Reading(SOURCE, drills)], {}, ReadingContext(door.clock))
    found = await records.collect([Service("checkout", DEFAULT_TIERS[1])], lambda _: None)
    return [fact for fact in found.facts if isinstance(fact, Rehearsal)]


async def test_a_signed_drill_is_a_rehearsal_of_the_next_audit_and_a_line_of_the_audit_log(door: Door) -> None:
    assert await door.post(DRILL) == (200, {"recorded": True})
    (fact,) = await _audited(door)
    assert (fact.kind, fact.result, fact.scope) == (RehearsalKind.FAILOVER, RehearsalResult.SUCCEEDED, "aws/us-east-1")
    assert (fact.measured_rto, fact.tags[SERVICE_TAG]) == (timedelta(minutes=11), "checkout")
    assert (fact.attested_by, fact.link) == ("", "https://ci.example.com/7")
    lines = [entry for entry in await door.ledger.entries(START - timedelta(days=1)) if entry.action == "drill"]
    assert [(line.actor, line.detail["run"]) for line in lines] == [("hook:ci", "pipeline-7/failover")]


async def test_a_run_counts_once_however_often_and_in_whatever_signature_it_comes(door: Door) -> None:
    body = json.dumps(DRILL).encode()
    proof = door.proof(body)
    assert await door.post(body, proof) == (200, {"recorded": True})
    assert (await door.post(body, proof))[0] == 401, "the same signature is a replay"
    await door.clock.sleep(2)
    assert await door.post(body) == (200, {"recorded": False})
    assert await door.post(body, {"Authorization": f"Bearer {TOKEN}"}) == (200, {"recorded": False})
    assert len(await _audited(door)) == 1


async def test_a_replay_is_refused_after_a_restart_too(tmp_path: Path) -> None:
    body = json.dumps(DRILL).encode()
    async with _door(tmp_path) as first:
        proof = first.proof(body)
        assert (await first.post(body, proof))[0] == 200
    async with _door(tmp_path) as second:
        assert (await second.post(body, proof))[0] == 401


@pytest.mark.parametrize("body", [b"{", b"not json", json.dumps(DRILL).encode()])
async def test_nobody_without_a_proof_is_read(door: Door, body: bytes) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong-token-of-the-ci"},
        door.proof(body, secret="another-secret-of-ci"),
        door.proof(body, late=400),
        door.proof(body, "other"),
        door.proof(body + b" "),
    ):
        status, told = await door.post(body, headers)
        assert (status, "problem" in told) == (401, True)
    assert not await door.ledger.drills(START - timedelta(days=400))


async def test_an_unknown_hook_is_not_found(door: Door) -> None:
    assert (await door.post(DRILL, name="nobody"))[0] == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"service": "chekout"}, "service: no service"),
        ({"kind": "party"}, "kind"),
        ({"result": "green"}, "result"),
        ({"ended_at": "yesterday"}, "ended_at"),
        ({"ended_at": (START + timedelta(hours=1)).isoformat()}, "future"),
        ({"ended_at": "2019-01-01T00:00:00Z"}, "400 days"),
        ({"scope": "aws//x"}, "scope"),
        ({"rto_seconds": -1}, "rto_seconds"),
        ({"rto_seconds": 1e12}, "rto_seconds"),
        ({"id": ""}, "id"),
        ({"name": "a\0b"}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_drill_that_cannot_be_told_names_its_field(door: Door, changes: dict[str, Any], says: str) -> None:
    status, told = await door.post(DRILL | changes)
    assert (status, says in told["problem"]) == (422, True), told
    assert not await _audited(door)


async def test_a_large_body_is_refused_whatever_it_proves(door: Door) -> None:
    body = b" " * (65 * 1024)
    assert (await door.post(body, {"Authorization": f"Bearer {TOKEN}"}))[0] == 413


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"{}", b"\xff\xfe", b"[" * 5000])
async def test_bodies_of_another_form_are_refused(door: Door, body: bytes) -> None:
    status, _ = await door.post(body)
    assert status in (400, 422)


async def test_text_from_ci_is_inert(door: Door) -> None:
    sent = DRILL | {"name": "<!channel>\nfailover\u202e", "link": "javascript:alert(1)"}
    assert (await door.post(sent))[0] == 200
    (fact,) = await _audited(door)
    assert "\n" not in fact.name
    assert fact.link == ""
