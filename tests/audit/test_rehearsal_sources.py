"""Gremlin, Steadybit and journals of Chaos Toolkit as rehearsals, each against a server or files of its documented shape."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from support.fakes.rehearsal_products import (
    GREMLIN_KEY,
    STEADYBIT_TOKEN,
    RehearsalProducts,
    gremlin_test,
    steadybit_run,
)
from support.harness.loopback import closed_port

from bot.audit.attribution import SERVICE_TAG
from bot.audit.collectors.rehearsals.collector import Reading, RehearsalRecords
from bot.audit.collectors.rehearsals.run import ReadingContext
from bot.audit.collectors.rehearsals.sources import chaos_toolkit, gremlin, steadybit
from bot.model import Collected, Place
from checks import DEFAULT_TIERS, GLOBAL, Rehearsal, RehearsalKind, RehearsalResult, Service

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PASSED, FAILED, NOTHING = RehearsalResult.SUCCEEDED, RehearsalResult.FAILED, RehearsalResult.INCONCLUSIVE
SERVICES = (Service("checkout", DEFAULT_TIERS[1]), Service("login", DEFAULT_TIERS[2]))
GREMLIN_SERVICES = [{"serviceId": f"s-{n}", "name": name} for n, name in enumerate(("Legacy", "Checkout", "Login"))]
Reader = Callable[[str], Reading]


def _gremlin(url: str, key: str = GREMLIN_KEY) -> Reading:
    access = gremlin.GremlinAccess(SecretStr(key), "team-1", f"{url}/v1", private=True)
    return Reading(gremlin.SOURCE, partial(gremlin.SOURCE.read, access))


def _steadybit(url: str, token: str = STEADYBIT_TOKEN) -> Reading:
    access = steadybit.SteadybitAccess(SecretStr(token), url, private=True)
    return Reading(steadybit.SOURCE, partial(steadybit.SOURCE.read, access))


def _journals(*places: chaos_toolkit.JournalPlace) -> Reading:
    kinds = tuple(dict.fromkeys(place.kind for place in places))
    return Reading(chaos_toolkit.SOURCE, partial(chaos_toolkit.SOURCE.read, places), kinds)


def _fetched(url: str) -> Reading:
    place = chaos_toolkit.JournalPlace(url=f"{url}/journal.json", token=SecretStr("of-ci"), private=True)
    return _journals(place)


async def _read(
    *readings: Reading,
    called: dict[str, str] | None = None,
    only: frozenset[Place] | None = None,
    patience: timedelta = timedelta(seconds=60),
) -> Collected:
    context = ReadingContext(lambda: NOW, timeout=timedelta(seconds=30))
    records = RehearsalRecords(readings, called or {}, context, patience=patience)
    return await records.collect(SERVICES, lambda _: None, only)


def _told(found: Collected) -> list[tuple[str, str, RehearsalResult]]:
    facts = [fact for fact in found.facts if isinstance(fact, Rehearsal)]
    return sorted((fact.tags[SERVICE_TAG], f"{fact.at:%m-%d}" if fact.at else "", fact.result) for fact in facts)


async def test_gremlin_gives_every_page_of_the_tests_of_known_services() -> None:
    tests = [
        gremlin_test(5, "Passed", "2026-11-28T10:00:00Z"),
        gremlin_test(4, "Failed", "2026-11-27T10:00:00Z"),
        gremlin_test(3, "Unsure", "2026-11-26T10:00:00Z"),
        gremlin_test(2, "Passed", "2026-11-25T10:00:00Z", service="s-2"),
        gremlin_test(1, "Passed", "2026-11-24T10:00:00Z", service="s-0"),
    ]
    async with RehearsalProducts(services=GREMLIN_SERVICES, tests=tests).running() as url:
        found = await _read(_gremlin(url))
    assert _told(found) == [
        ("checkout", "11-26", NOTHING),
        ("checkout", "11-27", FAILED),
        ("checkout", "11-28", PASSED),
        ("login", "11-25", PASSED),
    ]
    assert [(gap.kinds, "Legacy" in gap.reason) for gap in found.gaps] == [((), True)]
    assert (found.calls, found.read) == (5, (("gremlin", "", GLOBAL),))


async def test_gremlin_is_asked_no_further_back_than_counts() -> None:
    old = [gremlin_test(n, "Passed", f"2024-01-{n:02}T10:00:00Z") for n in range(9, 0, -1)]
    server = RehearsalProducts(services=GREMLIN_SERVICES, tests=old)
    async with server.running() as url:
        found = await _read(_gremlin(url))
    assert not found.facts
    assert sum("completed" in path for path in server.asked) == 1


async def test_steadybit_gives_every_page_of_what_ended() -> None:
    runs = [steadybit_run(n, "COMPLETED", f"2026-11-{1 + n // 10:02}T08:00:00.123Z") for n in range(205)]
    runs += [
        steadybit_run(300, "FAILED", "2026-11-27T08:00:00Z"),
        steadybit_run(301, "RUNNING", "2026-11-28T08:00:00Z"),
    ]
    runs += [
        steadybit_run(302, "CANCELED", "2026-11-28T08:00:00Z"),
        steadybit_run(303, "ERRORED", "2026-11-28T09:00:00Z"),
    ]
    server = RehearsalProducts(executions=runs)
    async with server.running() as url:
        found = await _read(_steadybit(url))
    told = _told(found)
    assert len(server.asked) == 3
    assert [result for *_, result in told].count(PASSED) == 10  # the newest of many
    assert ("checkout", "11-27", FAILED) in told
    assert [result for *_, result in told].count(NOTHING) == 2


@pytest.mark.parametrize("reader", [_gremlin, _steadybit, _fetched])
@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ([401], "credentials|access denied"),
        ([403], "access denied"),
        ([429] * 6, "throttled|HTTP 429"),
        ([500] * 3, "HTTP 500"),
        ([0] * 3, "no answer|closed the connection"),
    ],
)
async def test_a_source_that_fails_is_a_gap_and_leaves_the_others_whole(
    reader: Reader, faults: list[int], says: str, tmp_path: Path
) -> None:
    good = tmp_path / "journal.json"
    good.write_text(json.dumps(_journal()))
    beside = _journals(chaos_toolkit.JournalPlace(path=good, service="checkout", kind=RehearsalKind.FAILOVER))
    async with RehearsalProducts(faults=list(faults)).running() as url:
        found = await _read(reader(url), beside)
    assert _told(found) == [("checkout", "11-20", PASSED)]
    (gap,) = found.gaps
    assert gap.kinds == (Rehearsal,)
    assert gap.shapes == ("fault_injection",)
    assert any(word in gap.reason for word in says.split("|")), gap.reason
    assert not any(secret in gap.reason for secret in (GREMLIN_KEY, STEADYBIT_TOKEN, "of-ci"))


async def test_a_throttled_call_is_tried_again() -> None:
    server = RehearsalProducts(executions=[steadybit_run(1, "COMPLETED", "2026-11-20T08:00:00Z")], faults=[429, 503])
    async with server.running() as url:
        found = await _read(_steadybit(url))
    assert (_told(found), found.gaps) == ([("checkout", "11-20", PASSED)], [])


async def test_one_that_never_answers_is_unread_after_its_patience() -> None:
    async with RehearsalProducts(faults=[-1]).running() as url:
        found = await _read(_gremlin(url), patience=timedelta(seconds=0.2))
    assert [gap.reason for gap in found.gaps] == ["Gremlin: no answer within 0 s"]


async def test_a_wrong_key_and_nobody_at_home() -> None:
    async with RehearsalProducts().running() as url:
        found = await _read(_gremlin(url, "other-key"), _steadybit(f"http://127.0.0.1:{closed_port()}"))
    refused, closed = (gap.reason for gap in found.gaps)
    assert "does not accept the credentials" in refused
    assert "no answer" in closed


@pytest.mark.parametrize(
    "raw", ["[]", '"text"', "{", '{"items": 7, "executions": 7}', '{"items": [7], "executions": [[]]}']
)
@pytest.mark.parametrize("reader", [_gremlin, _steadybit])
async def test_answers_of_another_form_are_gaps(reader: Reader, raw: str) -> None:
    async with RehearsalProducts(raw=raw).running() as url:
        found = await _read(reader(url))
    assert [gap.kinds for gap in found.gaps] == [(Rehearsal,)]


async def test_an_odd_record_costs_no_other_and_its_text_is_inert() -> None:
    bad = steadybit_run(1, "COMPLETED", "yesterday")
    loud = steadybit_run(2, "COMPLETED", "2026-11-20T08:00:00Z", name="checkout\n<!channel>\u202e") | {
        "key": "checkout"
    }
    async with RehearsalProducts(executions=[bad, loud]).running() as url:
        found = await _read(_steadybit(url))
    (fact,) = found.facts
    assert "\n" not in fact.name
    assert "\u202e" not in fact.name
    assert ["1 record could not be read" in gap.reason for gap in found.gaps] == [True]


async def test_only_places_that_are_asked_for_are_read() -> None:
    server = RehearsalProducts(services=GREMLIN_SERVICES)
    async with server.running() as url:
        found = await _read(_gremlin(url), _steadybit(url), only=frozenset({("steadybit", "", GLOBAL)}))
    assert (found.read, len(server.asked)) == ((("steadybit", "", GLOBAL),), 1)


def _journal(**changes: Any) -> dict[str, Any]:
    """What chaoslib writes of a run that went well."""
    action = {"type": "action", "name": "stop-primary"}
    probe = {"activity": {"type": "probe"}, "start": "2026-11-20T10:11:00", "end": "2026-11-20T10:13:00.5"}
    return {
        "chaoslib-version": "1.44.0",
        "node": "runner",
        "experiment": {"title": "Lose the primary", "tags": ["service:Checkout"], "method": [action]},
        "start": "2026-11-20T10:00:00.250000",
        "end": "2026-11-20T10:20:00",
        "duration": 1200.0,
        "status": "completed",
        "deviated": False,
        "steady_states": {
            "before": {"steady_state_met": True, "probes": []},
            "after": {"steady_state_met": True, "probes": [probe]},
            "during": [],
        },
        "run": [{"activity": action, "start": "2026-11-20T10:01:00", "status": "succeeded"}],
        "rollbacks": [],
        **changes,
    }


NOT_BEFORE: dict[str, Any] = {"before": {"steady_state_met": False}, "after": None, "during": []}


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, PASSED),
        ({"status": "failed", "deviated": True}, FAILED),
        ({"deviated": True}, FAILED),
        ({"status": "failed"}, FAILED),
        ({"status": "failed", "steady_states": NOT_BEFORE, "run": []}, NOTHING),
        ({"status": "aborted"}, NOTHING),
        ({"status": "interrupted"}, NOTHING),
        ({"run": [{"activity": {"type": "action"}, "status": "failed"}]}, NOTHING),
        ({"experiment": {"title": "Lose the primary", "tags": ["checkout"], "dry": "actions"}}, NOTHING),
        ({"run": []}, PASSED),
    ],
)
async def test_a_journal_by_what_it_proves(changes: dict[str, Any], result: RehearsalResult, tmp_path: Path) -> None:
    (tmp_path / "journal.json").write_text(json.dumps(_journal(**changes)))
    found = await _read(_journals(chaos_toolkit.JournalPlace(path=tmp_path)))
    assert _told(found) == [("checkout", "11-20", result)]


async def test_a_journal_measures_from_the_first_action_until_the_state_was_seen_again(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(_journal()))
    place = chaos_toolkit.JournalPlace(path=tmp_path, kind=RehearsalKind.FAILOVER, scope="aws/us-east-1")
    (fact,) = (await _read(_journals(place))).facts
    assert isinstance(fact, Rehearsal)
    assert (fact.measured_rto, fact.kind, fact.scope) == (
        timedelta(minutes=12, seconds=0.5),
        RehearsalKind.FAILOVER,
        "aws/us-east-1",
    )


async def test_files_that_are_no_journals_are_told_and_cost_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(_journal()))
    (tmp_path / "other.json").write_text("[1, 2]")
    (tmp_path / "cut.json").write_text('{"experiment": {"title"')
    (tmp_path / "running.json").write_text(json.dumps(_journal(status=None, end=None)))
    missing = chaos_toolkit.JournalPlace(path=tmp_path / "gone.json")
    found = await _read(_journals(chaos_toolkit.JournalPlace(path=tmp_path), missing))
    assert _told(found) == [("checkout", "11-20", PASSED)]
    assert [gap.reason.partition(": ")[2] for gap in found.gaps] == [
        f"{tmp_path.name}: 2 records could not be read: it has an unexpected form",
        "gone.json does not exist",
    ]


async def test_names_of_products_lead_to_services_of_the_catalogue(tmp_path: Path) -> None:
    titled = _journal(experiment={"title": "Nightly AZ loss", "tags": []})
    (tmp_path / "journal.json").write_text(json.dumps(titled))
    reading = _journals(chaos_toolkit.JournalPlace(path=tmp_path))
    assert not (await _read(reading)).facts
    assert _told(await _read(reading, called={"nightly az loss": "login"})) == [("login", "11-20", PASSED)]
    own = _journals(replace(chaos_toolkit.JournalPlace(path=tmp_path), service="checkout"))
    assert _told(await _read(own)) == [("checkout", "11-20", PASSED)]
