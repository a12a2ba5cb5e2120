"""Stores of Azure as Azure lists them, each beside the entries of a Terraform state that describe it."""

from typing import Any

from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import ROOT

from checks import Datastore, Fact, ObjectStore

SERVER: dict[str, Any] = {"name": "a", "id": f"{ROOT}/Microsoft.Sql/servers/a", "location": "westeurope"}
Rows = tuple[dict[str, Any], ...]
Planned = tuple[tuple[str, dict[str, Any]], ...]
Pair = tuple[type[Fact], Rows, Planned, tuple[str, ...]]
"""Kind of fact, resources, entries of a state, and the fields that a plan does not tell and Azure does."""
STORES: tuple[Pair, ...] = (
    (
        Datastore,
        (
            azure_resource(
                "Microsoft.DBforPostgreSQL/flexibleServers",
                "orders",
                properties={
                    "availabilityZone": "1",
                    "highAvailability": {"mode": "ZoneRedundant", "standbyAvailabilityZone": "2"},
                    "backup": {"backupRetentionDays": 21, "geoRedundantBackup": "Enabled"},
                    "storage": {"autoGrow": "Enabled"},
                },
            ),
        ),
        (
            (
                "azurerm_postgresql_flexible_server.orders",
                {
                    "name": "orders",
                    "location": "West Europe",
                    "zone": "1",
                    "high_availability": [{"mode": "ZoneRedundant", "standby_availability_zone": "2"}],
                    "backup_retention_days": 21,
                    "geo_redundant_backup_enabled": True,
                    "auto_grow_enabled": True,
                },
            ),
        ),
        (),
    ),
    (
        Datastore,
        (
            azure_resource(
                "Microsoft.Sql/servers/databases",
                "a/orders",
                sku={"name": "GP_S_Gen5"},
                properties={"zoneRedundant": True, "currentBackupStorageRedundancy": "Geo"},
            ),
        ),
        (
            ("azurerm_mssql_server.a", SERVER),
            (
                "azurerm_mssql_database.orders",
                {"name": "orders", "server_id": SERVER["id"], "sku_name": "GP_S_Gen5_2", "zone_redundant": True},
            ),
        ),
        (),
    ),
    (
        Datastore,
        (
            azure_resource(
                "Microsoft.DocumentDB/databaseAccounts",
                "carts",
                kind="GlobalDocumentDB",
                properties={
                    "locations": [
                        {"locationName": "West Europe", "failoverPriority": 0, "isZoneRedundant": True},
                        {"locationName": "North Europe", "failoverPriority": 1},
                    ],
                    "enableAutomaticFailover": True,
                    "backupPolicy": {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}},
                },
            ),
        ),
        (
            (
                "azurerm_cosmosdb_account.carts",
                {
                    "name": "carts",
                    "location": "westeurope",
                    "kind": "GlobalDocumentDB",
                    "geo_location": [
                        {"location": "westeurope", "failover_priority": 0, "zone_redundant": True},
                        {"location": "northeurope", "failover_priority": 1},
                    ],
                    "automatic_failover_enabled": True,
                    "backup": [{"type": "Continuous", "tier": "Continuous7Days"}],
                },
            ),
        ),
        ("backup_regions",),
    ),
    (
        Datastore,
        (
            azure_resource(
                "Microsoft.Cache/redis",
                "cache",
                zones=["1", "2"],
                properties={"sku": {"name": "Premium", "capacity": 1}},
            ),
        ),
        (
            (
                "azurerm_redis_cache.cache",
                {"name": "cache", "location": "westeurope", "sku_name": "Premium", "zones": ["1", "2"]},
            ),
        ),
        (),
    ),
    (
        ObjectStore,
        (
            azure_resource(
                "Microsoft.Storage/storageAccounts", "docs", sku={"name": "Standard_RAGZRS"}, kind="StorageV2"
            ),
        ),
        (
            (
                "azurerm_storage_account.docs",
                {
                    "name": "docs",
                    "location": "westeurope",
                    "account_replication_type": "RAGZRS",
                    "account_tier": "Standard",
                },
            ),
        ),
        (),
    ),
)
