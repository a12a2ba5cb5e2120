"""The filters of Cloud Monitoring: which resources an alert policy watches, which metric, and what kind of signal that is.

A filter names a type of monitored resource and labels of it: https://cloud.google.com/monitoring/api/v3/filters and
https://cloud.google.com/monitoring/api/resources.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from checks import SignalKind

_RESOURCE: Final = re.compile(r"""resource\.type\s*=\s*["']([^"']+)["']""")
_LABEL: Final = re.compile(r"""resource\.labels?\.["']?(\w+)["']?\s*=\s*["']([^"']+)["']""")
_BY_METRIC: Final = re.compile(r"""metric\.type\s*=\s*["']([\w.]+)/""")
_METRIC: Final = re.compile(r"""metric\.type\s*=\s*(?:starts_with\()?["']([^"']+)["']""")
_NO_SIGNAL: Final = re.compile(r"""resource\.[\w."]+\s*=\s*["'][^"']*["']|[\w.]+\.googleapis\.com/""")
"""Parts of a filter that say what is watched, and not what is measured."""
_SIGNALS: Final = (
    (SignalKind.AVAILABILITY, r"uptime|check_passed|database/up\b|instance_up|node_ready|/up$|availability"),
    (
        SignalKind.ERRORS,
        r"error|5xx|5\.\.|fail(?!over)|response_code_class|dead_letter|denied|rejected|log_entry_count|crash|restart",
    ),
    (SignalKind.LATENCY, r"latenc|duration|response_time|execution_times|oldest_unacked|replica_lag|delay"),
    (
        SignalKind.SATURATION,
        r"utilization|cpu|memory|disk|storage|quota|connections|num_backends|undelivered|queue|backlog|bytes_used|/load",
    ),
    (SignalKind.TRAFFIC, r"request_count|requests|count|bytes|throughput"),
)
_OF_METRIC: Final[Mapping[str, str]] = {
    "bigtable.googleapis.com": "bigtable_cluster",
    "cloudfunctions.googleapis.com": "cloud_function",
    "cloudsql.googleapis.com": "cloudsql_database",
    "compute.googleapis.com": "gce_instance",
    "file.googleapis.com": "filestore_instance",
    "firestore.googleapis.com": "firestore_instance",
    "kubernetes.io": "k8s_cluster",
    "redis.googleapis.com": "redis_instance",
    "run.googleapis.com": "cloud_run_revision",
    "spanner.googleapis.com": "spanner_instance",
    "storage.googleapis.com": "gcs_bucket",
}
"""Domain of a metric -> what it measures, for a filter without a type of resource."""


def monitored_types(words: str) -> Sequence[str]:
    """The types of monitored resources that a filter names, or those of its metrics where it names none."""
    named = _RESOURCE.findall(words)
    return named or [_OF_METRIC[domain] for domain in _BY_METRIC.findall(words) if domain in _OF_METRIC]


def labels_of(words: str) -> Mapping[str, str]:
    """The labels by which a filter names a resource; without any it watches all of its type."""
    return dict(_LABEL.findall(words))


def metrics_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The metrics that filters name, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in _METRIC.findall(text)))


def signal_of(texts: Iterable[str]) -> SignalKind:
    """The kind of signal that filters and queries name: errors before latency before saturation."""
    words = _NO_SIGNAL.sub(" ", " ".join(texts)).lower()
    return next((signal for signal, pattern in _SIGNALS if re.search(pattern, words)), SignalKind.OTHER)
