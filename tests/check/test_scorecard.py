"""The score: what is proven, its interval, coverage, caps and grades."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import NOW, gap, service
from support.builders.findings import finding, findings, rule, scored, scored_one

from checks import DEFAULT_TIERS, Datastore, Finding, Outcome, Severity, grade, score

CRITICAL, HIGH, MEDIUM, LOW = Severity
ZONE, DNS = rule("ZZ01", HIGH, "zone"), rule("YY01", LOW, "dns")


@pytest.mark.parametrize(
    ("letters", "low", "high", "coverage"),
    [
        ("P", 100, 100, 1),
        ("F", 0, 0, 1),
        ("PF", 50, 50, 1),
        ("PPFU", 50, 75, 0.75),
        ("U", 0, 100, 0),
        ("PE", 50, 100, 0.5),
        ("PG", 0, 100, 0.5),
        ("FG", 0, 100, 0.5),
        ("PFGG", 0, 100, 0.5),
        ("PFN", 50, 50, 1),
        ("PW", 100, 100, 1),
    ],
)
def test_a_check_counts_by_the_share_of_what_it_judged(letters: str, low: float, high: float, coverage: float) -> None:
    result = scored_one(findings(ZONE, letters))
    assert (result.score, result.low, result.high, result.coverage) == (low, low, high, coverage)


@pytest.mark.parametrize("letters", ["", "N", "W", "NW"])
def test_nothing_seen_is_no_grade_and_no_proof_either_way(letters: str) -> None:
    result = scored_one(findings(ZONE, letters))
    assert (result.score, result.high, result.grade, result.coverage) == (0, 100, "", 0)


def test_checks_weigh_by_severity_within_their_family() -> None:
    result = scored_one(findings(rule("ZZ01", HIGH), "P"), findings(rule("ZZ02", MEDIUM), "F"))
    assert result.score == pytest.approx(100 * 5 / 8)
    assert result.families == {"zone": (62.5, 62.5)}


def test_families_weigh_by_their_heaviest_check() -> None:
    light = [findings(rule(f"YY0{n}", LOW, "dns"), "P") for n in range(9)]
    result = scored_one(findings(rule("ZZ01", HIGH, "zone"), "F"), *light)
    assert result.score == pytest.approx(100 * 1 / 6)


def test_a_heavy_check_that_can_no_longer_be_read_does_not_lift_its_family() -> None:
    heavy, light = rule("YY09", HIGH, "dns"), [findings(rule(f"YY0{n}", LOW, "dns"), "P") for n in range(9)]
    fails = findings(rule("ZZ01", HIGH, "zone"), "F")
    read = scored_one(fails, findings(heavy, "N"), *light)
    denied = scored_one(fails, findings(heavy, "G"), *light)
    assert denied.score <= read.score
    assert denied.high >= read.high


@pytest.mark.parametrize(
    ("id", "severity", "tier", "letters", "low", "high"),
    [
        ("RG01", HIGH, 1, "F", 59, 59),
        ("RG01", HIGH, 2, "F", None, None),
        ("RG01", HIGH, 1, "U", 59, None),
        ("BK01", HIGH, 3, "PF", 39, 39),
        ("BK01", HIGH, 3, "PG", 39, None),
        ("RH01", HIGH, 4, "F", 69, 69),
        ("RH01", HIGH, 4, "E", 69, None),
        ("ZZ09", CRITICAL, 2, "F", 74, 74),
        ("ZZ09", CRITICAL, 2, "U", 74, None),
        ("ZZ09", CRITICAL, 2, "W", None, None),
        ("RG01", CRITICAL, 1, "F", 59, 59),
    ],
)
def test_caps(*, id: str, severity: Severity, tier: int, letters: str, low: float | None, high: float | None) -> None:
    sound = [findings(rule(f"SS{n:02}", CRITICAL, "backup"), "P") for n in range(40)]
    result = scored_one(findings(rule(id, severity, "backup"), letters), *sound, of=service(tier=tier))
    assert result.score == (low if low is not None else result.score)
    assert result.high == (high if high is not None else result.high)
    assert (result.score > 80) == (low is None)
    assert (result.high > 80) == (high is None)
    assert [cap.at_most for cap in result.caps][:1] == ([low] if low else [])
    for cap in result.caps:
        assert cap.checks == (id,)
        assert cap.proven == ("F" in letters)
        assert ("unknown" in cap.because) == (not cap.proven)


@pytest.mark.parametrize(
    ("points", "coverage", "expected"),
    [
        (100, 1, "A"),
        (90, 1, "A"),
        (89.99999999999999, 0.9, "A"),
        (89.9, 1, "B"),
        (95, 0.899, "B"),
        (75, 0.5, "B"),
        (74.9, 1, "C"),
        (60, 1, "C"),
        (59.9, 1, "D"),
        (40, 1, "D"),
        (39.9, 1, "F"),
        (0, 0.5, "F"),
        (95, 0.49, ""),
    ],
)
def test_grades(points: float, coverage: float, expected: str) -> None:
    assert grade(points, coverage) == expected


def test_the_estate_is_the_mean_by_tier_and_an_unseen_service_proves_nothing() -> None:
    top, low, unseen = service("top", tier=1), service("low", tier=4), service("unseen", tier=2)
    made = [*findings(ZONE, "P", top), *findings(ZONE, "F", low)]
    card = scored(made, top, low, unseen)
    assert card.score == pytest.approx(100 * 8 / 13)
    assert card.high == pytest.approx(100 * 12 / 13)
    assert card.coverage == pytest.approx(9 / 13)
    assert card.grade == "C"
    assert [each_service.service.name for each_service in card.services] == ["top", "low", "unseen"]
    assert sum(DEFAULT_TIERS[tier].weight for tier in (1, 2, 4)) == 13


def test_no_service_is_no_score() -> None:
    card = score([], services=(), now=NOW)
    assert (card.score, card.high, card.coverage, card.grade) == (0, 100, 0, "")


RULES = [
    rule("RG01", CRITICAL, "region"),
    rule("RG02", LOW, "region"),
    rule("BK01", HIGH, "backup"),
    rule("BK02", MEDIUM, "backup"),
    rule("RH01", HIGH, "rehearsal"),
    rule("ZZ01", LOW, "zone"),
    rule("ZZ02", LOW, "zone"),
    rule("ZZ03", CRITICAL, "zone"),
]
LETTERS = st.text("PFUWEN", min_size=1, max_size=4)


@given(
    before=st.lists(LETTERS, min_size=len(RULES), max_size=len(RULES)),
    lost=st.lists(st.integers(0, 4), min_size=len(RULES), max_size=len(RULES)),
    tier=st.integers(1, 4),
)
@settings(deadline=None)  # two cores may be busy
def test_reading_less_never_raises_the_score_and_never_rules_more_out(
    before: list[str], lost: list[int], tier: int
) -> None:
    of = service(tier=tier)
    after = [_lose(letters, how) for letters, how in zip(before, lost, strict=True)]
    read = scored_one(*(findings(check, letters, of) for check, letters in zip(RULES, before, strict=True)), of=of)
    denied = scored_one(*(findings(check, letters, of) for check, letters in zip(RULES, after, strict=True)), of=of)
    assert denied.score <= read.score + 1e-9
    assert denied.high >= read.high - 1e-9
    for value in (read, denied):
        assert 0 <= value.low <= value.high <= 100
        assert value.score == value.low
        assert 0 <= value.coverage <= 1


def _lose(letters: str, how: int) -> str:
    """0: nothing; 1: the last one; 2: every one; 3: a whole listing, 4: a part of one."""
    return (letters, letters[:-1] + "U", "U" * len(letters), "G", letters[:-1] + "G")[how]


@given(letters=st.lists(LETTERS, min_size=len(RULES), max_size=len(RULES)), random=st.randoms(use_true_random=False))
@settings(deadline=None)  # two cores may be busy
def test_the_order_of_findings_does_not_matter(letters: list[str], random: object) -> None:
    made: list[Finding] = [
        each_finding for check, text in zip(RULES, letters, strict=True) for each_finding in findings(check, text)
    ]
    shuffled = sorted(made, key=lambda _: random.random())  # type: ignore[attr-defined]
    result, other = scored_one(made), scored_one(shuffled)
    assert result.score == pytest.approx(other.score)
    assert result.grade == other.grade
    assert {cap.at_most for cap in result.caps} == {cap.at_most for cap in other.caps}


def test_findings_of_a_service_outside_the_catalogue_are_left_out() -> None:
    stray = finding(ZONE, Outcome.FAIL, service("stray"))
    assert scored([*findings(ZONE, "P"), stray], service()).score == 100


def test_a_bound_holds_whichever_way_the_shares_were_summed() -> None:
    assert grade(89.99999999999999, 1.0) == grade(90.0, 1.0) == "A"
    assert grade(50.0, 0.49999999999999994) == grade(50.0, 0.5) == "D"
    assert grade(95.0, 0.8999999999999999) == "A"
    assert grade(95.0, 0.899) == "B"
    assert grade(50.0, 0.499) == ""


def test_attestations_lift_no_service_above_grade_c() -> None:
    word = [findings(rule(f"SS{n:02}", HIGH, "provider"), "V") for n in range(9)]
    result = scored_one(
        findings(rule("ZZ01", HIGH, "zone"), "F"), *word, findings(rule("YY01", CRITICAL, "provider"), "V")
    )
    assert (round(result.score, 2), round(result.on_word, 2), result.grade) == (66.67, 66.67, "C")
    result = scored_one(findings(rule("ZZ01", LOW, "zone"), "F"), *word)
    assert (result.score, result.on_word, result.grade, result.high) == (74, 74, "C", 74)
    assert [(cap.at_most, cap.checks[:2]) for cap in result.caps] == [(74, ("SS00", "SS01"))]


def test_attestations_keep_the_score_that_evidence_reaches_alone() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(9)]
    result = scored_one(*sound, findings(rule("PR04", HIGH, "zone"), "V"))
    assert (result.score, result.on_word, result.grade) == (90, 0, "A")
    assert [str(cap) for cap in result.caps] == ["capped at 90: points above grade C cannot rest on attestations"]


def test_an_attested_failover_test_lifts_the_cap_of_a_missing_one_no_higher_than_grade_c() -> None:
    sound = [findings(rule(f"SS{n:02}", HIGH, "zone"), "P") for n in range(19)]
    result = scored_one(*sound, findings(rule("RH01", HIGH, "zone"), "V"))
    assert (result.score, result.on_word, result.grade) == (74, 5, "C")


def test_points_on_somebodys_word_are_told_of_the_estate_too() -> None:
    word, sound = service("word", tier=1), service("sound", tier=1)
    made = [*findings(rule("ZZ01", HIGH), "VF", word), *findings(rule("ZZ01", HIGH), "P", sound)]
    card = scored(made, word, sound)
    assert (card.score, card.on_word) == (75, 25)


@given(st.lists(st.text("PFUVNG", max_size=3), min_size=4, max_size=4))
@settings(deadline=None)
def test_an_attestation_never_lowers_a_score(texts: list[str]) -> None:
    rules = [
        rule("RH01", HIGH, "rehearsal"),
        rule("ZZ01", CRITICAL),
        rule("AU09", MEDIUM, "automation"),
        rule("ZZ02", LOW),
    ]
    with_word, without = (
        scored_one(*(findings(check, text.replace("V", letter)) for check, text in zip(rules, texts, strict=True)))
        for letter in "VF"
    )
    assert with_word.low >= without.low - 1e-9
    assert with_word.low - with_word.on_word == pytest.approx(without.low)
    assert with_word.low <= max(74, without.low) + 1e-9
    assert with_word.low <= with_word.high + 1e-9


def test_where_little_was_read_the_missing_permissions_come_first() -> None:
    hole = gap(Datastore)
    made = [
        finding(ZONE, "unknown", hole=replace(hole, action="rds:DescribeDBInstances", reason=reason))
        for reason in DENIED
    ]
    result = scored_one(made, findings(rule("ZZ02", LOW), "F"))
    assert result.grade == ""
    assert [(grant.action, grant.unknown, grant.services) for grant in result.read_first] == [
        ("rds:DescribeDBInstances", 2, ("checkout",)),
        ("", 1, ("checkout",)),
    ]
    assert result.read_first[1].reason == "the AWS token has expired"
    assert scored_one(findings(ZONE, "P"), findings(rule("ZZ02", LOW), "F")).read_first == ()


DENIED = (
    "access denied to rds:DescribeDBInstances",
    "access denied to rds:DescribeDBInstances",
    "the AWS token has expired",
)
