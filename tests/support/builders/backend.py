"""A backend with a sample estate: what commands query, answered at once and without a cloud."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from support.builders.records import RecordsInMemory
from support.builders.scorecards import MIXED, SOUND, sample_history, sample_scorecard, sample_service
from support.builders.whatifs import sample_impact

from bot.model import Audience, Audit, AuditQueries, Caller, Collected, Progress, Progressing
from bot.model.backend import Backend
from bot.model.drills import GuessDecision
from bot.model.guesses import GuessedDependency
from bot.model.incidents import IncidentQueries
from bot.model.providers import ProviderStatus
from bot.model.records import Records
from bot.model.risk import Risk
from checks import Concentration, Fact, Impact, PastScore, Scope, Scorecard, Service, Weight, score


def sample_services(*names: str) -> tuple[Service, ...]:
    """Services with these names, tier 1."""
    return tuple(sample_service(name) for name in names)


@dataclass
class SampleAudits:
    """Every service is mixed. `audited` False: there was no audit yet. `steps`: reports of progress an audit makes.

    `problem` is raised by an audit. `audited_services` are the services that audits were requested for.
    """

    catalogue: tuple[Service, ...]
    organisation: str = "Acme"
    currency: str = "EUR"
    audited: bool = True
    steps: int = 3
    problem: Exception | None = None
    facts: Sequence[Fact] = ()
    known_scope: bool = True
    audited_services: list[tuple[str, ...]] = field(default_factory=list)
    teams: Sequence[Audience] = ()

    def teams_of(self, caller: Caller) -> Sequence[Audience]:
        return [team for team in self.teams if caller.identities & set(team.members)]

    async def services(self) -> Sequence[Service]:
        return self.catalogue

    async def latest(self) -> Audit | None:
        return Audit(self.scorecard(), Collected(self.facts, ()), 0, 0.0) if self.audited else None

    async def audit(self, services: Sequence[str], progress: Progressing) -> Audit:
        self.audited_services.append(tuple(services))
        for step in range(self.steps):
            progress(Progress(step, self.steps, f"place {step}"))
            await asyncio.sleep(0)
        if self.problem:
            raise self.problem
        self.audited = True
        return Audit(self.scorecard(), Collected(self.facts, ()), 7, 0.1)

    async def history(self, service: str, since: datetime) -> Sequence[PastScore]:
        return [past for past in sample_history(service) if past.at >= since]

    async def whatif(self, scope: Scope, lasts: timedelta, progress: Progressing) -> Impact:
        if not self.audited:
            await self.audit((), progress)
        impact = sample_impact(len(self.catalogue), lambda at: self.catalogue[at].name, known=self.known_scope)
        return replace(impact, scope=scope, lasts=lasts)

    async def risk(self) -> Risk | None:
        return (
            Risk(self.scorecard(), Concentration(Weight(), (), (0, 0), None), (), "no record") if self.audited else None
        )

    def scorecard(self) -> Scorecard:
        """The estate's scorecard: the first service mixed, the others sound."""
        if not self.catalogue:
            return score((), services=(), now=sample_history()[-1].at)
        mixed, *sound = self.catalogue
        return sample_scorecard((mixed, MIXED), *((service, SOUND) for service in sound))


def sample_backend(
    audits: AuditQueries,
    *,
    incidents: IncidentQueries | None = None,
    providers: ProviderStatus | None = None,
    records: Records | None = None,
) -> Backend:
    """These audits, with records in memory unless others are given."""
    return Backend(audits, incidents, providers, records or RecordsInMemory(), guesses=GuessesInMemory())


class GuessesInMemory:
    """Two guesses about checkout; decisions are kept."""

    def __init__(self) -> None:
        self.decided: list[GuessDecision] = []

    async def guesses(self) -> Sequence[GuessedDependency]:
        evidence = ("environment variable PAY: api.stripe.com",)
        return [GuessedDependency("checkout", target, "saas", evidence) for target in ("stripe", "mailgun")]

    async def decide(self, decision: GuessDecision) -> None:
        self.decided.append(decision)
