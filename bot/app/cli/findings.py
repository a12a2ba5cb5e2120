"""Which findings of an audit are printed or exported: by check, family, severity and outcome. The score stays as it is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.app.cli.terminal import fail

if TYPE_CHECKING:
    from bot.model import Audit
    from checks import Check, Finding, ServiceScore


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What a finding must be to be shown. An empty collection lets everything through."""

    checks: Collection[str] = ()
    families: Collection[str] = ()
    severities: Collection[str] = ()
    failed_only: bool = False

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.checks or self.families or self.severities or self.failed_only)

    def applied(self, audit: "Audit") -> "Audit":
        """The audit with the findings and fixes that pass; scores, caps and coverage are those of the whole."""
        if not self.active:
            return audit
        card = audit.scorecard
        services = tuple(self._of_service(service) for service in card.services)
        fixes = tuple(fix for fix in card.fixes if self._takes_check(fix.check))
        return replace(audit, scorecard=replace(card, services=services, fixes=fixes))

    def _of_service(self, scored: "ServiceScore") -> "ServiceScore":
        findings = tuple(finding for finding in scored.findings if self._takes(finding))
        return replace(
            scored, findings=findings, fixes=tuple(fix for fix in scored.fixes if self._takes_check(fix.check))
        )

    def _takes(self, finding: "Finding") -> bool:
        return self._takes_check(finding.check) and (not self.failed_only or finding.outcome.value == "fail")

    def _takes_check(self, check: "Check") -> bool:
        return (
            (not self.checks or check.id in self.checks)
            and (not self.families or check.family in self.families)
            and (not self.severities or check.severity.value in self.severities)
        )


def finding_filter(
    ids: Collection[str], families: Collection[str], severities: Collection[str], *, failed_only: bool
) -> FindingFilter:
    """The filter of these options.

    Raises:
        typer.Exit: a check, a family or a severity is not known (code 2).
    """
    wanted = FindingFilter(
        frozenset(name.upper() for name in ids),
        frozenset(name.lower() for name in families),
        frozenset(name.lower() for name in severities),
        failed_only,
    )
    if not wanted.active:
        return wanted
    from checks import FAMILIES, Severity, discover

    _refuse_unknown("check", wanted.checks, [check.id for check in discover()])
    _refuse_unknown("family", wanted.families, list(FAMILIES))
    _refuse_unknown("severity", wanted.severities, [severity.value for severity in Severity])
    return wanted


def _refuse_unknown(kind: str, names: Collection[str], known: list[str]) -> None:
    from bot.catalogue import did_you_mean

    for name in sorted(names):
        if name not in known:
            listed = "`backstay checks` lists them" if kind == "check" else f"Known: {', '.join(known)}"
            fail(f"unknown {kind} {name!r}{did_you_mean(name, known)}", listed)


def finding_lines(whole: "Audit", filtered: "Audit") -> Iterator[str]:
    """The findings that pass as text, one line each, after a line that counts them."""
    from bot.cards.sanitise import clean

    total = sum(len(scored.findings) for scored in whole.scorecard.services)
    shown = [finding for scored in filtered.scorecard.services for finding in scored.findings]
    yield f"{len(shown):,} of {total:,} findings:"
    for finding in shown:
        check = finding.check
        place = " ".join(part for part in (finding.place[2], finding.place[3]) if part)
        yield clean(
            f"{finding.outcome.value.upper():<9} {check.id}  {check.severity.value:<8}  {finding.service.name}: "
            f"{finding.summary}{f' ({place})' if place else ''}"
        )
