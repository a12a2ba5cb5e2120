"""Every point of a score can be added up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.findings import findings, rule, scored_one

from checks import Severity, explain_service

RULES = [
    rule("RG01", Severity.CRITICAL, "region"),
    rule("RG02", Severity.LOW, "region"),
    rule("BK01", Severity.HIGH, "backup"),
    rule("ZN01", Severity.MEDIUM, "zone"),
    rule("ZN02", Severity.HIGH, "zone"),
]


@given(st.lists(st.text("PFUWENG", max_size=4), min_size=len(RULES), max_size=len(RULES)))
@settings(deadline=None)  # two cores may be busy
def test_checks_add_up_to_families_and_families_to_the_score(texts: list[str]) -> None:
    result = scored_one(*(findings(check, text) for check, text in zip(RULES, texts, strict=True)))
    explained = explain_service(result)
    for family in explained.families:
        assert sum(part.points for part in family.checks) == pytest.approx(family.points)
        assert sum(part.possible for part in family.checks) == pytest.approx(family.possible)
    assert sum(family.points for family in explained.families) == pytest.approx(explained.before_caps)
    assert sum(family.possible for family in explained.families) == pytest.approx(100 if explained.families else 0)
    assert min([explained.before_caps, *(cap.at_most for cap in explained.caps)]) == pytest.approx(result.score)
    shown = {part.counted.check.id for family in explained.families for part in family.checks}
    assert len(shown) + len(explained.left_out) == len(result.points)


def test_the_sentences_of_an_explanation() -> None:
    result = scored_one(findings(RULES[0], "PPFU"), findings(RULES[2], "PW"), findings(RULES[4], "PG"))
    explained = explain_service(result)
    region = next(family for family in explained.families if family.family == "region")
    assert region.checks[0].why == "2 of 4 pass, 1 unknown (counted as failed)"
    assert explained.sentences == (
        "backup: 25.0 of 25.0 points (weight 5 of 20)",
        "region: 25.0 of 50.0 points (weight 10 of 20)",
        "zone: 0.0 of 25.0 points (weight 5 of 20)",
        "Total before caps: 50.0 points",
        "Score capped at 59: tier-1 service runs in a single region (RG01)",
        "Score capped at 74: a critical check fails (RG01)",
        "Score 50, rounded down; 59 if every unknown check passed",
        "Grade D: coverage 75 %",
    )


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("P" * 8 + "U", "Grade B"),
        ("UUUPP", "No grade: coverage 40 %, at least 50 % needed"),
        ("P", "Grade A: coverage 100 %"),
    ],
)
def test_the_grade_says_what_it_rests_on(letters: str, expected: str) -> None:
    result = scored_one(findings(RULES[4], letters))
    assert expected in explain_service(result).sentences[-1]


def test_an_explanation_without_applicable_checks() -> None:
    explained = explain_service(scored_one(findings(RULES[0], "N")))
    assert explained.sentences == ("No check applies to checkout: no grade and no points.",)
    assert len(explained.left_out) == 1
