"""What the APIs of Google Cloud's products answer for the project of `google_estate`, by path.

Shapes: the REST reference of each API (Cloud Monitoring v3, Cloud SQL Admin v1, Compute Engine v1, Cloud DNS v1, Firestore v1,
Spanner v1).
"""

from collections.abc import Mapping
from typing import Any

from support.samples.google_compute import COMPUTE, REGION, ZONES, P

PRODUCTS: Mapping[str, Any] = {
    "/v3/projects/shop-prod/alertPolicies": {
        "alertPolicies": [
            {
                "name": f"{P}/alertPolicies/1",
                "displayName": "Orders database is full",
                "enabled": True,
                "conditions": [
                    {
                        "conditionThreshold": {
                            "filter": 'resource.type = "cloudsql_database" AND resource.labels.database_id = "shop-prod:orders"'
                            ' AND metric.type = "cloudsql.googleapis.com/database/disk/utilization"'
                        }
                    }
                ],
                "notificationChannels": [f"{P}/notificationChannels/9"],
            }
        ]
    },
    "/v3/projects/shop-prod/notificationChannels": {
        "notificationChannels": [{"name": f"{P}/notificationChannels/9", "type": "email", "enabled": True}]
    },
    "/v3/projects/shop-prod/uptimeCheckConfigs": {
        "uptimeCheckConfigs": [
            {
                "name": f"{P}/uptimeCheckConfigs/home",
                "displayName": "home",
                "period": "60s",
                "httpCheck": {"path": "/"},
                "monitoredResource": {
                    "type": "uptime_url",
                    "labels": {"host": "www.shop.example", "project_id": "shop-prod"},
                },
            }
        ]
    },
    "/v1/projects/shop-prod/instances/-/backupRuns": {
        "items": [
            {
                "id": "1",
                "instance": "orders",
                "status": "SUCCESSFUL",
                "endTime": "2026-10-31T03:10:00.5Z",
                "location": "eu",
                "selfLink": f"https://sqladmin.googleapis.com/v1/{P}/instances/orders/backupRuns/1",
            },
            {
                "id": "2",
                "instance": "orders",
                "status": "FAILED",
                "endTime": "2026-11-01T03:10:00Z",
                "selfLink": f"https://sqladmin.googleapis.com/v1/{P}/instances/orders/backupRuns/2",
            },
        ]
    },
    "/compute/v1/projects/shop-prod/regions": {
        "items": [
            {
                "name": REGION,
                "selfLink": f"{COMPUTE}/regions/{REGION}",
                "zones": [f"{COMPUTE}/zones/{zone}" for zone in ZONES],
                "quotas": [
                    {"metric": "CPUS", "limit": 72.0, "usage": 60.0},
                    {"metric": "N2_CPUS", "limit": 24.0, "usage": 0.0},
                ],
            },
            {
                "name": "us-east1",
                "selfLink": f"{COMPUTE}/regions/us-east1",
                "zones": [],
                "quotas": [{"metric": "CPUS", "limit": 24.0, "usage": 0.0}],
            },
        ]
    },
    "/compute/v1/projects/shop-prod": {
        "name": "shop-prod",
        "selfLink": COMPUTE,
        "quotas": [{"metric": "NETWORKS", "limit": 5.0, "usage": 1.0}],
    },
    "/dns/v1/projects/shop-prod/managedZones/7/rrsets": {
        "rrsets": [
            {
                "name": "shop.example.",
                "type": "SOA",
                "ttl": 21600,
                "rrdatas": ["ns.example. a. 1 21600 3600 259200 300"],
            },
            {"name": "www.shop.example.", "type": "A", "ttl": 300, "rrdatas": ["203.0.113.9"]},
            {
                "name": "api.shop.example.",
                "type": "A",
                "ttl": 30,
                "routingPolicy": {
                    "wrr": {
                        "items": [
                            {"weight": 1.0, "rrdatas": ["203.0.113.9"]},
                            {"weight": 1.0, "rrdatas": ["203.0.113.10"]},
                        ]
                    }
                },
            },
        ]
    },
    "/v1/projects/shop-prod/databases/docs/backupSchedules": {
        "backupSchedules": [
            {"name": f"{P}/databases/docs/backupSchedules/d", "retention": "604800s", "dailyRecurrence": {}}
        ]
    },
    "/v1/projects/shop-prod/instances/ledger/databases/main/backupSchedules": {
        "backupSchedules": [
            {
                "name": f"{P}/instances/ledger/databases/main/backupSchedules/weekly",
                "retentionDuration": "2592000s",
                "spec": {"cronSpec": {"text": "0 2 * * 0"}},
            }
        ]
    },
}
"""What the APIs of its products answer, by path."""
