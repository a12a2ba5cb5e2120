"""Recorded answers of Google's product APIs in the form of assets: the data of an asset is the resource as its API answers it.

An answer is one resource, a list of them, or a list for each zone and region (`aggregatedList` of Compute Engine).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

COMPUTE: Final[Mapping[str, str]] = {
    "address": "Address",
    "autoscaler": "Autoscaler",
    "backendBucket": "BackendBucket",
    "backendService": "BackendService",
    "disk": "Disk",
    "forwardingRule": "ForwardingRule",
    "healthCheck": "HealthCheck",
    "instance": "Instance",
    "instanceGroupManager": "InstanceGroupManager",
    "instanceTemplate": "InstanceTemplate",
    "network": "Network",
    "project": "Project",
    "region": "Region",
    "router": "Router",
    "snapshot": "Snapshot",
    "sslCertificate": "SslCertificate",
    "subnetwork": "Subnetwork",
    "targetHttpProxy": "TargetHttpProxy",
    "targetHttpsProxy": "TargetHttpsProxy",
    "targetInstance": "TargetInstance",
    "targetPool": "TargetPool",
    "targetSslProxy": "TargetSslProxy",
    "targetTcpProxy": "TargetTcpProxy",
    "urlMap": "UrlMap",
}
"""Word after `compute#` -> word of the asset type."""
OTHERS: Final[Mapping[str, str]] = {
    "dns#managedZone": "dns.googleapis.com/ManagedZone",
    "dns#resourceRecordSet": "dns.googleapis.com/ResourceRecordSet",
    "sql#backupRun": "sqladmin.googleapis.com/BackupRun",
    "sql#instance": "sqladmin.googleapis.com/Instance",
    "storage#bucket": "storage.googleapis.com/Bucket",
    "Service": "run.googleapis.com/Service",
    "Job": "run.googleapis.com/Job",
}
PATHS: Final = (
    ("spanner", "/instances/", "/backups/", "spanner.googleapis.com/Backup"),
    ("spanner", "/instances/", "/databases/", "spanner.googleapis.com/Database"),
    ("spanner", "/instances/", "", "spanner.googleapis.com/Instance"),
    ("bigtable", "/clusters/", "/backups/", "bigtableadmin.googleapis.com/Backup"),
    ("bigtable", "/instances/", "/clusters/", "bigtableadmin.googleapis.com/Cluster"),
    ("bigtable", "/instances/", "", "bigtableadmin.googleapis.com/Instance"),
    ("redis_instance", "/instances/", "", "redis.googleapis.com/Instance"),
    ("redis-cluster", "/clusters/", "", "redis.googleapis.com/Cluster"),
    ("firestore", "/databases/", "/backupSchedules/", "firestore.googleapis.com/BackupSchedule"),
    ("firestore", "/databases/", "/collectionGroups/", ""),
    ("firestore", "/databases/", "", "firestore.googleapis.com/Database"),
    ("kms", "/cryptoKeys/", "/cryptoKeyVersions/", ""),
    ("kms", "/keyRings/", "/cryptoKeys/", "cloudkms.googleapis.com/CryptoKey"),
    ("pubsub", "/topics/", "", "pubsub.googleapis.com/Topic"),
    ("pubsub", "/subscriptions/", "", "pubsub.googleapis.com/Subscription"),
    ("function", "/functions/", "", "cloudfunctions.googleapis.com/CloudFunction"),
    ("gcp-secret", "/secrets/", "", "secretmanager.googleapis.com/Secret"),
    ("certmanager", "/certificates/", "", "certificatemanager.googleapis.com/Certificate"),
)
"""Start of the recording's folder, two parts of the resource's name, asset type; empty: no resource that is read."""


def assets_in(file: Path) -> Iterator[dict[str, Any]]:
    """The resources of a recorded answer, each as an asset."""
    body = json.loads(file.read_text(encoding="utf-8")).get("body")
    for found in _resources(body):
        resource_type = type_of(found, file.parent.name)
        if resource_type:
            yield _asset(resource_type, found)


def _resources(body: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(body, dict):
        return
    if body.get("kind") == "compute#operation" or ("metadata" in body and "name" in body and "kind" not in body):
        return  # a change that is under way
    lists = [value for value in body.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    word = str(body.get("kind", ""))
    if word.endswith("AggregatedList"):
        for scope in body.get("items", {}).values():
            for rows in scope.values():
                yield from rows if isinstance(rows, list) else ()
    elif word.endswith(("List", "ListResponse", "sList", "#buckets")) or ("name" not in body and lists):
        single = word.removesuffix("ListResponse").removesuffix("List").removesuffix("s")
        for row in (row for rows in lists for row in rows):
            yield {"kind": single, **row} if word.startswith(("compute#", "sql#")) or word in _KNATIVE else row
    else:
        yield body


_KNATIVE: Final = ("ServiceList", "JobList")


def type_of(found: Mapping[str, Any], folder: str) -> str:
    """The type of asset that a resource is, empty for one that is not read."""
    word, name = str(found.get("kind", "")), str(found.get("name", ""))
    if word.startswith("compute#"):
        kind = COMPUTE.get(word.removeprefix("compute#"), "")
        return f"compute.googleapis.com/{kind}" if kind else ""
    if word in OTHERS:
        return OTHERS[word]
    if "currentMasterVersion" in found:
        return "container.googleapis.com/Cluster"
    for start, first, second, resource_type in PATHS:
        if folder.removeprefix("test_").removeprefix("test-").startswith(start) and first in name and second in name:
            return resource_type
    return ""


def _asset(resource_type: str, found: dict[str, Any]) -> dict[str, Any]:
    host = resource_type.partition("/")[0]
    link, name = str(found.get("selfLink", "")), str(found.get("name", ""))
    metadata = found.get("metadata")
    if name.startswith("projects/"):
        path = name
    elif "projects/" in link:
        path = link[link.index("projects/") :]
    elif isinstance(metadata, dict) and metadata.get("name"):
        place = metadata.get("labels", {}).get("cloud.googleapis.com/location", "")
        path = f"projects/{metadata.get('namespace')}/locations/{place}/services/{metadata['name']}"
    else:
        path = name or str(found.get("id", ""))
    resource = {"data": found, "parent": "//cloudresourcemanager.googleapis.com/projects/cloud-custodian"}
    return {"name": f"//{host}/{path}", "assetType": resource_type, "resource": resource}
