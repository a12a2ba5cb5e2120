"""Assets whose fields have another form than documented: each becomes a gap of its own, and costs no other resource."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from support.builders.plans import NOW
from support.samples.google_compute import COMPUTE, REGION, P, asset, compute
from support.samples.google_estate import ESTATE

from bot.audit.collectors.gcp.run import made_of

ODD: tuple[Any, ...] = (7, {}, [7], [{"zones": 7}])
RUNS = f"{P}/instances/orders/backupRuns"


def places_in(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield (*at, key)
        yield from places_in(found, (*at, key))


def with_odd(item: dict[str, Any], place: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    bent = copy.deepcopy(item)
    here: Any = bent
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = odd
    return bent


def test_no_odd_value_anywhere_stops_the_reading() -> None:
    tried = 0
    for item in ESTATE:
        for place in places_in(item):
            for odd in ODD:
                made_of([with_odd(item, place, odd)], NOW)
                tried += 1
    assert tried > 1_500


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        (asset("sqladmin.googleapis.com/BackupRun", f"{RUNS}/9", {"status": [7], "location": {}}), "orders"),
        (
            asset("domains.googleapis.com/Registration", f"{P}/locations/global/registrations/d", {"domainName": {}}),
            "shop.example",
        ),
        (compute("Region", f"regions/{REGION}", {"zones": 7, "quotas": "x"}), "main"),
        (compute("Autoscaler", "zones/z/autoscalers/a", {"target": 7, "autoscalingPolicy": [7]}), "web"),
        (
            compute(
                "Autoscaler",
                f"regions/{REGION}/autoscalers/b",
                {"target": f"{COMPUTE}/regions/{REGION}/instanceGroupManagers/web", "autoscalingPolicy": "x"},
            ),
            "web",
        ),
        (compute("InstanceTemplate", "global/instanceTemplates/web-7", {"properties": 7}), "web"),
        (asset("monitoring.googleapis.com/AlertPolicy", f"{P}/alertPolicies/1", {"conditions": {"a": [7]}}), "orders"),
        (compute("Snapshot", "global/snapshots/s", {"sourceDisk": [{}], "creationTimestamp": {}}), "jump"),
        (compute("Router", f"regions/{REGION}/routers/r", {"network": {}, "nats": 7}), "main"),
    ],
    ids=lambda found: found["assetType"].partition("/")[2] if isinstance(found, dict) else found,
)
def test_an_odd_asset_costs_none_of_those_that_it_completes(odd: dict[str, Any], kept: str) -> None:
    before = made_of(ESTATE, NOW)[1]
    after = made_of([odd, *(item for item in ESTATE if item["name"] != odd["name"])], NOW)[1]
    assert [fact.name for fact in before.facts].count(kept) <= [fact.name for fact in after.facts].count(kept)
    assert {gap.resource for gap in after.gaps if gap.kinds} <= {odd["name"]}
