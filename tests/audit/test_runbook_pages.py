"""Copies of runbooks: read from a web server on loopback that is well, late, gone, locked or lying."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from support.builders.moment import NOW
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving
from support.harness.resolving import Resolver

from bot.audit.collectors.runbooks.facts import runbook_fields
from bot.audit.collectors.runbooks.fetch import MAX_BYTES, MIN_INTERVAL, REFRESH_INTERVAL, RunbookPages
from bot.audit.collectors.runbooks.page_text import extract_steps, html_to_text
from bot.catalogue import CatalogueEntry, read
from bot.model.records import RunbookCopy
from bot.storage.ledger import Ledger
from checks import Unread

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = """<!doctype html><title>Wiki</title><nav><li>Home</li></nav><script>steal()</script>
<h1>Checkout is down</h1><p>Last reviewed: 2026-11-01</p>
<ol><li>Look at the <b>board</b></li><li>Fail over:
  <code>shift eu-west-1</code></li></ol><ul><li>tell people</li></ul><p>Ask &lt;ops&gt;</p>"""


class Wiki:
    """A page at `/page`, answered as a test says."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Answer = page()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await self.answer(request)


def page(text: str = PAGE, kind: str = "text/html", status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=kind, status=status)

    return answer


def redirect(to: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to})

    return answer


async def late(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response(text=PAGE)


async def cut(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return answer


@pytest.fixture
async def wiki() -> AsyncIterator[tuple[Wiki, str]]:
    made = Wiki()
    app = web.Application()
    app.router.add_get("/{any:.*}", made.handle)
    async with serving(app) as root:
        yield made, f"{root}/page"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with ledger_at(tmp_path) as opened:
        yield opened


def entries(url: str) -> tuple[CatalogueEntry, ...]:
    return read(f"services: [{{name: checkout, runbook: '{url}'}}]\n").entries


async def copied(url: str, ledger: Ledger, later: timedelta = timedelta(0)) -> RunbookCopy:
    pages = RunbookPages(ledger, lambda: NOW + later, timeout=timedelta(seconds=0.3))
    return (await pages.read(entries(url)))["checkout"]


def fields(copy: RunbookCopy, url: str, later: timedelta = timedelta(0)) -> dict[str, object]:
    return runbook_fields(entries(url)[0].declared.runbook, copy, NOW + later)


async def test_copies_are_kept_while_serving_before_any_audit(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    _, url = wiki
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await RunbookPages(ledger, lambda: NOW).run(entries(url), sleep=nap)
    assert naps == [REFRESH_INTERVAL.total_seconds()]
    assert (await ledger.runbooks())["checkout"].steps == ("Look at the board", "Fail over: shift eu-west-1")


async def test_a_page_is_read_and_kept(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    _, url = wiki
    copy = await copied(url, ledger)
    assert copy.steps == ("Look at the board", "Fail over: shift eu-west-1")
    assert "steal" not in copy.text
    assert "Home" not in copy.text
    assert "Ask <ops>" in copy.text
    assert await ledger.runbooks() == {"checkout": copy}
    known = fields(copy, url)
    assert (known["reachable"], known["copy_kept"], known["steps"], known["names_failover"]) == (True, True, 2, True)
    assert str(known["reviewed_at"]).startswith("2026-11-01")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (page(status=404), "the page is gone (404)"),
        (page(status=500), "the page answers with status 500"),
        (page(status=401), "the page asks for a sign-in"),
        (page("<form><input type=PASSWORD></form>"), "the page asks for a sign-in"),
        (redirect("https://login.example/start"), "the page asks for a sign-in"),
        (redirect("/page"), "the page redirects more than 5 times"),
        (redirect("http://169.254.169.254/latest/meta-data"), "the page redirects to a private address"),
        (redirect("file:///etc/passwd"), "the page redirects to an address that is not http or https"),
        (page("%PDF", "application/pdf"), "the page is application/pdf, not text"),
        (page("x" * (MAX_BYTES + 1), "text/plain"), f"the page has more than {MAX_BYTES:,} bytes"),
        (late, "the page did not answer in time"),
        (cut, "the page closed the connection early"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_read_keeps_the_older_copy(
    answer: Answer, problem: str, wiki: tuple[Wiki, str], ledger: Ledger
) -> None:
    served, url = wiki
    before = await copied(url, ledger)
    served.answer = answer
    after = await copied(url, ledger, MIN_INTERVAL)
    assert (after.problem, after.text, after.read_at) == (problem, before.text, NOW)
    assert after.tried_at == NOW + MIN_INTERVAL
    known = fields(after, url)
    assert known["copy_kept"] is True
    # Only a page that says so itself is known not to open.
    assert known["reachable"] == (False if "gone" in problem else Unread(problem))


async def test_a_page_that_was_never_read_is_unread(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    served, url = wiki
    served.answer = page(status=503)
    copy = await copied(url, ledger)
    assert (copy.read_at, copy.text) == (None, "")
    known = fields(copy, url)
    assert known["names_failover"] == Unread("the page answers with status 503")
    assert "copy_kept" not in known


async def test_a_page_is_not_asked_for_again_at_once(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    served, url = wiki
    await copied(url, ledger)
    await copied(url, ledger, MIN_INTERVAL / 2)
    assert served.asked == 1
    await copied(url, ledger, MIN_INTERVAL)
    assert served.asked == 2


async def test_another_page_is_another_runbook(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    served, url = wiki
    await copied(url, ledger)
    served.answer = page(status=500)
    copy = await copied(f"{url}/moved", ledger)
    assert (copy.text, copy.problem) == ("", "the page answers with status 500")


async def test_an_old_copy_is_none(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    _, url = wiki
    copy = await copied(url, ledger)
    assert fields(copy, url, timedelta(days=91))["copy_kept"] is False


async def test_a_runbook_that_is_named_no_more_is_forgotten(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    _, url = wiki
    await copied(url, ledger)
    await RunbookPages(ledger, lambda: NOW).read(read("services: [{name: checkout}]\n").entries)
    assert await ledger.runbooks() == {}


async def test_a_redirect_on_the_same_host_is_followed(wiki: tuple[Wiki, str], ledger: Ledger) -> None:
    served, url = wiki

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (page() if request.path.endswith("new") else redirect("/new"))(request)

    served.answer = answer
    assert (await copied(url, ledger)).problem == ""


@pytest.mark.parametrize("host", ["localhost", "metadata.google.internal", "inside.example"])
async def test_a_redirect_to_a_private_host_that_nobody_named_is_not_followed(
    host: str, wiki: tuple[Wiki, str], ledger: Ledger
) -> None:
    served, url = wiki
    port = urlsplit(url).port

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (page() if request.path == "/inside" else redirect(f"http://{host}:{port}/inside"))(request)

    served.answer = answer
    resolver = Resolver(wiki_example=[["127.0.0.1"]], inside_example=[["127.0.0.1"]], localhost=[["127.0.0.1"]])
    pages = RunbookPages(ledger, lambda: NOW, resolver=resolver)
    copy = (await pages.read(entries(f"http://wiki.example:{port}/page")))["checkout"]
    assert (copy.problem, copy.text) == ("the page redirects to a private address", "")
    assert served.asked == 1


async def test_a_wiki_whose_name_leads_inside_is_read_as_the_operator_named_it(
    wiki: tuple[Wiki, str], ledger: Ledger
) -> None:
    _, url = wiki
    pages = RunbookPages(ledger, lambda: NOW, resolver=Resolver(wiki_example=[["127.0.0.1"]]))
    copy = (await pages.read(entries(url.replace("127.0.0.1", "wiki.example"))))["checkout"]
    assert (copy.problem, len(copy.steps)) == ("", 2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. one\n2) two\n- not", ("one", "two")),
        ("- [ ] tick\n* [x] done", ("tick", "done")),
        ("* a\n+ b", ("a", "b")),
        ("no steps at all", ()),
    ],
)
def test_steps(text: str, found: tuple[str, ...]) -> None:
    assert extract_steps(text) == found


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    text, asks = html_to_text("<ol><li>one<li>two</ol></div></ol><p>three <unknown>four")
    assert text.splitlines() == ["1. one", "2. two", "three four"]
    assert not asks
