"""Runbooks in Confluence, Notion and Google Docs: read whole, in pages, and told apart from what could not be read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.moment import NOW
from support.fakes.wikis import TEXT, Wikis, block
from support.harness.ledgers import ledger_at
from support.harness.loopback import closed_port, serving

from bot.audit.collectors.runbooks.facts import runbook_fields
from bot.audit.collectors.runbooks.fetch import RunbookPages
from bot.audit.collectors.runbooks.source import SourceAccess, source_for
from bot.catalogue import read
from bot.model.records import RunbookCopy
from bot.storage.ledger import Ledger
from checks import Unread

CHANGED = datetime(2026, 11, 2, 10, tzinfo=UTC)
ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with ledger_at(tmp_path) as opened:
        yield opened


@pytest.fixture
async def wikis() -> AsyncIterator[tuple[Wikis, str]]:
    made = Wikis()
    async with serving(made.app()) as root:
        yield made, root


class Naps:
    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def copied(
    address: str, ledger: Ledger, access: SourceAccess, *, sleep: Naps | None = None, seconds: float = 30
) -> RunbookCopy:
    pages = RunbookPages(
        ledger,
        lambda: NOW,
        accesses=(access,),
        try_links=False,
        timeout=timedelta(seconds=seconds),
        sleep=sleep or Naps(),
    )
    return (await pages.read(read(f"services: [{{name: checkout, runbook: '{address}'}}]\n").entries))["checkout"]


def cloud(root: str) -> tuple[str, SourceAccess]:
    access = SourceAccess("confluence", f"{root}/wiki", user="bot@example.com", token="secret")
    return f"{root}/wiki/spaces/OPS/pages/42/Checkout+is+down", access


async def test_confluence_cloud(wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    served, root = wikis
    address, access = cloud(root)
    copy = await copied(address, ledger, access)
    assert (copy.problem, copy.text, copy.steps) == ("", TEXT, ("Look", "Run shift"))
    details = copy.details
    assert (details.changed_at, details.changed_by, details.owner) == (CHANGED, "Ada", "Team Payments")
    assert served.asked[0] == "/wiki/api/v2/pages/42?body-format=view"
    assert set(served.signed) == {"Basic Ym90QGV4YW1wbGUuY29tOnNlY3JldA=="}
    fields = runbook_fields(
        read(f"services: [{{name: c, runbook: '{address}'}}]\n").entries[0].declared.runbook, copy, NOW
    )
    assert fields["sections"] == ("detect", "fail_over", "communicate")
    assert fields["dead_links"] == Unread("its links were not tried")


@pytest.mark.parametrize(
    "page", ["pages/viewpage.action?pageId=42", "spaces/OPS/pages/42", "display/OPS/Checkout+is+down"]
)
async def test_confluence_data_center(page: str, wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    served, root = wikis
    copy = await copied(f"{root}/dc/{page}", ledger, SourceAccess("confluence", f"{root}/dc", token="secret"))
    assert (copy.problem, copy.text) == ("", TEXT)
    assert (copy.details.changed_by, copy.details.owner) == ("Ada", "Grace")
    assert copy.details.changed_at == CHANGED - timedelta(hours=1)
    assert set(served.signed) == {"Bearer secret"}


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([(401, "")], "Confluence does not accept the credentials (401)"),
        ([(403, "")], "Confluence denies access (403)"),
        ([(404, "")], "the page does not exist, or is not shared with backstay (404 from Confluence)"),
        ([(429, "3600")], "Confluence asked to slow down (429)"),
        ([(500, "")] * 3, "Confluence answers with status 500"),
        (["cut"], "Confluence closed the connection early"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_confluence_refuses_is_unread(
    answers: list[tuple[int, str] | str], problem: str, wikis: tuple[Wikis, str], ledger: Ledger
) -> None:
    served, root = wikis
    address, access = cloud(root)
    served.answers = answers
    copy = await copied(address, ledger, access)
    assert copy.problem == problem
    fields = runbook_fields(
        read(f"services: [{{name: c, runbook: '{address}'}}]\n").entries[0].declared.runbook, copy, NOW
    )
    assert fields["reachable"] == fields["owner"] == fields["changed_at"] == Unread(problem)


async def test_a_short_pause_is_made_and_the_page_is_read(wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    served, root = wikis
    address, access = cloud(root)
    served.answers, naps = [(429, "3"), (503, "")], Naps()
    assert (await copied(address, ledger, access, sleep=naps)).problem == ""
    assert naps.taken == [3.0, 6.0]


async def test_a_wiki_that_nothing_answers_for(ledger: Ledger) -> None:
    root = f"http://127.0.0.1:{closed_port()}"
    address, access = cloud(root)
    assert (await copied(address, ledger, access)).problem.startswith("Confluence cannot be reached")


async def test_notion_is_read_over_pages_of_blocks(wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    served, root = wikis
    served.blocks = {
        ID: [
            block("heading_2", "Detect", 1),
            block("numbered_list_item", "Look", 2),
            block("numbered_list_item", "Shift", 3, children=True),
            block("to_do", "Tell people", 4),
            block("paragraph", "Done", 5),
        ],
        "00000000-0000-4000-8000-000000000003": [block("bulleted_list_item", "with care", 6)],
    }
    address = f"https://www.notion.so/acme/Checkout-{ID}?pvs=4"
    copy = await copied(address, ledger, SourceAccess("notion", api=root, token="secret"))
    assert copy.problem == ""
    assert copy.text.splitlines() == ["## Detect", "1. Look", "2. Shift", "- with care", "- [ ] Tell people", "Done"]
    assert (copy.details.changed_at, copy.details.changed_by, copy.details.owner) == (CHANGED, "Ada", "Grace")


async def test_an_endless_notion_page_is_read_in_part(wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    served, root = wikis
    served.blocks = {ID: [block("paragraph", f"line {number}", number) for number in range(200)]}
    address = f"https://www.notion.so/acme/Checkout-{ID}"
    copy = await copied(address, ledger, SourceAccess("notion", api=root, token="secret"))
    assert len(copy.text.splitlines()) == 80
    fields = runbook_fields(
        read(f"services: [{{name: c, runbook: '{address}'}}]\n").entries[0].declared.runbook, copy, NOW
    )
    assert fields["sections"] == fields["needs"] == Unread("the page has more blocks than are read")


async def test_google_docs_with_and_without_a_sign_in(wikis: tuple[Wikis, str], ledger: Ledger) -> None:
    _, root = wikis
    signed = SourceAccess("google_docs", api=root, token="secret")
    copy = await copied(f"https://docs.google.com/document/d/{ID}/edit", ledger, signed)
    assert (copy.problem, copy.text) == ("", TEXT)
    assert (copy.details.changed_by, copy.details.owner) == ("Ada", "Grace")
    anyone = await copied(f"{root}/document/d/{ID}/edit", ledger, SourceAccess("google_docs", f"{root}/document"))
    assert (anyone.text, anyone.details.changed_at) == (TEXT, None)
    assert "signed in" in anyone.details.unread["changed_at"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://acme.atlassian.net/wiki/spaces/OPS/pages/42/A", "confluence"),
        (f"https://www.notion.so/acme/A-{ID}", "notion"),
        (f"https://docs.google.com/document/d/{ID}/edit", "google_docs"),
        ("https://github.com/acme/ops/wiki/Checkout", "wiki"),
        ("https://gitlab.example/acme/ops/-/wikis/checkout", "wiki"),
        ("git+ssh://git@git.example/ops.git#a.md", "git"),
        ("https://github.com/acme/ops/blob/main/a.md", "page"),
        ("https://wiki.example/page", "page"),
        ("/srv/runbooks/a.md", "file"),
    ],
)
def test_an_address_tells_its_source(address: str, kind: str) -> None:
    assert source_for(address, ()).kind == kind


def test_credentials_are_for_the_addresses_below_their_url() -> None:
    inner, outer = SourceAccess("confluence", "https://a.example/wiki"), SourceAccess("page", "https://a.example")
    assert source_for("https://a.example/wiki/pages/1", (outer, inner)) is inner
    assert source_for("https://a.example/other", (outer, inner)) is outer
    assert source_for("https://a.example.org/wiki/pages/1", (outer, inner)).token == ""
