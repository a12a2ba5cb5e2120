"""What a ticket says: one for each check that fails on a service, with the resources that fail it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from bot.cards.messages.remediation import remedy_of
from bot.cards.sanitise import clean
from checks import Check, Finding, Outcome, Scorecard, Service, Severity

LABEL = "backstay"
"""Every ticket of ours has this label; by it they are listed."""
KEY = "backstay-key:"
"""Begins the line of a ticket by which it is found again."""
RESOURCES = 20
"""Resources that a ticket names."""

LineKind = Literal["text", "heading", "item", "link"]


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A line of a ticket's body. Its text is plain and each tracker escapes it, unless it is our `own`, with marks for code."""

    kind: LineKind
    text: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class WantedTicket:
    """The ticket that there should be. `assignee`: the tracker's own name of a person, empty for nobody. `due`: a day."""

    key: str
    service: str
    check: str
    severity: Severity
    title: str
    body: tuple[BodyLine, ...]
    due: date
    assignee: str = ""

    @property
    def content(self) -> str:
        """A hash of what it says; the due date is not part of it, since it is set once."""
        said = [self.title, *(f"{line.kind}:{line.text}" for line in self.body)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TicketRules:
    """Which findings get a ticket, and whose. `due`: time from the first failure by tier; `owners`: owner of a service -> assignee.

    `services`: only these; empty: all. `organisation` is part of each key, so that two installations may share a project.
    """

    organisation: str
    severity: Severity = Severity.HIGH
    due: Mapping[int, timedelta] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckState:
    """What the last audit says about one check on one service."""

    service: Service
    check: Check
    findings: tuple[Finding, ...]

    def having(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Its findings with this outcome."""
        return tuple(finding for finding in self.findings if finding.outcome is outcome)

    @property
    def failing(self) -> bool:
        """Whether it fails and nobody waived all of that."""
        return bool(self.having(Outcome.FAIL))

    @property
    def settled(self) -> bool:
        """Whether it certainly does not fail: everything was read and passes, is waived, or does not apply."""
        return not any(finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR) for finding in self.findings)


def check_states(scorecard: Scorecard, rules: TicketRules) -> dict[str, CheckState]:
    """Every check of every service that tickets are kept for, by the key of its ticket."""
    found: dict[str, CheckState] = {}
    for scored in scorecard.services:
        if rules.services and scored.service.name not in rules.services:
            continue
        by_check: dict[str, list[Finding]] = {}
        for finding in scored.findings:
            by_check.setdefault(finding.check.id, []).append(finding)
        for findings in by_check.values():
            check = findings[0].check
            if check.severity.weight >= rules.severity.weight:
                key = key_of(rules.organisation, scored.service.name, check.id)
                found[key] = CheckState(scored.service, check, tuple(findings))
    return found


def key_of(organisation: str, service: str, check: str) -> str:
    """The key of a ticket: the same on every machine and after every restart."""
    return hashlib.sha256(json.dumps([organisation, service, check]).encode()).hexdigest()[:24]


def wanted(key: str, state: CheckState, rules: TicketRules, now: datetime) -> WantedTicket:
    """The ticket of a check that fails."""
    service, check = state.service, state.check
    lasts = rules.due.get(service.tier.number, timedelta(days=90))
    return WantedTicket(
        key,
        service.name,
        check.id,
        check.severity,
        clean(f"{service.name}: {check.id} fails: {check.title}")[:200],
        tuple(_body(key, state)),
        (now + lasts).date(),
        rules.owners.get(service.owner, ""),
    )


def _body(key: str, state: CheckState) -> Iterator[BodyLine]:
    service, check, failing = state.service, state.check, state.having(Outcome.FAIL)
    owner = f", owner {service.owner}" if service.owner else ""
    yield BodyLine(
        "text",
        f"Service {service.name} (tier {service.tier.number}{owner}) fails {check.id}, severity {check.severity}.",
    )
    yield BodyLine("heading", "What fails")
    yield from (BodyLine("item", finding.summary) for finding in failing[:RESOURCES])
    if len(failing) > RESOURCES:
        yield BodyLine("item", f"{len(failing) - RESOURCES} more resources")
    yield BodyLine("heading", "How to fix it")
    yield from (BodyLine("item", words, own=True) for words in _remedies(failing))
    yield BodyLine("heading", "Why it matters")
    yield BodyLine("text", check.lesson, own=True)
    yield BodyLine("link", check.docs)
    yield BodyLine(
        "text",
        "backstay updates and closes this ticket. Close it as won't do, or waive the finding, to accept the risk.",
    )
    yield BodyLine("text", f"{KEY} {key}")


def _remedies(failing: Sequence[Finding]) -> Sequence[str]:
    return list(dict.fromkeys(remedy_of(finding) for finding in failing))[:3]
