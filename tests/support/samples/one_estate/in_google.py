"""The estate as Cloud Asset Inventory describes it.

Shapes: Cloud SQL Admin API v1, Cloud Storage API v1, Memorystore for Redis API v1, Compute Engine API v1, Cloud Run Admin API v2.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Asset = Mapping[str, Any]
_ZONES = ("europe-west4-a", "europe-west4-b", "europe-west4-c")
_GROUP = "https://www.googleapis.com/compute/v1/projects/shop/regions/europe-west4/instanceGroups/web"


def asset(host: str, kind: str, path: str, place: str = "europe-west4", /, **data: Any) -> Asset:
    return {
        "name": f"//{host}.googleapis.com/{path}",
        "assetType": kind,
        "resource": {"location": place, "data": data},
        "ancestors": ["projects/42"],
    }


def _sql(name: str, region: str = "europe-west4", **more: Any) -> Asset:
    known = {"name": name, "databaseVersion": "POSTGRES_16", "region": region, "state": "RUNNABLE"}
    path = f"projects/shop/instances/{name}"
    return asset("cloudsql", "sqladmin.googleapis.com/Instance", path, region, **(known | more))


def _bucket(location: str, *, versioning: bool) -> Asset:
    more = {"location": location.upper(), "versioning": {"enabled": versioning}}
    return asset("storage", "storage.googleapis.com/Bucket", "receipts", location, **more)


def _redis(tier: str, **more: Any) -> Asset:
    path = "projects/shop/locations/europe-west4/instances/sessions"
    known = {"tier": tier, "state": "READY", "locationId": "europe-west4-a"}
    return asset("redis", "redis.googleapis.com/Instance", path, **(known | more))


def _machines(zones: Sequence[str]) -> list[Asset]:
    place = {"region": "europe-west4", "distributionPolicy": {"zones": [{"zone": f"zones/{zone}"} for zone in zones]}}
    path = "projects/shop/regions/europe-west4/instanceGroupManagers/web"
    template = "projects/shop/global/instanceTemplates/web"
    manager = {"targetSize": len(zones), "instanceGroup": _GROUP, "instanceTemplate": template, **place}
    healing = [{"healthCheck": "projects/shop/global/healthChecks/web"}]
    policy = {"minNumReplicas": len(zones), "maxNumReplicas": 2 * len(zones), "mode": "ON"}
    compute = "compute.googleapis.com"
    return [
        asset("compute", f"{compute}/InstanceGroupManager", path, **manager, autoHealingPolicies=healing),
        asset(
            *("compute", f"{compute}/Autoscaler", "projects/shop/regions/europe-west4/autoscalers/web"),
            target=f"https://www.googleapis.com/compute/v1/{path}",
            autoscalingPolicy=policy,
        ),
        asset(
            "compute", f"{compute}/InstanceTemplate", template, "global", properties={"machineType": "n2-standard-4"}
        ),
        asset(
            *("compute", f"{compute}/BackendService", "projects/shop/global/backendServices/web", "global"),
            backends=[{"group": _GROUP}],
        ),
    ]


def _run(least: int, most: int) -> Asset:
    scaling = {"minInstanceCount": least, "maxInstanceCount": most}
    path = "projects/shop/locations/europe-west4/services/api"
    return asset("run", "run.googleapis.com/Service", path, template={"scaling": scaling})


_BACKUPS = {
    "enabled": True,
    "pointInTimeRecoveryEnabled": True,
    "location": "europe-north1",
    "backupRetentionSettings": {"retainedBackups": 35},
}
ESTATE: Mapping[str, Sequence[Asset]] = {
    "bare database": [
        _sql(
            "orders",
            gceZone="europe-west4-a",
            settings={
                "availabilityType": "ZONAL",
                "storageAutoResize": False,
                "backupConfiguration": {"enabled": False},
            },
        )
    ],
    "sound database": [
        _sql(
            "orders",
            gceZone="europe-west4-a",
            secondaryGceZone="europe-west4-b",
            settings={
                "availabilityType": "REGIONAL",
                "storageAutoResize": True,
                "deletionProtectionEnabled": True,
                "backupConfiguration": _BACKUPS,
            },
        ),
        _sql("orders-north", "europe-north1", masterInstanceName="shop:orders", settings={}),
    ],
    "bare bucket": [_bucket("europe-west4", versioning=False)],
    "sound bucket": [_bucket("eur4", versioning=True)],
    "bare cache": [_redis("BASIC")],
    "sound cache": [_redis("STANDARD_HA", alternativeLocationId="europe-west4-b", replicaCount=1)],
    "bare machines": _machines(_ZONES[:1]),
    "sound machines": _machines(_ZONES),
    "bare containers": [_run(1, 2)],
    "sound containers": [_run(3, 6)],
}
