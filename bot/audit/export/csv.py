"""Writes an audit as CSV (RFC 4180): one row per finding, safe to open in a spreadsheet."""

import csv
import io
import json
import re

from bot.cards.messages.remediation import remedy_of
from bot.model import Audit
from checks import Finding, ServiceScore, rounded_down

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
# A spreadsheet evaluates a cell that begins with one of these (also full-width, also after blanks) as a formula.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def scorecard(audit: Audit) -> str:
    """The CSV text: every finding of every service, lines ended by CRLF.

    Text that a spreadsheet would evaluate as a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for service_score in audit.scorecard.services:
        writer.writerows(_row(service_score, finding) for finding in service_score.findings)
    return out.getvalue()


def _row(service_score: ServiceScore, finding: Finding) -> tuple[str, ...]:
    check = finding.check
    return (
        cell(service_score.service.name),
        str(service_score.service.tier.number),
        rounded_down(service_score.score),
        service_score.grade,
        check.id,
        cell(check.title),
        check.family,
        check.severity.value,
        finding.outcome.value,
        cell(finding.fact.name if finding.fact else ""),
        *(cell(part) for part in finding.place),
        cell(finding.summary),
        cell(json.dumps(dict(finding.evidence), ensure_ascii=False, sort_keys=True) if finding.evidence else ""),
        cell(remedy_of(finding)),
    )


def cell(text: str) -> str:
    """Text that is safe in any spreadsheet: an apostrophe before a formula, control characters removed."""
    clean = _CONTROLS.sub("", text)
    return f"'{clean}" if _FORMULA.match(clean) else clean
