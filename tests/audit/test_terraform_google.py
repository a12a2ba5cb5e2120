"""Google Cloud resources of a state: what each becomes. Shapes: hashicorp/google provider 5 and 6."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.plans import facts, state

from checks import (
    ComputeGroup,
    Datastore,
    DnsRecord,
    EncryptionKey,
    Fact,
    LoadBalancer,
    ObjectStore,
    Queue,
    Secret,
    Topic,
    Volume,
)

LINK = "https://www.googleapis.com/compute/v1/projects/shop"
SQL = {
    "name": "orders",
    "project": "shop",
    "region": "europe-west1",
    "database_version": "POSTGRES_15",
    "settings": [
        {
            "availability_type": "REGIONAL",
            "user_labels": {"service": "shop"},
            "backup_configuration": [
                {
                    "enabled": True,
                    "location": "eu",
                    "point_in_time_recovery_enabled": True,
                    "backup_retention_settings": [{"retained_backups": 14}],
                }
            ],
        }
    ],
}
REPLICA = {"name": "orders-r", "project": "shop", "region": "europe-west3", "master_instance_name": "orders"}
MANAGER = {
    "name": "web",
    "region": "us-east1",
    "distribution_policy_zones": ["us-east1-b", "us-east1-c"],
    "target_size": 2,
    "instance_group": f"{LINK}/regions/us-east1/instanceGroups/web",
    "self_link": f"{LINK}/regions/us-east1/instanceGroupManagers/web",
}
SERVICE = {
    "name": "web",
    "self_link": f"{LINK}/global/backendServices/web",
    "backend": [{"group": MANAGER["instance_group"]}],
}
MAP = {"name": "web", "self_link": f"{LINK}/global/urlMaps/web", "default_service": SERVICE["self_link"]}
PROXY = {"name": "web", "self_link": f"{LINK}/global/targetHttpsProxies/web", "url_map": MAP["self_link"]}
CASES: tuple[tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]], ...] = (
    (
        "a regional database with a replica elsewhere",
        Datastore,
        (("google_sql_database_instance.orders", SQL), ("google_sql_database_instance.r", REPLICA)),
        {
            "name": "orders",
            "account": "shop",
            "region": "europe-west1",
            "tags": {"service": "shop"},
            "zone_redundant": True,
            "replica_regions": ("europe-west3",),
            "backup_days": 14,
            "backup_regions": ("eu",),
            "point_in_time_recovery": True,
            "deletion_protection": False,
        },
    ),
    (
        "a replica of a database",
        Datastore,
        (("google_sql_database_instance.orders", SQL), ("google_sql_database_instance.r", REPLICA)),
        {"name": "orders-r", "replica_of": "google_sql_database_instance.orders", "zone_redundant": False},
    ),
    (
        "a multi-region Spanner instance",
        Datastore,
        (("google_spanner_instance.main", {"name": "main", "config": "nam3"}),),
        {"region": "global", "replica_regions": ("us-east1", "us-east4"), "zone_redundant": True},
    ),
    (
        "a regional Spanner instance",
        Datastore,
        (("google_spanner_instance.main", {"name": "main", "config": "regional-us-central1"}),),
        {"region": "us-central1", "replica_regions": (), "backup_days": 0},
    ),
    (
        "a Bigtable instance of two regions",
        Datastore,
        (("google_bigtable_instance.t", {"name": "t", "cluster": [{"zone": "us-east1-b"}, {"zone": "us-west1-a"}]}),),
        {"region": "us-east1", "replica_regions": ("us-west1",), "zone_redundant": True, "automatic_failover": True},
    ),
    (
        "a Firestore database",
        Datastore,
        (
            (
                "google_firestore_database.d",
                {
                    "name": "d",
                    "location_id": "eur3",
                    "point_in_time_recovery_enablement": "POINT_IN_TIME_RECOVERY_ENABLED",
                },
            ),
        ),
        {
            "region": "global",
            "replica_regions": ("europe-west1", "europe-west4"),
            "point_in_time_recovery": True,
            "deletion_protection": False,
        },
    ),
    (
        "a cache of one node",
        Datastore,
        (("google_redis_instance.c", {"name": "c", "tier": "BASIC", "region": "us-east1"}),),
        {"zone_redundant": False, "nodes": 1},
    ),
    (
        "a bucket in two regions",
        ObjectStore,
        (("google_storage_bucket.b", {"name": "b", "location": "NAM4", "versioning": [{"enabled": True}]}),),
        {"region": "global", "versioning": True, "replica_regions": ("us-central1", "us-east1")},
    ),
    (
        "a bucket in one region",
        ObjectStore,
        (("google_storage_bucket.b", {"name": "b", "location": "EUROPE-WEST1"}),),
        {"region": "europe-west1", "versioning": False, "replica_regions": ()},
    ),
    (
        "a regional cluster with a pool",
        ComputeGroup,
        (
            (
                "google_container_cluster.k",
                {"name": "k", "location": "us-east1", "node_locations": ["us-east1-b", "us-east1-c"]},
            ),
            (
                "google_container_node_pool.p",
                {"cluster": "k", "autoscaling": [{"min_node_count": 1, "max_node_count": 4}]},
            ),
        ),
        {"zone_redundant": True, "min_size": 2, "max_size": 8, "deletion_protection": None},
    ),
    (
        "a zonal cluster",
        ComputeGroup,
        (("google_container_cluster.k", {"name": "k", "location": "us-east1-b"}),),
        {"zone_redundant": False, "zones": ("us-east1-b",), "region": "us-east1"},
    ),
    (
        "a regional group with its autoscaler",
        ComputeGroup,
        (
            ("google_compute_region_instance_group_manager.web", MANAGER),
            ("google_compute_backend_service.web", SERVICE),
            (
                "google_compute_region_autoscaler.web",
                {"target": MANAGER["self_link"], "autoscaling_policy": [{"min_replicas": 3, "max_replicas": 9}]},
            ),
        ),
        {"min_size": 3, "max_size": 9, "desired": 3, "zone_redundant": True, "traffic": True},
    ),
    (
        "a forwarding rule with its groups",
        LoadBalancer,
        (
            ("google_compute_region_instance_group_manager.web", MANAGER),
            ("google_compute_backend_service.web", SERVICE),
            ("google_compute_url_map.web", MAP),
            ("google_compute_target_https_proxy.web", PROXY),
            ("google_compute_global_forwarding_rule.web", {"name": "web", "target": PROXY["self_link"]}),
        ),
        {
            "region": "global",
            "targets": (MANAGER["self_link"],),
            "zones": ("us-east1-b", "us-east1-c"),
            "internet_facing": True,
        },
    ),
    (
        "a disk of a machine",
        Volume,
        (
            (
                "google_compute_disk.d",
                {"name": "d", "zone": "us-east1-b", "size": 50, "self_link": f"{LINK}/zones/us-east1-b/disks/d"},
            ),
            (
                "google_compute_instance.m",
                {"name": "m", "zone": "us-east1-b", "attached_disk": [{"source": f"{LINK}/zones/us-east1-b/disks/d"}]},
            ),
        ),
        {"zone": "us-east1-b", "attached_to": "google_compute_instance.m", "size_gib": 50},
    ),
    (
        "a topic with a subscription",
        Topic,
        (
            ("google_pubsub_topic.t", {"name": "t", "id": "projects/shop/topics/t"}),
            ("google_pubsub_subscription.s", {"name": "s", "topic": "projects/shop/topics/t"}),
        ),
        {"subscriptions": 1, "region": "global"},
    ),
    (
        "a subscription with a dead-letter policy",
        Queue,
        (
            (
                "google_pubsub_subscription.s",
                {
                    "name": "s",
                    "message_retention_duration": "86400s",
                    "dead_letter_policy": [{"dead_letter_topic": "projects/shop/topics/dead"}],
                },
            ),
        ),
        {"dead_letter": True, "is_dead_letter": False, "retention": timedelta(days=1)},
    ),
    (
        "a record with failover",
        DnsRecord,
        (
            ("google_dns_managed_zone.z", {"name": "z", "dns_name": "example.com."}),
            (
                "google_dns_record_set.www",
                {
                    "name": "www.example.com.",
                    "type": "A",
                    "ttl": 60,
                    "managed_zone": "z",
                    "routing_policy": [{"primary_backup": [{"primary": [{}]}]}],
                },
            ),
        ),
        {
            "name": "www.example.com",
            "zone": "example.com",
            "policy": "failover",
            "ttl": 60,
            "evaluates_target_health": True,
        },
    ),
    (
        "a key of a multi-region ring",
        EncryptionKey,
        (
            (
                "google_kms_key_ring.r",
                {"name": "r", "location": "europe", "id": "projects/shop/locations/europe/keyRings/r"},
            ),
            ("google_kms_crypto_key.k", {"name": "k", "key_ring": "projects/shop/locations/europe/keyRings/r"}),
        ),
        {"multi_region": True, "region": "global"},
    ),
    (
        "a secret of two regions",
        Secret,
        (
            (
                "google_secret_manager_secret.s",
                {
                    "secret_id": "s",
                    "replication": [
                        {"user_managed": [{"replicas": [{"location": "us-east1"}, {"location": "us-west1"}]}]}
                    ],
                },
            ),
        ),
        {"name": "s", "region": "us-east1", "replica_regions": ("us-west1",)},
    ),
)


@pytest.mark.parametrize(
    ("resources", "kind", "expected"),
    [(case[2], case[1], case[3]) for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_resource_becomes_a_fact(
    resources: tuple[tuple[str, Any], ...], kind: type[Fact], expected: dict[str, Any]
) -> None:
    fact = next(fact for fact in facts(state(*resources), kind) if fact.name == expected.get("name", fact.name))
    assert {name: getattr(fact, name) for name in expected} == expected
