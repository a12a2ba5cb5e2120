"""Audits and what-ifs as files: compared exactly, valid for the programs that read them, inert where names mean harm."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from support.builders.audits import HOSTILE, LASTS, audit, history
from support.builders.facts import AWAY, NOW, compute, rehearsal, route, seen, service

from bot.audit.export import csv as to_csv
from bot.audit.export import json as to_json
from bot.audit.export import junit as to_junit
from bot.audit.export import markdown as to_markdown
from bot.audit.export.contract import scorecard_schema, whatif_schema
from checks import Dependency, Scope, impact

GOLDEN = Path(__file__).parent / "reports"
CARD_KEYS = (
    *("schema", "generated_at", "score", "low", "high", "grade", "caps", "coverage", "ruleset"),
    *("services", "trend", "unread", "calls", "seconds"),
)
FINDING_KEYS = (
    *("check", "family", "severity", "outcome", "resource", "provider", "account", "region"),
    *("summary", "evidence", "remediation"),
)
HOSTILE_AUDIT = audit(of=HOSTILE, store=HOSTILE, said=HOSTILE)


def told() -> str:
    estate = [
        seen(compute(), compute(region=AWAY), rehearsal(), route(), of=service("login")),
        seen(compute(), of=service(depends_on=(Dependency("login", "service"), Dependency("stripe", "saas")))),
        seen(compute(region=AWAY), of=service("blog", tier=4, users=None, revenue_per_hour=None)),
    ]
    return to_json.whatif(impact(Scope.parse("aws/us-east-1"), estate, lasts=LASTS, now=NOW))


def written(made: str) -> str:
    """The version of the set of checks changes with it; nothing else may."""
    return made.replace(audit().scorecard.ruleset, "RULESET")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("scorecard.json", to_json.scorecard(audit(), history())),
        ("scorecard.md", to_markdown.scorecard(audit(), history())),
        ("scorecard.csv", to_csv.scorecard(audit())),
        ("scorecard.junit.xml", to_junit.scorecard(audit())),
        ("hostile.md", to_markdown.scorecard(HOSTILE_AUDIT)),
        ("hostile.csv", to_csv.scorecard(HOSTILE_AUDIT)),
        ("hostile.junit.xml", to_junit.scorecard(HOSTILE_AUDIT)),
        ("whatif.json", told()),
    ],
)
def test_reads_as_agreed(name: str, made: str, update_golden: bool) -> None:
    path = GOLDEN / name
    if update_golden:
        path.write_bytes(written(made).encode())
    assert written(made).encode() == path.read_bytes()


@pytest.mark.parametrize("given", [audit(), HOSTILE_AUDIT])
def test_the_scorecard_keeps_its_contract(given: object) -> None:
    made = json.loads(to_json.scorecard(given, history()))  # type: ignore[arg-type]
    jsonschema.validate(made, scorecard_schema(), cls=jsonschema.Draft202012Validator)
    assert tuple(made) == CARD_KEYS
    assert list(made["services"][0]) == ["name", "tier", "score", "grade", "coverage", "findings"]
    assert tuple(made["services"][0]["findings"][0]) == FINDING_KEYS
    assert list(made["unread"][0]) == ["source", "account", "region", "reason"]
    assert [point["at"] for point in made["trend"]] == ["2026-11-09T12:00:00Z", "2026-11-16T12:00:00Z"]
    assert made["schema"] == "backstay.scorecard/1"
    assert made["score"] == made["low"] <= made["high"]


def test_the_whatif_keeps_its_contract() -> None:
    made = json.loads(told())
    jsonschema.validate(made, whatif_schema(), cls=jsonschema.Draft202012Validator)
    assert list(made) == ["schema", "scope", "hours", "services", "cost", "users", "routes"]
    keys = [
        "name",
        "tier",
        "outcome",
        "because",
        "rto",
        "rto_target",
        "users",
        "cost_per_hour",
        "rto_worst",
        "rto_tests",
    ]
    assert list(made["services"][0]) == keys
    assert [(service["name"], service["outcome"]) for service in made["services"]] == [
        ("checkout", "down"),
        ("login", "fails_over"),
        ("blog", "unaffected"),
    ]
    assert (made["hours"], made["cost"], made["users"]) == (15, 42_000 * 15.25, 120_000)


def test_hostile_names_arrive_in_json_as_they_are() -> None:
    made = json.loads(to_json.scorecard(HOSTILE_AUDIT))
    assert made["services"][0]["name"] == HOSTILE
    assert made["services"][0]["findings"][0]["evidence"]["note"] == HOSTILE


def test_no_cell_is_a_formula_and_every_row_is_whole() -> None:
    rows = list(csv.reader(io.StringIO(to_csv.scorecard(HOSTILE_AUDIT), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(to_csv.COLUMNS)}
    assert len(rows) == 1 + len(HOSTILE_AUDIT.scorecard.services[0].findings)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\x00=1", "'=1"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_a_cell_is_text(text: str, expected: str) -> None:
    assert to_csv.cell(text) == expected


def test_junit_counts_what_it_holds_and_skips_what_is_unknown_with_the_reason() -> None:
    root = ET.fromstring(to_junit.scorecard(HOSTILE_AUDIT))  # noqa: S314 - our own words
    suite = root[0]
    assert root.attrib["tests"] == suite.attrib["tests"] == str(len(suite.findall("testcase"))) == "7"
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.attrib[name] == str(len(suite.findall(f"testcase/{tag}")))
    skipped = [skip.attrib["message"] for skip in suite.findall("testcase/skipped")]
    assert len(skipped) == 2
    assert "AccessDenied" in skipped[0]


def test_markdown_keeps_hostile_names_in_their_cells() -> None:
    made = to_markdown.scorecard(HOSTILE_AUDIT)
    for line in made.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (6, 7, 14), line
    assert "\n2nd" not in made
    assert "\\<script" in made
    assert "@channel" not in made


def test_a_long_list_is_cut_with_a_count() -> None:
    given = audit()
    first, *rest = given.scorecard.services
    many = tuple(finding for finding in first.findings for _ in range(60) if finding.outcome == "fail")
    card = replace(given.scorecard, services=(replace(first, findings=many), *rest))
    assert "10 more are in the JSON and CSV reports" in to_markdown.scorecard(replace(given, scorecard=card))


def test_the_counts_of_each_service_add_up_to_its_findings_and_every_score_is_rounded_down() -> None:
    given = audit()
    rows = [
        line.strip("| ").split(" | ") for line in to_markdown.scorecard(given).splitlines() if line.startswith("| ")
    ]
    at = next(number for number, row in enumerate(rows) if row[0] == "Service")
    for scored, row in zip(given.scorecard.services, rows[at + 2 :], strict=False):
        assert sum(map(int, row[6:11])) == int(row[11]) == len(scored.findings)
        assert row[3] == str(int(scored.score))
        assert f",{int(scored.score)},{scored.grade}," in to_csv.scorecard(given) or not scored.findings
