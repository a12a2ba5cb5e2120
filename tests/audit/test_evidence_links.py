"""Links of attestations, opened on loopback: evidence that cannot be opened counts for nothing, and says why."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from support.builders.moment import NOW
from support.harness.loopback import serving

from bot.audit.attribution import attribute
from bot.audit.collectors.declared import DeclaredCollector
from bot.audit.evidence_links import MIN_INTERVAL, EvidenceLinks
from bot.catalogue import Catalogue, CatalogueEntry, read
from bot.model.records import AttestationRecord, RunbookCopy
from checks import Attestation, Maybe, Outcome, Rehearsal, Unread, evaluate

TODAY = NOW.date().isoformat()


class Wiki:
    """Answers each path with the status that it names: `/200`, `/404`; `/late` too late; `/to/PATH` redirects."""

    def __init__(self) -> None:
        self.asked = 0
        self.address = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        path = request.path.strip("/")
        if path == "late":
            await asyncio.sleep(5)
        if path.startswith("to/"):
            raise web.HTTPFound(request.query.get("url", f"/{path.removeprefix('to/')}"))
        return web.Response(text="evidence", status=int(path) if path.isdigit() else 200)


@pytest.fixture
async def wiki() -> AsyncIterator[Wiki]:
    made = Wiki()
    app = web.Application()
    app.router.add_get("/{path:.*}", made.handle)
    async with serving(app) as address:
        made.address = address
        yield made


def catalogue(*links: str) -> Catalogue:
    lines = [f"      - {{practice: training, by: platform, at: {TODAY}, link: '{link}'}}" for link in links]
    drills = [
        f"      - {{kind: failover, at: {TODAY}, result: succeeded, attested_by: platform, link: '{link}'}}"
        for link in links
    ]
    text = "\n".join(
        ("services:", "  - name: shop", "    tier: 2", "    owner: payments", "    deployments: [gcp/europe-west1]")
        + (("    attestations:", *lines, "    drills:", *drills) if links else ())
    )
    return read(text)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def links_of(
    of: Catalogue,
    *words: AttestationRecord,
    clock: Clock | None = None,
    error: int = socket.EAI_NONAME,
    timeout: timedelta = timedelta(seconds=10),
    patience: timedelta = timedelta(seconds=30),
) -> EvidenceLinks:
    """The collector around what `of` declares and `words` attest in chat; the resolver knows no name and says so with `error`."""

    async def times() -> Mapping[str, datetime]:
        return {}

    async def no_runbooks(entries: Sequence[CatalogueEntry]) -> Mapping[str, RunbookCopy]:
        return {}

    async def given() -> Sequence[AttestationRecord]:
        return words

    async def resolver(host: str, port: int) -> Sequence[str]:
        if host == "127.0.0.1":
            return [host]
        raise socket.gaierror(error, "no address")

    declared = DeclaredCollector(of, clock or Clock(), times, read_runbooks=no_runbooks, read_attestations=given)
    return EvidenceLinks(declared, of, clock or Clock(), resolver=resolver, timeout=timeout, patience=patience)


async def problems(opener: EvidenceLinks, of: Catalogue) -> list[Maybe[str]]:
    collected = await opener.collect(of.services, lambda _: None)
    assert len([fact for fact in collected.facts if isinstance(fact, Attestation | Rehearsal)]) % 2 == 0
    return [fact.link_problem for fact in collected.facts if isinstance(fact, Attestation)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("200", ""),
        ("to/200", ""),
        ("401", ""),
        ("403", ""),
        ("404", "its link does not open: 127.0.0.1 answers with status 404"),
        ("to/410", "its link does not open: 127.0.0.1 answers with status 410"),
        ("503", Unread("its link answers with status 503 now")),
        ("429", Unread("its link answers with status 429 now")),
        ("late", Unread("its link does not open now: 127.0.0.1 did not answer in time")),
        (
            "to/x?url=ftp://127.0.0.1/x",
            "its link does not open: 127.0.0.1 redirects to an address that is not http or https",
        ),
    ],
)
async def test_a_link_opens_or_says_why_not(wiki: Wiki, path: str, expected: Maybe[str]) -> None:
    of = catalogue(f"{wiki.address}/{path}")
    assert await problems(links_of(of, timeout=timedelta(seconds=0.3 if path == "late" else 30)), of) == [expected]


async def test_nobody_listens_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        of = catalogue(f"http://127.0.0.1:{free.getsockname()[1]}/x", "JIRA-123")
        closed, no_address = await problems(links_of(of), of)
    assert closed == "its link does not open: 127.0.0.1 cannot be reached (connection refused)"
    assert no_address == "its link does not open: this is not an http or https address"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (socket.EAI_NONAME, "its link does not open: DNS lookup of wiki.example failed"),
        (socket.EAI_AGAIN, Unread("its link could not be tried: no network")),
    ],
)
async def test_a_host_that_does_not_exist_is_not_the_same_as_no_network(error: int, expected: Maybe[str]) -> None:
    of = catalogue("https://wiki.example/drill")
    assert await problems(links_of(of, error=error), of) == [expected]


async def test_what_does_not_open_counts_for_nothing_and_without_network_it_is_unknown(wiki: Wiki) -> None:
    outcomes = {}
    gone, opens = f"{wiki.address}/404", f"{wiki.address}/200"
    for name, path, error in (("opens", opens, 0), ("gone", gone, 0), ("cut", "https://x.example", socket.EAI_AGAIN)):
        of = catalogue(path)
        collected = await links_of(of, error=error).collect(of.services, lambda _: None)
        found = {f.check.id: f for f in evaluate(attribute(of.entries, collected.facts, collected.gaps), now=NOW)}
        outcomes[name] = [found[check].outcome for check in ("ED01", "RH01")]
        if name == "gone":
            assert "does not count: its link does not open: 127.0.0.1 answers with status 404" in found["RH01"].summary
    assert outcomes == {
        "opens": [Outcome.PASS, Outcome.PASS],
        "gone": [Outcome.FAIL, Outcome.FAIL],
        "cut": [Outcome.UNKNOWN, Outcome.UNKNOWN],
    }


async def test_a_link_given_in_chat_opens_nothing_on_the_own_network(wiki: Wiki) -> None:
    of = catalogue()
    word = AttestationRecord("shop", "training", "platform", NOW, NOW + timedelta(days=9), f"{wiki.address}/200")
    both = [word, AttestationRecord("shop", "exit_plan", "platform", NOW, NOW + timedelta(days=9), word.link)]
    found = await problems(links_of(of, *both), of)
    assert found == [Unread("its link leads to a private address; declare it in backstay.yaml")] * 2
    assert wiki.asked == 0


async def test_each_link_is_opened_once_an_hour(wiki: Wiki) -> None:
    clock, of = Clock(), catalogue(f"{wiki.address}/200", f"{wiki.address}/200", f"{wiki.address}/503")
    opener = links_of(of, clock=clock)
    assert await problems(opener, of) == ["", "", Unread("its link answers with status 503 now")]
    assert wiki.asked == 2
    await problems(opener, of)
    assert wiki.asked == 3  # what could not be told is tried again
    clock.now += MIN_INTERVAL
    await problems(opener, of)
    assert wiki.asked == 5


async def test_an_audit_waits_no_longer_than_its_patience(wiki: Wiki) -> None:
    of = catalogue(f"{wiki.address}/late", f"{wiki.address}/200")
    late, opened = await problems(links_of(of, patience=timedelta(seconds=3)), of)
    assert (late, opened) == (Unread("its link was not opened within 3 s"), "")
