"""Scores facts that were read from files, without a cloud, a ledger or a history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.audit.attribution import attribute, is_read_from_cloud, services_from_resources
from bot.model.audits import Audit, Collected
from bot.model.entries import CatalogueEntry
from checks import Fact, Gap, Seen, Waiver, evaluate, score, waive


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """What files are scored by. `entries`: the services; `declared`: their facts that no file has (runbooks, drills)."""

    entries: Sequence[CatalogueEntry]
    now: datetime
    waivers: Sequence[Waiver] = ()
    declared: Sequence[Fact] = ()

    def audit(self, collected: Collected) -> Audit:
        """Score the services that have a resource in the files; the others are not in them."""
        facts = (*collected.facts, *self.declared)
        seen = [found for found in attribute(self.entries, facts, collected.gaps) if _is_in(found)]
        findings = waive(evaluate(seen, now=self.now), self.waivers, now=self.now)
        card = score(findings, services=[found.service for found in seen], now=self.now)
        return Audit(card, collected, 0, collected.seconds)


def _is_in(seen: Seen) -> bool:
    return any(is_read_from_cloud(fact) and not fact.shared for fact in seen.facts)


def guessed_services(moments: Sequence[Collected]) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
    """The services of all moments together, guessed as an audit without a catalogue does, and a sentence for each guess.

    The last moment comes first: what an earlier one has more was deleted or replaced.
    """
    facts: dict[str, list[Fact]] = {}
    gaps: list[Gap] = []
    for moment in reversed(moments):
        new: dict[str, list[Fact]] = {}
        for fact in moment.facts:
            if fact.resource not in facts:
                new.setdefault(fact.resource, []).append(fact)
        facts |= new
        gaps += [gap for gap in moment.gaps if gap.resource]
    return services_from_resources([fact for group in facts.values() for fact in group], gaps)


def merged(parts: Sequence[Collected]) -> Collected:
    """Several collected parts as one: a plan and the manifests beside it."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return replace(
        first,
        facts=[fact for part in parts for fact in part.facts],
        gaps=[gap for part in parts for gap in part.gaps],
        read=tuple(dict.fromkeys(place for part in parts for place in part.read)),
        accounts=tuple(dict.fromkeys(account for part in parts for account in part.accounts)),
    )
