"""A whole project read over loopback: the facts of its assets, completed by what each product lists."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.fakes.google_cloud import FakeGoogle
from support.harness.google_run import GoogleRun, read_google
from support.samples.google_estate import ESTATE
from support.samples.google_products import PRODUCTS

from checks import Alarm, Backup, Datastore, DnsRecord, Fact, Gap, HealthCheck, LoadBalancer, Quota, SignalKind, Unread

SHOP = "projects/shop-prod"
SQL = f"//cloudsql.googleapis.com/{SHOP}/instances/orders"
COMPUTE = f"//compute.googleapis.com/{SHOP}"
ZONES = ("europe-west4-a", "europe-west4-b", "europe-west4-c")
EXPECTED: Mapping[tuple[str, str], dict[str, Any]] = {
    ("ComputeGroup", "jump"): {
        "zones": ("europe-west4-a",),
        "running": 1,
        "traffic": False,
        "deletion_protection": True,
        "tags": {"app": "shop"},
        "account": "shop-prod",
    },
    ("ComputeGroup", "web"): {
        "zones": ZONES,
        "zone_redundant": True,
        "min_size": 3,
        "max_size": 9,
        "desired": 4,
        "traffic": True,
        "health_check": "autohealing",
        "machine_types": ("n2-standard-4",),
        "tags": {"app": "shop"},
    },
    ("ComputeGroup", "main"): {"zones": ZONES, "zone_redundant": True, "min_size": 3, "max_size": 9, "running": 5},
    ("ComputeGroup", "api"): {"zone_redundant": True, "traffic": True, "max_size": 100, "region": "europe-west4"},
    ("Volume", "jump"): {
        "attached_to": f"{COMPUTE}/zones/europe-west4-a/instances/jump",
        "last_snapshot_at": datetime(2026, 10, 31, 8, 0, 0, 123000, UTC),
        "disposable": False,
        "size_gib": 20,
    },
    ("Volume", "web-x1"): {"disposable": True, "last_snapshot_at": None},
    ("LoadBalancer", "web"): {
        "region": "global",
        "zones": ZONES,
        "internet_facing": True,
        "access_logs": True,
        "targets": (f"{COMPUTE}/regions/europe-west4/instanceGroupManagers/web",),
        "healthy_by_zone": Unread("the health of backends is not part of a listing"),
    },
    ("Certificate", "web"): {
        "expires_at": datetime(2027, 1, 15, 8, tzinfo=UTC),
        "renews_itself": True,
        "in_use": True,
    },
    ("Network", "main"): {"region": "europe-west4", "nat_zones": ZONES, "zones": ZONES, "borrowed_egress": ()},
    ("Datastore", "orders"): {
        "zones": ZONES[:2],
        "zone_redundant": True,
        "deletion_protection": True,
        "backup_days": 7,
        "point_in_time_recovery": True,
    },
    ("Datastore", "ledger"): {
        "region": "global",
        "replica_regions": ("us-central1", "us-east1", "us-west1", "us-west2"),
        "backup_days": 30,
        "deletion_protection": True,
    },
    ("Datastore", "docs"): {
        "region": "global",
        "replica_regions": ("us-central1", "us-central2"),
        "backup_days": 7,
    },
    ("ObjectStore", "shop-media"): {"region": "global", "replica_regions": ("us-central1", "us-east1")},
    ("Backup", "orders"): {
        "about": (SQL,),
        "latest_at": datetime(2026, 10, 31, 3, 10, 0, 500000, UTC),
        "copy_regions": ("eu",),
    },
    ("Backup", "jump"): {
        "about": (
            f"{COMPUTE}/zones/europe-west4-a/instances/jump",
            f"{COMPUTE}/zones/europe-west4-a/disks/jump",
        ),
        "copy_regions": ("us-east1",),
        "locked": True,
    },
    ("DnsZone", "shop.example"): {"records": 3, "private": False, "delegated_to": None},
    ("DnsRecord", "www.shop.example"): {
        "policy": "simple",
        "ttl": 300,
        "targets": ("203.0.113.9",),
        "about": (f"{COMPUTE}/global/forwardingRules/web",),
        "zone": "shop.example",
    },
    ("DnsRecord", "api.shop.example"): {"policy": "weighted", "siblings": 2, "ttl": 30},
    ("Alarm", "Orders database is full"): {
        "signal": SignalKind.SATURATION,
        "about": (SQL,),
        "reaches_someone": True,
        "metric": "cloudsql.googleapis.com/database/disk/utilization",
    },
    ("HealthCheck", "home"): {
        "target": "www.shop.example/",
        "detects_in": timedelta(seconds=60),
        "region": "global",
        "about": (f"{COMPUTE}/global/forwardingRules/web",),
    },
    ("Topic", "orders"): {"subscriptions": 0},
}
PLANS = {
    "disks": {"every": timedelta(days=1), "keep_days": 14, "copy_regions": ("eu",), "selects": 1},
    "backupdr": {"every": timedelta(days=1), "keep_days": 30, "copy_regions": ("us-east1",), "selects": 1},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> GoogleRun:
    fake = FakeGoogle({SHOP: ESTATE}, products=PRODUCTS)
    return asyncio.run(read_google(fake, tmp_path_factory.mktemp("google"), SHOP))


@pytest.mark.parametrize(("key", "expected"), EXPECTED.items(), ids=[" ".join(key) for key in EXPECTED])
def test_a_resource_becomes_its_fact(whole: GoogleRun, key: tuple[str, str], expected: dict[str, Any]) -> None:
    [fact] = [fact for fact in whole.facts if (type(fact).__name__, fact.name) == key]
    assert {name: getattr(fact, name) for name in expected} == expected


def test_plans_tell_what_they_back_up(whole: GoogleRun) -> None:
    found = {fact.product: fact for fact in whole.facts if type(fact).__name__ == "BackupPlan"}
    for product, expected in {"persistent-disk": PLANS["disks"], "backupdr": PLANS["backupdr"]}.items():
        assert {name: getattr(found[product], name) for name in expected} == expected


def test_quotas_are_told_where_some_region_uses_them(whole: GoogleRun) -> None:
    quotas = {(fact.name, fact.region): fact.used for fact in whole.facts if isinstance(fact, Quota)}
    assert quotas == {("CPUS", "europe-west4"): 60.0, ("CPUS", "us-east1"): 0.0, ("NETWORKS", "global"): 1.0}


def test_nothing_else_is_unread(whole: GoogleRun) -> None:
    assert [gap.reason for gap in whole.failed] == [
        "the health of backends is not part of a listing",
        "not read from this kind of monitoring",  # the states and firings of alerts
    ]
    assert whole.end["calls"] == 10


POLICIES, CHANNELS = f"/v3/{SHOP}/alertPolicies", f"/v3/{SHOP}/notificationChannels"
FAILURES: tuple[tuple[str, str, type[Fact]], ...] = (
    (POLICIES, "monitoring.alertPolicies.list", Alarm),
    (f"/v3/{SHOP}/uptimeCheckConfigs", "monitoring.uptimeCheckConfigs.list", HealthCheck),
    (f"/v1/{SHOP}/instances/-/backupRuns", "cloudsql.backupRuns.list", Backup),
    (f"/compute/v1/{SHOP}/regions", "compute.regions.list", Quota),
    (f"/dns/v1/{SHOP}/managedZones/7/rrsets", "dns.resourceRecordSets.list", DnsRecord),
)


async def read(folder: Path, **fakes: Any) -> GoogleRun:
    return await read_google(FakeGoogle({SHOP: ESTATE}, **fakes), folder, SHOP)


def of_call(run: GoogleRun, permission: str) -> list[Gap]:
    return [gap for gap in run.failed if gap.action == permission]


@pytest.mark.parametrize(("path", "permission", "kind"), FAILURES, ids=[permission for _, permission, _ in FAILURES])
async def test_a_refused_listing_is_told_and_costs_no_other(
    tmp_path: Path, path: str, permission: str, kind: type[Fact]
) -> None:
    run = await read(tmp_path, products={**PRODUCTS, path: [403]})
    gaps = of_call(run, permission)
    assert gaps
    assert {gap.reason for gap in gaps} == {f"access denied to {permission}"}
    assert all(kind in gap.kinds and gap.account == "shop-prod" and gap.region for gap in gaps)
    assert any(isinstance(fact, LoadBalancer) for fact in run.facts)


async def test_a_disabled_api_is_told(tmp_path: Path) -> None:
    run = await read(tmp_path, products={**PRODUCTS, POLICIES: [403]}, reason="SERVICE_DISABLED")
    [gap] = of_call(run, "monitoring.alertPolicies.list")
    assert "is disabled in this project" in gap.reason


@pytest.mark.parametrize("trouble", [[429, 429, 200], [500, 200], [0, 200]], ids=["throttled", "broken", "cut"])
async def test_passing_trouble_of_a_product_leaves_nothing_unread(tmp_path: Path, trouble: list[int]) -> None:
    run = await read(tmp_path, products={**PRODUCTS, POLICIES: trouble})
    assert of_call(run, "monitoring.alertPolicies.list") == []


async def test_of_half_a_listing_the_half_counts_and_the_rest_is_told(tmp_path: Path) -> None:
    path = f"/dns/v1/{SHOP}/managedZones/7/rrsets"
    run = await read(tmp_path, products={**PRODUCTS, path: [PRODUCTS[path], 403]})
    assert len([fact for fact in run.facts if isinstance(fact, DnsRecord)]) == 2
    [gap] = of_call(run, "dns.resourceRecordSets.list")
    assert gap.resource == f"//dns.googleapis.com/{SHOP}/managedZones/7"


async def test_whom_an_alert_notifies_is_unread_where_channels_are(tmp_path: Path) -> None:
    run = await read(tmp_path, products={**PRODUCTS, CHANNELS: [403]})
    [alarm] = [fact for fact in run.facts if isinstance(fact, Alarm)]
    assert alarm.reaches_someone == Unread("access denied to monitoring.notificationChannels.list")


async def test_days_of_backups_are_unread_where_schedules_are(tmp_path: Path) -> None:
    run = await read(tmp_path, products={**PRODUCTS, f"/v1/{SHOP}/databases/docs/backupSchedules": [403]})
    [store] = [fact for fact in run.facts if isinstance(fact, Datastore) and fact.name == "docs"]
    assert store.backup_days == Unread("access denied to datastore.backupSchedules.list")
