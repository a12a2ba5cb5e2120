"""Builders of checks and findings for what is computed from them."""

from collections.abc import Iterable

from support.builders.moment import NOW, gap, service

from checks import (
    ATTESTED_BY,
    Check,
    Datastore,
    Finding,
    Gap,
    Outcome,
    Scorecard,
    Service,
    ServiceScore,
    Severity,
    Verdict,
    not_applicable,
    score,
)


def _never_run(service: Service) -> Verdict:
    return not_applicable(f"{service.name} is judged by hand")


def rule(id: str, severity: Severity = Severity.HIGH, family: str = "zone") -> Check:
    """A check whose findings are made by hand."""
    return Check(
        id, family, f"Title of {id}", severity, f"Lesson of {id}", f"Fix {id}", "https://x.test", _never_run, (), False
    )


def finding(
    check: Check, outcome: Outcome | str, of: Service | None = None, *, hole: Gap | None = None, word: str = ""
) -> Finding:
    """One finding without a resource; `hole` makes it one for want of a listing, `word` one that this person attests."""
    evidence = {ATTESTED_BY: word} if word else {}
    return Finding(check, of or service(), None, Verdict(Outcome(outcome), f"{check.id} {outcome}", evidence), hole)


def findings(check: Check, letters: str, of: Service | None = None) -> list[Finding]:
    """One finding for each letter: Pass, Vouched for, Fail, Unknown, Waived, Error, Not applicable, Gap."""
    words = {
        "P": "pass",
        "V": "pass",
        "F": "fail",
        "U": "unknown",
        "W": "waived",
        "E": "error",
        "N": "not_applicable",
        "G": "unknown",
    }
    return [
        finding(
            check,
            words[letter],
            of,
            hole=gap(Datastore) if letter == "G" else None,
            word="platform" if letter == "V" else "",
        )
        for letter in letters
    ]


def scored(made: Iterable[Finding], *services: Service) -> Scorecard:
    """The scorecard at NOW."""
    return score(made, services=services or (service(),), now=NOW)


def scored_one(*made: list[Finding], of: Service | None = None) -> ServiceScore:
    """The one service's score."""
    return scored([item for some in made for item in some], of or service()).services[0]
