"""What goes into a run of the checks and what comes out: services with their facts and gaps, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checks._check import Check
from checks._facts import Fact
from checks._model import Outcome, Scalar, Service, Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that could not be read: facts of `kinds` from this account and region are missing, nobody knows how many.

    `source` is the collector, `action` the permission or call that failed (`dynamodb:ListTables`), `reason` why. Without
    source and provider nothing failed: everything was read, and nothing of the service was among it.
    """

    source: str
    provider: str
    account: str
    region: str
    reason: str
    kinds: tuple[type[Fact], ...]
    action: str = ""

    def __str__(self) -> str:
        if not self.source and not self.provider:
            return self.reason
        place = " ".join(part for part in (self.provider, self.account, self.region) if part)
        return f"{self.source} in {place} could not be read: {self.reason}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one service: its facts, and the gaps that may hide more of them."""

    service: Service
    facts: Sequence[Fact] = ()
    gaps: Sequence[Gap] = ()


class Finding(NamedTuple):
    """One check's verdict on one service, and on one fact where the check runs once per fact.

    `gap` is set where the verdict is UNKNOWN for want of a whole listing: any number of resources may hide behind it.
    """

    check: Check
    service: Service
    fact: Fact | None
    verdict: Verdict
    gap: Gap | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict's outcome."""
        return self.verdict.outcome

    @property
    def summary(self) -> str:
        """One sentence fit for a person in chat."""
        return self.verdict.summary

    @property
    def evidence(self) -> Mapping[str, Scalar]:
        """What the verdict rests on."""
        return self.verdict.evidence

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Resource, provider, account, region: of the fact, else of the gap, else empty."""
        if self.fact is not None:
            return self.fact.resource, self.fact.provider, self.fact.account, self.fact.region
        if self.gap is not None:
            return "", self.gap.provider, self.gap.account, self.gap.region
        return "", "", "", ""
