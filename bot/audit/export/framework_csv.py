"""Writes the evidence for the controls of a framework as CSV (RFC 4180): a row for each control and finding."""

import csv
import io

from bot.audit.export.csv import cell
from bot.model.compliance import ComplianceReport, ControlEvidence, EvidenceEntry

COLUMNS = (
    *(
        "framework",
        "version",
        "control",
        "control_title",
        "control_state",
        "check",
        "check_title",
        "service",
        "resource",
    ),
    *("outcome", "sentence", "at", "attested_by", "waived_by", "waived_until", "audited_at", "chain_head"),
)


def evidence(report: ComplianceReport) -> str:
    """The CSV text, lines ended by CRLF. A control without any finding has a row of its own, so that none is missing."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for control in report.controls:
        writer.writerows(_row(report, control, entry) for entry in control.entries or (None,))
    return out.getvalue()


def _row(report: ComplianceReport, control: ControlEvidence, entry: EvidenceEntry | None) -> tuple[str, ...]:
    framework = report.framework
    about = framework.name, framework.version, control.id, control.title, control.state.value
    finding = ("",) * 10
    if entry is not None:
        finding = (
            *(entry.check_id, entry.title, entry.service, entry.resource, entry.outcome.value, entry.sentence),
            *(entry.at.isoformat(), entry.attested_by, entry.waived_by, entry.waived_until),
        )
    return tuple(cell(part) for part in (*about, *finding, report.audited_at.isoformat(), report.chain_head))
