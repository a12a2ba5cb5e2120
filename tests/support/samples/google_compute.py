"""Machines, disks, load balancers and networks of Google Cloud as Cloud Asset Inventory lists them. Shapes: Compute Engine API v1."""

from collections.abc import Mapping
from typing import Any

P = "projects/shop-prod"
COMPUTE = "https://www.googleapis.com/compute/v1/projects/shop-prod"
REGION, ZONES = "europe-west4", ("europe-west4-a", "europe-west4-b", "europe-west4-c")


def asset(kind: str, path: str, data: Any, location: str = REGION) -> dict[str, Any]:
    """An asset of a listing. `path`: its name without the host."""
    resource = {"location": location, "data": data, "parent": "//cloudresourcemanager.googleapis.com/projects/42"}
    name = f"//{kind.partition('/')[0].replace('bigtableadmin', 'bigtable').replace('sqladmin', 'cloudsql')}/{path}"
    return {"name": name, "assetType": kind, "resource": resource, "ancestors": ["projects/42", "organizations/7"]}


def compute(kind: str, path: str, data: Mapping[str, Any], location: str = REGION) -> dict[str, Any]:
    """An asset of Compute Engine with its own link."""
    return asset(f"compute.googleapis.com/{kind}", f"{P}/{path}", {"selfLink": f"{COMPUTE}/{path}", **data}, location)


MACHINE = f"{COMPUTE}/zones/europe-west4-a/instances/jump"
GROUP = f"{COMPUTE}/regions/{REGION}/instanceGroups/web"
PROJECT = asset(
    "cloudresourcemanager.googleapis.com/Project",
    "projects/42",
    {"projectNumber": "42", "projectId": "shop-prod"},
    "global",
)
MACHINES = [
    compute(
        "Instance",
        "zones/europe-west4-a/instances/jump",
        {
            "id": "77",
            "zone": f"{COMPUTE}/zones/europe-west4-a",
            "machineType": f"{COMPUTE}/zones/europe-west4-a/machineTypes/e2-small",
            "status": "RUNNING",
            "deletionProtection": True,
            "networkInterface": [{"network": f"{COMPUTE}/global/networks/main"}],
            "disk": [{"boot": True, "autoDelete": True, "source": f"{COMPUTE}/zones/europe-west4-a/disks/jump"}],
            "labels": {"app": "shop"},
        },
        "europe-west4-a",
    ),
    compute(
        "Instance",
        "zones/europe-west4-b/instances/web-x1",
        {
            "zone": f"{COMPUTE}/zones/europe-west4-b",
            "status": "RUNNING",
            "metadata": {
                "items": [
                    {
                        "key": "created-by",
                        "value": "projects/42/regions/europe-west4/instanceGroupManagers/web",
                    }
                ]
            },
            "disks": [{"boot": True, "autoDelete": True, "source": f"{COMPUTE}/zones/europe-west4-b/disks/web-x1"}],
        },
        "europe-west4-b",
    ),
    compute(
        "InstanceGroupManager",
        f"regions/{REGION}/instanceGroupManagers/web",
        {
            "region": f"{COMPUTE}/regions/{REGION}",
            "instanceGroup": GROUP,
            "targetSize": 4,
            "distributionPolicy": {"zones": [{"zone": f"{COMPUTE}/zones/{zone}"} for zone in ZONES]},
            "versions": [{"instanceTemplate": f"{COMPUTE}/global/instanceTemplates/web-7"}],
            "autoHealingPolicies": [{"healthCheck": f"{COMPUTE}/global/healthChecks/web"}],
            "status": {"isStable": True},
        },
    ),
    compute(
        "Autoscaler",
        f"regions/{REGION}/autoscalers/web",
        {
            "target": f"{COMPUTE}/regions/{REGION}/instanceGroupManagers/web",
            "autoscalingPolicy": {"minNumReplicas": 3, "maxNumReplicas": 9, "mode": "ON"},
        },
    ),
    compute(
        "InstanceTemplate",
        "global/instanceTemplates/web-7",
        {"properties": {"machineType": "n2-standard-4", "labels": {"app": "shop"}}},
    ),
]
DISKS = [
    compute(
        "Disk",
        "zones/europe-west4-a/disks/jump",
        {
            "zone": f"{COMPUTE}/zones/europe-west4-a",
            "sizeGb": "20",
            "user": [MACHINE],
            "resourcePolicy": [f"{COMPUTE}/regions/{REGION}/resourcePolicies/daily"],
        },
        "europe-west4-a",
    ),
    compute(
        "Disk",
        "zones/europe-west4-b/disks/web-x1",
        {"zone": f"{COMPUTE}/zones/europe-west4-b", "users": [f"{COMPUTE}/zones/europe-west4-b/instances/web-x1"]},
        "europe-west4-b",
    ),
    compute(
        "Snapshot",
        "global/snapshots/jump-1",
        {
            "sourceDisk": f"{COMPUTE}/zones/europe-west4-a/disks/jump",
            "creationTimestamp": "2026-10-31T01:00:00.123-07:00",
            "storageLocations": ["eu"],
            "status": "READY",
        },
        "eu",
    ),
    compute(
        "ResourcePolicy",
        f"regions/{REGION}/resourcePolicies/daily",
        {
            "snapshotSchedulePolicy": {
                "schedule": {"dailySchedule": {"daysInCycle": 1, "startTime": "02:00"}},
                "retentionPolicy": {"maxRetentionDays": 14},
                "snapshotProperties": {"storageLocations": ["eu"]},
            },
            "status": "READY",
        },
    ),
]
BALANCER = [
    compute(
        "GlobalForwardingRule",
        "global/forwardingRules/web",
        {
            "IPAddress": "203.0.113.9",
            "loadBalancingScheme": "EXTERNAL_MANAGED",
            "target": f"{COMPUTE}/global/targetHttpsProxies/web",
        },
        "global",
    ),
    compute(
        "TargetHttpsProxy",
        "global/targetHttpsProxies/web",
        {
            "urlMap": f"{COMPUTE}/global/urlMaps/web",
            "sslCertificates": [f"{COMPUTE}/global/sslCertificates/web"],
        },
        "global",
    ),
    compute(
        "UrlMap",
        "global/urlMaps/web",
        {
            "defaultService": f"{COMPUTE}/global/backendServices/web",
            "pathMatchers": [{"pathRules": [{"service": f"{COMPUTE}/global/backendServices/web"}]}],
        },
        "global",
    ),
    compute(
        "BackendService",
        "global/backendServices/web",
        {"backends": [{"group": GROUP}], "logConfig": {"enable": True}},
        "global",
    ),
    compute(
        "SslCertificate",
        "global/sslCertificates/web",
        {"type": "MANAGED", "managed": {"status": "ACTIVE"}, "expireTime": "2027-01-15T00:00:00.000-08:00"},
        "global",
    ),
]
NETWORK = [
    compute("Network", "global/networks/main", {"autoCreateSubnetworks": False}, "global"),
    compute(
        "Router",
        f"regions/{REGION}/routers/main",
        {"network": f"{COMPUTE}/global/networks/main", "nats": [{"name": "main"}]},
    ),
]
