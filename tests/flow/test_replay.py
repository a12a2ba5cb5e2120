"""A few cases of the replay, a few runs each: small enough for every day, and able to fail. All of it: tests/bench/replay.py."""

import ast
import random
from datetime import timedelta
from pathlib import Path

import pytest
from support.harness.replay_cases import MINUTE, ONSET, STRIPE, scene
from support.harness.replay_goals import blames_nobody, quiet, within
from support.harness.replay_run import Scene, watch
from support.harness.replay_table import BY_NAME, CASES, run_case
from support.outage_world.happenings import Effect
from support.outage_world.outside import Outside
from support.samples.quiet_month import noisy_month, quiet_days

CHANCE = random.Random
WORLD = Path(__file__).parents[1] / "support" / "outage_world"
SEEDS = (1,)
DAILY = (
    "100% of requests fail (HTTP 503)",
    "50% of requests fail (HTTP 503)",
    "own way out dead, every 2m",
    "fails from 2 of 3 vantage points",
    "maintenance in one data centre beside a dead API",
    "minor incident of the documentation",
    "zoom-2025-04-16, as installed",
    "github-2026-03-03, as installed",
)


@pytest.mark.parametrize("name", DAILY)
def test_a_case_is_as_wanted(name: str) -> None:
    for seed in SEEDS:
        assert run_case(name, seed).misses == ()


def test_a_run_is_repeated_by_its_seed() -> None:
    assert run_case(DAILY[1], 7) == run_case(DAILY[1], 7)


def test_without_detection_the_cases_of_outages_fail() -> None:
    """What makes the numbers worth something: an installation that probes nothing misses what only probes can see."""
    blind = STRIPE.replace("probes: true", "probes: false")
    effect = Effect("api.stripe.com", ONSET, ONSET + 60 * MINUTE, "answer")
    watched = watch(_scene(blind, effect), 1)
    assert watched.signals == 0
    assert within(2 * MINUTE)(watched) == ["not told"]


def test_a_world_in_which_nothing_happens_is_not_told_as_an_outage() -> None:
    watched = watch(_scene(STRIPE), 1)
    assert watched.signals > 100
    assert quiet(watched) == []
    assert within(2 * MINUTE)(watched) == ["not told"]


def test_blame_is_noticed() -> None:
    """The check that must be empty in every case of our own failures finds a provider that is named."""
    watched = watch(_scene(STRIPE, Effect("api.stripe.com", ONSET, ONSET + 60 * MINUTE, "answer")), 1)
    assert blames_nobody(watched) == ["blamed stripe"]


def test_the_world_knows_nothing_of_backstay() -> None:
    for module in WORLD.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            named = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [named]
            assert not [name for name in names if name.split(".")[0] in ("bot", "checks") or "harness" in name]


def test_results_are_drawn_from_the_error_rate() -> None:
    effect = Effect("api.stripe.com", ONSET, ONSET + 60 * MINUTE, "answer", 0.3)
    outside = Outside(CHANCE(1), (effect,))
    answers = [outside.request("here", "api.stripe.com", 443, "/", ONSET + MINUTE) for _ in range(2_000)]
    failed = sum(answer.answer is not None and answer.answer.status == 503 for answer in answers)
    assert 0.26 < failed / 2_000 < 0.34


def test_a_cache_outlives_the_change() -> None:
    effect = Effect("api.stripe.com", ONSET, ONSET + 60 * MINUTE, "dns nxdomain")
    outside = Outside(CHANCE(1), (effect,))

    def ask(after: timedelta) -> str:
        return outside.look_up("here", "1.1.1.1", "api.stripe.com", "A", ONSET + after).failure

    for _ in range(20):
        assert not ask(-timedelta(seconds=5))
    first = [ask(timedelta(seconds=1)) for _ in range(20)]
    assert "" in first
    assert {ask(2 * MINUTE) for _ in range(20)} == {"dns"}


def test_hours_are_quiet() -> None:
    assert quiet_days(20251020, lasts=timedelta(hours=2)) == []


def test_noise_alone_raises_no_alarm() -> None:
    false, rounds = noisy_month((20251020, 2, 8))
    assert false == 0
    assert rounds > 40_000


def test_every_case_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(CASES)
    assert {case.point for case in CASES} == {str(number) for number in range(1, 10)}


def _scene(text: str, *effects: Effect) -> Scene:
    return scene(CHANCE(3), text, effects=effects, lasts=5 * MINUTE)
