"""One resource of a cloud, cluster or plan, and the facts that are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, TypeVar

from bot.audit.collectors.engine.phases import phase_of
from bot.audit.collectors.engine.row import Row
from checks import Fact

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a row is: the fields that every fact made of it has.

    `resource`: its permanent identity in its world. `name`: for people. `account`: project, subscription or cluster.
    `region`: a region's name, or `global`. `stack`, `group`, `host`, `host_product`, `cluster`: as those of a fact.
    `observed_at`: UTC.
    """

    provider: str
    account: str
    region: str
    resource: str
    name: str
    source: str
    observed_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""
    group: str = ""
    host: str | None = ""
    host_product: str = ""
    cluster: str = ""


_SHARED: Final = tuple(field.name for field in fields(Identity))


@dataclass(frozen=True, slots=True)
class Resource(Row):
    """A row with its identity. `resource_type`: what its world calls it (`sqladmin.googleapis.com/Instance`)."""

    resource_type: str = field(kw_only=True)
    identity: Identity = field(kw_only=True)

    def fact(self, kind: type[F], /, *, product: str, **more: Any) -> F:
        """A fact of this resource. Pass the kind's own fields; any field of the identity may be overridden.

        `status`, as the world tells it, sets the phase.
        """
        known: dict[str, Any] = {name: getattr(self.identity, name) for name in _SHARED}
        return kind(product=product, phase=phase_of(more.get("status") or ""), **{**known, **more})
