"""Assets of Google Cloud as facts. Shapes: the REST reference of each API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.audit.collectors.gcp.run import made_of
from checks import ObjectStore, Unread

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def asset(kind: str, path: str, data: Any, location: str = "europe-west4") -> dict[str, Any]:
    resource = {"location": location, "data": data}
    return {"name": f"//{kind.partition('/')[0]}/{path}", "assetType": kind, "resource": resource}


SQL = "sqladmin.googleapis.com/Instance"
P = "projects/shop"
CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        asset(
            SQL,
            f"{P}/instances/orders",
            {
                "region": "europe-west4",
                "gceZone": "europe-west4-a",
                "secondaryGceZone": "europe-west4-b",
                "databaseVersion": "POSTGRES_15",
                "state": "RUNNABLE",
                "settings": {
                    "availabilityType": "REGIONAL",
                    "userLabels": {"app": "orders"},
                    "backupConfiguration": {"enabled": True, "location": "eu", "pointInTimeRecoveryEnabled": True},
                },
            },
        ),
        {
            "zones": ("europe-west4-a", "europe-west4-b"),
            "zone_redundant": True,
            "backup_days": 7,
            "backup_regions": ("eu",),
            "point_in_time_recovery": True,
            "deletion_protection": False,
            "tags": {"app": "orders"},
        },
    ),
    (
        asset(SQL, f"{P}/instances/copy", {"region": "us-east1", "masterInstanceName": "shop:orders"}),
        {"replica_of": f"//sqladmin.googleapis.com/{P}/instances/orders", "region": "us-east1"},
    ),
    (
        asset("storage.googleapis.com/Bucket", "docs", {"location": "NAM4", "versioning": {"enabled": True}}, "nam4"),
        {"region": "global", "replica_regions": ("us-central1", "us-east1"), "versioning": True},
    ),
    (
        asset("redis.googleapis.com/Instance", f"{P}/locations/europe-west4/instances/c", {"tier": "BASIC"}),
        {"zone_redundant": False, "automatic_failover": False},
    ),
    (
        asset("container.googleapis.com/Cluster", f"{P}/zones/us-east1-b/clusters/k", {"location": "us-east1-b"}),
        {"zone_redundant": False, "zones": ("us-east1-b",)},
    ),
]


@pytest.mark.parametrize(("item", "expected"), CASES, ids=[item["name"] for item, _ in CASES])
def test_an_asset_becomes_its_fact(item: dict[str, Any], expected: dict[str, Any]) -> None:
    _, made = made_of([item], NOW)
    (fact,) = made.facts
    assert {name: getattr(fact, name) for name in expected} == expected


def test_a_replica_elsewhere_is_told_of_its_primary() -> None:
    facts: dict[str, Any] = {fact.name: fact for fact in made_of([CASES[0][0], CASES[1][0]], NOW)[1].facts}
    assert facts["orders"].replica_regions == ("us-east1",)


def test_an_odd_asset_costs_no_other() -> None:
    odd = asset(SQL, f"{P}/instances/odd", {"settings": {"backupConfiguration": 7}})
    broken = asset(SQL, f"{P}/instances/broken", "text")
    _, made = made_of([odd, broken, CASES[0][0]], NOW)
    assert [fact.name for fact in made.facts] == ["orders"]
    assert [gap.resource.rpartition("/")[2] for gap in made.gaps] == ["odd", "broken"]


def test_what_a_listing_leaves_out_is_unread() -> None:
    item = asset("spanner.googleapis.com/Instance", f"{P}/instances/s", {"config": f"{P}/instanceConfigs/nam6"})
    (fact,) = made_of([item], NOW)[1].facts
    assert isinstance(getattr(fact, "backup_days", None), Unread)
    assert fact.region == "global"


@pytest.mark.parametrize(
    ("labels", "stack"),
    [
        ({"goog-terraform-provisioned": "true"}, "terraform"),
        ({"managed-by-cnrm": "true"}, "config-connector"),
        ({"goog-dm": "shop-7"}, "shop-7"),
        ({"app": "shop"}, ""),
    ],
    ids=["Terraform", "Config Connector", "Deployment Manager", "by hand"],
)
def test_labels_of_a_tool_tell_the_stack(labels: dict[str, str], stack: str) -> None:
    (fact,) = made_of([asset("storage.googleapis.com/Bucket", "docs", {"location": "EU", "labels": labels})], NOW)[
        1
    ].facts
    assert fact.stack == stack


@pytest.mark.parametrize(("storage_class", "redundant"), [("STANDARD", True), ("NEARLINE", True), ("RAPID", False)])
def test_only_a_zonal_bucket_is_in_one_zone(storage_class: str, redundant: bool) -> None:
    """The class of zonal buckets: Cloud Storage documentation, "Rapid storage"."""
    placed = {"location": "US-CENTRAL1", "storageClass": storage_class}
    _, made = made_of([asset("storage.googleapis.com/Bucket", "docs", placed)], NOW)
    (fact,) = made.facts
    assert isinstance(fact, ObjectStore)
    assert fact.zone_redundant is redundant
