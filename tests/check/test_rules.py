"""What holds for every check: its words, its table, its behaviour where nothing can be read."""

import importlib.util
import re
from collections import defaultdict
from pathlib import Path

import pytest
from support.builders.facts import NOW, gap, service
from support.harness.tables import FAIL, PASS, UNKNOWN, Case

from checks import (
    FAMILIES,
    NEVER_REHEARSED,
    NO_BACKUP,
    SINGLE_REGION,
    Check,
    Gap,
    Outcome,
    Seen,
    discover,
    evaluate,
    rationale,
)

HERE = Path(__file__).parent
RULES = discover()
PREFIX = {
    "region": "RG",
    "zone": "ZN",
    "failover": "FO",
    "backup": "BK",
    "streams": "ST",
    "dns": "DN",
    "controlplane": "CP",
    "workloads": "WL",
    "cluster": "CL",
    "connectivity": "CN",
    "capacity": "CA",
    "observability": "OB",
    "automation": "AU",
    "runbook": "RB",
    "rehearsal": "RH",
    "communication": "CM",
    "provider": "PR",
    "portability": "PO",
    "education": "ED",
}
NO_WAY_TO_MISS = {"CM04", "PR01"}  # they read the catalogue alone, which is there or nothing is


def tables() -> dict[str, list[Case]]:
    rows: dict[str, list[Case]] = defaultdict(list)
    for family in FAMILIES:
        spec = importlib.util.spec_from_file_location(f"table_of_{family}", HERE / f"test_{family}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for row in module.CASES:
            rows[row.check].append(row)
    return rows


ROWS = tables()


def test_each_family_has_checks_numbered_without_holes() -> None:
    for family in FAMILIES:
        ids = [rule.id for rule in RULES if rule.family == family]
        assert ids == [f"{PREFIX[family]}{number:02}" for number in range(1, len(ids) + 1)]
        assert ids
    assert len(RULES) >= 50


def test_the_caps_name_checks_that_exist() -> None:
    assert {*SINGLE_REGION, *NO_BACKUP, *NEVER_REHEARSED} <= {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_its_table_covers_every_outcome(rule: Check) -> None:
    outcomes = {row.outcome for row in ROWS[rule.id]}
    assert {PASS, FAIL} <= outcomes
    assert UNKNOWN in outcomes or rule.id in NO_WAY_TO_MISS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_its_texts_are_complete_and_short(rule: Check) -> None:
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 90
    for prose in (rule.lesson, rule.remediation):
        assert prose.endswith(".")
        assert "  " not in prose
        assert len(prose) <= 330
    assert re.search(r"`[^`]+`", rule.remediation) or rule.id in {"CM01", "CM03"}, "it names a command or a setting"
    assert len(rationale(rule)) > 60


def test_titles_and_lessons_are_unique() -> None:
    assert len({rule.title for rule in RULES}) == len(RULES)
    assert len({rule.lesson for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: str(rule.id))
def test_it_neither_passes_nor_fails_when_nothing_could_be_read(rule: Check) -> None:
    gaps: tuple[Gap, ...] = tuple(gap(need.kind) for need in rule.needs)
    outcomes = {item.outcome for item in evaluate([Seen(service(), (), gaps)], now=NOW, rules=[rule])}
    assert outcomes <= {Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_losing_a_listing_never_turns_a_failure_into_anything_but_unknown(rule: Check) -> None:
    for row in ROWS[rule.id]:
        if row.outcome is not FAIL or row.seen.gaps:
            continue
        for lost in {need.kind for need in rule.needs}:
            left = tuple(fact for fact in row.seen.facts if type(fact) is not lost)
            dark = Seen(row.seen.service, left, (gap(lost),))
            after = {item.outcome for item in evaluate([dark], now=NOW, rules=[rule])}
            assert Outcome.PASS not in after, f"{rule.id} passes without {lost.__name__}"
            assert after != {Outcome.NOT_APPLICABLE}, f"{rule.id} drops out without {lost.__name__}"
