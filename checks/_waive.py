"""Accepted risks: a waiver turns the failures that it names into WAIVED until it expires."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._finding import Finding
from checks._model import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person accepts that `check` fails on `service`. `resource` empty: on all of its resources.

    `service` empty: on every service. Valid before `until` (UTC). Only failures are waived: unknown stays unknown.
    """

    service: str
    check: str
    reason: str
    by: str
    until: datetime
    resource: str = ""


def waive(findings: Iterable[Finding], waivers: Sequence[Waiver], *, now: datetime) -> Iterator[Finding]:
    """The same findings; failures that a valid waiver names become WAIVED with reason, person and end. `now` is UTC."""
    valid: dict[tuple[str, str], list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        if now < waiver.until:
            valid[waiver.service, waiver.check].append(waiver)
    for finding in findings:
        if not valid or finding.verdict.outcome is not Outcome.FAIL:
            yield finding
            continue
        check = finding.check.id
        named = (*valid.get((finding.service.name, check), ()), *valid.get(("", check), ()))
        match = _match(named, finding.place[0])
        yield finding if match is None else finding._replace(verdict=_accepted(finding, match))


def _match(waivers: Sequence[Waiver], resource: str) -> Waiver | None:
    return next((waiver for waiver in waivers if waiver.resource in ("", resource)), None)


def _accepted(finding: Finding, waiver: Waiver) -> Verdict:
    summary = f"Waived until {waiver.until:%Y-%m-%d} by {waiver.by}: {waiver.reason} ({finding.summary})"
    evidence = {**finding.evidence, "waived_by": waiver.by, "waived_until": waiver.until.isoformat()}
    return Verdict(Outcome.WAIVED, summary, evidence)
