"""Input and output of a run of the checks: services with facts and gaps in, findings out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from checks._check import Check
from checks._facts import Fact
from checks._model import Outcome, Scalar, Service, Verdict
from checks._nouns import capitalised
from checks._remedies import joined


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource list that could not be read: an unknown number of facts of `kinds` in this account and region is missing.

    `source` is the collector, `action` the permission or call that failed (`dynamodb:ListTables`), `reason` why. Without
    source and provider nothing failed: everything was read, and no resource belongs to the service.
    `resource` (with its `tags`): only the facts of this one resource are missing. `only_regions`: nothing failed, but the
    settings limit the account to these regions; what is not found there may be elsewhere. `host`: as that of the
    missing facts. `nothing_found`: the service has no resource at all. `shapes`: the only kinds of datastore or compute that
    are missing (`cache`, `function`); empty: any.
    """

    source: str
    provider: str
    account: str
    region: str
    reason: str
    kinds: tuple[type[Fact], ...]
    action: str = ""
    resource: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    only_regions: tuple[str, ...] = ()
    host: str | None = ""
    nothing_found: bool = False
    shapes: tuple[str, ...] = ()

    @property
    def by_choice(self) -> bool:
        """Whether the settings left regions out, so that nothing failed."""
        return bool(self.only_regions)

    def __str__(self) -> str:
        if not self.source and not self.provider:
            return self.reason
        if self.by_choice:
            return f"{self.reason}, account {self.account}" if self.account else self.reason
        scope = "/".join(part for part in (self.provider, self.region) if part)
        account = f", account {self.account}" if self.account else ""
        what = f"{self.resource} ({self.source})" if self.resource else self.source
        return f"could not read {what} in {scope}{account}: {self.reason}"


def incomplete(gap: Gap) -> str:
    """The sentence of a verdict that is UNKNOWN because of a gap."""
    if gap.resource or not (gap.source or gap.provider):
        return capitalised(str(gap))
    return f"Resource list incomplete: {gap}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One service with its facts, and the gaps that may hide more facts."""

    service: Service
    facts: Sequence[Fact] = ()
    gaps: Sequence[Gap] = ()


class Finding(NamedTuple):
    """One check's verdict on one service, and on one fact where the check runs once per fact.

    `gap` is set where the verdict is UNKNOWN because a resource list is incomplete: any number of resources may be missing,
    or the one that the gap names. `among`: where a check is about the whole service and does not pass, the providers of what it judged.
    """

    check: Check
    service: Service
    fact: Fact | None
    verdict: Verdict
    gap: Gap | None = None
    among: frozenset[str] = frozenset()

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
        """The values that the verdict rests on."""
        return self.verdict.evidence

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Resource, provider, account, region: of the fact, else of the gap, else empty."""
        if self.fact is not None:
            return self.fact.resource, self.fact.provider, self.fact.account, self.fact.region
        if self.gap is not None:
            return self.gap.resource, self.gap.provider, self.gap.account, self.gap.region
        return "", "", "", ""

    @property
    def providers(self) -> frozenset[str]:
        """The providers that it is about, by which its remediation is chosen; empty where that is not known."""
        provider = self.place[1]
        return frozenset({provider}) if provider else self.among

    @property
    def remediation(self) -> str:
        """How to fix it, with the commands of its providers."""
        return joined(self.check.remedies_for(self.providers))
