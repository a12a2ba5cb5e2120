"""Frameworks, their controls, and the evidence that an audit has for each control."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks import Outcome


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework in one version. `controls`: id -> title, in its own order. `scope`: which part of it is reported on."""

    name: str
    title: str
    version: str
    source: str
    scope: str
    controls: Mapping[str, str]


class ControlState(StrEnum):
    """The state of a control by its evidence, worst first. NOT_COVERED: no check is evidence for it."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    NOT_COVERED = "not_covered"
    NOT_APPLICABLE = "not_applicable"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """One finding as evidence. `at`: when its fact was read, or the audit's time. `attested_by`: on whose word it rests."""

    check_id: str
    title: str
    service: str
    resource: str
    outcome: Outcome
    sentence: str
    at: datetime
    attested_by: str = ""
    waived_by: str = ""
    waived_until: str = ""


@dataclass(frozen=True, slots=True)
class ControlEvidence:
    """A control with its evidence, failures first. `checks`: the ids of all checks that are evidence for it."""

    id: str
    title: str
    state: ControlState
    checks: tuple[str, ...]
    entries: tuple[EvidenceEntry, ...]

    def count(self, *outcomes: Outcome) -> int:
        """How many entries have one of these outcomes."""
        return sum(entry.outcome in outcomes for entry in self.entries)


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """Every control of a framework, in its order. `unread`: the reads that failed, one sentence each.

    `chain_head`: the newest link of the evidence chain, empty where there is none.
    """

    framework: Framework
    organisation: str
    audited_at: datetime
    ruleset: str
    coverage: float
    controls: tuple[ControlEvidence, ...]
    unread: tuple[str, ...]
    chain_head: str = ""
