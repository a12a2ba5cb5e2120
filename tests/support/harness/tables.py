"""A table row for a check: what is known of a service, and what must come of it."""

from dataclasses import dataclass

from support.builders.facts import NOW, service

from checks import Fact, Finding, Gap, Outcome, Seen, Service, discover, evaluate

PASS, FAIL = Outcome.PASS, Outcome.FAIL
NOT_APPLICABLE, UNKNOWN = Outcome.NOT_APPLICABLE, Outcome.UNKNOWN

_RULES = {rule.id: rule for rule in discover()}


@dataclass(frozen=True)
class Case:
    """One row. The verdict meant is the one on the first fact of the kind that the check runs once for."""

    check: str
    outcome: Outcome
    seen: Seen
    says: str = ""

    def __str__(self) -> str:
        return f"{self.check}-{self.outcome}"

    def findings(self) -> list[Finding]:
        """All that the check finds here, through the runner."""
        return list(evaluate([self.seen], now=NOW, rules=[_RULES[self.check]]))

    def hold(self) -> None:
        """Assert that the row holds, and that nothing broke beside it."""
        findings = self.findings()
        assert Outcome.ERROR not in {finding.outcome for finding in findings}, [finding.summary for finding in findings]
        first = findings[0]
        assert first.outcome is self.outcome, first.summary
        assert self.says in first.summary
        assert 10 < len(first.summary) < 280
        assert not first.summary.endswith(".")


def case(
    check: str, outcome: Outcome, *facts: Fact, of: Service | None = None, gaps: tuple[Gap, ...] = (), says: str = ""
) -> Case:
    """A row: facts of a tier-1 service unless `of` says otherwise."""
    return Case(check, outcome, Seen(of or service(), facts, gaps), says)


def about(*facts: Fact) -> tuple[str, ...]:
    """What an alarm or a backup tells of."""
    return tuple(fact.resource for fact in facts)
