"""Recorded answers of Azure Resource Manager and Resource Graph: every resource in them becomes the facts of its kind.

The recordings are beside the repository (../shared/samples/azure/cassettes, from Cloud Custodian's tests).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.audit.collectors.azure.estate import ResourceIndex, resource_of
from bot.audit.collectors.azure.graph import rows_in
from bot.audit.collectors.azure.tables import TYPES
from bot.audit.collectors.engine.kinds import facts_of
from checks import ComputeGroup, Datastore, Fact, ObjectStore

FOLDER = Path(__file__).parents[3] / "shared" / "samples" / "azure" / "cassettes"
if not FOLDER.is_dir():
    pytest.skip(f"the recordings are not beside this repository ({FOLDER.name})", allow_module_level=True)


def recorded(path: Path) -> Iterator[Mapping[str, Any]]:
    """The resources of one recording: of lists, of single answers and of tables of Resource Graph."""
    for exchange in json.loads(path.read_text(encoding="utf-8"))["interactions"]:
        body = exchange["response"]["body"]
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            continue
        listed = data.get("value") if isinstance(data.get("value"), list) else None
        rows = list(rows_in(data)) if "data" in data else listed or [data]
        yield from (row for row in rows if isinstance(row, dict) and str(row.get("type")).lower() in TYPES)


def facts_in(path: Path) -> list[Fact]:
    estate = ResourceIndex()
    for row in recorded(path):
        estate.add(resource_of(row, estate))
    made = facts_of(estate.by_id.values(), TYPES)
    assert [gap for gap in made.gaps if gap.kinds] == []
    with_facts = {fact.resource for fact in made.facts}
    assert {arm for arm in estate.by_id if arm not in with_facts and not arm.endswith("/databases/master")} == set()
    return made.facts


def test_no_recorded_shape_is_rejected() -> None:
    found = {path.name: facts_in(path) for path in sorted(FOLDER.glob("*.json"))}
    assert len(found) >= 100
    kinds = {(type(fact).__name__, fact.product) for facts in found.values() for fact in facts}
    assert len(kinds) >= 15, kinds


@pytest.mark.parametrize("what", ["storage", "vm"])
def test_resource_graph_and_resource_manager_give_equal_facts(what: str) -> None:
    path = FOLDER / f"ResourceGraphSource.test_resource_graph_and_arm_sources_{what}_are_equivalent.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the recordings")
    sides: list[dict[str, tuple[object, ...]]] = []
    for exchange in json.loads(path.read_text(encoding="utf-8"))["interactions"]:
        data, estate = exchange["response"]["body"]["data"], ResourceIndex()
        for row in rows_in(data) if "data" in data else data["value"]:
            estate.add(resource_of(row, estate))
        made = facts_of(estate.by_id.values(), TYPES)
        sides.append({fact.resource: _told(fact) for fact in made.facts})
    one, other = sides
    shared = one.keys() & other.keys()
    assert shared
    assert {arm: one[arm] for arm in shared} == {arm: other[arm] for arm in shared}


def _told(fact: Fact) -> tuple[object, ...]:
    """What both answers tell of a resource; Resource Graph alone tells the power state of a machine."""
    own: tuple[object, ...] = ()
    if isinstance(fact, ComputeGroup):
        own = (fact.kind, fact.zones, fact.machine_types)
    if isinstance(fact, ObjectStore):
        own = (fact.replica_regions, fact.status)
    return (fact.name, fact.account, fact.region, dict(fact.tags), fact.group, *own)


@pytest.mark.parametrize(
    ("recording", "name", "expected"),
    [
        ("PostgreSQLFlexibleServerTest.test_find_by_name", "pgtestsvc4", (("1", "2"), True, True, 7)),
        ("PostgreSQLFlexibleServerTest.test_find_by_name", "pgtestsvc1", (("1",), False, False, 7)),
        ("MySQLFlexibleServerTest.test_server_server_parameter", "azureheight", (("3",), False, False, 7)),
        ("CosmosDBTest.firewall", "cctestcosmosdbc129bfa71a47", ((), False, True, 1)),
        ("PostgresqlServerTest.test_find_server_by_name", "cctestpostgresqlservernxmxlpd5w73ag", ((), False, False, 7)),
    ],
)
def test_a_recorded_datastore(recording: str, name: str, expected: tuple[object, ...]) -> None:
    path = FOLDER / f"{recording}.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the recordings")
    [store] = [fact for fact in facts_in(path) if isinstance(fact, Datastore) and fact.name == name]
    assert (store.zones, store.zone_redundant, store.automatic_failover, store.backup_days) == expected
