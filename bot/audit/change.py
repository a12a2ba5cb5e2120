"""What a plan does to the findings and the score: added, removed, and unknown until it is applied."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.model.audits import Audit
from checks import Finding, Outcome, Severity

_FAILING = (Outcome.FAIL, Outcome.ERROR)
Key = tuple[str, str, str]
"""Check, service, address: the same finding before and after."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a resource is declared. `file`: as a path to show, with `/`; `line` counts from 1, 0: not known."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Plan:
    """Where findings point to. `name`: the file; `addresses`: identity of a resource -> its address; `notes`: what it leaves open.

    `lines`: address -> where it is declared.
    """

    name: str
    addresses: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, SourceLine] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanChange:
    """The audit before and after a plan, and the findings that differ.

    `added` fail after it and did not before; `removed` the reverse; `kept` fail at both moments; `unknown` could be judged
    before, or are of a new resource, and cannot be judged until it is applied.
    """

    plan: Plan
    before: Audit
    after: Audit
    added: tuple[Finding, ...] = ()
    removed: tuple[Finding, ...] = ()
    kept: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()

    @property
    def new(self) -> bool:
        """Whether nothing existed before, so that there is no score to compare with."""
        return not self.before.scorecard.services

    @property
    def empty(self) -> bool:
        """Whether nothing is left after it, so that there is no score to reach."""
        return not self.after.scorecard.services

    @property
    def points(self) -> float:
        """The points that the score gains, negative where it loses; 0 where one of the moments has no score."""
        return 0.0 if self.new or self.empty else self.after.scorecard.score - self.before.scorecard.score

    def address(self, finding: Finding) -> str:
        """The address of the resource of a finding, empty for one on a whole service."""
        resource = finding.place[0]
        return self.plan.addresses.get(resource, resource)

    def line(self, finding: Finding) -> SourceLine | None:
        """Where the resource of a finding is declared; None where that is not known."""
        return self.plan.lines.get(self.address(finding))

    def worst_added(self, least: Severity) -> tuple[Finding, ...]:
        """The added findings of at least this severity."""
        return tuple(finding for finding in self.added if finding.check.severity.weight >= least.weight)


def compare(before: Audit, after: Audit, plan: "Plan") -> PlanChange:
    """Compare two audits of the same services, finding by finding."""
    old, new = _by_key(before, plan.addresses), _by_key(after, plan.addresses)
    unknown = (
        finding
        for key, finding in new.items()
        if finding.outcome is Outcome.UNKNOWN
        and finding.gap is None
        and (key not in old or old[key].outcome is not Outcome.UNKNOWN)
    )
    return PlanChange(
        plan=plan,
        before=before,
        after=after,
        added=_sorted(found for key, found in new.items() if _fails(found) and not _fails(old.get(key))),
        removed=_sorted(found for key, found in old.items() if _fails(found) and not _fails(new.get(key))),
        kept=_sorted(found for key, found in new.items() if _fails(found) and _fails(old.get(key))),
        unknown=_sorted(unknown),
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=_worst_first))


def _by_key(audit: Audit, addresses: Mapping[str, str]) -> dict[Key, Finding]:
    return {key: finding for finding in _findings(audit) for key in (_key(finding, addresses),)}


def _findings(audit: Audit) -> Iterator[Finding]:
    for scored in audit.scorecard.services:
        yield from scored.findings


def _key(finding: Finding, addresses: Mapping[str, str]) -> Key:
    resource = finding.place[0]
    where = addresses.get(resource, resource) or (finding.gap.reason if finding.gap else "")
    return finding.check.id, finding.service.name, where


def _fails(finding: Finding | None) -> bool:
    return finding is not None and finding.outcome in _FAILING


def _worst_first(finding: Finding) -> tuple[int, str, str, str]:
    return -finding.check.severity.weight, finding.check.id, finding.service.name, finding.place[0]
