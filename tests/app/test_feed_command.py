"""`backstay feed`: files and standard input, an answer alone on standard output, mistakes with their file and their fix."""

import json
from pathlib import Path

import pytest
from support.fakes.status_page import summary, trouble
from typer.testing import CliRunner

from bot.app.cli.feed import feed, normal_form
from bot.catalogue import known_providers
from bot.detection.feeds import MOST_INCIDENTS, known_formats, parse

PAGE = b"<!DOCTYPE html><title>Status</title>"


def test_standard_input_is_read() -> None:
    ran = CliRunner().invoke(feed, ["parse", "-"], input=summary(trouble()))
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == json.loads(normal_form(parse(summary(trouble()))))


def test_a_file_is_read_as_the_format_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_bytes(b"[]")
    ran = CliRunner().invoke(feed, ["parse", str(tmp_path / "none.json"), "--format", "aws_currentevents"])
    assert json.loads(ran.stdout) == {
        "schema": "backstay.feed/1",
        "format": "aws_currentevents",
        "provider": "aws",
        "severity": "none",
        "components": [],
        "incidents": [],
    }


@pytest.mark.parametrize(
    ("name", "body", "words", "problem", "mend"),
    [
        ("page.html", PAGE, (), "is an HTML page, not a feed", "/api/v2/summary.json"),
        ("empty.json", b"", (), "is empty", "Download it again"),
        ("cut.json", summary(trouble())[:-40], (), "is truncated JSON", "Download it again"),
        ("odd.json", b'{"weather": "fine"}', (), "is a JSON object with the keys weather", "--format"),
        ("list.json", b"[]", (), "is a JSON list without objects", "--format"),
        ("ok.json", summary(), ("--format", "statuspag"), "unknown format 'statuspag'", "Did you mean statuspage?"),
        ("ok.json", summary(), ("--format", "heroku"), "lists no systems with their status", "Read as heroku"),
    ],
)
def test_a_mistake_names_the_file_and_the_mend_and_prints_no_answer(  # noqa: PLR0917 - a row of the table
    tmp_path: Path, name: str, body: bytes, words: tuple[str, ...], problem: str, mend: str
) -> None:
    (tmp_path / name).write_bytes(body)
    ran = CliRunner(env={"COLUMNS": "1000"}).invoke(feed, ["parse", str(tmp_path / name), *words])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"{name}: {problem}" in ran.stderr
    assert mend in ran.stderr


def test_a_mistake_on_standard_input_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    runner = CliRunner(env={"COLUMNS": "1000"})
    ran = runner.invoke(feed, ["parse", "-"], input=PAGE)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "standard input: is an HTML page" in ran.stderr
    for absent in (tmp_path / "absent.json", tmp_path):
        ran = runner.invoke(feed, ["parse", str(absent)])
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "cannot be read" in ran.stderr


def test_what_is_left_out_is_said_beside_the_answer() -> None:
    body = summary(*(trouble(f"i{n}", status="resolved") for n in range(MOST_INCIDENTS + 5)))
    ran = CliRunner(env={"COLUMNS": "1000"}).invoke(feed, ["parse", "-"], input=body)
    assert len(json.loads(ran.stdout)["incidents"]) == MOST_INCIDENTS
    assert ran.stderr == "standard input: the oldest 5 incidents are left out: more are not kept\n"


def test_every_format_is_listed_with_a_line() -> None:
    ran = CliRunner().invoke(feed, ["formats"])
    assert CliRunner().invoke(feed, ["known_formats"]).stdout == ran.stdout
    lines = ran.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(known_formats())
    assert all(len(line.split()) > 3 for line in lines)


@pytest.mark.parametrize("name", sorted(name for name, one in known_providers().items() if one.format == "statuspage"))
def test_whose_page_it_is_is_known_by_its_address(name: str) -> None:
    one = known_providers()[name]
    assert json.loads(normal_form(parse(summary(url=one.page or one.feed))))["provider"] == name


def test_text_for_people_has_times_parts_and_what_is_not_well() -> None:
    page = json.dumps(
        {
            "page": {"id": "abcdefabcdef", "name": "Lantern", "url": "https://status.lantern.example"},
            "status": {"indicator": "minor"},
            "components": [
                {"name": "API", "status": "operational"},
                {"name": "NYC1", "status": "partial_outage"},
            ],
            "scheduled_maintenances": [
                {
                    "id": "m1",
                    "name": "Disks",
                    "status": "scheduled",
                    "impact": "maintenance",
                    "scheduled_for": "2026-03-02T04:00:00Z",
                    "scheduled_until": "2026-03-02T05:00:00Z",
                    "incident_updates": [],
                }
            ],
        }
    )
    ran = CliRunner().invoke(feed, ["parse", "-", "--text"], input=page)
    assert ran.exit_code == 0
    lines = [" ".join(row.split()) for row in ran.stdout.splitlines()]
    for said in (
        "severity minor",
        "components 2, 1 of them well",
        "NYC1 (nyc1): major",
        "m1 Disks",
        "started 2026-03-02T04:00:00Z",
        "ends 2026-03-02T05:00:00Z",
    ):
        assert said in lines, ran.stdout
    told = json.loads(CliRunner().invoke(feed, ["parse", "-"], input=page).stdout)
    assert (told["severity"], told["incidents"][0]["ends_at"]) == ("minor", "2026-03-02T05:00:00Z")
    assert {"name": "NYC1", "severity": "major", "region": "nyc1"} in told["components"]
