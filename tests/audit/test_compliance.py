"""Controls with their evidence: every check is mapped, every control is listed, and each format says the same."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from support.builders.audits import HOSTILE
from support.builders.facts import NOW, datastore, days_ago, gap, service
from support.builders.findings import rule

from bot.audit.compliance import compliance_report
from bot.audit.export.framework_csv import evidence
from bot.audit.export.oscal import assessment_results
from bot.cards.messages.framework_report import framework_report
from bot.cards.render import html as to_html
from bot.cards.render import markdown as to_markdown
from bot.catalogue.compliance import FRAMEWORKS, controls_of, framework, mapped_checks
from bot.model import Audit, Collected
from bot.model.compliance import ComplianceReport, ControlState
from checks import (
    ATTESTED_BY,
    Datastore,
    Finding,
    Severity,
    Waiver,
    discover,
    failed,
    not_applicable,
    passed,
    score,
    unknown,
    waive,
)

REPORTS = Path(__file__).parent / "reports"
HEAD = "12:" + "ab" * 32


def audit(of: str = "checkout", said: str = "orders has no replica in a second region") -> Audit:
    """Every outcome once, judged by hand, so that new checks change little."""
    home, fact = service(of), datastore("orders", observed_at=days_ago(2))
    critical, high, medium, low = Severity
    made = [
        Finding(rule("RG02", critical, "region"), home, fact, failed(said)),
        Finding(rule("BK01", high, "backup"), home, fact, passed("14 days are kept")),
        Finding(
            rule("CA04", medium, "capacity"), home, None, unknown("access denied to servicequotas:ListServiceQuotas")
        ),
        Finding(rule("RH03", medium, "rehearsal"), home, None, passed("held", **{ATTESTED_BY: "ada"})),
        Finding(rule("BK05", high, "backup"), home, fact, failed("backups stay in one account")),
        Finding(rule("DN01", low, "dns"), home, None, not_applicable("no records")),
    ]
    waiver = Waiver(of, "BK05", f"moved in May {said}", "grace", days_ago(-30))
    judged = list(waive(made, [waiver], now=NOW))
    denied = gap(Datastore, region="eu-west-1", action="dynamodb:ListTables", reason=f"AccessDenied {said}")
    card = replace(score(judged, services=[home], now=NOW), ruleset="checks-1")
    return Audit(card, Collected((fact,), (denied,)), 0, 0.0)


def report(name: str, of: str = "checkout", said: str = "orders has no replica in a second region") -> ComplianceReport:
    made = compliance_report(audit(of, said), name, organisation="Acme", chain_head=HEAD)
    # The ids of all checks that are mapped to a control change with every new check.
    return replace(made, controls=tuple(replace(control, checks=control.checks[:1]) for control in made.controls))


def _golden(name: str, made: str, *, update: bool) -> None:
    path = REPORTS / name
    if update:
        path.write_bytes(made.encode())
    assert made == path.read_bytes().decode()


def test_reports_read_as_they_were_approved(update_golden: bool) -> None:
    found = report("soc2")
    _golden("framework_soc2.md", to_markdown.render(framework_report(found)), update=update_golden)
    _golden("framework_soc2.csv", evidence(found), update=update_golden)
    _golden("framework_soc2.oscal.json", assessment_results(found).replace(_version(), "VERSION"), update=update_golden)
    assert assessment_results(report("soc2")) == assessment_results(found)


def _version() -> str:
    from bot import __version__  # noqa: PLC0415 - changes with every release

    return f"backstay {__version__}"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_check_is_evidence_for_a_control_that_exists(name: str) -> None:
    controls = framework(name).controls
    for check in discover():
        found = controls_of(check, name)
        assert found, f"{check.id} is mapped to nothing in {name}, without a reason"
        assert set(found) <= set(controls), check.id
        assert len(set(found)) == len(found), check.id
    assert mapped_checks() <= {check.id for check in discover()}
    assert all((framework(name).version, framework(name).source.startswith("https://"), framework(name).scope))


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_control_is_listed_covered_or_not(name: str) -> None:
    found = report(name)
    assert [control.id for control in found.controls] == list(framework(name).controls)
    rows = list(csv.DictReader(io.StringIO(evidence(found))))
    assert {row["control"] for row in rows} == set(framework(name).controls)
    drawn = to_markdown.render(framework_report(found))
    for control in found.controls:
        if not control.checks:
            assert control.state is ControlState.NOT_COVERED
    assert drawn.count("Not covered: no check") == sum(not control.checks for control in found.controls)


def test_the_worst_outcome_decides_the_state_of_a_control() -> None:
    states = {control.id: control.state for control in report("dora").controls}
    assert states["Art. 12"] is ControlState.FAILED
    assert states["Art. 11"] is ControlState.FAILED
    assert states["Art. 25"] is ControlState.PASSED
    assert states["Art. 19"] is ControlState.NOT_COVERED
    assert states["Art. 10"] is ControlState.NOT_APPLICABLE
    aws = {control.id: control.state for control in report("aws").controls}
    assert aws["REL01-BP04"] is ControlState.UNKNOWN
    assert aws["REL09-BP02"] is ControlState.WAIVED


def test_evidence_has_its_date_its_person_and_its_waiver() -> None:
    entries = {entry.check_id: entry for control in report("nist").controls for entry in control.entries}
    assert entries["RG02"].at == days_ago(2)
    assert entries["RH03"].attested_by == "ada"
    assert (entries["BK05"].waived_by, entries["BK05"].waived_until[:10]) == ("grace", f"{days_ago(-30):%Y-%m-%d}")
    assert report("nist").unread


def _schema() -> Draft7Validator:
    text = (Path(__file__).parent / "schemas" / "oscal-assessment-results-1.2.3.json").read_text(encoding="utf-8")
    # Python's re does not know Unicode classes: the same letters and digits in its own words.
    plain = text.replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    return Draft7Validator(json.loads(plain), format_checker=FormatChecker())


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_oscal_is_valid_by_its_schema(name: str) -> None:
    schema = _schema()
    for found in (report(name), report(name, HOSTILE, HOSTILE), compliance_report(_empty(), name, organisation="")):
        document = json.loads(assessment_results(found))
        assert [error.message for error in schema.iter_errors(document)] == []
        _refers_to_what_is_there(document)


def _empty() -> Audit:
    return Audit(score([], services=[], now=NOW), Collected((), ()), 0, 0.0)


def _refers_to_what_is_there(document: dict[str, Any]) -> None:
    [result] = document["assessment-results"]["results"]
    known = [observation["uuid"] for observation in result.get("observations", [])]
    named = [
        each["observation-uuid"] for finding in result["findings"] for each in finding.get("related-observations", [])
    ]
    assert len(set(known)) == len(known)
    assert set(named) == set(known)
    chosen = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    tokens = [control["control-id"] for control in chosen]
    assert tokens == [finding["target"]["target-id"] for finding in result["findings"]]
    assert len(set(tokens)) == len(tokens)


def test_the_schema_finds_what_is_wrong() -> None:
    document = json.loads(assessment_results(report("soc2")))
    del document["assessment-results"]["results"][0]["reviewed-controls"]
    assert list(_schema().iter_errors(document))


def test_a_control_of_nist_is_named_as_in_its_own_catalogue() -> None:
    document = json.loads(assessment_results(report("nist")))
    targets = {finding["target"]["target-id"] for finding in document["assessment-results"]["results"][0]["findings"]}
    assert {"cp-2", "cp-2.1", "cp-10.4", "sp-800-34-1"} <= targets


def test_outside_text_is_inert_on_the_page_and_in_a_spreadsheet() -> None:
    found = report("soc2", HOSTILE, HOSTILE)
    drawn = to_html.render(framework_report(found))
    assert "<script>alert" not in drawn
    assert "<script" not in to_markdown.render(framework_report(found)).replace("\\<", "")
    rows = list(csv.reader(io.StringIO(evidence(found))))
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
