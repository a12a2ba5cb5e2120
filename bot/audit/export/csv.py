"""An audit as CSV (RFC 4180), one row a finding, safe to open in a spreadsheet."""

import csv
import io
import json
import re

from bot.model import Audit
from checks import Finding, ServiceScore

COLUMNS = (
    "service",
    "tier",
    "service_score",
    "service_grade",
    "check",
    "title",
    "family",
    "severity",
    "outcome",
    "name",
    "resource",
    "provider",
    "account",
    "region",
    "summary",
    "evidence",
    "remediation",
)
# Spreadsheets take a cell that begins with one of these (also in full width, also after blanks) for a formula.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def scorecard(audit: Audit) -> str:
    """Every finding of every service, lines ended by CRLF. Text that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in audit.scorecard.services:
        writer.writerows(_row(one, finding) for finding in one.findings)
    return out.getvalue()


def _row(one: ServiceScore, finding: Finding) -> tuple[str, ...]:
    check = finding.check
    return (
        cell(one.service.name),
        str(one.service.tier.number),
        f"{one.score:.1f}",
        one.grade,
        check.id,
        cell(check.title),
        check.family,
        check.severity.value,
        finding.outcome.value,
        cell(finding.fact.name if finding.fact else ""),
        *(cell(part) for part in finding.place),
        cell(finding.summary),
        cell(json.dumps(dict(finding.evidence), ensure_ascii=False, sort_keys=True) if finding.evidence else ""),
        cell(check.remediation),
    )


def cell(text: str) -> str:
    """Text that no spreadsheet runs and no parser trips over: an apostrophe goes before a formula, controls go."""
    clean = _CONTROLS.sub("", text)
    return f"'{clean}" if _FORMULA.match(clean) else clean
