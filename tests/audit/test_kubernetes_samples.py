"""Test files of Polaris and kube-score: each gets their verdict from one of our checks, or has a reason why not."""

import re
from collections import defaultdict
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.audit.collectors.kubernetes.manifests import read_manifests
from checks import DEFAULT_TIERS, Outcome, Seen, Service, discover, evaluate

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "kubernetes"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COVERAGE: dict[str, Any] = yaml.safe_load((ROOT / "bot/app/cli/kubernetes_coverage.yaml").read_text(encoding="utf-8"))
RULES = {rule.id: rule for rule in discover()}
POLARIS, KUBE_SCORE = sorted((SAMPLES / "polaris").glob("*/*.yaml")), sorted((SAMPLES / "kube-score").rglob("*.yaml"))
WANTED = {"success": Outcome.PASS, "mutated": Outcome.PASS, "failure": Outcome.FAIL}
present = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the samples of Polaris and kube-score are not beside this tree"
)


def shown(path: Path) -> str:
    return path.relative_to(SAMPLES).as_posix().partition("/")[2]


def outcomes(path: Path, *checks: str) -> dict[str, set[Outcome]]:
    """What checks say of a file, for a service of tier 1."""
    found = read_manifests([(path.name, path.read_text(encoding="utf-8"))], NOW)
    seen = Seen(Service("shop", DEFAULT_TIERS[1]), found.facts, found.gaps)
    said: dict[str, set[Outcome]] = defaultdict(set)
    for finding in evaluate([seen], now=NOW, rules=[RULES[check] for check in checks or RULES]):
        said[finding.check.id].add(finding.outcome)
    return said


@present
@pytest.mark.parametrize("path", [*POLARIS, *KUBE_SCORE], ids=shown)
def test_every_file_is_read_and_no_check_breaks_on_it(path: Path) -> None:
    said = outcomes(path)
    assert Outcome.ERROR not in {outcome for outcomes_of_check in said.values() for outcome in outcomes_of_check}


@present
@pytest.mark.parametrize(
    "path", [path for path in POLARIS if path.name.partition(".")[0].partition("-")[0] in WANTED], ids=shown
)
def test_polaris_and_we_agree_on_what_is_about_availability(path: Path) -> None:
    judged = COVERAGE["others"][f"polaris {path.parent.name}"]
    if isinstance(judged, str) or shown(path) in COVERAGE["other_verdicts"]:
        return
    said = {outcome for found in outcomes(path, *judged).values() for outcome in found}
    wanted = WANTED[re.split(r"[.-]", path.name)[0]]
    assert wanted in said
    assert wanted is Outcome.FAIL or Outcome.FAIL not in said


@present
@pytest.mark.parametrize("path", KUBE_SCORE, ids=shown)
def test_kube_score_and_we_agree_on_what_is_about_availability(path: Path) -> None:
    name = shown(path)
    wanted: dict[str, str] = COVERAGE["files"].get(name, {})
    for check, outcome in wanted.items():
        assert outcomes(path, check)[check] == {Outcome(outcome)}
    reasons = [why for pattern, why in COVERAGE["not_about_availability"].items() if fnmatchcase(name, pattern)]
    assert wanted or reasons or name in COVERAGE["other_verdicts"], "judge it, or give a reason"


def test_every_reason_and_check_exists() -> None:
    named = [*COVERAGE["others"].values(), *COVERAGE["not_about_availability"].values()]
    assert {why for why in named if isinstance(why, str) and " " not in why} == set(COVERAGE["reasons"])
    ids = {check for judged in named if isinstance(judged, list) for check in judged}
    assert ids | {check for wanted in COVERAGE["files"].values() for check in wanted} <= set(RULES)
