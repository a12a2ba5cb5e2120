"""A project of Google Cloud as Cloud Asset Inventory lists it.

Shapes: the REST reference of each API (Cloud SQL Admin v1, Kubernetes Engine v1, Spanner v1, Firestore v1, Cloud Run Admin v1,
Cloud DNS v1, Backup and DR v1). The inventory writes project numbers in some names.
"""

from typing import Any

from support.samples.google_compute import BALANCER, DISKS, MACHINES, NETWORK, PROJECT, REGION, ZONES, P, asset

STORES = [
    asset(
        "sqladmin.googleapis.com/Instance",
        f"{P}/instances/orders",
        {
            "name": "orders",
            "region": REGION,
            "gceZone": "europe-west4-a",
            "secondaryGceZone": "europe-west4-b",
            "databaseVersion": "POSTGRES_15",
            "state": "RUNNABLE",
            "settings": {
                "availabilityType": "REGIONAL",
                "deletionProtectionEnabled": True,
                "userLabels": {"app": "shop"},
                "backupConfiguration": {"enabled": True, "pointInTimeRecoveryEnabled": True},
            },
        },
    ),
    asset(
        "spanner.googleapis.com/Instance",
        f"{P}/instances/ledger",
        {"config": f"{P}/instanceConfigs/nam6", "state": "READY"},
        "global",
    ),
    asset(
        "spanner.googleapis.com/Database",
        f"{P}/instances/ledger/databases/main",
        {"name": f"{P}/instances/ledger/databases/main", "state": "READY", "enableDropProtection": True},
        "global",
    ),
    asset(
        "firestore.googleapis.com/Database",
        f"{P}/databases/docs",
        {"locationId": "nam5", "deleteProtectionState": "DELETE_PROTECTION_ENABLED"},
        "nam5",
    ),
    asset("storage.googleapis.com/Bucket", "shop-media", {"location": "NAM4", "locationType": "dual-region"}, "nam4"),
]
CLUSTER = asset(
    "container.googleapis.com/Cluster",
    f"{P}/locations/{REGION}/clusters/main",
    {
        "location": REGION,
        "locations": list(ZONES),
        "currentMasterVersion": "1.31.4-gke.100",
        "currentNodeCount": 5,
        "nodePools": [
            {
                "name": "default",
                "initialNodeCount": 1,
                "autoscaling": {"enabled": True, "minNodeCount": 1, "maxNodeCount": 3},
                "config": {"machineType": "e2-standard-4"},
                "locations": list(ZONES),
            }
        ],
        "resourceLabels": {"app": "shop"},
        "status": "RUNNING",
    },
)
SERVICES = [
    asset(
        "run.googleapis.com/Service",
        f"{P}/locations/{REGION}/services/api",
        {"metadata": {"labels": {"app": "shop"}}, "spec": {"template": {"metadata": {"annotations": {}}}}},
    ),
    asset("pubsub.googleapis.com/Topic", f"{P}/topics/orders", {"name": f"{P}/topics/orders"}, "global"),
    asset("dns.googleapis.com/ManagedZone", "projects/42/managedZones/7", {"dnsName": "shop.example."}, "global"),
]
BACKUPS = [
    asset(
        "backupdr.googleapis.com/BackupVault",
        f"{P}/locations/us-east1/backupVaults/far",
        {"backupMinimumEnforcedRetentionDuration": "604800s", "state": "ACTIVE"},
        "us-east1",
    ),
    asset(
        "backupdr.googleapis.com/BackupPlan",
        f"{P}/locations/{REGION}/backupPlans/daily",
        {
            "backupVault": f"{P}/locations/us-east1/backupVaults/far",
            "backupRules": [{"backupRetentionDays": 30, "standardSchedule": {"recurrenceType": "DAILY"}}],
            "state": "ACTIVE",
        },
    ),
    asset(
        "backupdr.googleapis.com/BackupPlanAssociation",
        f"{P}/locations/{REGION}/backupPlanAssociations/jump",
        {
            "resource": f"{P}/zones/europe-west4-a/instances/jump",
            "backupPlan": f"projects/42/locations/{REGION}/backupPlans/daily",
            "rulesConfigInfo": [{"lastSuccessfulBackupConsistencyTime": "2026-10-31T04:00:00Z"}],
        },
    ),
]
ESTATE: list[dict[str, Any]] = [
    *(PROJECT, *MACHINES, *DISKS, *BALANCER, *NETWORK, *STORES, CLUSTER, *SERVICES, *BACKUPS),
]
"""What `assets.list` answers for `projects/shop-prod`."""
