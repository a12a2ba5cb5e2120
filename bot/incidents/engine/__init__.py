"""The pure incident engine: signals in; incidents, their scopes and the affected services out. No clock, no I/O."""

from bot.incidents.engine.affected import with_affected_services
from bot.incidents.engine.dependency_merge import dependencies_of
from bot.incidents.engine.notification_rules import reason_to_notify
from bot.incidents.engine.observers import ObserverState
from bot.incidents.engine.places import places
from bot.incidents.engine.quorum import ScopeHealth
from bot.incidents.engine.step import OWN_NETWORK, EngineState, step
from bot.incidents.engine.target_health import Level

__all__ = [
    "OWN_NETWORK",
    "EngineState",
    "Level",
    "ObserverState",
    "ScopeHealth",
    "dependencies_of",
    "places",
    "reason_to_notify",
    "step",
    "with_affected_services",
]
