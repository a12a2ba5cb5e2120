"""What a metric of Azure measures, by its name."""

from typing import Final

from checks import SignalKind

_SIGNALS: Final = (
    (SignalKind.AVAILABILITY, ("availab", "health", "is_db_alive", "heartbeat")),
    (SignalKind.ERRORS, ("error", "fail", "5xx", "4xx", "exception", "deadlock")),
    (SignalKind.LATENCY, ("latency", "duration", "responsetime", "lag")),
    (SignalKind.SATURATION, ("cpu", "memory", "storage", "percent", "dtu", "throttl", "connections", "ru")),
    (SignalKind.TRAFFIC, ("request", "count", "bytes", "messages", "network")),
)


def signal_of(metric: str) -> SignalKind:
    """The kind of signal of a metric: `CpuPercentage`, `Http5xx`."""
    word = metric.lower()
    return next((signal for signal, words in _SIGNALS if any(part in word for part in words)), SignalKind.OTHER)
