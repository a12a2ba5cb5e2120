"""Writes an audit as JUnit XML, so that a build server shows each finding as a test case."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from xml.etree import ElementTree as ET

from bot.cards.messages.remediation import docs_for, remedy_of
from bot.model import Audit
from checks import Finding, Outcome, ServiceScore, rounded_down

# XML 1.0 cannot represent these characters, not even escaped.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESULT_ELEMENT = {
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
    Outcome.UNKNOWN: "skipped",
    Outcome.WAIVED: "skipped",
}


def scorecard(audit: Audit, failed_before: Callable[[Finding], bool] = lambda _: False) -> str:
    """The XML text: a suite per service, a case per applicable finding.

    FAIL becomes a failure, ERROR an error; UNKNOWN and WAIVED are skipped, with the reason as message, and so is a finding
    that failed before a change too (`failed_before`): the change did not break it.
    """
    card = audit.scorecard
    root = ET.Element("testsuites", name="backstay", time=f"{audit.seconds:.3f}")
    total: Counter[str] = Counter()
    timestamp = card.generated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for service_score in card.services:
        total += _suite(root, service_score, timestamp, failed_before)
    _set_counts(root, total)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(
    root: ET.Element, service_score: ServiceScore, timestamp: str, failed_before: Callable[[Finding], bool]
) -> Counter[str]:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(service_score.service.name),
        timestamp=timestamp,
        hostname="backstay",
        time="0",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("score", rounded_down(service_score.score)),
        ("grade", service_score.grade),
        ("coverage", f"{service_score.coverage:.3f}"),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    counts: Counter[str] = Counter()
    for finding in service_score.findings:
        if finding.outcome is not Outcome.NOT_APPLICABLE:
            counts += _case(suite, finding, known=failed_before(finding))
    _set_counts(suite, counts)
    return counts


def _case(suite: ET.Element, finding: Finding, *, known: bool) -> Counter[str]:
    check, (resource, _, account, region) = finding.check, finding.place
    name = f"{check.id} {check.title}"
    place = resource or " ".join(part for part in (account, region) if part)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(f"{finding.service.name}.{check.family}"),
        name=_clean(f"{name} [{place}]" if place else name),
        time="0",
    )
    result_tag = _RESULT_ELEMENT.get(finding.outcome)
    if result_tag is None:
        return Counter(tests=1)
    if known:
        result_tag = "skipped"
    message = f"Failed before this change too: {finding.summary}" if known else finding.summary
    result = ET.SubElement(case, result_tag, message=_clean(message))
    if result_tag != "skipped":
        result.set("type", check.severity.value)
        result.text = _clean(f"{finding.summary}\n{remedy_of(finding)}\n{docs_for(check, finding.providers)}".rstrip())
    return Counter(tests=1, **{result_tag: 1})


def _set_counts(element: ET.Element, counts: Counter[str]) -> None:
    names = {"tests": "tests", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for attribute, tag in names.items():
        element.set(attribute, str(counts[tag]))


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
