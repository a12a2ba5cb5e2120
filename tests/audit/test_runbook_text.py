"""What a runbook's text says: its sections in real wordings, steps that need a place, and links that are tried."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from support.builders.moment import NOW
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.audit.collectors.runbooks.fetch import LINKS_INTERVAL, RunbookPages
from bot.audit.collectors.runbooks.links import LinkTrials, links_of
from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, MAX_STEPS, extract_steps, read_html
from bot.audit.collectors.runbooks.sections import section_of, sections
from bot.audit.collectors.runbooks.step_places import step_needs
from bot.catalogue import read
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient

WORDINGS = {
    "detect": (
        "Detection",
        "Symptoms",
        "How do we know?",
        "How to recognise a regional outage",
        "1. Verify the problem",
        "Alerts",
        "Is it really down?",
        "Diagnosis",
        "What you will see",
        "Dashboards",
        "Impact",
        "Step 2: Confirm the outage",
    ),
    "decide": (
        "Decision",
        "When to fail over",
        "Go / no-go",
        "Who decides?",
        "Criteria for failover",
        "Escalation",
        "Declaring an incident",
        "3) Triage",
        "Authorisation",
        "When to use this runbook",
    ),
    "fail_over": (
        "Failover",
        "Fail over to eu-west-1",
        "Failing over",
        "Recovery procedure",
        "Disaster recovery steps",
        "Switch over the database",
        "Promote the replica",
        "Mitigation",
        "Steps",
        "Resolution",
        "Shift traffic away",
        "Evacuating a zone",
    ),
    "communicate": (
        "Communication",
        "Comms plan",
        "Notify stakeholders",
        "Who to call",
        "Status page",
        "Contacts",
        "Tell customers",
        "Announce it",
    ),
    "roll_back": (
        "Rollback",
        "Roll back",
        "Failback",
        "Fail back to the primary",
        "Back-out plan",
        "Return to normal",
        "Reverting the change",
        "Move traffic back",
        "Switch back",
    ),
    "": ("Overview", "Architecture", "Links", "Owner", "References", "Change log"),
}


@pytest.mark.parametrize(
    ("section", "words"), [(section, words) for section, all_ in WORDINGS.items() for words in all_]
)
def test_headings_as_people_word_them(section: str, words: str) -> None:
    assert section_of(words) == section


@pytest.mark.parametrize(
    "text",
    [
        "# Detection\n\nx\n\n## Roll back\n",
        "Detection\n=========\n\nRoll back\n---------\n",
        "== Detection ==\n\n= Roll back =\n",
        "h2. Detection\n\nh2. Roll back\n",
        "**Detection**\n\n**Roll back:**\n",
        "Detection:\nlook\n\nRoll back:\nundo\n",
    ],
)
def test_headings_as_formats_mark_them(text: str) -> None:
    assert sections(text) == ("detect", "roll_back")


def test_code_and_sentences_are_no_headings() -> None:
    assert sections("```\n# Detection\n```\n**Note** roll back only if asked.\nTo detect it, look: there.\n") == ()


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("ssh bastion.us-east-1.prod.example.com", "aws/us-east-1"),
        ("Open https://us-east-1.console.aws.amazon.com/rds", "aws/us-east-1"),
        ("Open https://console.aws.amazon.com/", "aws/us-east-1"),
        ("`aws rds promote-read-replica --region eu-west-1 --id orders`", "aws/eu-west-1"),
        ("AWS_REGION=us-east-1 ./failover.sh", "aws/us-east-1"),
        ("gcloud sql instances failover orders --region=europe-west4", "gcp/europe-west4"),
        ("Open https://orders.westeurope.cloudapp.azure.com", "azure/westeurope"),
        ("kubectl --context prod-us-east-1 drain n1", "aws/us-east-1"),
        ("Check that us-east-1 is failing", ""),
        ("Run failover-us-east-1.sh", ""),
        ("Ask payments@us-east-1.example.com", ""),
        ("Open https://portal.azure.com", ""),
    ],
)
def test_what_a_step_needs(step: str, place: str) -> None:
    found = step_needs(f"## Fail over\n1. {step}\n")
    assert [need.split("|")[:2] for need in found] == ([[place, "1"]] if place else [])


def test_steps_that_look_or_go_back_name_the_lost_place_by_nature() -> None:
    step = "ssh a.us-east-1.example.com"
    text = f"# Detect\n1. {step}\n# Fail over\n2. Shift\n# Roll back\n3. {step}\n# Afterwards, communicate\n4. {step}\n"
    assert step_needs(text) == ("aws/us-east-1|4|a.us-east-1.example.com",)


@pytest.mark.parametrize(
    "part", ["<a ", "<", "<!--", '<a href="', "<h1>", "<script>", "&", "\n", " ", "- a\n", "1. ", "# ", "us-east-1."]
)
def test_a_hostile_page_is_read_to_its_end(part: str) -> None:
    page = part * (100_000 // len(part))  # reading these again for each part would take minutes
    assert len(read_html(page).text) <= MAX_CHARACTERS
    sections(page)
    step_needs(page)
    links_of(page)
    assert len(extract_steps(page)) <= MAX_STEPS


def test_links_are_found_once_and_whole() -> None:
    text = "See https://a.example/x#part, (https://b.example/y). [c](https://a.example/x) ftp://no.example"
    assert links_of(text, ["/z", "mailto:a@b.example", "#top"], "https://wiki.example/p") == (
        "https://a.example/x",
        "https://b.example/y",
        "https://wiki.example/z",
        "https://wiki.example/p",
    )


class Site:
    """Pages by their status; `/head` knows GET alone."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open, self.most = 0, 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            if request.path == "/head" and request.method == "HEAD":
                return web.Response(status=405)
            return web.Response(status=int(request.path[1:]) if request.path[1:].isdigit() else 200)
        finally:
            self.open -= 1


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", made.handle)
    async with serving(app) as root:
        yield made, root


async def test_links_are_tried_politely(site: tuple[Site, str]) -> None:
    made, root = site
    async with HttpClient(EgressPolicy(private=True)) as http:
        trials = LinkTrials(http)
        links = [f"{root}/{path}" for path in ("200", "404", "410", "401", "500", "429", "head", "301")]
        found = await trials.tried(links)
        again = await trials.tried([f"{root}/404"])
        await trials.close()
    assert found.dead == (f"{root}/404", f"{root}/410")
    assert set(found.tried) == {f"{root}/{path}" for path in ("200", "404", "410", "head", "301")}
    assert (found.untried, again.dead) == (3, (f"{root}/404",))
    assert made.most == 1, "one request at a time on a host"
    assert made.asked.count("GET /404") == 1


async def test_a_link_that_leads_inside_is_not_followed(site: tuple[Site, str]) -> None:
    made, root = site
    async with HttpClient() as http:
        found = await LinkTrials(http).tried([f"{root}/200", "http://169.254.169.254/latest/meta-data"])
    assert (made.asked, found.tried, found.untried) == ([], (), 2)


async def test_links_are_tried_once_a_day(tmp_path: Path) -> None:
    book = tmp_path / "checkout.md"
    book.write_text("1. Open http://127.0.0.1:9/a")
    entries = read(f"services: [{{name: checkout, runbook: '{book}'}}]\n").entries
    async with ledger_at(tmp_path / "ledger") as ledger:
        for later, tried_at in ((0, 0), (6, 0), (24, 24)):
            pages = RunbookPages(ledger, lambda later=later: NOW + timedelta(hours=later))  # type: ignore[misc]
            copy = (await pages.read(entries))["checkout"]
            assert copy.details.links_tried_at == NOW + timedelta(hours=tried_at)
            assert copy == (await ledger.runbooks())["checkout"]
    assert timedelta(days=1) == LINKS_INTERVAL
