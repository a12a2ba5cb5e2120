"""Facts about what a service was seen to need, whatever its catalogue says."""

from dataclasses import dataclass
from datetime import datetime

from checks._fact import Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservedDependency(Fact):
    """A connection that a tool saw. `about`: the resources it starts from, `target`: the resource or host name it leads to.

    `tool`: which one saw it. `hard`: the service fails without it; None: not known. `seen_at`: when it was last used.
    """

    target: str
    tool: str = ""
    hard: bool | None = None
    seen_at: datetime | None = None
