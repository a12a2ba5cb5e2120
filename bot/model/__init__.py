"""The seams between the flows and the world, and what passes through them. Read this first.

Flows (`review`, `schedule`, `delivery`) name only these protocols; `app.py` hands them the real edges.
"""

from bot.model.audits import Audit, Collected, Collector, Place, Progress, UnusableError
from bot.model.callers import Caller, Clock, Conversation, Desk, Progressing, Role
from bot.model.delivery import (
    Audience,
    Beating,
    Message,
    Priority,
    Receipt,
    ReceiptOutcome,
    Refused,
    Result,
    Retry,
    Route,
    RouteSpec,
    Schedule,
    Sent,
    Threading,
    Updating,
)
from bot.model.feeds import (
    Feed,
    FeedComponent,
    FeedReading,
    IncidentSeverity,
    IncidentState,
    IncidentUpdate,
    KeptReading,
    Marks,
    ProviderIncident,
)

__all__ = [
    "Audience",
    "Audit",
    "Beating",
    "Caller",
    "Clock",
    "Collected",
    "Collector",
    "Conversation",
    "Desk",
    "Feed",
    "FeedComponent",
    "FeedReading",
    "IncidentSeverity",
    "IncidentState",
    "IncidentUpdate",
    "KeptReading",
    "Marks",
    "Message",
    "Place",
    "Priority",
    "Progress",
    "Progressing",
    "ProviderIncident",
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
    "Threading",
    "UnusableError",
    "Updating",
]
