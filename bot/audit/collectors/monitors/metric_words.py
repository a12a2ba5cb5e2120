"""What a metric, a log search or a query measures, by the words of its names."""

import re
from typing import Final

from checks import SignalKind

_SIGNALS: Final = (
    (
        SignalKind.ERRORS,
        (
            "error",
            "errors",
            "fail",
            "failed",
            "failure",
            "failures",
            "exception",
            "exceptions",
            "fault",
            "faults",
            "5xx",
            "4xx",
            "rejected",
            "timeout",
            "timeouts",
            "deadlock",
            "deadlocks",
            "aborted",
            "crash",
            "crashes",
            "dead",
            "deadletter",
            "dlq",
            "critical",
            "emergency",
        ),
    ),
    (
        SignalKind.LATENCY,
        (
            "latency",
            "duration",
            "time",
            "p50",
            "p75",
            "p90",
            "p95",
            "p98",
            "p99",
            "p999",
            "percentile",
            "apdex",
            "slow",
            "delay",
            "seconds",
            "milliseconds",
            "rtt",
            "responsetime",
            "lcp",
            "ttfb",
        ),
    ),
    (
        SignalKind.AVAILABILITY,
        (
            "up",
            "down",
            "available",
            "unavailable",
            "availability",
            "reachable",
            "unreachable",
            "healthy",
            "unhealthy",
            "health",
            "heartbeat",
            "alive",
            "connect",
            "ready",
            "notready",
            "restarts",
            "uptime",
            "probe",
            "success",
            "crashloopbackoff",
        ),
    ),
    (
        SignalKind.SATURATION,
        (
            "cpu",
            "mem",
            "memory",
            "disk",
            "load",
            "swap",
            "heap",
            "storage",
            "free",
            "usable",
            "utilization",
            "utilized",
            "usage",
            "used",
            "saturation",
            "saturated",
            "throttled",
            "throttles",
            "throttle",
            "throttling",
            "throttledrequests",
            "connections",
            "connection",
            "pool",
            "queue",
            "queued",
            "backlog",
            "lag",
            "depth",
            "oldest",
            "evictions",
            "evicted",
            "pending",
            "limit",
            "quota",
            "concurrent",
            "threads",
            "inodes",
            "descriptors",
            "pct",
            "idle",
            "waiting",
            "capacity",
            "burst",
            "credit",
            "credits",
            "headroom",
            "freeable",
        ),
    ),
    (
        SignalKind.TRAFFIC,
        ("hits", "requests", "request", "throughput", "rate", "count", "rpm", "rps", "traffic", "sessions", "messages"),
    ),
)
"""The first kind that has one of the words counts: `request.errors` counts errors, and `queue.time` is a latency."""

_STEMS: Final = {
    SignalKind.ERRORS: ("error", "5xx", "exception"),
    SignalKind.LATENCY: ("latency", "duration", "responsetime"),
    SignalKind.SATURATION: ("cpu", "memory", "storage", "throttl", "utiliz"),
}
"""Beginnings and parts of names that are written as one word: `cpuutilization`."""

_WORD = re.compile(r"[a-z]+[0-9]*|[0-9]+(?:xx)?")
_ERROR_STATUS = re.compile(
    r"(?:status|code)[\w.]*\"?\s*[:=!~>]{1,3}\s*\(?[\"']?\^?(?:5(?:xx|\d\d|\*|\.\.|\[|\.\*)|[45]\?|error)",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST = 20_000


def signal_of_words(text: str) -> SignalKind:
    """The kind of signal by the words of a text: `aws.applicationelb.httpcode_target_5xx`, `TargetResponseTime`.

    A filter on a status of 500 and more (`http.status_code:5xx`, `status=~"5.."`) means errors, whatever the metric's name.
    """
    if _ERROR_STATUS.search(text[:_MOST]):
        return SignalKind.ERRORS
    lowered = text[:_MOST].lower()
    words = set(_WORD.findall(_CAMEL.sub(" ", text[:_MOST]).lower()))
    for signal, known in _SIGNALS:
        if not words.isdisjoint(known) or any(stem in lowered for stem in _STEMS.get(signal, ())):
            return signal
    return SignalKind.OTHER


_ENGINES: Final = {
    "postgres": ("postgres", "postgresql", "pg", "pgbouncer"),
    "mysql": ("mysql", "mariadb"),
    "redis": ("redis", "elasticache", "valkey", "memorydb"),
    "memcached": ("memcached", "mcache"),
    "mongodb": ("mongodb", "mongo", "docdb"),
    "elasticsearch": ("elasticsearch", "opensearch"),
    "cassandra": ("cassandra", "scylla"),
    "kafka": ("kafka", "msk"),
    "dynamodb": ("dynamodb",),
    "rds": ("rds", "aurora"),
    "sqlserver": ("sqlserver", "mssql"),
    "oracle": ("oracle",),
    "redshift": ("redshift",),
    "rabbitmq": ("rabbitmq",),
}


def engines_of(text: str) -> tuple[str, ...]:
    """The kinds of datastore whose metrics these names are of: `postgresql.connections` -> `postgres`."""
    words = set(re.split(r"[^a-z0-9]+", text[:_MOST].lower()))
    return tuple(engine for engine, known in _ENGINES.items() if not words.isdisjoint(known))
