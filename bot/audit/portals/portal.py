"""What a portal is: a plug-in that takes the facts of services, and the facts that it gets of each service."""

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

import bot.audit.portals.products
from bot.audit.tickets.api import TicketApi
from checks import Outcome, Scorecard, Severity

_NO_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The facts that a portal gets of a service. `entity`: what the portal calls it. Scores 0 to 100, coverage 0 to 1; `at` UTC.

    `failing`: ids of failed checks, `unread` of those that could not be evaluated.
    """

    service: str
    entity: str
    score: float
    low: float
    high: float
    grade: str
    coverage: float
    failing: tuple[str, ...]
    critical: int
    unread: tuple[str, ...]
    ruleset: str
    at: datetime

    def values(self) -> dict[str, Any]:
        """The facts by name, as every portal gets them."""
        return {
            "score": round(self.score, 2),
            "low": round(self.low, 2),
            "high": round(self.high, 2),
            "grade": self.grade,
            "coverage": round(self.coverage, 4),
            "failing": list(self.failing),
            "failing_count": len(self.failing),
            "critical_count": self.critical,
            "unread": list(self.unread),
            "ruleset": self.ruleset,
            "audited_at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """How to get into a portal. `names`: service -> entity where they differ; `blueprint`: Port's; `namespace`: Backstage's."""

    kind: str
    url: str
    user: str = ""
    token: str = field(default="", repr=False)
    blueprint: str = "service"
    namespace: str = "default"


class Portal(Protocol):
    """A portal that is open for one run."""

    async def push(self, facts: Sequence[ServiceFacts]) -> Mapping[str, str]:
        """Push the facts; the services that the portal did not take, each with the reason.

        Raises:
            TrackerError: it takes none, or does not answer.
        """
        ...


class PortalPlugin(Protocol):
    """A module of `products/`. `KIND` is its name in backstay.yaml."""

    KIND: str

    def headers(self, access: PortalAccess) -> Mapping[str, str]:
        """The headers that sign calls in."""
        ...

    def open_portal(self, access: PortalAccess, api: TicketApi) -> Portal:
        """The portal, ready to use."""
        ...


@cache
def portals() -> Mapping[str, PortalPlugin]:
    """Every plug-in by its kind."""
    folder = bot.audit.portals.products
    found: list[PortalPlugin] = [
        importlib.import_module(f"{folder.__name__}.{module.name}") for module in pkgutil.iter_modules(folder.__path__)
    ]
    return {plugin.KIND: plugin for plugin in found}


def facts_of(scorecard: Scorecard, names: Mapping[str, str]) -> list[ServiceFacts]:
    """The facts of every service of an audit. A service is called by `names`, else by its name in lower case with hyphens."""
    made = []
    for scored in scorecard.services:
        by_outcome: dict[Outcome, set[str]] = {}
        for finding in scored.findings:
            by_outcome.setdefault(finding.outcome, set()).add(finding.check.id)
        failed = [finding for finding in scored.findings if finding.outcome is Outcome.FAIL]
        critical = {finding.check.id for finding in failed if finding.check.severity is Severity.CRITICAL}
        unread = by_outcome.get(Outcome.UNKNOWN, set()) | by_outcome.get(Outcome.ERROR, set())
        name = scored.service.name
        made.append(
            ServiceFacts(
                name,
                names.get(name) or _NO_NAME.sub("-", name.lower()).strip("-"),
                scored.score,
                scored.low,
                scored.high,
                scored.grade,
                scored.coverage,
                tuple(sorted(by_outcome.get(Outcome.FAIL, ()))),
                len(critical),
                tuple(sorted(unread)),
                scorecard.ruleset,
                scorecard.generated_at,
            )
        )
    return made
