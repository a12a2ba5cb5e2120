"""What a plan changes, in every format: valid for the programs that read it, and inert where names mean harm."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from support.builders.audits import HOSTILE, audit
from support.builders.plans import DATABASE, NOW, change, plan, read

from bot.audit.change import Plan, PlanChange, SourceLine, compare
from bot.audit.export import change_json, change_markdown, change_text, junit, sarif
from bot.audit.export.contract import change_schema
from bot.audit.offline import OfflineRules, guessed_services
from checks import Severity

SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
ADDRESS = "aws_db_instance.orders"
LINES = {ADDRESS: SourceLine("infra/data base.tf", 12)}
OLD = {**DATABASE, "identifier": "users", "arn": "arn:aws:rds:us-east-1:123456789012:db:users"}


def made(*changes: dict[str, Any], lines: dict[str, SourceLine] | None = None) -> PlanChange:
    found = read(plan(*changes))
    assert found.before is not None
    entries, _ = guessed_services([found.before, found.after])
    rules = OfflineRules(entries, NOW)
    named = Plan("plan.json", found.addresses, LINES if lines is None else lines, ("one note",))
    return compare(rules.audit(found.before), rules.audit(found.after), named)


CHANGED = made(
    change(ADDRESS, None, DATABASE, unknown=["arn"]),
    change("aws_db_instance.users", OLD, {**OLD, "deletion_protection": True}),
)
NEW = made(change(ADDRESS, None, DATABASE))
GONE = made(change(ADDRESS, OLD, None))
ODD = made(change(ADDRESS, None, {**DATABASE, "identifier": HOSTILE, "tags_all": {"service": HOSTILE}}))
ALL = {"changed": CHANGED, "new": NEW, "gone": GONE, "hostile": ODD}


@pytest.mark.parametrize("of", ALL.values(), ids=ALL)
def test_sarif_holds_to_its_schema(of: PlanChange) -> None:
    document = json.loads(sarif.change(of))
    jsonschema.Draft7Validator(SARIF).validate(document)
    [run] = document["runs"]
    assert len(run["results"]) == len(of.added) + len(of.kept) + len(of.removed)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_sarif_points_to_the_line_of_a_resource_else_to_the_plan() -> None:
    results = json.loads(sarif.change(CHANGED))["runs"][0]["results"]
    places = {
        (result["ruleId"], location["logicalLocations"][0]["fullyQualifiedName"]): location["physicalLocation"]
        for result in results
        for location in result["locations"]
    }
    assert places["ZN08", ADDRESS] == {"artifactLocation": {"uri": "infra/data%20base.tf"}, "region": {"startLine": 12}}
    assert places["ZN08", "aws_db_instance.users"]["artifactLocation"] == {"uri": "plan.json"}


def test_sarif_tells_new_from_unchanged_and_absent() -> None:
    states = {
        (result["ruleId"], result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]): result["baselineState"]
        for result in json.loads(sarif.change(CHANGED))["runs"][0]["results"]
    }
    assert states["ZN08", ADDRESS] == "new"
    assert states["ZN08", "aws_db_instance.users"] == "unchanged"
    assert states["AU01", "aws_db_instance.users"] == "absent"


def test_a_fingerprint_stays_the_same_while_words_change() -> None:
    def prints(of: PlanChange) -> set[str]:
        return {row["partialFingerprints"]["backstay/v1"] for row in json.loads(sarif.change(of))["runs"][0]["results"]}

    assert prints(NEW) == prints(made(change(ADDRESS, None, {**DATABASE, "allocated_storage": 200})))


def test_an_audit_of_an_account_is_sarif_too() -> None:
    document = json.loads(sarif.scorecard(audit()))
    jsonschema.Draft7Validator(SARIF).validate(document)
    assert document["runs"][0]["results"]
    assert all("physicalLocation" not in result["locations"][0] for result in document["runs"][0]["results"])


@pytest.mark.parametrize("of", ALL.values(), ids=ALL)
def test_json_holds_to_its_schema(of: PlanChange) -> None:
    document = json.loads(change_json.change(of))
    jsonschema.validate(document, change_schema())
    assert (document["before"] is None) is of.new
    assert (document["after"] is None) is of.empty


def test_text_says_the_score_before_and_after_and_each_finding() -> None:
    text = change_text.change(CHANGED)
    assert text.startswith("Score ")
    assert " added, 1 removed" in text
    assert "AU01 high" in text
    assert "[aws_db_instance.orders, infra/data base.tf:12]" in text
    assert change_text.change(NEW).startswith("Score none -> ")
    assert "the plan leaves no resource" in change_text.change(GONE)


def test_markdown_can_be_found_again_and_formats_nothing_from_outside() -> None:
    text = change_markdown.change(ODD)
    assert text.startswith(change_markdown.MARK)
    assert HOSTILE not in text
    assert not re.search(r"(?<!\\)<script", text)
    assert "| `" not in text.replace("| Run `", "")


def test_markdown_stays_within_one_comment() -> None:
    rows = [
        change(
            f"aws_db_instance.db[{number}]",
            None,
            {**DATABASE, "identifier": f"db-{number}", "tags_all": {"service": f"s{number}"}},
        )
        for number in range(60)
    ]
    assert len(change_markdown.change(made(*rows))) < 65_536


def test_junit_fails_for_what_the_change_breaks_and_skips_the_rest() -> None:
    kept = {id(finding) for finding in CHANGED.kept}
    root = ET.fromstring(junit.scorecard(CHANGED.after, lambda finding: id(finding) in kept))  # noqa: S314 - our own text
    assert int(root.get("failures", "0")) == len(CHANGED.added)
    skipped = [element.get("message", "") for element in root.iter("skipped")]
    assert sum(message.startswith("Failed before this change too") for message in skipped) == len(CHANGED.kept)


def test_the_worst_added_findings_are_those_of_a_severity_and_above() -> None:
    added = {finding.check.severity for finding in CHANGED.worst_added(Severity.HIGH)}
    assert added <= {Severity.HIGH, Severity.CRITICAL}
    assert len(CHANGED.worst_added(Severity.LOW)) == len(CHANGED.added)
    assert replace(CHANGED, added=()).worst_added(Severity.LOW) == ()
