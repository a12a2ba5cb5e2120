"""Risks accepted for a while: a waiver turns the failures that it names into WAIVED until it expires."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks._finding import Finding
from checks._model import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's word that a failure of `check` on `service` is accepted. `resource` empty: on all of its resources.

    `service` empty: on every service. It holds before `until` (UTC). Only failures are waived: what could not be read
    stays unknown.
    """

    service: str
    check: str
    reason: str
    by: str
    until: datetime
    resource: str = ""


def waive(findings: Iterable[Finding], waivers: Sequence[Waiver], *, now: datetime) -> Iterator[Finding]:
    """The same findings, those failures which a valid waiver names as WAIVED with reason, person and end. `now` is UTC."""
    held: dict[tuple[str, str], list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        if now < waiver.until:
            held[waiver.service, waiver.check].append(waiver)
    for finding in findings:
        if not held or finding.verdict.outcome is not Outcome.FAIL:
            yield finding
            continue
        check = finding.check.id
        named = (*held.get((finding.service.name, check), ()), *held.get(("", check), ()))
        match = _match(named, finding.place[0])
        yield finding if match is None else finding._replace(verdict=_accepted(finding, match))


def _match(waivers: Sequence[Waiver], resource: str) -> Waiver | None:
    return next((one for one in waivers if one.resource in ("", resource)), None)


def _accepted(finding: Finding, waiver: Waiver) -> Verdict:
    summary = f"accepted until {waiver.until:%Y-%m-%d} by {waiver.by}: {waiver.reason} ({finding.summary})"
    evidence = {**finding.evidence, "waived_by": waiver.by, "waived_until": waiver.until.isoformat()}
    return Verdict(Outcome.WAIVED, summary, evidence)
