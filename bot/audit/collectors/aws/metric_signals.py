"""The kind of signal that CloudWatch metrics measure, by their names."""

import re
from collections.abc import Sequence
from typing import Final

from checks import SignalKind

# The first match counts: `TargetResponseTime` is latency although `Target...Count` is traffic.
_SIGNALS: Final = (
    (SignalKind.AVAILABILITY, re.compile(r"StatusCheck|HealthyHost|HealthCheck|ReplicaStatus|ClusterStatus|^Up$")),
    (SignalKind.ERRORS, re.compile(r"Error|5XX|5xx|4XX|4xx|Fault|Fail|DeadLetter|Rejected|Aborted")),
    (SignalKind.LATENCY, re.compile(r"Latency|Duration|ResponseTime|Lag|Age|TimeTo|ProcessingTime")),
    (
        SignalKind.SATURATION,
        re.compile(
            r"CPU|Memory|Utilization|Storage|Disk|Throttl|Connections|Queue|Burst|Credit|Swap|Evictions|Spillover"
            r"|Concurrent|MessagesVisible|Consumed|Exceeded|Space|Load"
        ),
    ),
    (SignalKind.TRAFFIC, re.compile(r"Count|Requests?|Invocations|Messages|Bytes|Network|Packets|Records|Hits")),
)


def signal_of_metrics(names: Sequence[str]) -> SignalKind:
    """The first kind in the order of the table that one of these metrics measures."""
    for kind, pattern in _SIGNALS:
        if any(pattern.search(name) for name in names):
            return kind
    return SignalKind.OTHER
