"""Runs the checks: checks x facts -> findings. Reads no clock and does no I/O."""

import hashlib
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, partial

import checks
from checks._check import REGISTRY, Check
from checks._facts import (
    GLOBAL,
    Alarm,
    Assessment,
    Attestation,
    CommunicationRoute,
    Fact,
    LifePhase,
    NotKnownError,
    Rehearsal,
    Runbook,
)
from checks._finding import Finding, Gap, Seen, incomplete
from checks._model import Outcome, Service, Verdict, not_applicable, unknown
from checks._nouns import kind_noun, named, subject
from checks._partial import HiddenError, Partial
from checks._shapes import may_hide, may_hide_some
from checks._words import listed

STALE_AFTER = timedelta(hours=48)
_PASSING = (LifePhase.CREATED, LifePhase.DELETED)
_TO_FIX = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)
_NOT_PLACED = frozenset({Alarm, Assessment, Attestation, CommunicationRoute, Rehearsal, Runbook})
"""Kinds whose provider does not say where the service runs."""


@cache
def discover() -> tuple[Check, ...]:
    """Every check of the package, by id. Importing a family's module registers its checks."""
    for module in pkgutil.iter_modules(checks.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"checks.{module.name}")
    return tuple(REGISTRY[key] for key in sorted(REGISTRY))


@cache
def ruleset() -> str:
    """The version of the set of checks: it changes when a check is added, removed or gets another severity."""
    lines = (f"{c.id} {c.family} {c.severity}" for c in discover())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def evaluate(
    seen: Iterable[Seen],
    *,
    now: datetime,
    rules: Sequence[Check] | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Iterator[Finding]:
    """Run each check on each service. `now` is UTC; a fact older than `stale_after` makes the verdict UNKNOWN.

    There is at least one finding per check and service. A check that runs once per fact gives one finding per fact
    (UNKNOWN where the fact is stale), one UNKNOWN per gap, and NOT_APPLICABLE where there is neither. What is being created
    or deleted is not judged, and what does not work passes nothing. A check that takes a
    tuple gets the facts that were read; where some are stale or hidden by a gap, the tuple raises at its end, so that the
    verdict is UNKNOWN unless the facts before it decide.
    """
    rules = discover() if rules is None else rules
    prepared = [_PreparedCheck(rule) for rule in rules]
    oldest = now - stale_after
    for service_seen in seen:
        facts = _FactsByKind(service_seen, oldest)
        for check in prepared:
            yield from check.judge(facts, now)


class _FactsByKind:
    """One service's facts by kind: fresh, stale, and those being created or deleted; the gaps by the kind that they hide."""

    __slots__ = ("fresh", "gaps", "left_out", "passing", "service", "stale", "tuples")

    def __init__(self, seen: Seen, oldest: datetime) -> None:
        self.service = seen.service
        self.fresh: dict[type[Fact], list[Fact]] = defaultdict(list)
        self.passing: dict[type[Fact], list[Fact]] = defaultdict(list)
        self.stale: dict[type[Fact], list[Fact]] = defaultdict(list)
        self.gaps: dict[type[Fact], list[Gap]] = defaultdict(list)
        self.tuples: dict[tuple[type[Fact], int], Sequence[Fact]] = {}
        for fact in seen.facts:
            if fact.observed_at < oldest:
                self.stale[type(fact)].append(fact)
            else:
                (self.passing if fact.phase in _PASSING else self.fresh)[type(fact)].append(fact)
        self.left_out = [gap for gap in seen.gaps if gap.by_choice]
        for gap in seen.gaps:
            for kind in gap.kinds:
                self.gaps[kind].append(gap)

    def all_of(self, kind: type[Fact], check: str) -> Sequence[Fact]:
        """Every fact of a kind, for a check: a tuple, or a `Partial` where some that it needs are missing."""
        found = self.gaps.get(kind, ())
        gaps = [gap for gap in found if may_hide_some(gap, check, kind)] if found else []
        key = kind, hash(tuple(map(id, gaps)))
        made = self.tuples.get(key)
        if made is None:
            fresh, stale = self.fresh.get(kind, ()), self.stale.get(kind, ())
            made = Partial(fresh, partial(_hidden, stale, gaps)) if stale or gaps else tuple(fresh)
            self.tuples[key] = made
        return made

    def providers(self, kinds: Iterable[type[Fact]]) -> frozenset[str]:
        """The providers of the facts of these kinds; of all facts where there is none of them."""
        placed = {kind: found for kind, found in self.fresh.items() if kind not in _NOT_PLACED}
        among = [fact for kind in kinds for fact in placed.get(kind, ())]
        among = among or [fact for found in placed.values() for fact in found]
        return frozenset(fact.provider for fact in among)


class _PreparedCheck:
    """One check with its needs analysed once instead of once per fact."""

    __slots__ = ("check", "each", "many", "name", "run", "wants_now")

    def __init__(self, check: Check) -> None:
        self.check, self.run, self.wants_now = check, check.run, check.wants_now
        self.each = check.each.kind if check.each else None
        self.name = check.each.name if check.each else ""
        self.many = [(need.name, need.kind) for need in check.needs if not need.each]

    def judge(self, facts: _FactsByKind, now: datetime) -> Iterator[Finding]:
        """Every finding of this check on one service."""
        if self.each is None:
            yield self._judge_service(facts, now)
            return
        service, check, run, name = facts.service, self.check, self.run, self.name
        fresh, stale = facts.fresh.get(self.each, ()), facts.stale.get(self.each, ())
        hidden = facts.gaps.get(self.each, ())
        gaps = [gap for gap in hidden if may_hide(gap, check.id, self.each)]
        rest = self._other_arguments(facts, now) if fresh else {}
        for fact in fresh:
            try:
                if rest:
                    rest[name] = fact
                    verdict = run(service, **rest)
                else:
                    verdict = run(service, fact)
            except Exception as error:  # noqa: BLE001 - a broken check must cost its own finding only
                verdict = _verdict_of_error(error, f"settings of {named(fact)}")
            yield Finding(check, service, fact, _while_it_works(fact, verdict))
        passing = facts.passing.get(self.each, ())
        for fact in passing:
            yield Finding(check, service, fact, not_applicable(f"{subject(fact)} is {fact.phase.value}"))
        for fact in stale:
            yield Finding(check, service, fact, unknown(_too_old(fact)))
        for gap in gaps:
            summary = incomplete(gap)
            yield Finding(check, service, None, unknown(summary, action=gap.action, source=gap.source), gap)
        if not (fresh or passing or stale or gaps):
            yield Finding(check, service, None, _no_such_fact(service, self.each, others=bool(hidden)))

    def _judge_service(self, facts: _FactsByKind, now: datetime) -> Finding:
        service, gap = facts.service, None
        try:
            verdict = self.run(service, **self._other_arguments(facts, now))
        except HiddenError as error:
            verdict, gap = unknown(str(error)), error.gap
        except Exception as error:  # noqa: BLE001 - a broken check must cost its own finding only
            verdict = _verdict_of_error(error, f"data on {service.name}")
        if self.check.needs_all_regions and facts.left_out:
            verdict = _as_far_as_read(self.check, verdict, facts.left_out)
        kinds = (kind for _, kind in self.many)
        among = facts.providers(kinds) if verdict.outcome in _TO_FIX else frozenset()
        return Finding(self.check, service, None, verdict, gap, among)

    def _other_arguments(self, facts: _FactsByKind, now: datetime) -> dict[str, object]:
        rest: dict[str, object] = {name: facts.all_of(kind, self.check.id) for name, kind in self.many}
        if self.wants_now:
            rest["now"] = now
        return rest


def _while_it_works(fact: Fact, verdict: Verdict) -> Verdict:
    """The verdict on a resource that exists: while it does not work, nothing good is proven of it."""
    if fact.phase is LifePhase.STOPPED and verdict.outcome is Outcome.PASS:
        status = fact.status or fact.phase.value
        return unknown(
            f"{verdict.summary}, but does not work: its status is {status}", **verdict.evidence, status=status
        )
    return verdict


def _as_far_as_read(check: Check, verdict: Verdict, left_out: Sequence[Gap]) -> Verdict:
    """The verdict where regions were left out by choice: they were not read, so they are not empty."""
    regions = listed({region for gap in left_out for region in gap.only_regions})
    if verdict.outcome is Outcome.FAIL and check.needs_all_regions == "to fail":
        summary = f"Only {regions} read, so unknown for other regions; in these, {verdict.summary}"
        return unknown(summary, **verdict.evidence, regions_read=regions)
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        return not_applicable(f"{verdict.summary} (regions read: {regions})", **verdict.evidence)
    return verdict


def _verdict_of_error(error: Exception, about: str) -> Verdict:
    if isinstance(error, HiddenError):
        return unknown(str(error))
    if isinstance(error, NotKnownError):
        return unknown(f"Could not read all {about}: {error}")
    # The exception is for the author of the check; a card says only that there was one.
    evidence = {"error": f"{type(error).__name__}: {error}"}
    return Verdict(Outcome.ERROR, f"Check stopped with an internal error on {about}", evidence)


def _no_such_fact(service: Service, kind: type[Fact], *, others: bool) -> Verdict:
    """`others`: facts of the kind are missing, and none of them is one that the check judges."""
    judged = " that this check applies to" if others else ""
    return not_applicable(f"{service.name} has no {kind_noun(kind)}{judged}")


def _too_old(fact: Fact) -> str:
    return f"Data on {named(fact)} is too old: last read at {fact.observed_at:%Y-%m-%d %H:%M} UTC"


def _hidden(stale: Sequence[Fact], gaps: Sequence[Gap]) -> HiddenError:
    reason = incomplete(gaps[0]) if gaps else _too_old(stale[0])
    more = len(gaps) + len(stale) - 1
    missing: tuple[Gap | Fact, ...] = (*gaps, *stale)
    resources = tuple(what.resource for what in missing)
    told = all(what.provider and what.region not in ("", GLOBAL) and what.host is not None for what in missing)
    return HiddenError(
        f"{reason} (and {more} more)" if more else reason,
        gaps[0] if gaps else None,
        resources if all(resources) else (),
        frozenset((what.host or what.provider, what.region) for what in missing) if told else frozenset(),
    )
