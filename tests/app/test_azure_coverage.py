"""Every recommendation of Microsoft's resiliency library for Azure is judged by checks that exist, or has a reason."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks import discover

ROOT = Path(__file__).parents[2]
COVERAGE: dict[str, Any] = yaml.safe_load((ROOT / "bot/app/cli/azure_coverage.yaml").read_text(encoding="utf-8"))
LISTED = ROOT.parent / "shared" / "facts" / "azure-checks.tsv"
IDS = {check.id for check in discover()}


def test_checks_that_are_named_exist_and_reasons_are_sentences() -> None:
    judged = [entry for entry in COVERAGE["others"].values() if isinstance(entry, list)]
    assert {check for entry in judged for check in entry} <= IDS
    assert [] not in judged
    own = [entry for entry in COVERAGE["others"].values() if isinstance(entry, str) and " " in entry]
    assert [reason for reason in (*own, *COVERAGE["reasons"].values()) if not reason.endswith(".")] == []


def test_every_reason_that_is_named_exists_and_is_used() -> None:
    named = {entry for entry in COVERAGE["others"].values() if isinstance(entry, str) and " " not in entry}
    assert named == set(COVERAGE["reasons"])


def test_every_recommendation_is_mapped() -> None:
    if not LISTED.exists():
        pytest.skip(f"the list of recommendations is not beside this repository ({LISTED.name})")
    with LISTED.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    named = {f"{row['resource_type']} {row['recommendation']}".replace("Front Door", "FrontDoor") for row in rows}
    assert named == set(COVERAGE["others"])
