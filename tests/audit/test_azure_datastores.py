"""Databases, caches, storage accounts and namespaces of Azure as facts."""

from datetime import timedelta
from typing import Any

import pytest
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import ROOT, facts, told

from checks import Datastore, LifePhase, ObjectStore, Unread

SQL = f"{ROOT}/Microsoft.Sql/servers"


def database(server: str, location: str = "westeurope", **properties: Any) -> dict[str, Any]:
    own = {"status": "Online", "zoneRedundant": False, "currentBackupStorageRedundancy": "Geo", **properties}
    place: dict[str, Any] = {"location": location, "sku": {"name": "GP_S_Gen5", "tier": "GeneralPurpose"}}
    return azure_resource("Microsoft.Sql/servers/databases", f"{server}/orders", properties=own, **place)


def by_server(rows: list[dict[str, Any]], details: dict[str, Any] | None = None) -> dict[str, Datastore]:
    found: dict[str, Datastore] = {}
    for row in rows:
        for fact in facts(sorted(rows, key=lambda other: other is row), details).values():
            assert isinstance(fact, Datastore)
            found[fact.resource.split("/")[-3]] = fact
    return found


def test_a_sql_database_alone() -> None:
    policy = {
        f"{SQL}/a/databases/orders/backupShortTermRetentionPolicies/default": {"properties": {"retentionDays": 14}}
    }
    master = azure_resource("Microsoft.Sql/servers/databases", "a/master", properties={"status": "Online"})
    found = facts([database("a"), master], policy)
    assert set(found) == {"orders"}
    assert told(found["orders"], "zone_redundant", "backup_days", "backup_regions", "replica_regions", "capacity") == (
        False,
        14,
        ("northeurope",),
        (),
        "autoscaled",
    )


@pytest.mark.parametrize(("sku", "phase"), [("GP_S_Gen5", LifePhase.RUNNING), ("DataWarehouse", LifePhase.STOPPED)])
def test_a_paused_database_runs_if_it_resumes_by_itself(sku: str, phase: LifePhase) -> None:
    row = database("a", status="Paused") | {"sku": {"name": sku}}
    assert facts([row])["orders"].phase is phase


def test_a_geo_replica_belongs_to_the_database_of_its_name() -> None:
    found = by_server([database("a"), database("b", "northeurope", secondaryType="Geo")])
    assert told(found["a"], "replica_regions", "replica_of") == (("northeurope",), "")
    assert told(found["b"], "replica_regions", "replica_of") == ((), f"{SQL}/a/databases/orders".lower())


def test_two_databases_of_one_name_leave_a_copy_without_a_primary() -> None:
    found = by_server([database("a"), database("c"), database("b", "northeurope", secondaryType="Geo")])
    assert found["b"].replica_of == "unknown"
    assert isinstance(found["a"].replica_regions, Unread)


@pytest.mark.parametrize(("policy", "automatic"), [("Automatic", True), ("Manual", False)])
def test_a_failover_group_tells_the_regions_and_who_fails_over(policy: str, automatic: bool) -> None:
    rows = [
        azure_resource("Microsoft.Sql/servers", "a"),
        database("a", failoverGroupId=f"{SQL}/a/failoverGroups/fg"),
        database("b", "northeurope", failoverGroupId=f"{SQL}/b/failoverGroups/fg", secondaryType="Geo"),
        database("c"),
    ]
    group = {
        "name": "fg",
        "properties": {
            "readWriteEndpoint": {"failoverPolicy": policy},
            "partnerServers": [{"id": f"{SQL}/b", "location": "North Europe"}],
        },
    }
    found = by_server(rows, {f"{SQL}/a/failoverGroups": {"value": [group]}})
    assert told(found["a"], "replica_regions", "automatic_failover") == (("northeurope",), automatic)
    assert found["b"].replica_of == f"{SQL}/a/databases/orders".lower()
    assert told(found["c"], "replica_regions", "automatic_failover") == ((), False)


def cosmos(**properties: Any) -> dict[str, Any]:
    places = [
        {"locationName": "North Europe", "failoverPriority": 1, "isZoneRedundant": False},
        {"locationName": "West Europe", "failoverPriority": 0, "isZoneRedundant": True},
    ]
    own = {"locations": places, "enableAutomaticFailover": True, **properties}
    return azure_resource("Microsoft.DocumentDB/databaseAccounts", "carts", kind="GlobalDocumentDB", properties=own)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}}, (7, True, ("northeurope",))),
        (
            {
                "type": "Periodic",
                "periodicModeProperties": {"backupRetentionIntervalInHours": 48, "backupStorageRedundancy": "Geo"},
            },
            (2, False, ("northeurope",)),
        ),
        ({"type": "Periodic", "periodicModeProperties": {"backupStorageRedundancy": "Local"}}, (1, False, ())),
    ],
)
def test_a_cosmos_account_in_two_regions(policy: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = facts([cosmos(backupPolicy=policy)])["carts"]
    assert told(found, "backup_days", "point_in_time_recovery", "backup_regions") == expected
    assert told(found, "region", "replica_regions", "zone_redundant", "automatic_failover", "nodes") == (
        "westeurope",
        ("northeurope",),
        True,
        True,
        2,
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"properties": {"sku": {"name": "Basic"}}}, (False, 1, False, True)),
        ({"properties": {"sku": {"name": "Standard"}}, "zones": ["1"]}, (False, 2, True, True)),
        (
            {
                "properties": {
                    "sku": {"name": "Premium"},
                    "shardCount": 2,
                    "redisConfiguration": {"maxmemory-policy": "noeviction"},
                },
                "zones": ["1", "2"],
            },
            (True, 4, True, False),
        ),
        ({"properties": {"sku": {"name": "Premium"}, "zonalAllocationPolicy": "Automatic"}}, (True, 2, True, True)),
    ],
)
def test_a_cache(fields: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = facts([azure_resource("Microsoft.Cache/redis", "cache", **fields)])["cache"]
    assert told(found, "zone_redundant", "nodes", "automatic_failover", "evicts") == expected


@pytest.mark.parametrize(
    ("sku", "zones", "regions", "versions"),
    [
        ("Standard_LRS", False, (), True),
        ("Standard_ZRS", True, (), False),
        ("Standard_GRS", False, ("northeurope",), True),
        ("Standard_RAGZRS", True, ("northeurope",), None),
        ("StandardV2_GZRS", True, ("northeurope",), None),
        ("Premium_LRS", False, (), None),
    ],
)
def test_a_storage_account(sku: str, zones: bool, regions: tuple[str, ...], versions: bool | None) -> None:
    row = azure_resource("Microsoft.Storage/storageAccounts", "docs", sku={"name": sku}, kind="StorageV2")
    service = {f"{row['id']}/blobServices/default": {"properties": {"isVersioningEnabled": versions}}}
    found = facts([row], service if versions is not None else {})["docs"]
    assert isinstance(found, ObjectStore)
    assert (found.zone_redundant, found.replica_regions) == (zones, regions)
    assert found.versioning == versions if versions is not None else isinstance(found.versioning, Unread)


def namespace(kind: str, name: str = "bus", location: str = "westeurope", **fields: Any) -> dict[str, Any]:
    own: dict[str, Any] = {
        "sku": {"name": "Premium", "tier": "Premium"},
        "properties": {"zoneRedundant": True, "status": "Active"},
    }
    return azure_resource(f"{kind}/namespaces", name, location=location, **{**own, **fields})


def test_a_service_bus_namespace_with_its_pair_queues_and_topics() -> None:
    bus, other = namespace("Microsoft.ServiceBus"), namespace("Microsoft.ServiceBus", "bus2", "northeurope")
    pair = {"properties": {"role": "Primary", "partnerNamespace": other["id"]}}
    back = {"properties": {"role": "Secondary", "partnerNamespace": bus["id"]}}
    queue = {"id": f"{bus['id']}/queues/jobs", "name": "jobs", "properties": {"defaultMessageTimeToLive": "P14D"}}
    topic = {"id": f"{bus['id']}/topics/news", "name": "news", "properties": {"subscriptionCount": 2}}
    found = facts(
        [bus, other],
        {
            f"{bus['id']}/disasterRecoveryConfigs": {"value": [pair]},
            f"{other['id']}/disasterRecoveryConfigs": {"value": [back]},
            f"{bus['id']}/queues": {"value": [queue]},
            f"{bus['id']}/topics": {"value": [topic]},
        },
    )
    assert told(found["bus"], "zone_redundant", "replica_regions", "engine") == (True, ("northeurope",), "servicebus")
    assert found["bus2"].resource == other["id"].lower()
    assert told(found["bus2"], "replica_of", "replica_regions") == (bus["id"].lower(), ())
    assert told(found["jobs"], "dead_letter", "retention", "region") == (True, timedelta(days=14), "westeurope")
    assert told(found["news"], "subscriptions") == (2,)


def test_an_event_hubs_namespace_that_replicates_its_data() -> None:
    places = [
        {"locationName": "westeurope", "roleType": "Primary"},
        {"locationName": "North Europe", "roleType": "Secondary"},
    ]
    hubs = namespace("Microsoft.EventHub", "hub", properties={"geoDataReplication": {"locations": places}})
    hub = {"id": f"{hubs['id']}/eventhubs/clicks", "name": "clicks", "properties": {"messageRetentionInDays": 7}}
    found = facts([hubs], {f"{hubs['id']}/eventhubs": {"value": [hub]}})
    assert told(found["hub"], "replica_regions", "engine") == (("northeurope",), "kafka")
    assert told(found["clicks"], "period", "about") == (timedelta(days=7), (hubs["id"].lower(),))


@pytest.mark.parametrize(("end", "copy_of"), [("src", False), ("dst", True)])
def test_a_netapp_volume_is_replicated_to_another_region(end: str, copy_of: bool) -> None:
    kind = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"
    other = azure_resource(kind, "b/pool/files2", location="northeurope")
    link = {"endpointType": end, "remoteVolumeResourceId": other["id"], "remoteVolumeRegion": "northeurope"}
    row = azure_resource(kind, "a/pool/files", zones=["1"], properties={"dataProtection": {"replication": link}})
    found = facts([row, other])["files"]
    assert told(found, "zones", "backup_days", "replica_of", "replica_regions") == (
        ("1",),
        0,
        other["id"].lower() if copy_of else "",
        () if copy_of else ("northeurope",),
    )


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"redundancyMode": "ZR"}, (True, 2, True)),
        ({"redundancyMode": "NR", "highAvailability": "Disabled"}, (False, 1, False)),
        ({}, (False, 2, True)),
    ],
)
def test_a_managed_redis(properties: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = facts([azure_resource("Microsoft.Cache/redisEnterprise", "cache", properties=properties)])["cache"]
    assert told(found, "zone_redundant", "nodes", "automatic_failover") == expected


@pytest.mark.parametrize(
    ("sku", "replicas", "redundant"), [("standard", 2, True), ("standard", 1, False), ("basic", 3, False)]
)
def test_a_search_service(sku: str, replicas: int, redundant: bool) -> None:
    row = azure_resource(
        "Microsoft.Search/searchServices", "find", sku={"name": sku}, properties={"replicaCount": replicas}
    )
    assert told(facts([row])["find"], "zone_redundant", "nodes") == (redundant, replicas)


def managed(name: str, location: str = "westeurope", **more: Any) -> dict[str, Any]:
    own = {"state": "Ready", "zoneRedundant": False, "currentBackupStorageRedundancy": "GeoZone", **more}
    return azure_resource("Microsoft.Sql/managedInstances", name, location=location, properties=own)


def failover_groups(role: str, policy: str = "Automatic") -> dict[str, Any]:
    """The list of one region; shape: REST reference "Instance Failover Groups - List By Location"."""
    main, copy = managed("main")["id"], managed("copy")["id"]
    group = {
        "readWriteEndpoint": {"failoverPolicy": policy, "failoverWithDataLossGracePeriodMinutes": 60},
        "replicationRole": role,
        "replicationState": "CATCH_UP",
        "partnerRegions": [{"location": "North Europe", "replicationRole": "Secondary"}],
        "managedInstancePairs": [{"primaryManagedInstanceId": main, "partnerManagedInstanceId": copy}],
    }
    return {"value": [{"name": "shop", "properties": group}]}


PLACES = "/subscriptions/s1/resourceGroups/Shop/providers/Microsoft.Sql/locations"


def test_a_managed_instance_says_what_its_list_does_not_tell() -> None:
    found = facts([managed("main", zoneRedundant=True)])["main"]
    assert isinstance(found, Datastore)
    assert told(found, "zone_redundant", "automatic_failover", "backup_regions") == (True, True, ("northeurope",))
    assert isinstance(found.replica_regions, Unread)


@pytest.mark.parametrize("policy", ["Automatic", "Manual"])
def test_managed_instances_of_a_failover_group(policy: str) -> None:
    rows = [managed("main"), managed("copy", "North Europe"), managed("alone")]
    lists = {
        f"{PLACES}/westeurope/instanceFailoverGroups": failover_groups("Primary", policy),
        f"{PLACES}/northeurope/instanceFailoverGroups": failover_groups("Secondary", policy),
    }
    found = facts(rows, lists)
    automatic = policy == "Automatic"
    assert told(found["main"], "replica_regions", "automatic_failover", "replica_of") == (
        ("northeurope",),
        automatic,
        "",
    )
    assert told(found["copy"], "replica_regions", "replica_of") == ((), rows[0]["id"].lower())
    assert told(found["alone"], "replica_regions", "automatic_failover", "replica_of") == ((), False, "")


def test_a_flexible_server_knows_its_replicas_and_its_primary() -> None:
    kind = "Microsoft.DBforPostgreSQL/flexibleServers"
    main = azure_resource(kind, "main", properties={"highAvailability": {"mode": "SameZone"}, "availabilityZone": "1"})
    copy = azure_resource(kind, "copy", location="North Europe", properties={"sourceServerResourceId": main["id"]})
    found = facts([main, copy])
    assert told(found["main"], "replica_regions", "zone_redundant", "automatic_failover", "nodes") == (
        ("northeurope",),
        False,
        True,
        2,
    )
    assert told(found["copy"], "replica_of") == (main["id"].lower(),)
