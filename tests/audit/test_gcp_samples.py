"""Recorded exports of Cloud Asset Inventory, recorded answers of Google's product APIs, and plans with the assets made of them.

Whence: ../shared/samples/SOURCES-clouds.tsv.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.builders.plans import NOW
from support.fakes.google_flights import assets_in
from support.samples.google_pairs import differences

from bot.audit.collectors.gcp.run import made_of
from bot.audit.collectors.terraform.collect import facts_of_plan
from bot.audit.collectors.terraform.files import read_plan_file
from checks import Fact

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "gcp"
EXPORTS = sorted(path for path in SAMPLES.glob("assets/**/*") if path.is_file())
FOLDERS = sorted(SAMPLES.glob("flights/*"))
PLANS = sorted(SAMPLES.glob("plan-and-asset/*.tfplan.json"))

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is not there")


def items_of(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    return [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]


def test_no_exported_asset_is_refused() -> None:
    facts: Counter[str] = Counter()
    for path in EXPORTS:
        _, made = made_of(items_of(path.read_text()), NOW)
        assert [gap for gap in made.gaps if gap.kinds] == [], path
        facts.update(type(fact).__name__ for fact in made.facts)
    assert facts["ComputeGroup"] > 60
    assert facts["Datastore"] >= 42
    assert facts["Volume"] >= 14


def test_no_recorded_answer_is_refused() -> None:
    types: Counter[str] = Counter()
    everything = []
    for folder in FOLDERS:
        items = [item for file in sorted(folder.glob("*.json")) for item in assets_in(file)]
        _, made = made_of(items, NOW)
        assert [gap for gap in made.gaps if gap.kinds] == [], folder
        types.update(item["assetType"] for item in items)
        everything += items
    assert sum(types.values()) >= 270
    assert [gap for gap in made_of(everything, NOW)[1].gaps if gap.kinds] == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name.partition(".")[0])
def test_a_plan_and_its_asset_give_equal_facts(plan: Path) -> None:
    text = plan.with_name(plan.name.replace(".tfplan", "")).read_text()
    of_asset = _by_name(made_of(items_of(text), NOW)[1].facts)
    of_plan = _by_name(facts_of_plan(read_plan_file(str(plan)), NOW).after.facts)
    assert {kind for kind, _ in of_asset} == {kind for kind, _ in of_plan}
    for key in of_asset.keys() & of_plan.keys():
        assert differences(of_asset[key], of_plan[key]) == {}
    named = {key for key in of_asset if not key[1].startswith("placeholder-")}  # names that are known after apply
    assert named <= of_plan.keys()


def _by_name(facts: list[Fact] | tuple[Fact, ...] | Any) -> dict[tuple[str, str], Fact]:
    return {(type(fact).__name__, fact.name): fact for fact in facts}
