"""What the catalogue declares, as facts: where services run, their runbooks, drills, attestations and routes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from support.builders.moment import NOW, days_ago
from support.harness.ledgers import ledger_at
from support.samples.catalogues import FULL

from bot.app.settings import load
from bot.audit.attribution import attribute
from bot.audit.collectors.declared import DeclaredCollector, ReadRunbooks
from bot.audit.collectors.runbooks.fetch import RunbookPages
from bot.catalogue import Catalogue, CatalogueEntry, read
from bot.model import Collected, Progress
from bot.model.records import AttestationRecord, RunbookCopy
from checks import (
    Attestation,
    CommunicationRoute,
    Deployment,
    Fact,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Runbook,
    Unread,
)

F = TypeVar("F", bound=Fact)


async def collect(
    catalogue: Catalogue,
    *names: str,
    tested: Mapping[str, datetime] | None = None,
    copies: ReadRunbooks | None = None,
    words: Sequence[AttestationRecord] = (),
) -> Collected:
    async def times() -> Mapping[str, datetime]:
        return tested or {}

    async def nothing_read(entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        return {}

    async def given() -> Sequence[AttestationRecord]:
        return words

    heard: list[Progress] = []
    services = [service for service in catalogue.services if service.name in names]
    collector = DeclaredCollector(
        catalogue, lambda: NOW, times, read_runbooks=copies or nothing_read, read_attestations=given
    )
    made = await collector.collect(services, heard.append)
    assert heard == [Progress(1, 1, "reading the catalogue")]
    return made


def of_kind(kind: type[F], made: Collected) -> list[F]:
    return [fact for fact in made.facts if isinstance(fact, kind)]


@pytest.fixture(name="catalogue")
def _catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "backstay.yaml").write_text(FULL)
    return load(tmp_path / "backstay.yaml", {}).catalogue


async def test_deployments(catalogue: Catalogue) -> None:
    here, spare = of_kind(Deployment, await collect(catalogue))
    assert (here.provider, here.region, here.role, here.name) == (
        "aws",
        "us-east-1",
        "active",
        "checkout in aws/us-east-1",
    )
    assert (spare.provider, spare.region, spare.role, spare.zones) == (
        "gcp",
        "europe-west1",
        "standby",
        ("europe-west1-b",),
    )
    assert here.observed_at == NOW


async def test_drills_and_attestations(catalogue: Catalogue) -> None:
    made = await collect(catalogue)
    (drill,) = of_kind(Rehearsal, made)
    assert (drill.kind, drill.result, drill.scope) == (
        RehearsalKind.FAILOVER,
        RehearsalResult.SUCCEEDED,
        "aws/us-east-1",
    )
    assert (drill.at, drill.measured_rto) == (datetime(2026, 10, 5, tzinfo=UTC), timedelta(minutes=22))
    assert (drill.attested_by, drill.link) == ("Kim", "https://wiki/x")
    (word,) = of_kind(Attestation, made)
    assert (word.practice, word.by, word.at) == ("kill_switch", "Kim", datetime(2026, 8, 1, tzinfo=UTC))
    assert word.expires_at == datetime(2027, 8, 2, tzinfo=UTC)


async def test_words_given_in_chat(catalogue: Catalogue) -> None:
    until = NOW + timedelta(days=90)
    words = [
        AttestationRecord("checkout", "training", "Ada", days_ago(1), until, "https://wiki.example/t"),
        AttestationRecord("checkout", "game_day", "Ada", days_ago(2), until, "https://wiki.example/g"),
        AttestationRecord("gone", "training", "Ada", days_ago(1), until),
    ]
    made = await collect(catalogue, words=words)
    (word,) = (item for item in of_kind(Attestation, made) if item.by == "Ada")
    assert (word.practice, word.at, word.link, word.expires_at) == (
        "training",
        days_ago(1),
        "https://wiki.example/t",
        until,
    )
    (drill,) = (item for item in of_kind(Rehearsal, made) if item.attested_by == "Ada")
    assert (drill.kind, drill.result, drill.at) == (RehearsalKind.GAME_DAY, RehearsalResult.SUCCEEDED, days_ago(2))
    checkout, _ = attribute(catalogue.entries, made.facts, made.gaps)
    assert {word.resource, drill.resource} <= {fact.resource for fact in checkout.facts}


async def test_every_audiences_routes_in_order(catalogue: Catalogue) -> None:
    routes = of_kind(CommunicationRoute, await collect(catalogue, tested={"slack:#payments": days_ago(3)}))
    payments = [route for route in routes if route.audience == "payments"]
    assert [(payment.order, payment.kind, payment.runs_on, payment.tested_at) for payment in payments] == [
        (0, "slack", ("aws",), days_ago(3)),
        (1, "webhook", ("gcp",), None),
        (2, "teams_workflow", ("azure",), None),
    ]
    (quiet,) = (route for route in routes if route.audience == "quiet")
    assert (quiet.runs_on, quiet.tested_at) == (None, None)


async def test_each_service_gets_its_own(catalogue: Catalogue) -> None:
    made = await collect(catalogue)
    checkout, login = attribute(catalogue.entries, made.facts, made.gaps)
    kinds = [type(fact).__name__ for fact in checkout.facts]
    assert kinds == [
        *("Deployment", "Deployment", "Runbook", "Rehearsal", "Attestation"),
        *("CommunicationRoute", "CommunicationRoute", "CommunicationRoute"),
    ]
    assert [type(fact).__name__ for fact in login.facts] == ["Runbook", "CommunicationRoute"]
    only = await collect(catalogue, "login")
    assert [fact.name for fact in of_kind(Runbook, only)] == ["runbook of login"]


async def test_every_fact_has_a_name_of_its_own_and_a_place_that_was_read(catalogue: Catalogue) -> None:
    made = await collect(catalogue)
    assert len({fact.resource for fact in made.facts}) == len(made.facts)
    assert {(fact.source, fact.account, fact.region) for fact in made.facts} <= set(made.read)


async def runbook_of(words: str, beside: Path, *, beside_it: bool = False) -> Runbook:
    """The fact of one runbook; `beside_it`: it is a local file, which is read."""
    catalogue = read(f"services: [{{name: pay{', runbook: ' + words if words else ''}}}]\n", beside=beside)
    async with ledger_at(beside) as ledger:
        pages = RunbookPages(ledger, lambda: NOW)
        (book,) = of_kind(Runbook, await collect(catalogue, copies=pages.read if beside_it else None))
    return book


async def test_a_service_without_a_runbook_is_told(tmp_path: Path) -> None:
    assert (await runbook_of("", tmp_path)).missing


@pytest.mark.parametrize(
    ("url", "clouds"),
    [
        ("https://acme.atlassian.net/wiki/x", ("aws",)),
        ("https://docs.google.com/document/d/1", ("gcp",)),
        ("https://acme.sharepoint.com/x", ("azure",)),
        ("https://wiki.acme.example/x", None),
        ("https://notatlassian.net/x", None),
    ],
)
async def test_where_a_page_stands(url: str, clouds: tuple[str, ...] | None, tmp_path: Path) -> None:
    book = await runbook_of(url, tmp_path)
    assert (book.url, book.hosted_on, book.missing, book.copy_kept) == (url, clouds, False, False)
    assert isinstance(book.names_failover, Unread)


async def test_what_is_said_wins_over_what_is_guessed(tmp_path: Path) -> None:
    book = await runbook_of("{url: 'https://acme.atlassian.net/x', hosted_on: [gcp], reviewed: 2026-11-01}", tmp_path)
    assert (book.hosted_on, book.reviewed_at) == (("gcp",), datetime(2026, 11, 1, tzinfo=UTC))


async def test_a_local_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "pay.md").write_text(
        "# Pay\nLast reviewed: 2026-10-30\nreviewed on 2026-09-01, reviewed: 2026-13-45\n"
        "1. Look at the board\n2. Fail over to the second region\n3) Tell people\n- not a step\n"
    )
    book = await runbook_of("pay.md", tmp_path, beside_it=True)
    assert (book.reachable, book.copy_kept, book.hosted_on) == (True, True, ())
    assert (book.steps, book.names_failover) == (3, True)
    assert book.reviewed_at == datetime(2026, 10, 30, tzinfo=UTC)


async def test_a_local_file_that_says_little(tmp_path: Path) -> None:
    (tmp_path / "pay.md").write_text("- restart\n* pray\n")
    book = await runbook_of("pay.md", tmp_path, beside_it=True)
    assert (book.steps, book.names_failover, book.reviewed_at) == (2, False, None)


@pytest.mark.parametrize(("content", "why"), [(None, "No such file or directory"), (b"\xff\xfe", "not a text file")])
async def test_a_local_file_that_cannot_be_read(content: bytes | None, why: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "pay.md").write_bytes(content)
    book = await runbook_of("pay.md", tmp_path, beside_it=True)
    assert (book.missing, book.reachable, book.copy_kept) == (False, False, False)
    assert book.names_failover == Unread(f"pay.md cannot be read: {why}")
