"""The basic types: services with their dependencies and tiers, scopes, severities, outcomes and verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

Scalar = str | int | float | bool | None
DependencyKind = Literal["service", "scope", "saas"]
ATTESTED_BY = "attested_by"
"""The key of a verdict's evidence that names the person on whose word it rests."""


class Severity(StrEnum):
    """How much a failed check matters; `weight` is its weight in the score."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def weight(self) -> int:
        """Weight in the score: critical 10, high 5, medium 3, low 1."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.CRITICAL: 10, Severity.HIGH: 5, Severity.MEDIUM: 3, Severity.LOW: 1}


class Outcome(StrEnum):
    """The result of a check. UNKNOWN means that data could not be read; it never counts as PASS."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"
    WAIVED = "waived"


class Verdict(NamedTuple):
    """The answer of a check for one service and one fact: a sentence for chat, and the values that it rests on."""

    outcome: Outcome
    summary: str
    evidence: Mapping[str, Scalar]

    @property
    def on_word(self) -> bool:
        """Whether it passes on somebody's word alone: an attestation, and nothing that a machine recorded."""
        return self.outcome is Outcome.PASS and bool(self.evidence.get(ATTESTED_BY))


def passed(summary: str, **evidence: Scalar) -> Verdict:
    """A PASS: the good condition holds."""
    return Verdict(Outcome.PASS, summary, evidence)


def failed(summary: str, **evidence: Scalar) -> Verdict:
    """A FAIL: the good condition does not hold."""
    return Verdict(Outcome.FAIL, summary, evidence)


def unknown(summary: str, **evidence: Scalar) -> Verdict:
    """An UNKNOWN: data could not be read or is not set; the summary says why."""
    return Verdict(Outcome.UNKNOWN, summary, evidence)


def not_applicable(summary: str, **evidence: Scalar) -> Verdict:
    """A NOT_APPLICABLE: the check does not concern this fact; the summary says why."""
    return Verdict(Outcome.NOT_APPLICABLE, summary, evidence)


@dataclass(frozen=True, slots=True)
class Tier:
    """How important a service is: 1 is the most important. `weight` is its weight in the estate's score; `rto`, `rpo` its targets."""

    number: int
    weight: float
    rto: timedelta | None = None
    rpo: timedelta | None = None


DEFAULT_TIERS: Mapping[int, Tier] = {
    1: Tier(1, 8, timedelta(hours=1), timedelta(minutes=15)),
    2: Tier(2, 4, timedelta(hours=4), timedelta(hours=1)),
    3: Tier(3, 2, timedelta(hours=24), timedelta(hours=24)),
    4: Tier(4, 1),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Something that can be lost: `aws`, `gcp/europe-west4`, `aws/us-east-1/dynamodb`, `azure/westeurope/1`, `stripe`.

    `region` may be a cluster (`kubernetes/prod`). `part` is a product or a zone of the region; the facts that it matches
    decide which.
    """

    provider: str
    region: str = ""
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Parse `provider[/region[/part]]`.

        Raises:
            ValueError: the text has an empty step or more than three steps.
        """
        steps = [step.strip().lower() for step in text.strip().split("/")]
        if not 1 <= len(steps) <= 3 or not all(steps):
            raise ValueError(
                f"{text!r} is not a scope: write provider, provider/region or provider/region/product-or-zone"
            )
        return cls(*steps)

    def covers(self, other: "Scope") -> bool:
        """Whether losing this scope loses the other one as a whole."""
        mine, theirs = self.steps, other.steps
        return theirs[: len(mine)] == mine

    @property
    def named_like_a_zone(self) -> bool:
        """Whether the part is called as zones are: `use1-az4`, `us-east-1a`, `europe-west4-a`, and Azure's `1`."""
        return bool(self.part) and ("-az" in self.part or self.part.startswith(self.region) or self.part.isdigit())

    @property
    def steps(self) -> tuple[str, ...]:
        """The non-empty steps, widest first."""
        return tuple(step for step in (self.provider, self.region, self.part) if step)

    def __str__(self) -> str:
        return "/".join(self.steps)


def cluster_step(name: str) -> str:
    """A cluster's name as the step of a scope: the ARN of an EKS cluster has a slash, which would be two steps."""
    return name.strip().lower().replace("/", ":")


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a service depends on: another service, a scope (`aws/us-east-1/dynamodb`) or a SaaS by name (`stripe`).

    Losing a hard dependency takes the service down, losing a soft one degrades it. `fallback` names the replacement that
    takes over, empty where there is none. `parts` are the parts of a provider that it needs, in the words of its status page
    (`API`); none: all of it.
    """

    target: str
    kind: DependencyKind
    hard: bool = True
    fallback: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the catalogue. Revenue is in the organisation's currency per hour; None means not set."""

    name: str
    tier: Tier
    owner: str = ""
    audience: str = ""
    users: int | None = None
    revenue_per_hour: float | None = None
    revenue_as_of: date | None = None
    rto: timedelta | None = None
    rpo: timedelta | None = None
    depends_on: tuple[Dependency, ...] = ()
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def rto_target(self) -> timedelta | None:
        """The recovery time objective: its own, else its tier's; None where neither is set."""
        return self.rto if self.rto is not None else self.tier.rto

    @property
    def rpo_target(self) -> timedelta | None:
        """The recovery point objective: its own, else its tier's; None where neither is set."""
        return self.rpo if self.rpo is not None else self.tier.rpo
