"""`backstay status` and `backstay feed parse`, as their users see them."""

import json
from pathlib import Path

import pytest
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.command_line import CommandLine, command_line
from support.harness.loopback import closed_port, serving


@pytest.fixture
def backstay(tmp_path: Path) -> CommandLine:
    return command_line(tmp_path, "http://127.0.0.1:9")


def catalogue(url: str) -> str:
    return f"""
providers:
  - {{name: ours, feed: "{url}/ours", private: true, aliases: [paper]}}
  - {{name: theirs, feed: "{url}/theirs", private: true}}
services:
  - {{name: checkout, tier: 1, depends_on: [ours]}}
  - {{name: shop, tier: 2, depends_on: [checkout]}}
"""


async def test_what_touches_us_comes_first_through_whatever_it_reaches_us(backstay: CommandLine) -> None:
    page = StatusPage(body=summary(trouble(), indicator="major"))
    async with serving(page.app()) as url:
        backstay.write(catalogue(url))
        ran = await backstay.run("status", "paper", "theirs")
    assert ran.code == 0, ran.err
    assert ran.out.index("ours") < ran.out.index("theirs")
    assert "checkout and shop" in ran.out
    assert "Problems elsewhere: theirs" in ran.out
    assert len(page.asked) == 2


async def test_json_says_the_format_that_was_found_and_who_needs_it(backstay: CommandLine) -> None:
    page = StatusPage(body=summary(trouble(name="Errors in eu-west-1")))
    async with serving(page.app()) as url:
        backstay.write(catalogue(url))
        ran = await backstay.run("status", "ours", "--format", "json", "--region", "EU-WEST-1")
        elsewhere = await backstay.run("status", "ours", "--format", "json", "--region", "us-east-1")
    said = json.loads(ran.out)
    assert said["schema"] == "backstay.status/1"
    [one] = said["providers"]
    assert (one["format"], one["severity"], one["needed_by"]) == ("statuspage", "major", ["checkout", "shop"])
    near, far = json.loads(elsewhere.out)["providers"]
    assert (near["provider"], near["severity"], near["incidents"]) == ("ours", "none", [])
    assert far["provider"] == "ours (eu-west-1)"


async def test_a_page_that_cannot_be_read_is_unknown(backstay: CommandLine) -> None:
    page = StatusPage(body=b"<html><body>All systems operational</body></html>")
    async with serving(page.app()) as url:
        backstay.write(catalogue(url))
        ran = await backstay.run("status", "ours")
        made = await backstay.run("status", "ours", "--format", "json")
        strict = await backstay.run("status", "ours", "--strict")
    assert (ran.code, strict.code) == (1, 3)
    assert "1 of 1 status pages could not be read" in strict.err
    assert "HTML page" in ran.out
    assert "every status page is unreadable (ours" in ran.err
    assert json.loads(made.out)["providers"][0]["severity"] is None


async def test_one_page_that_cannot_be_reached_costs_the_others_nothing(backstay: CommandLine) -> None:
    page = StatusPage(body=summary())
    async with serving(page.app()) as url:
        backstay.write(catalogue(url).replace(f"{url}/ours", f"http://127.0.0.1:{closed_port()}/x?k=s3cret"))
        ran = await backstay.run("status", "ours", "theirs", "theirs")
    assert ran.code == 0
    assert "unknown ours, never read: cannot be reached" in ran.out
    assert "1 provider reports no problems" in ran.out
    assert len(page.asked) == 1
    assert "s3cret" not in ran.out + ran.err


async def test_a_mistyped_region_does_not_pass_for_good_news(backstay: CommandLine) -> None:
    page = StatusPage(body=summary(trouble(name="Errors in eu-west-1")))
    async with serving(page.app()) as url:
        backstay.write(catalogue(url))
        ran = await backstay.run("status", "ours", "--region", "eu-wset-1")
        right = await backstay.run("status", "ours", "--region", "eu-west-1")
    assert "No status page mentions the region eu-wset-1" in ran.out
    assert "No status page mentions" not in right.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status", "githib"), "github"),
        (("status", "teams"), "no status feed of teams is known"),
        (("feed", "parse", "absent.json"), "cannot be read"),
        (("feed", "parse", "page.html"), "HTML page"),
        (("feed", "parse", "page.html", "--format", "gopher"), "unknown format 'gopher'"),
    ],
)
async def test_mistakes_are_said_with_a_way_out(backstay: CommandLine, words: tuple[str, ...], said: str) -> None:
    backstay.write("<html></html>", "page.html")
    ran = await backstay.run(*words)
    assert ran.code == 2
    assert said in ran.err


async def test_normal_form_of_a_saved_payload(backstay: CommandLine) -> None:
    body = summary(
        trouble(
            name="<b>Errors</b> &amp; more",
            started_at="2026-11-23T10:00:00+01:00",
            components=[{"name": "API us-east-1"}],
            incident_updates=[{"status": "identified", "body": "<p>We <script>alert(1)</script>see it</p>"}],
        )
    )
    backstay.write(body.decode(), "saved.json")
    ran = await backstay.run("feed", "parse", "saved.json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {
        "schema": "backstay.feed/1",
        "format": "statuspage",
        "provider": "Example",
        "severity": "major",
        "components": [],
        "incidents": [
            {
                "id": "inc1",
                "title": "Errors & more",
                "state": "investigating",
                "severity": "major",
                "services": ["API us-east-1"],
                "regions": ["us-east-1"],
                "started_at": "2026-11-23T09:00:00Z",
                "updated_at": None,
                "ends_at": None,
                "resolved_at": None,
                "url": "https://status.example.com/incidents/inc1",
                "updates": [{"at": None, "state": "identified", "text": "We see it"}],
            }
        ],
    }
