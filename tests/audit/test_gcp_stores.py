"""Stores and secrets of Google Cloud that the sample project has none of: what each becomes. Shapes: the REST reference of each API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.builders.plans import NOW
from support.samples.google_compute import REGION, P, asset

from bot.audit.collectors.gcp.run import made_of

PLACE = f"{P}/locations/{REGION}"
PRIMARY = asset("alloydb.googleapis.com/Cluster", f"{PLACE}/clusters/orders", {"state": "READY"})
CASES: tuple[tuple[str, tuple[dict[str, Any], ...], tuple[str, str], dict[str, Any]], ...] = (
    (
        "an AlloyDB cluster whose primary is zonal, with a copy elsewhere and a backup",
        (
            PRIMARY,
            asset(
                "alloydb.googleapis.com/Instance",
                f"{PLACE}/clusters/orders/instances/one",
                {"instanceType": "PRIMARY", "availabilityType": "ZONAL", "gceZone": "europe-west4-a"},
            ),
            asset(
                "alloydb.googleapis.com/Cluster",
                f"{P}/locations/us-east1/clusters/orders-2",
                {"secondaryConfig": {"primaryClusterName": f"{PLACE}/clusters/orders"}},
                "us-east1",
            ),
        ),
        ("Datastore", "orders"),
        {
            "zones": ("europe-west4-a",),
            "zone_redundant": False,
            "replica_regions": ("us-east1",),
            "backup_days": 14,
            "point_in_time_recovery": True,
        },
    ),
    (
        "the backups of an AlloyDB cluster",
        (
            PRIMARY,
            asset(
                "alloydb.googleapis.com/Backup",
                f"{PLACE}/backups/b",
                {
                    "clusterName": f"{PLACE}/clusters/orders",
                    "state": "READY",
                    "createTime": "2026-10-30T00:00:00.123456789Z",
                },
            ),
        ),
        ("Backup", "orders"),
        {"latest_at": datetime(2026, 10, 30, 0, 0, 0, 123456, UTC), "copy_regions": ()},
    ),
    (
        "a Redis cluster with replicas and backups",
        (
            asset(
                "redis.googleapis.com/Cluster",
                f"{PLACE}/clusters/cache",
                {
                    "replicaCount": 1,
                    "shardCount": 3,
                    "deletionProtectionEnabled": True,
                    "automatedBackupConfig": {"automatedBackupMode": "ENABLED", "retention": "3024000s"},
                    "redisConfigs": {"maxmemory-policy": "noeviction"},
                },
            ),
        ),
        ("Datastore", "cache"),
        {"zone_redundant": True, "nodes": 6, "backup_days": 35, "deletion_protection": True, "evicts": False},
    ),
    (
        "a Valkey instance in one zone",
        (
            asset(
                "memorystore.googleapis.com/Instance",
                f"{PLACE}/instances/cache",
                {
                    "replicaCount": 2,
                    "shardCount": 1,
                    "zoneDistributionConfig": {"mode": "SINGLE_ZONE", "zone": "europe-west4-b"},
                },
            ),
        ),
        ("Datastore", "cache"),
        {"engine": "valkey", "zone_redundant": False, "zones": ("europe-west4-b",), "automatic_failover": True},
    ),
    (
        "a Filestore instance of several zones",
        (asset("file.googleapis.com/Instance", f"{PLACE}/instances/files", {"tier": "ENTERPRISE"}),),
        ("Datastore", "files"),
        {"zone_redundant": True, "zones": (), "backup_days": None},
    ),
    (
        "a Bigtable instance of two regions that fails over",
        (
            asset("bigtableadmin.googleapis.com/Instance", f"{P}/instances/events", {"state": "READY"}, "global"),
            *(
                asset(
                    "bigtableadmin.googleapis.com/Cluster",
                    f"{P}/instances/events/clusters/{zone}",
                    {"location": f"{P}/locations/{zone}"},
                    zone,
                )
                for zone in ("europe-west4-a", "us-east1-b")
            ),
            asset(
                "bigtableadmin.googleapis.com/AppProfile",
                f"{P}/instances/events/appProfiles/default",
                {"multiClusterRoutingUseAny": {}},
                "global",
            ),
            asset(
                "bigtableadmin.googleapis.com/Table",
                f"{P}/instances/events/tables/t",
                {"automatedBackupPolicy": {"retentionPeriod": "259200s", "frequency": "86400s"}},
                "global",
            ),
        ),
        ("Datastore", "events"),
        {
            "region": "europe-west4",
            "zone_redundant": True,
            "replica_regions": ("us-east1",),
            "automatic_failover": True,
            "nodes": 2,
            "backup_days": 3,
        },
    ),
    (
        "a secret in two regions",
        (
            asset(
                "secretmanager.googleapis.com/Secret",
                "projects/42/secrets/s",
                {
                    "replication": {"userManaged": {"replicas": [{"location": "us-east1"}, {"location": REGION}]}},
                    "rotation": {"rotationPeriod": "2592000s"},
                },
                "global",
            ),
        ),
        ("Secret", "s"),
        {"region": "europe-west4", "replica_regions": ("us-east1",), "rotates": True},
    ),
)


@pytest.mark.parametrize(("items", "key", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_asset_becomes_a_fact(
    items: tuple[dict[str, Any], ...], key: tuple[str, str], expected: dict[str, Any]
) -> None:
    made = made_of(items, NOW)[1]
    assert [gap for gap in made.gaps if gap.kinds] == []
    [fact] = [fact for fact in made.facts if (type(fact).__name__, fact.name) == key]
    assert {name: getattr(fact, name) for name in expected} == expected
