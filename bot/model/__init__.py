"""The frozen types and protocols that pass between the packages of backstay. Read this first.

It takes nothing but `checks` and the standard library, and gives every other package the shapes of facts, feeds, incidents,
messages and callers, and the protocols by which they call each other. It does no I/O and holds no state.
"""

from bot.model.audits import Audit, Collected, Collector, Place, Progress, UnusableError
from bot.model.callers import AuditQueries, Caller, Conversation, Progressing, Role
from bot.model.clock import Clock, utc_now
from bot.model.delivery import (
    Audience,
    Editable,
    Message,
    Pingable,
    Priority,
    Purpose,
    Receipt,
    ReceiptOutcome,
    Refused,
    Result,
    Retry,
    Route,
    RouteSpec,
    Schedule,
    Sent,
    Threadable,
)
from bot.model.feeds import (
    CachedReading,
    CacheValidators,
    Feed,
    FeedComponent,
    FeedReading,
    IncidentSeverity,
    IncidentState,
    IncidentUpdate,
    ProviderIncident,
)

__all__ = [
    "Audience",
    "Audit",
    "AuditQueries",
    "CacheValidators",
    "CachedReading",
    "Caller",
    "Clock",
    "Collected",
    "Collector",
    "Conversation",
    "Editable",
    "Feed",
    "FeedComponent",
    "FeedReading",
    "IncidentSeverity",
    "IncidentState",
    "IncidentUpdate",
    "Message",
    "Pingable",
    "Place",
    "Priority",
    "Progress",
    "Progressing",
    "ProviderIncident",
    "Purpose",
    "Receipt",
    "ReceiptOutcome",
    "Refused",
    "Result",
    "Retry",
    "Role",
    "Route",
    "RouteSpec",
    "Schedule",
    "Sent",
    "Threadable",
    "UnusableError",
    "utc_now",
]
