"""Cards as people see them: drawn in Chromium the way each platform draws; pictures go to artifacts/cards or BACKSTAY_PICTURES.

Needs node, `npm ci` in this folder and Chromium; skipped where one is missing, except on CI, where they must be there.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import NOW
from support.builders.scorecards import sample_estate
from support.samples.cards import CARDS

from bot.cards.messages.full_report import full_report
from bot.cards.render import html as to_html
from bot.cards.render import html_report
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NAMES = (
    *("estate-9", "estate-hostile", "service", "service-rtl", "whatif-9", "weekly-9", "explain", "finding"),
    *("mine-9", "mine-long", "checklist", "incidents-500", "unsubscribed"),
    *("incident", "incident-hostile", "incident-rtl", "incidents", "status", "provider", "digest", "closing", "alert"),
    *("closing-report", "alert-detail", "alert-500", "alert-rtl", "alert-hostile", "alert-detail-500", "assign-form"),
    *("alert-reported", "alert-degraded", "alert-recovering", "alert-resolver", "status-incident", "incidents-states"),
)
Seen = list[dict[str, Any]]


def _missing() -> list[str]:
    there = {
        "node": shutil.which("node"),
        "npm ci in tests/browser": (HERE / "node_modules" / "playwright-core").is_dir(),
        CHROMIUM: Path(CHROMIUM).exists(),
    }
    return [name for name, found in there.items() if not found]


def _jobs() -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = []
    for name in NAMES:
        card = CARDS[name]()
        jobs += [
            {"name": name, "kind": "slack", "content": to_slack.render(card)["blocks"]},
            {"name": name, "kind": "teams", "content": to_teams.render(card)},
            {"name": name, "kind": "html", "content": to_html.render(card)},
        ]
    for name, make in CARDS.items():
        for interactive in (True, False):
            content = to_teams.render(make(), interactive=interactive)
            jobs.append(
                {"name": f"{name} {'asked' if interactive else 'posted'}", "kind": "parsed", "content": content}
            )
    unknown = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "NoSuchElement"}]}
    jobs.append({"name": "unknown", "kind": "parsed", "content": unknown})
    report = html_report.render(full_report(sample_estate(6), organisation="Acme", now=NOW))
    return [*jobs, *({"name": "report", "kind": "html", "content": report, "dark": dark} for dark in (False, True))]


@pytest.fixture(scope="module")
def drawn() -> Seen:
    if missing := _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"missing for drawing cards: {', '.join(missing)}")
        pytest.skip(f"cards are not drawn, missing: {', '.join(missing)}")
    folder = Path(os.environ.get("BACKSTAY_PICTURES") or HERE.parents[1] / "artifacts" / "cards").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    jobs = folder / "jobs.json"
    jobs.write_text(json.dumps(_jobs()), encoding="utf-8")
    run = subprocess.run(  # noqa: S603 - our own script
        ["node", "draw.mjs", str(jobs), str(folder)],  # noqa: S607 - node is wherever it is installed
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    seen: Seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return seen


def test_everything_is_drawn_and_nothing_goes_wrong_on_it(drawn: Seen) -> None:
    assert {(item["name"], item["kind"]) for item in drawn} >= {
        (name, kind) for name in NAMES for kind in ("slack", "teams", "html")
    }
    assert {item["file"]: item["errors"] for item in drawn if item["errors"] and item["kind"] != "parsed"} == {}


def test_microsofts_own_parser_has_nothing_to_say_against_any_card(drawn: Seen) -> None:
    judged = [item for item in drawn if item["kind"] == "parsed"]
    assert len(judged) == 2 * len(CARDS) + 1
    assert [item["name"] for item in judged if item["errors"]] == ["unknown"]


def test_nothing_is_fetched_and_no_script_runs(drawn: Seen) -> None:
    assert {item["file"]: item["asked"] for item in drawn if item["asked"]} == {}


def test_no_page_is_wider_than_its_window(drawn: Seen) -> None:
    assert {
        item["file"]: item["across"] for item in drawn if item["kind"] == "html" and item["across"] > item["width"]
    } == {}


def test_no_word_of_a_teams_card_reaches_into_its_neighbour_even_on_the_smallest_phone(drawn: Seen) -> None:
    assert {item["file"]: item["spills"] for item in drawn if item["kind"] == "teams" and item["spills"]} == {}
    assert {item["width"] for item in drawn if item["kind"] == "teams"} >= {300}


def test_hostile_names_are_read_as_they_were_written(drawn: Seen) -> None:
    for item in drawn:
        if (
            item["name"] == "estate-hostile" and item["kind"] != "slack"
        ):  # its drawing formats plain text, Slack does not
            assert "</script><script>alert(1)</script>" in item["text"].replace("\u2060", ""), item["file"]


def test_the_answer_and_what_to_fix_are_there_on_every_platform(drawn: Seen) -> None:
    for item in drawn:
        if item["name"] == "service":
            assert "grade D, 55 of 100" in item["text"]
            assert "+16.7 points (owner: payments): checkout-0 runs only in us-east-1" in item["text"]
            assert "Score capped at 59" in item["text"]
        if item["name"] == "whatif-9":
            assert "4 of 9 services expected down" in item["text"]
            assert "2 expected to fail over" in item["text"]
        if item["name"] in ("incident", "alert"):
            assert "service-000 expected down" in item["text"]
            assert "Runbook" in item["text"]
        if item["name"] in ("incident", "alert-detail"):  # an alert fits on a phone: its command is behind Details
            assert "failover.sh us-west-2" in item["text"]
