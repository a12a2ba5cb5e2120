"""The same resource from both doors: as an asset that exists, and as a plan or state of Terraform describes it.

Shapes: the REST reference of each API, and hashicorp/google provider 5 and 6.
"""

from typing import Any

import pytest
from support.builders.plans import NOW, facts, state
from support.samples.google_compute import COMPUTE, REGION, P, asset, compute
from support.samples.google_pairs import differences

from bot.audit.collectors.gcp.run import made_of
from checks import (
    ComputeGroup,
    Datastore,
    DnsZone,
    EncryptionKey,
    Fact,
    LoadBalancer,
    ObjectStore,
    Queue,
    Secret,
    Volume,
)

PLACE = f"{P}/locations/{REGION}"
OWN = {"project": "shop-prod"}
PAIRS: tuple[tuple[type[Fact], dict[str, Any], tuple[str, dict[str, Any]]], ...] = (
    (
        Datastore,
        asset(
            "sqladmin.googleapis.com/Instance",
            f"{P}/instances/orders",
            {
                "region": REGION,
                "databaseVersion": "MYSQL_8_0",
                "settings": {
                    "availabilityType": "REGIONAL",
                    "storageAutoResize": True,
                    "deletionProtectionEnabled": True,
                    "locationPreference": {"zone": "europe-west4-a"},
                    "backupConfiguration": {
                        "enabled": True,
                        "binaryLogEnabled": True,
                        "location": "eu",
                        "backupRetentionSettings": {"retainedBackups": 14},
                    },
                },
            },
        ),
        (
            "google_sql_database_instance.orders",
            {
                "name": "orders",
                "region": REGION,
                "database_version": "MYSQL_8_0",
                "settings": [
                    {
                        "availability_type": "REGIONAL",
                        "disk_autoresize": True,
                        "deletion_protection_enabled": True,
                        "location_preference": [{"zone": "europe-west4-a"}],
                        "backup_configuration": [
                            {
                                "enabled": True,
                                "binary_log_enabled": True,
                                "location": "eu",
                                "backup_retention_settings": [{"retained_backups": 14}],
                            }
                        ],
                    }
                ],
            },
        ),
    ),
    (
        ComputeGroup,
        asset(
            "container.googleapis.com/Cluster",
            f"{PLACE}/clusters/main",
            {
                "location": REGION,
                "locations": ["europe-west4-a", "europe-west4-b"],
                "initialClusterVersion": "1.31",
                "resourceLabels": {"app": "shop"},
                "databaseEncryption": {"state": "ENCRYPTED", "keyName": "of-the-cluster"},
            },
        ),
        (
            "google_container_cluster.main",
            {
                "name": "main",
                "location": REGION,
                "node_locations": ["europe-west4-a", "europe-west4-b"],
                "min_master_version": "1.31",
                "resource_labels": {"app": "shop"},
                "database_encryption": [{"state": "ENCRYPTED", "key_name": "of-the-cluster"}],
            },
        ),
    ),
    (
        ComputeGroup,
        compute(
            "Instance",
            "zones/europe-west4-a/instances/jump",
            {
                "zone": "europe-west4-a",
                "machineType": f"{COMPUTE}/zones/europe-west4-a/machineTypes/e2-small",
                "deletionProtection": True,
            },
            "europe-west4-a",
        ),
        (
            "google_compute_instance.jump",
            {"name": "jump", "zone": "europe-west4-a", "machine_type": "e2-small", "deletion_protection": True},
        ),
    ),
    (
        ComputeGroup,
        compute(
            "InstanceGroupManager",
            f"regions/{REGION}/instanceGroupManagers/web",
            {
                "region": f"{COMPUTE}/regions/{REGION}",
                "targetSize": 3,
                "distributionPolicy": {"zones": [{"zone": f"{COMPUTE}/zones/{REGION}-{word}"} for word in "ab"]},
            },
        ),
        (
            "google_compute_region_instance_group_manager.web",
            {
                "name": "web",
                "region": REGION,
                "target_size": 3,
                "distribution_policy_zones": [f"{REGION}-a", f"{REGION}-b"],
            },
        ),
    ),
    (
        Volume,
        compute(
            "Disk", "zones/europe-west4-a/disks/data", {"zone": "europe-west4-a", "sizeGb": "20"}, "europe-west4-a"
        ),
        ("google_compute_disk.data", {"name": "data", "zone": "europe-west4-a", "size": 20}),
    ),
    (
        Datastore,
        asset("redis.googleapis.com/Instance", f"{PLACE}/instances/cache", {"tier": "STANDARD_HA", "replicaCount": 2}),
        (
            "google_redis_instance.cache",
            {"name": "cache", "region": REGION, "tier": "STANDARD_HA", "replica_count": 2},
        ),
    ),
    (
        Datastore,
        asset(
            "redis.googleapis.com/Cluster",
            f"{PLACE}/clusters/cache",
            {"replicaCount": 1, "shardCount": 3, "deletionProtectionEnabled": True, "kmsKey": "of-the-cache"},
        ),
        (
            "google_redis_cluster.cache",
            {"name": "cache", "region": REGION, "replica_count": 1, "shard_count": 3, "kms_key": "of-the-cache"},
        ),
    ),
    (
        Datastore,
        asset("alloydb.googleapis.com/Cluster", f"{PLACE}/clusters/orders", {}),
        ("google_alloydb_cluster.orders", {"cluster_id": "orders", "location": REGION}),
    ),
    (
        Datastore,
        asset("spanner.googleapis.com/Instance", f"{P}/instances/ledger", {"config": f"{P}/instanceConfigs/nam3"}),
        ("google_spanner_instance.ledger", {"name": "ledger", "config": "nam3"}),
    ),
    (
        Datastore,
        asset("firestore.googleapis.com/Database", f"{P}/databases/docs", {"locationId": "nam7"}, "nam7"),
        ("google_firestore_database.docs", {"name": "docs", "location_id": "nam7"}),
    ),
    (
        Datastore,
        asset("memcache.googleapis.com/Instance", f"{PLACE}/instances/m", {"nodeCount": 2, "zones": [f"{REGION}-a"]}),
        ("google_memcache_instance.m", {"name": "m", "region": REGION, "node_count": 2, "zones": [f"{REGION}-a"]}),
    ),
    (
        Datastore,
        asset(
            "file.googleapis.com/Instance", f"{P}/locations/{REGION}-b/instances/f", {"tier": "ZONAL"}, f"{REGION}-b"
        ),
        ("google_filestore_instance.f", {"name": "f", "location": f"{REGION}-b", "tier": "ZONAL"}),
    ),
    (
        ObjectStore,
        asset("storage.googleapis.com/Bucket", "media", {"location": "EUR8", "versioning": {"enabled": True}}, "eur8"),
        ("google_storage_bucket.media", {"name": "media", "location": "EUR8", "versioning": [{"enabled": True}]}),
    ),
    (
        Queue,
        asset("pubsub.googleapis.com/Subscription", f"{P}/subscriptions/work", {"topic": f"{P}/topics/t"}, "global"),
        ("google_pubsub_subscription.work", {"name": "work", "topic": "t"}),
    ),
    (
        DnsZone,
        asset("dns.googleapis.com/ManagedZone", f"{P}/managedZones/7", {"dnsName": "shop.example."}, "global"),
        ("google_dns_managed_zone.z", {"name": "z", "dns_name": "shop.example."}),
    ),
    (
        EncryptionKey,
        asset("cloudkms.googleapis.com/CryptoKey", f"{P}/locations/eur4/keyRings/r/cryptoKeys/k", {}, "eur4"),
        ("google_kms_crypto_key.k", {"name": "k", "key_ring": f"{P}/locations/eur4/keyRings/r"}),
    ),
    (
        Secret,
        asset("secretmanager.googleapis.com/Secret", f"{P}/secrets/s", {"replication": {"automatic": {}}}, "global"),
        ("google_secret_manager_secret.s", {"secret_id": "s", "replication": [{"auto": [{}]}]}),
    ),
    (
        ComputeGroup,
        asset(
            "run.googleapis.com/Service",
            f"{PLACE}/services/api",
            {"template": {"scaling": {"minInstanceCount": 1, "maxInstanceCount": 5}}},
        ),
        (
            "google_cloud_run_v2_service.api",
            {
                "name": "api",
                "location": REGION,
                "template": [{"scaling": [{"min_instance_count": 1, "max_instance_count": 5}]}],
            },
        ),
    ),
    (
        LoadBalancer,
        compute("ForwardingRule", f"regions/{REGION}/forwardingRules/in", {"loadBalancingScheme": "INTERNAL_MANAGED"}),
        (
            "google_compute_forwarding_rule.in",
            {"name": "in", "region": REGION, "load_balancing_scheme": "INTERNAL_MANAGED"},
        ),
    ),
)


@pytest.mark.parametrize(
    ("kind", "item", "planned"), PAIRS, ids=[planned[0].partition(".")[0] for _, _, planned in PAIRS]
)
def test_both_doors_give_equal_facts(
    kind: type[Fact], item: dict[str, Any], planned: tuple[str, dict[str, Any]]
) -> None:
    [of_asset] = [fact for fact in made_of([item], NOW)[1].facts if isinstance(fact, kind)]
    [of_plan] = facts(state((planned[0], OWN | planned[1])), kind)
    assert differences(of_asset, of_plan) == {}
