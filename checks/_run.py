"""checks x facts -> findings. Nothing here reads a clock or the world."""

import hashlib
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import checks
from checks._check import REGISTRY, Check
from checks._facts import Fact, NotKnownError
from checks._model import Outcome, Scalar, Service, Verdict, not_applicable, unknown

STALE_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that could not be read: facts of `kinds` from this account and region are missing, nobody knows how many.

    `source` is the collector, `action` the permission or call that failed (`dynamodb:ListTables`), `reason` why.
    """

    source: str
    provider: str
    account: str
    region: str
    reason: str
    kinds: tuple[type[Fact], ...]
    action: str = ""


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


@cache
def discover() -> tuple[Check, ...]:
    """Every check of the package, by id. Importing a family's module registers its checks."""
    for module in pkgutil.iter_modules(checks.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"checks.{module.name}")
    return tuple(REGISTRY[key] for key in sorted(REGISTRY))


@cache
def ruleset() -> str:
    """The version of the set of checks: changes when a check comes, goes or weighs anew, so that a trend can tell."""
    lines = (f"{c.id} {c.family} {c.severity}" for c in discover())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def evaluate(
    seen: Iterable[Seen],
    *,
    now: datetime,
    rules: Sequence[Check] | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Iterator[Finding]:
    """Judge each service by each check. `now` is UTC; a fact older than `stale_after` makes its verdict UNKNOWN.

    For each check and service there is at least one finding: NOT_APPLICABLE where the service has no such fact and
    every place could be read, UNKNOWN for each gap where more such facts may hide.
    """
    rules = discover() if rules is None else rules
    plans = [_Plan(rule) for rule in rules]
    oldest = now - stale_after
    for one in seen:
        book = _Book(one, oldest)
        for plan in plans:
            yield from plan.judge(book, now)


@dataclass(slots=True)
class _Book:
    """One service's facts by kind, stale ones marked."""

    seen: Seen
    oldest: datetime
    by_kind: dict[type[Fact], list[Fact]] = field(init=False)
    gaps: dict[type[Fact], list[Gap]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_kind = defaultdict(list)
        self.gaps = defaultdict(list)
        for fact in self.seen.facts:
            self.by_kind[type(fact)].append(fact)
        for gap in self.seen.gaps:
            for kind in gap.kinds:
                self.gaps[kind].append(gap)


class _Plan:
    """How one check is run: its needs taken apart once, not once per fact."""

    __slots__ = ("check", "each", "kinds", "many", "name", "run", "wants_now")

    def __init__(self, check: Check) -> None:
        self.check, self.run, self.wants_now = check, check.run, check.wants_now
        self.each = check.each.kind if check.each else None
        self.name = check.each.name if check.each else ""
        self.many = [(need.name, need.kind) for need in check.needs if not need.each]
        self.kinds = [need.kind for need in check.needs]

    def judge(self, book: _Book, now: datetime) -> Iterator[Finding]:
        service, check = book.seen.service, self.check
        gaps = self._gaps(book)
        facts = [None] if self.each is None else book.by_kind.get(self.each, ())
        rest: dict[str, object] = {name: tuple(book.by_kind.get(kind, ())) for name, kind in self.many}
        if self.wants_now:
            rest["now"] = now
        if self.each is None and gaps:
            yield from self._hidden(service, gaps)
            return
        hidden_context = [gap for gap in gaps if self.each not in gap.kinds]
        empty = True
        for fact in facts:
            empty = False
            verdict = self._verdict(service, fact, rest, book.oldest)
            if hidden_context and verdict.outcome is not Outcome.PASS and verdict.outcome is not Outcome.NOT_APPLICABLE:
                verdict = unknown(f"{_unread(hidden_context[0])}; what was seen: {verdict.summary}")
            yield Finding(check, service, fact, verdict)
        own = [gap for gap in gaps if self.each in gap.kinds]
        if own:
            yield from self._hidden(service, own)
        elif empty:
            kind = self.each.__name__ if self.each else ""
            yield Finding(check, service, None, not_applicable(f"{service.name} has no {kind}"))

    def _gaps(self, book: _Book) -> list[Gap]:
        if not book.gaps:
            return []
        return [gap for kind in self.kinds for gap in book.gaps.get(kind, ())]

    def _hidden(self, service: Service, gaps: Iterable[Gap]) -> Iterator[Finding]:
        for gap in gaps:
            yield Finding(self.check, service, None, unknown(_unread(gap), action=gap.action, source=gap.source), gap)

    def _verdict(self, service: Service, fact: Fact | None, rest: dict[str, object], oldest: datetime) -> Verdict:
        try:
            if fact is None:
                return self.run(service, **rest)
            if fact.observed_at < oldest:
                return unknown(f"{fact.name} was last read at {fact.observed_at:%Y-%m-%d %H:%M} UTC, too long ago")
            if rest:
                return self.run(service, **{self.name: fact}, **rest)
            return self.run(service, fact)
        except NotKnownError as reason:
            return unknown(f"{fact.name if fact else service.name}: {reason}")
        except Exception as error:  # noqa: BLE001 - a broken check must cost its own finding only
            return Verdict(Outcome.ERROR, f"the check broke: {type(error).__name__}: {error}", {})


def _unread(gap: Gap) -> str:
    where = gap.region if gap.region in ("", "global") else f"{gap.region}"
    return f"{gap.source} in {gap.provider} {gap.account} {where} could not be read: {gap.reason}"
