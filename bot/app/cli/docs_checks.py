"""The generated parts of checks/README.md: the list of checks, the rules of the score, and a worked example."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby

from bot.app.cli.docs_tables import table
from checks import (
    DEFAULT_TIERS,
    NEVER_REHEARSED,
    NO_BACKUP,
    SINGLE_REGION,
    Cap,
    Finding,
    Outcome,
    Service,
    ServiceScore,
    Severity,
    Verdict,
    discover,
    explain_service,
    grade,
    rationale,
    score,
)

EXAMPLE = (
    ("RG01", Outcome.PASS),
    ("RG02", Outcome.PASS),
    ("RG03", Outcome.UNKNOWN),
    ("BK01", Outcome.PASS),
    ("BK02", Outcome.FAIL),
    ("RH01", Outcome.FAIL),
    ("RH02", Outcome.PASS),
)
"""The worked example: checks of one tier-1 service, each with a single finding."""


def checks() -> list[str]:
    """Every check, by family."""
    lines: list[str] = []
    by_family = sorted(discover(), key=lambda check: (check.family, check.id))
    for family, members in groupby(by_family, key=lambda check: check.family):
        listed = list(members)
        rows = ((f"[{check.id}]({check.docs})", check.severity.value, check.title) for check in listed)
        lines += ["", f"### {family}", "", rationale(listed[0]), ""]
        lines += table(("Check", "Severity", "Good condition"), rows)
    return lines


def score_rules() -> list[str]:
    """Weights, grades and caps, as the code applies them."""
    weights = ", ".join(f"{severity.value} {severity.weight}" for severity in Severity)
    tiers = ", ".join(f"tier {tier.number} {tier.weight:g}" for tier in DEFAULT_TIERS.values())
    least = {letter: min(n for n in range(101) if grade(n, 1.0) == letter) for letter in "ABCDF"}
    for_a = min(percent for percent in range(101) if grade(100, percent / 100) == "A")
    for_any = min(percent for percent in range(101) if grade(100, percent / 100))
    letters = ", ".join(f"{letter} from {points}" for letter, points in least.items())
    lines = [
        f"- Weight of a check: {weights}.",
        f"- Grades: {letters}. No A below {for_a} % coverage, no grade below {for_any} %.",
        f"- Weight of a service in the estate's score: {tiers}. `tiers:` in `backstay.yaml` changes them.",
        "",
    ]
    rows = ((str(cap.at_most), cap.because[0].upper() + cap.because[1:]) for cap in _caps())
    return lines + list(table(("Score at most", "While"), rows))


def _caps() -> list[Cap]:
    """Every cap, lowest first: those of a tier-1 service on which each capping check, or any critical one, fails."""
    critical = [check.id for check in discover() if check.severity is Severity.CRITICAL]
    failing = {*SINGLE_REGION, *NO_BACKUP, *NEVER_REHEARSED, *critical}
    return list(_scored((check_id, Outcome.FAIL) for check_id in sorted(failing)).caps)


def _scored(outcomes: Iterable[tuple[str, Outcome]]) -> ServiceScore:
    service = Service("checkout", DEFAULT_TIERS[1])
    by_id = {check.id: check for check in discover()}
    found = [Finding(by_id[name], service, None, Verdict(outcome, name, {})) for name, outcome in outcomes]
    return score(found, services=[service], now=datetime(2026, 1, 1, tzinfo=UTC)).services[0]


def example() -> list[str]:
    """The worked example, computed and explained by the code that scores."""
    explained, outcomes = explain_service(_scored(EXAMPLE)), dict(EXAMPLE)
    rows = [
        (
            part.counted.check.id,
            family.family,
            str(part.counted.weight),
            outcomes[part.counted.check.id].value,
            f"{part.possible:.1f}",
            f"{part.points:.1f}",
        )
        for family in explained.families
        for part in family.checks
    ]
    lines = list(table(("Check", "Family", "Weight", "Outcome", "Possible points", "Points"), rows))
    return [*lines, "", *(f"- {sentence}." for sentence in explained.sentences)]
