"""The next fixes and their gains: gains are exact and add up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import service
from support.builders.findings import findings, rule, scored, scored_one

from checks import ServiceScore, Severity, fix_lines

CRITICAL, HIGH, MEDIUM, LOW = Severity


def gains(result: ServiceScore) -> list[tuple[str, float]]:
    return [(fix.check.id, round(fix.gain, 3)) for fix in result.fixes]


def test_without_caps_the_heaviest_check_comes_first_with_its_gain() -> None:
    result = scored_one(
        findings(rule("ZZ01", LOW), "F"), findings(rule("ZZ02", HIGH), "PF"), findings(rule("ZZ03", LOW), "P")
    )
    assert gains(result) == [("ZZ02", round(100 * 2.5 / 7, 3)), ("ZZ01", round(100 / 7, 3))]
    assert [fix.resources for fix in result.fixes] == [1, 1]
    assert result.fixes[0].summary == "ZZ02 fail"


def test_fixing_failures_gains_nothing_for_unknown_resources() -> None:
    result = scored_one(findings(rule("ZZ01", HIGH), "FUPP"))
    assert gains(result) == [("ZZ01", 25)]


def test_a_cap_is_removed_first_where_no_other_fix_gains_points() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(8)]
    result = scored_one(findings(rule("BK01", HIGH), "F"), findings(rule("ZZ01", HIGH), "F"), *sound)
    assert result.score == 39
    assert gains(result) == [("BK01", 51), ("ZZ01", 10)]


def test_the_gain_of_a_cap_with_several_causes_is_divided_evenly() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(16)]
    result = scored_one(findings(rule("ZZ01", CRITICAL), "F"), findings(rule("ZZ02", CRITICAL), "F"), *sound)
    assert result.score == 74
    assert gains(result) == [("ZZ01", 13), ("ZZ02", 13)]
    assert result.fixes[0].together == ("ZZ01", "ZZ02")


def test_a_cap_from_an_unknown_check_stays() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(8)]
    result = scored_one(findings(rule("RH01", HIGH), "U"), findings(rule("ZZ01", HIGH), "F"), *sound)
    assert result.score == 69
    assert gains(result) == []  # a fix that gains nothing is none


def test_the_system_is_changed_before_anything_is_written_down() -> None:
    result = scored_one(
        findings(rule("AU09", MEDIUM, "automation"), "F"),
        findings(rule("AU10", CRITICAL, "automation"), "N"),
        findings(rule("RG02", MEDIUM, "region"), "F"),
        findings(rule("ZZ01", LOW, "zone"), "F"),
        findings(rule("RB01", HIGH, "runbook"), "F"),
    )
    assert [fix.check.id for fix in result.fixes] == ["RG02", "ZZ01", "AU09", "RB01"]


def test_what_rests_on_somebodys_word_alone_gains_nothing_above_grade_c() -> None:
    result = scored_one(findings(rule("SS01", HIGH), "PPPF"), findings(rule("AU09", HIGH, "automation"), "F"))
    assert result.score == 37.5
    assert gains(result) == [("SS01", 12.5), ("AU09", 24)]


def test_steps_that_only_together_rise_above_attested_points_stand_together() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(4)]
    failing = [findings(rule(check_id, HIGH), "F") for check_id in ("ZZ01", "ZZ02")]
    result = scored_one(*sound, *failing, *(findings(rule(check_id, HIGH), "VV") for check_id in ("ZZ03", "ZZ04")))
    assert (result.score, result.on_word) == (74, 24)
    assert gains(result) == [("ZZ01", 0.5), ("ZZ02", 0.5)]
    assert result.fixes[0].together == ("ZZ01", "ZZ02")


RULES = [
    rule("RG01", CRITICAL, "region"),
    rule("RG02", HIGH, "region"),
    rule("BK01", CRITICAL, "backup"),
    rule("BK02", MEDIUM, "backup"),
    rule("RH01", HIGH, "rehearsal"),
    rule("ZZ01", LOW, "zone"),
    rule("ZZ02", LOW, "zone"),
    rule("ZZ03", CRITICAL, "zone"),
]


@given(st.lists(st.text("PFUWNGV", min_size=1, max_size=3), min_size=len(RULES), max_size=len(RULES)))
@settings(deadline=None)  # two cores may be busy
def test_each_gain_is_the_exact_rise_when_fixes_are_made_in_order(texts: list[str]) -> None:
    now = dict(zip(RULES, texts, strict=True))
    before = scored_one(*(findings(check, text) for check, text in now.items()))
    plan = list(before.fixes)
    assert {fix.check.id for fix in plan} <= {check.id for check, text in now.items() if "F" in text}
    level = before.score
    while plan:
        group = plan[: max(1, len(plan[0].together))]
        plan = plan[len(group) :]
        for fix in group:
            now[fix.check] = now[fix.check].replace("F", "P")
        after = scored_one(*(findings(check, text) for check, text in now.items())).score
        assert sum(fix.gain for fix in group) == pytest.approx(after - level)
        assert min(fix.gain for fix in group) > 0
        level = after
    sound = {check: text.replace("F", "P") for check, text in now.items()}
    assert scored_one(*(findings(check, text) for check, text in sound.items())).score == pytest.approx(level)


def test_the_estate_lists_the_highest_gain_first_and_one_line_for_the_same_fix() -> None:
    top, low = service("top", tier=1), service("low", tier=4)
    heavy, light = rule("ZZ01", HIGH), rule("ZZ02", LOW)
    card = scored(
        [finding for of in (low, top) for check in (heavy, light) for finding in findings(check, "F", of)], low, top
    )
    assert [(fix.service, fix.check.id) for fix in card.fixes] == [
        ("top", "ZZ01"),
        ("low", "ZZ01"),
        ("top", "ZZ02"),
        ("low", "ZZ02"),
    ]
    assert [[fix.service for fix in line.fixes] for line in fix_lines(card.fixes)] == [["top", "low"], ["top", "low"]]
    assert sum(fix.estate_gain for fix in card.fixes) == pytest.approx(100 - card.score)
