"""An audit as JUnit XML, so that a build server shows each check as a test case."""

import re
from collections import Counter
from datetime import UTC
from xml.etree import ElementTree as ET

from bot.model import Audit
from checks import Finding, Outcome, ServiceScore

# XML 1.0 has no way to write these characters, not even escaped.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN_AS = {
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
    Outcome.UNKNOWN: "skipped",
    Outcome.WAIVED: "skipped",
}


def scorecard(audit: Audit) -> str:
    """A suite for each service, a case for each finding that applies: FAIL a failure, UNKNOWN and WAIVED skipped with the reason."""
    card = audit.scorecard
    root = ET.Element("testsuites", name="backstay", time=f"{audit.seconds:.3f}")
    total: Counter[str] = Counter()
    for one in card.services:
        total += _suite(root, one, card.generated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    _count(root, total)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, one: ServiceScore, at: str) -> Counter[str]:
    suite = ET.SubElement(root, "testsuite", name=_clean(one.service.name), timestamp=at, hostname="backstay", time="0")
    properties = ET.SubElement(suite, "properties")
    for name, value in (("score", f"{one.score:.1f}"), ("grade", one.grade), ("coverage", f"{one.coverage:.3f}")):
        ET.SubElement(properties, "property", name=name, value=value)
    counts: Counter[str] = Counter()
    for finding in one.findings:
        if finding.outcome is not Outcome.NOT_APPLICABLE:
            counts += _case(suite, finding)
    _count(suite, counts)
    return counts


def _case(suite: ET.Element, finding: Finding) -> Counter[str]:
    check, (resource, _, account, region) = finding.check, finding.place
    name = f"{check.id} {check.title}"
    about = resource or " ".join(part for part in (account, region) if part)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(f"{finding.service.name}.{check.family}"),
        name=_clean(f"{name} [{about}]" if about else name),
        time="0",
    )
    shown = _SHOWN_AS.get(finding.outcome)
    if shown is None:
        return Counter(tests=1)
    result = ET.SubElement(case, shown, message=_clean(finding.summary))
    if shown != "skipped":
        result.set("type", check.severity.value)
        result.text = _clean(f"{finding.summary}\n{check.remediation}\n{check.docs}")
    return Counter(tests=1, **{shown: 1})


def _count(element: ET.Element, counts: Counter[str]) -> None:
    names = {"tests": "tests", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for attribute, counted in names.items():
        element.set(attribute, str(counts[counted]))


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
