"""The estate as Resource Graph describes it: rows of `resources`, and what calls for parts of one resource answer.

Shapes: the REST references of Azure Database for PostgreSQL, Storage, Cache for Redis, Compute, Monitor and Container Apps.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]
SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-111122223333"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers"
_POOL = f"{GROUP}/Microsoft.Network/loadBalancers/web/backendAddressPools/web"


class Described(NamedTuple):
    """Rows; whether their subscription has a lock on them; and the answers about parts, by id."""

    rows: Sequence[Row]
    locked: bool = False
    details: Mapping[str, Row] = {}


def row(type_: str, name: str, location: str = "westeurope", **more: Any) -> Row:
    return {"id": f"{GROUP}/{type_}/{name}", "name": name, "type": type_.lower(), "location": location, **more}


def _postgres(name: str, location: str = "westeurope", **properties: Any) -> Row:
    return row("Microsoft.DBforPostgreSQL/flexibleServers", name, location, properties={"state": "Ready", **properties})


def _account(sku: str) -> Row:
    return row("Microsoft.Storage/storageAccounts", "receipts", sku={"name": sku}, kind="StorageV2", properties={})


def _versioned(on: bool) -> Mapping[str, Row]:
    part = f"{GROUP}/Microsoft.Storage/storageAccounts/receipts/blobServices/default".lower()
    return {part: {"properties": {"isVersioningEnabled": on}}}


def _redis(sku: str, zones: Sequence[str], policy: str = "volatile-lru") -> Row:
    properties = {
        "sku": {"name": sku},
        "provisioningState": "Succeeded",
        "redisConfiguration": {"maxmemory-policy": policy},
    }
    return row("Microsoft.Cache/redis", "sessions", zones=zones, properties=properties)


def _machines(size: int) -> list[Row]:
    ip = {"properties": {"loadBalancerBackendAddressPools": [{"id": _POOL}]}}
    network = {
        "networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [ip]}}],
        "healthProbe": {"id": f"{GROUP}/Microsoft.Network/loadBalancers/web/probes/web"},
    }
    properties = {
        "provisioningState": "Succeeded",
        "virtualMachineProfile": {"networkProfile": network},
        "automaticRepairsPolicy": {"enabled": True},
    }
    zones, sku = [str(zone) for zone in range(1, size + 1)], {"name": "Standard_D4s_v5", "capacity": size}
    kind = "Microsoft.Compute/virtualMachineScaleSets"
    limits = {"minimum": str(size), "maximum": str(2 * size), "default": str(size)}
    scaling = {
        "enabled": True,
        "targetResourceUri": f"{GROUP}/{kind}/web",
        "profiles": [{"name": "default", "capacity": limits, "rules": [{"scaleAction": {"direction": "Increase"}}]}],
    }
    return [
        row(kind, "web", sku=sku, zones=zones, properties=properties),
        row("Microsoft.Insights/autoscaleSettings", "web", properties=scaling),
    ]


def _app(least: int, most: int, *, redundant: bool) -> list[Row]:
    environment = f"{GROUP}/Microsoft.App/managedEnvironments/prod"
    template = {"scale": {"minReplicas": least, "maxReplicas": most}}
    properties = {
        "environmentId": environment,
        "runningStatus": "Running",
        "configuration": {"ingress": {"external": True}},
        "template": template,
    }
    return [
        row("Microsoft.App/containerApps", "api", properties=properties),
        row("Microsoft.App/managedEnvironments", "prod", properties={"zoneRedundant": redundant}),
    ]


ESTATE: Mapping[str, Described] = {
    "bare database": Described(
        [
            _postgres(
                "orders",
                availabilityZone="1",
                highAvailability={"mode": "Disabled"},
                storage={"autoGrow": "Disabled"},
                backup={"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
            )
        ]
    ),
    "sound database": Described(
        [
            _postgres(
                "orders",
                availabilityZone="1",
                highAvailability={"mode": "ZoneRedundant", "standbyAvailabilityZone": "2"},
                storage={"autoGrow": "Enabled"},
                backup={"backupRetentionDays": 35, "geoRedundantBackup": "Enabled"},
            ),
            _postgres(
                "orders-north",
                "northeurope",
                sourceServerResourceId=f"{GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/orders",
                highAvailability={"mode": "Disabled"},
                backup={"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
            ),
        ],
        locked=True,
    ),
    "bare bucket": Described([_account("Standard_LRS")], details=_versioned(False)),
    "sound bucket": Described([_account("Standard_RAGZRS")], details=_versioned(True)),
    "bare cache": Described([_redis("Basic", [])]),
    "sound cache": Described([_redis("Premium", ["1", "2"])]),
    "bare machines": Described(_machines(1)),
    "sound machines": Described(_machines(3)),
    "bare containers": Described(_app(1, 2, redundant=False)),
    "sound containers": Described(_app(3, 6, redundant=True)),
}
