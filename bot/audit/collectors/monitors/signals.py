"""What an alert measures, by the names of its metrics and the labels that it selects: errors, latency, saturation ...

Names are read as words (`http_request_duration_seconds` is http, request, duration, seconds), so that `usage` is no `age`. The
conventions are those of https://prometheus.io/docs/practices/naming/ and of OpenTelemetry's semantic conventions.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from checks import SignalKind

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")
_NOT_OF_THE_SERVICE: Final = re.compile(r"(^|_)(exporter|scrape|last_reload|expir\w*|not_after)(_|$)")
"""Of the exporter, or of a certificate: no signal of what is watched, whatever its other words are."""

_ERRORS: Final = frozenset(
    """
    error errors errored err errs fail fails failed failing failure failures exception exceptions timeout timeouts timedout drop
    drops dropped discarded lost rejected rejections refused abort aborts aborted deadlock deadlocks panic panics crash crashes
    crashed denied unroutable corrupt corrupted corruption invalid dead 5xx 4xx 500 502 503 504 bad unsuccessful unhandled fault
    faults faulted oops violation violations inconsistent conflicts conflict nack nacked undelivered deadletter burn burnrate retry retries
    """.split()  # noqa: SIM905 - words read best as words
)
_LATENCY: Final = frozenset(
    """
    latency latencies duration durations delay delays delayed lag lagging lags elapsed slow slower rtt ttfb apdex age oldest
    responsetime roundtrip skew wait waits stale
    """.split()  # noqa: SIM905 - words read best as words
)
_SATURATION: Final = frozenset(
    """
    cpu cpuutilization memory mem heap ram swap disk disks filesystem storage space free used usage utilization utilisation util
    saturation load load1 load5 load15 queue queued queues pending backlog waiting blocked connections connection connected clients
    thread threads pool pools fds descriptors limit limits quota max maximum maxclients maxmemory throttle throttled throttling
    throttles exhausted exhaustion capacity full nearfull toofull inode inodes pressure oom evicted evictions eviction overflow busy
    idle percent gc bytes size unacked messages entries burst credit credits watermark file files runnable saturated iops ru dtu
    concurrent concurrency cache bandwidth depth slots segments spill
    """.split()  # noqa: SIM905 - words read best as words
)
_AVAILABILITY: Final = frozenset(
    """
    up down health healthy unhealthy ready readiness notready alive live available availability unavailable reachable unreachable
    online offline active inactive success successful status state leader leaders quorum quorate members member nodes node replicas
    replica replicated slaves slave master masters restarts restart restarted killed absent present connectivity outage broken running
    stopped synced heartbeat probe insync sync death deaths died stable
    """.split()  # noqa: SIM905 - words read best as words
)
_TRAFFIC: Final = frozenset(
    "request requests rps qps rate hits ops operations packets received sent throughput calls invocations count traffic".split()  # noqa: SIM905 - words
)
_OUTCOMES: Final = re.compile(
    r"code|status|result|outcome|reason|state|grpc_type|exception|error|success|response_flags|condition"
)
_BAD: Final = re.compile(
    r"\^?\(?[45](xx|XX|\.\.|\.\*|\.\+|\[0-9\]\[0-9\]|\\d|\d\d)|\[45\]|4\.\.\|5|5\.\.\|4|[45]xx"
    r"|fail|error|\berr\b|unsuccessful|timeout|dropped|exception|abort|reject|bad|critical"
    r"|unknown|unavailable|internal|deadline|dataloss|resourceexhausted|aborted|refused",
    re.IGNORECASE,
)
_GOOD: Final = re.compile(
    r"\^?\(?[123](xx|\.\.|\.\*|\[0-9\]\[0-9\]|\\d|\d\d)|\[123\]|\[23\]|^ok$|^0$|success|^none$|no.?error|completed|^true$",
    re.IGNORECASE,
)
_RESTARTS: Final = re.compile(r"(^|_)(start_time|boot_time|uptime)(_|$)")
_NUMBERS: Final = re.compile(r"[45](xx|\.\.|\.\*|\d\d|\[0-9\])|\[45\]", re.IGNORECASE)
_SECONDS: Final = frozenset("seconds second milliseconds ms millis microseconds nanoseconds us ns time".split())  # noqa: SIM905 - words

ORDER: Final = (
    *(SignalKind.ERRORS, SignalKind.LATENCY, SignalKind.SATURATION, SignalKind.AVAILABILITY, SignalKind.TRAFFIC),
    *(SignalKind.COMPOSITE, SignalKind.OTHER),
)
"""The most telling first: an alert on several is named by the first."""

_ENGINES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("pg", "postgres", "postgresql", "patroni", "pgbouncer", "pgpool", "cnpg"), "postgres"),
    **dict.fromkeys(("mysql", "mysqld", "mariadb", "percona", "galera", "wsrep"), "mysql"),
    **dict.fromkeys(("redis", "valkey", "dragonfly"), "redis"),
    **dict.fromkeys(("mongodb", "mongo", "mongod"), "mongodb"),
    **dict.fromkeys(("elasticsearch", "opensearch"), "elasticsearch"),
    **dict.fromkeys(("mssql", "sqlserver"), "sqlserver"),
    **dict.fromkeys(("oracledb", "oracle"), "oracle"),
    **{
        name: name
        for name in ("cassandra", "couchdb", "clickhouse", "influxdb", "memcached", "solr", "neo4j", "scylla")
    },
    **{
        name: name
        for name in ("cockroachdb", "kafka", "rabbitmq", "pulsar", "nats", "etcd", "minio", "dynamodb", "rds")
    },
    **{name: name for name in ("elasticache", "redshift", "cosmosdb", "cloudsql", "spanner", "bigtable", "firestore")},
}


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters: `httpRequests_total5xx` is http, requests, total, 5xx."""
    return tuple(word.lower() for part in re.split(r"[^A-Za-z0-9]+", name) for word in _WORDS.findall(part))


def signal_of_name(name: str) -> SignalKind:
    """What a metric, or an alert of this name, measures; OTHER where its words do not tell."""
    if tells_nothing(name):
        return SignalKind.OTHER
    words = set(words_of(name.removeprefix("node_")))  # what node_exporter puts before each of its names
    told = (
        (SignalKind.AVAILABILITY, bool(_RESTARTS.search(name.lower()))),
        (SignalKind.ERRORS, bool(words & _ERRORS)),
        (SignalKind.LATENCY, bool(words & _LATENCY) or {"response", "time"} <= words),
        (SignalKind.AVAILABILITY, bool(words & _AVAILABILITY) and not words & _SATURATION),
        (SignalKind.SATURATION, bool(words & _SATURATION)),
        (SignalKind.TRAFFIC, bool(words & _TRAFFIC)),
    )
    return next((kind for kind, holds in told if holds), SignalKind.OTHER)


def tells_nothing(name: str) -> bool:
    """Whether a metric is about its exporter or a certificate, whatever its words are."""
    return bool(_NOT_OF_THE_SERVICE.search(name.lower()))


def selects_failures(label: str, operator: str, value: str) -> bool:
    """Whether a matcher keeps what failed: `code=~"5.."`, `status!="success"`, `grpc_code=~"Unknown|Internal"`."""
    if not _OUTCOMES.search(label.lower()) or not value:
        return False
    if operator in ("=", "=~"):
        return bool(_BAD.search(value)) and not _GOOD.fullmatch(value)
    return bool(_GOOD.search(value))


def selects_status(operator: str, value: str) -> bool:
    """Whether a matcher keeps answers of HTTP with a status from 400: `5..`, `[45].*`, `503`."""
    return operator in ("=", "=~") and bool(_NUMBERS.search(value))


def is_time(metric: str) -> bool:
    """Whether a metric counts time: the buckets of such a histogram are latencies."""
    words = set(words_of(metric))
    return bool(words & (_SECONDS | _LATENCY))


def main_signal(kinds: Iterable[SignalKind]) -> SignalKind:
    """The most telling of these; OTHER of none."""
    found = set(kinds)
    return next((kind for kind in ORDER if kind in found), SignalKind.OTHER)


def engine_of(name: str) -> str:
    """The kind of datastore whose metrics are called so (`pg_up`, `aws_rds_cpuutilization_average`), empty for none."""
    words = words_of(name)
    named = words[1:2] if words[:1] in (("aws",), ("gcp",), ("azure",), ("stackdriver",)) else words[:1]
    return next((_ENGINES[word] for word in named if word in _ENGINES), "")
