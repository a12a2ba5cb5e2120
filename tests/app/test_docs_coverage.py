"""checks/COVERAGE.md names every source, and every check or reason that it names exists."""

import csv
import re
from pathlib import Path

import pytest

from bot.app.cli.docs_coverage import coverage, files, not_judged, others, read_from_aws
from bot.audit.collectors.aws.source import sources
from checks import discover

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "checks" / "COVERAGE.md"
ELSEWHERE = ROOT.parent / "shared" / "facts" / "aws-checks.tsv"
IDS = {check.id for check in discover()}


def test_every_source_is_a_row_with_its_facts_and_checks() -> None:
    rows = {row.split("|")[1].strip(" `"): row for row in read_from_aws()[2:]}
    assert set(rows) == {source.name for source in sources()}
    for source in sources():
        about, kinds, judged = (cell.strip() for cell in rows[source.name].split("|")[2:5])
        assert about.endswith("."), source.name
        assert {kind.__name__ for kind in source.facts} == set(kinds.split(", ")), source.name
        assert judged == "simulations only" or set(judged.split(", ")) <= IDS, source.name


def test_every_check_that_is_named_exists() -> None:
    named = {check for judged in coverage().others.values() if not isinstance(judged, str) for check in judged}
    in_reasons = {check for text in [*not_judged(), *others()] for check in re.findall(r"\b[A-Z]{2}\d\d\b", text)}
    assert named | in_reasons <= IDS


def test_every_condition_has_checks_or_a_reason() -> None:
    assert [name for name, judged in coverage().others.items() if not judged] == []
    assert [part for part, why in coverage().not_judged if not why.endswith(".")] == []
    reasons = [judged for judged in coverage().others.values() if isinstance(judged, str)]
    assert [reason for reason in reasons if not reason.endswith(".")] == []


def test_the_page_has_all_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tables = (read_from_aws(), not_judged(), others(), others("azure"), others("kubernetes"), files("kubernetes"))
    for rows in tables:
        assert "\n".join(rows) in page


@pytest.mark.parametrize("cloud", ["azure", "kubernetes"])
def test_every_condition_on_other_clouds_has_checks_that_exist_or_a_reason(cloud: str) -> None:
    known = coverage(cloud)
    named = {check for judged in known.others.values() if not isinstance(judged, str) for check in judged}
    named |= {check for verdicts in known.files.values() for check in verdicts}
    in_reasons = {check for text in [*others(cloud), *files(cloud)] for check in re.findall(r"\b[A-Z]{2}\d\d\b", text)}
    assert named | in_reasons <= IDS
    assert [name for name, judged in known.others.items() if not judged] == []


def test_every_condition_that_other_tools_check_is_mapped() -> None:
    if not ELSEWHERE.exists():
        pytest.skip(f"the list of other tools' checks is not beside this repository ({ELSEWHERE.name})")
    with ELSEWHERE.open(encoding="utf-8") as listed:
        known = {row["id"] for row in csv.DictReader(listed, delimiter="\t")}
    assert known - set(coverage().others) == set()
    assert set(coverage().others) - known == set()
