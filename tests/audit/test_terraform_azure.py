"""Azure resources of a state: what each becomes. Shapes: hashicorp/azurerm provider 3 and 4."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.plans import facts, state

from checks import (
    Alarm,
    BackupPlan,
    ComputeGroup,
    Datastore,
    Distribution,
    Fact,
    HealthCheck,
    LoadBalancer,
    ObjectStore,
    SignalKind,
    Unread,
    Volume,
)

GROUP = "/subscriptions/00000000-aaaa/resourceGroups/shop/providers"
SERVER = {"name": "sql-eu", "id": f"{GROUP}/Microsoft.Sql/servers/sql-eu", "location": "West Europe"}
PARTNER = {"name": "sql-ne", "id": f"{GROUP}/Microsoft.Sql/servers/sql-ne", "location": "northeurope"}
DATABASE = {
    "name": "orders",
    "id": f"{SERVER['id']}/databases/orders",
    "server_id": SERVER["id"],
    "zone_redundant": True,
}
PLAN = {
    "name": "plan",
    "id": f"{GROUP}/Microsoft.Web/serverFarms/plan",
    "worker_count": 3,
    "zone_balancing_enabled": True,
}
ADDRESS = {"id": f"{GROUP}/Microsoft.Network/publicIPAddresses/web", "zones": ["1", "2", "3"]}
ACTIONS = {"id": f"{GROUP}/Microsoft.Insights/actionGroups/ops", "email_receiver": [{"name": "ops"}]}
CASES: tuple[tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]], ...] = (
    (
        "a database with a failover group",
        Datastore,
        (
            ("azurerm_mssql_server.eu", SERVER),
            ("azurerm_mssql_server.ne", PARTNER),
            ("azurerm_mssql_database.orders", DATABASE),
            (
                "azurerm_mssql_failover_group.both",
                {"server_id": SERVER["id"], "databases": [DATABASE["id"]], "partner_server": [{"id": PARTNER["id"]}]},
            ),
        ),
        {
            "account": "00000000-aaaa",
            "region": "westeurope",
            "zone_redundant": True,
            "replica_regions": ("northeurope",),
            "automatic_failover": True,
            "backup_days": 7,
            "backup_regions": ("northeurope",),
        },
    ),
    (
        "a flexible server with a standby in another zone",
        Datastore,
        (
            (
                "azurerm_postgresql_flexible_server.db",
                {
                    "name": "db",
                    "location": "westeurope",
                    "zone": "1",
                    "high_availability": [{"mode": "ZoneRedundant", "standby_availability_zone": "2"}],
                    "geo_redundant_backup_enabled": True,
                    "backup_retention_days": 21,
                },
            ),
        ),
        {
            "zones": ("1", "2"),
            "zone_redundant": True,
            "nodes": 2,
            "backup_days": 21,
            "backup_regions": ("northeurope",),
        },
    ),
    (
        "a flexible server of one zone",
        Datastore,
        (("azurerm_mysql_flexible_server.db", {"name": "db", "location": "westeurope"}),),
        {"zone_redundant": False, "automatic_failover": False, "backup_days": 7, "backup_regions": ()},
    ),
    (
        "an account of two regions",
        Datastore,
        (
            (
                "azurerm_cosmosdb_account.c",
                {
                    "name": "c",
                    "location": "westeurope",
                    "automatic_failover_enabled": True,
                    "geo_location": [
                        {"location": "northeurope", "failover_priority": 1},
                        {"location": "westeurope", "failover_priority": 0, "zone_redundant": True},
                    ],
                    "backup": [{"type": "Continuous", "tier": "Continuous7Days"}],
                },
            ),
        ),
        {
            "region": "westeurope",
            "replica_regions": ("northeurope",),
            "zone_redundant": True,
            "automatic_failover": True,
            "backup_days": 7,
            "point_in_time_recovery": True,
        },
    ),
    (
        "geo-redundant storage",
        ObjectStore,
        (
            (
                "azurerm_storage_account.s",
                {
                    "name": "s",
                    "location": "West Europe",
                    "account_replication_type": "RAGRS",
                    "blob_properties": [{"versioning_enabled": True}],
                },
            ),
        ),
        {"replica_regions": ("northeurope",), "versioning": True},
    ),
    (
        "a scale set over zones",
        ComputeGroup,
        (
            (
                "azurerm_linux_virtual_machine_scale_set.w",
                {"name": "w", "zones": ["1", "2"], "instances": 4, "sku": "D2"},
            ),
        ),
        {"zones": ("1", "2"), "zone_redundant": True, "desired": 4, "machine_types": ("D2",), "traffic": False},
    ),
    (
        "a cluster with pools",
        ComputeGroup,
        (
            (
                "azurerm_kubernetes_cluster.k",
                {
                    "name": "k",
                    "id": f"{GROUP}/Microsoft.ContainerService/managedClusters/k",
                    "location": "westeurope",
                    "default_node_pool": [{"node_count": 2, "zones": ["1", "2"], "vm_size": "D4"}],
                },
            ),
            (
                "azurerm_kubernetes_cluster_node_pool.p",
                {
                    "kubernetes_cluster_id": f"{GROUP}/Microsoft.ContainerService/managedClusters/k",
                    "min_count": 1,
                    "max_count": 5,
                    "vm_size": "D8",
                },
            ),
        ),
        {"zones": ("1", "2"), "zone_redundant": True, "min_size": 3, "max_size": 7, "machine_types": ("D4", "D8")},
    ),
    (
        "an app on a plan over zones",
        ComputeGroup,
        (("azurerm_service_plan.p", PLAN), ("azurerm_linux_web_app.a", {"name": "a", "service_plan_id": PLAN["id"]})),
        {"zone_redundant": True, "min_size": 3, "desired": 3},
    ),
    (
        "a disk of a machine",
        Volume,
        (
            ("azurerm_managed_disk.d", {"name": "d", "id": f"{GROUP}/disks/d", "zone": "1", "disk_size_gb": 64}),
            ("azurerm_linux_virtual_machine.m", {"name": "m", "id": f"{GROUP}/vms/m"}),
            (
                "azurerm_virtual_machine_data_disk_attachment.x",
                {"managed_disk_id": f"{GROUP}/disks/d", "virtual_machine_id": f"{GROUP}/vms/m"},
            ),
        ),
        {"zone": "1", "attached_to": f"{GROUP}/vms/m", "size_gib": 64},
    ),
    (
        "a load balancer with a zonal address",
        LoadBalancer,
        (
            ("azurerm_public_ip.web", ADDRESS),
            ("azurerm_lb.web", {"name": "web", "frontend_ip_configuration": [{"public_ip_address_id": ADDRESS["id"]}]}),
        ),
        {"zones": ("1", "2", "3"), "internet_facing": True},
    ),
    (
        "a classic Front Door of one backend",
        Distribution,
        (("azurerm_frontdoor.f", {"name": "f", "backend_pool": [{"backend": [{"host_header": "a"}]}]}),),
        {"region": "global", "origins": ("a",), "origin_failover": False},
    ),
    (
        "a Traffic Manager profile",
        HealthCheck,
        (
            (
                "azurerm_traffic_manager_profile.t",
                {
                    "name": "t",
                    "monitor_config": [{"interval_in_seconds": 10, "tolerated_number_of_failures": 2, "path": "/up"}],
                },
            ),
        ),
        {"detects_in": timedelta(seconds=30), "target": "/up", "disabled": False, "region": "global"},
    ),
    (
        "an alert with an action group",
        Alarm,
        (
            ("azurerm_monitor_action_group.ops", ACTIONS),
            (
                "azurerm_monitor_metric_alert.cpu",
                {
                    "name": "cpu",
                    "scopes": [DATABASE["id"]],
                    "criteria": [{"metric_name": "cpu_percent"}],
                    "action": [{"action_group_id": ACTIONS["id"]}],
                },
            ),
        ),
        {"signal": SignalKind.SATURATION, "about": (DATABASE["id"],), "reaches_someone": True, "enabled": True},
    ),
    (
        "a backup policy with a machine",
        BackupPlan,
        (
            (
                "azurerm_recovery_services_vault.v",
                {"name": "v", "location": "westeurope", "cross_region_restore_enabled": True},
            ),
            (
                "azurerm_backup_policy_vm.daily",
                {
                    "name": "daily",
                    "id": f"{GROUP}/policies/daily",
                    "recovery_vault_name": "v",
                    "backup": [{"frequency": "Daily"}],
                    "retention_daily": [{"count": 30}],
                },
            ),
            (
                "azurerm_backup_protected_vm.m",
                {"backup_policy_id": f"{GROUP}/policies/daily", "source_vm_id": f"{GROUP}/vms/m"},
            ),
        ),
        {
            "about": (f"{GROUP}/vms/m",),
            "every": timedelta(days=1),
            "keep_days": 30,
            "copy_regions": ("northeurope",),
            "selects": 1,
        },
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
    fact = facts(state(*resources), kind)[0]
    assert {name: getattr(fact, name) for name in expected} == expected


def test_a_resource_is_in_its_group_and_managed_by_the_plan() -> None:
    account = {"resource_group_name": "Shop"}
    (made,) = facts(state(("azurerm_storage_account.docs", account)), ObjectStore)
    assert (made.group, made.stack) == ("shop", "terraform")


def test_an_app_without_its_plan_is_unknown() -> None:
    [fact] = facts(state(("azurerm_linux_web_app.a", {"name": "a", "service_plan_id": "/elsewhere"})), ComputeGroup)
    assert isinstance(fact.zone_redundant, Unread)
