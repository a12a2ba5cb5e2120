"""The resources that the filter of an alert policy watches.

A filter names a type of monitored resource and labels of it (https://cloud.google.com/monitoring/api/resources). Without a label
that names one, it watches all resources of that type in its project.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.audit.collectors.engine.google_filters import labels_of, monitored_types
from bot.audit.collectors.gcp.asset import Asset

_MANAGER: Final = "compute.googleapis.com/InstanceGroupManager"
_RULES: Final = ("compute.googleapis.com/GlobalForwardingRule", "compute.googleapis.com/ForwardingRule")


@dataclass(frozen=True, slots=True)
class _Monitored:
    """The assets of a type of monitored resource, and the label that names one: by its name, its whole path or its `id`."""

    types: tuple[str, ...]
    label: str


_MONITORED: Final[Mapping[str, _Monitored]] = {
    "alloydb.googleapis.com/Instance": _Monitored(("alloydb.googleapis.com/Cluster",), "cluster_id"),
    "bigtable_cluster": _Monitored(("bigtableadmin.googleapis.com/Instance",), "instance"),
    "bigtable_table": _Monitored(("bigtableadmin.googleapis.com/Instance",), "instance"),
    "cloud_function": _Monitored(
        ("cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Function"), "function_name"
    ),
    "cloud_run_job": _Monitored(("run.googleapis.com/Job",), "job_name"),
    "cloud_run_revision": _Monitored(
        ("run.googleapis.com/Service", "cloudfunctions.googleapis.com/Function"), "service_name"
    ),
    "cloudsql_database": _Monitored(("sqladmin.googleapis.com/Instance",), "database_id"),
    "filestore_instance": _Monitored(("file.googleapis.com/Instance",), "instance_name"),
    "firestore.googleapis.com/Database": _Monitored(("firestore.googleapis.com/Database",), "database_id"),
    "firestore_instance": _Monitored(("firestore.googleapis.com/Database",), "database_id"),
    "gae_app": _Monitored(("appengine.googleapis.com/Service",), "module_id"),
    "gce_instance": _Monitored(("compute.googleapis.com/Instance", _MANAGER), "instance_id"),
    "gcs_bucket": _Monitored(("storage.googleapis.com/Bucket",), "bucket_name"),
    "http_external_regional_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "https_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "instance_group": _Monitored((_MANAGER,), "instance_group_name"),
    "internal_http_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "internal_tcp_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "k8s_cluster": _Monitored(("container.googleapis.com/Cluster",), "cluster_name"),
    "k8s_container": _Monitored(("container.googleapis.com/Cluster",), "cluster_name"),
    "k8s_node": _Monitored(("container.googleapis.com/Cluster",), "cluster_name"),
    "k8s_pod": _Monitored(("container.googleapis.com/Cluster",), "cluster_name"),
    "memcache.googleapis.com/MemcacheNode": _Monitored(("memcache.googleapis.com/Instance",), "instance_id"),
    "network_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "pubsub_subscription": _Monitored(("pubsub.googleapis.com/Subscription",), "subscription_id"),
    "pubsub_topic": _Monitored(("pubsub.googleapis.com/Topic",), "topic_id"),
    "redis.googleapis.com/Cluster": _Monitored(("redis.googleapis.com/Cluster",), "cluster_id"),
    "redis.googleapis.com/ClusterNode": _Monitored(("redis.googleapis.com/Cluster",), "cluster_id"),
    "redis_instance": _Monitored(("redis.googleapis.com/Instance",), "instance_id"),
    "spanner_instance": _Monitored(("spanner.googleapis.com/Instance",), "instance_id"),
    "tcp_lb_rule": _Monitored(_RULES, "forwarding_rule_name"),
    "tcp_ssl_proxy_rule": _Monitored(_RULES, "forwarding_rule_name"),
}


def watched_by(alarm: Asset, words: str) -> Iterator[str]:
    """The full names of the resources that a filter watches, as far as they were listed."""
    labels = labels_of(words)
    for monitored in filter(None, (_MONITORED.get(kind) for kind in monitored_types(words))):
        wanted = labels.get(monitored.label, "")
        for resource_type in monitored.types:
            for asset in alarm.estate.by_type.get(resource_type, ()):
                if asset.identity.account == alarm.identity.account and (not wanted or _is(asset, wanted)):
                    yield asset.identity.resource


def _is(asset: Asset, wanted: str) -> bool:
    """Whether a label names an asset: `orders`, `shop:orders`, its path, or the number that Compute Engine gave it."""
    word = wanted.rpartition("/")[2].rpartition(":")[2]
    return word in (asset.identity.name, asset.value("id"))
