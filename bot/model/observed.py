"""What incidents keep of their evidence: the open items of status pages, and the targets that are degraded."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.model.feeds import IncidentSeverity
from checks import Scope


@dataclass(frozen=True, slots=True)
class StatedItem:
    """One open item of a provider's status page: how severe it is, and the parts that it names, none for all of it.

    `key` tells it from another item, also from the same one once it is more severe. `fixed`: the provider watches a fix.
    """

    severity: IncidentSeverity
    parts: tuple[str, ...] = ()
    key: str = ""
    fixed: bool = False

    def overruled_by(self, keys: Collection[str]) -> bool:
        """Whether an incident was resolved in spite of it; not if that was because of a fix that is watched no more."""
        return self.key in keys or (self.fixed and f"{self.key}|fixed" in keys)


def item_key(provider: str, severity: IncidentSeverity, name: str) -> str:
    """The key of an item of a page. `name`: its address, or its title where it has none."""
    return f"{provider}|{severity.value}|{name}"


@dataclass(frozen=True, slots=True)
class TargetAlarm:
    """What a target's record says while it is degraded, so that a restart does not take that for usual.

    `failing`: the share of its rounds that fails, 0 for the usual one; `usual`: its usual latency in seconds where it is slow, else 0.
    The rest names the observer.
    """

    scope: Scope
    source: str
    via: str = ""
    vantage: str = ""
    failing: float = 0.0
    usual: float = 0.0
