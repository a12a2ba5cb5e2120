"""Plans with odd values anywhere: one odd resource costs no other, and nothing raises."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from support.builders.plans import NOW, change, plan, read
from support.samples import terraform_aws_applications as applications
from support.samples import terraform_aws_networks as networks
from support.samples import terraform_aws_services as services
from support.samples import terraform_aws_special_stores as special_stores
from support.samples import terraform_aws_stores as stores
from support.samples import terraform_aws_traffic as traffic

from bot.audit.change import Plan, compare
from bot.audit.collectors.terraform.files import PlanFile
from bot.audit.collectors.terraform.source_lines import SourceLines
from bot.audit.offline import OfflineRules, guessed_services

ODD: tuple[Any, ...] = (None, "x", 3, [], {}, True, [None], [{"a": 1}], {"a": []}, -1, 'é"\n')
CASES = (*stores.CASES, *services.CASES, *traffic.CASES, *networks.CASES, *applications.CASES, *special_stores.CASES)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths(inner, (*path, step))


def damaged(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The plan with one value replaced by another kind of value."""
    made = copy.deepcopy(body)
    *way, last = chance.choice(list(paths(made["resource_changes"])) or [(0,)])
    here: Any = made["resource_changes"]
    for step in way:
        here = here[step]
    here[last] = chance.choice(ODD)
    return made


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_an_odd_value_anywhere_raises_nothing(case: Any) -> None:
    body, chance = plan(*(change(address, values, values) for address, values in case[2])), random.Random(case[0])  # noqa: S311
    for _ in range(12):
        found = read(damaged(body, chance))
        assert found.before is not None
        entries, _ = guessed_services([found.before, found.after])
        rules = OfflineRules(entries, NOW)
        compare(rules.audit(found.before), rules.audit(found.after), Plan("plan.json", found.addresses))


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "path",
    [
        "provider_config",
        "root_module",
        "root_module.resources",
        "root_module.module_calls",
        "root_module.module_calls.db",
    ],
)
def test_an_odd_configuration_raises_nothing(path: str, odd: Any, tmp_path: Any) -> None:
    body = plan(
        change('module.db["a"].aws_s3_bucket.docs', None, {"bucket": "docs"}), module_calls={"db": {"source": "./db"}}
    )
    *way, last = path.split(".")
    here = body["configuration"]
    for step in way:
        here = here[step]
    here[last] = odd
    assert len(read(body).after.facts) == 1
    configuration = PlanFile("plan.json", "", body).body["configuration"]
    assert list(SourceLines(tmp_path, configuration).of(['module.db["a"].aws_s3_bucket.docs'])) == []


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_an_unchanged_plan_of_any_resource_changes_nothing(case: Any) -> None:
    found = read(plan(*(change(address, values, values) for address, values in case[2])))
    assert found.before is not None
    entries, _ = guessed_services([found.before, found.after])
    rules = OfflineRules(entries, NOW)
    made = compare(rules.audit(found.before), rules.audit(found.after), Plan("plan.json", found.addresses))
    assert (made.added, made.removed, made.unknown, made.points) == ((), (), (), 0)
