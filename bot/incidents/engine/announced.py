"""What announced maintenance explains of a failure, and what it does not."""

from collections.abc import Iterable

from bot.incidents.engine.quorum import ScopeHealth
from bot.incidents.engine.target_health import Level
from bot.model import IncidentSeverity
from bot.model.incidents import OutageState
from bot.model.maintenance import MaintenanceWindow
from checks import Scope


def is_explained(scope: Scope, health: ScopeHealth, on: Iterable[MaintenanceWindow]) -> bool:
    """Whether one of the windows that are on explains what fails. Our own windows explain everything in their scope.

    A provider's announcement explains what it names and predicts: never an incident that the provider calls critical, and a part
    that is down only where the part was named or downtime was announced.
    """
    return any(_explains(window, scope, health) for window in on)


def beside(scopes: Iterable[Scope], on: Iterable[MaintenanceWindow]) -> tuple[str, ...]:
    """The titles of what is announced for the same providers, for people who look for a cause."""
    providers = {scope.provider for scope in scopes}
    return tuple(dict.fromkeys(window.why for window in on if window.scope.provider in providers and window.why))


def _explains(window: MaintenanceWindow, scope: Scope, health: ScopeHealth) -> bool:
    if window.ours:
        return window.covers(scope)
    statement = health.statement
    if health.stated is not Level.NONE and statement and statement.severity is IncidentSeverity.CRITICAL:
        return False
    if not window.covers(scope, health.parts):
        return False
    down = health.observed is not Level.NONE and health.outage is OutageState.DOWN
    return not down or window.predicts_downtime or bool(window.parts or window.scope.region)
