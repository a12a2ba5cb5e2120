"""checks x facts -> findings. Nothing here reads a clock or the world."""

import hashlib
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, partial

import checks
from checks._check import REGISTRY, Check
from checks._facts import Fact, NotKnownError
from checks._finding import Finding, Gap, Seen
from checks._model import Outcome, Service, Verdict, not_applicable, unknown
from checks._partial import HiddenError, Partial

STALE_AFTER = timedelta(hours=48)


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
    """Judge each service by each check. `now` is UTC; a fact older than `stale_after` is not relied on.

    For each check and service there is at least one finding. A check which runs once per fact gives one for each of them
    (UNKNOWN where the fact is stale), one UNKNOWN for each gap where more may hide, and NOT_APPLICABLE where there is
    neither. A check which asks for a tuple gets what was seen; where some of it is stale or behind a gap, the tuple raises
    at its end, so that a verdict stands if what was seen settles it and is UNKNOWN otherwise.
    """
    rules = discover() if rules is None else rules
    plans = [_Plan(rule) for rule in rules]
    oldest = now - stale_after
    for one in seen:
        book = _Book(one, oldest)
        for plan in plans:
            yield from plan.judge(book, now)


class _Book:
    """One service's facts by kind, stale ones apart, and the gaps by the kind that they hide."""

    __slots__ = ("fresh", "gaps", "service", "stale", "tuples")

    def __init__(self, seen: Seen, oldest: datetime) -> None:
        self.service = seen.service
        self.fresh: dict[type[Fact], list[Fact]] = defaultdict(list)
        self.stale: dict[type[Fact], list[Fact]] = defaultdict(list)
        self.gaps: dict[type[Fact], list[Gap]] = defaultdict(list)
        self.tuples: dict[type[Fact], Sequence[Fact]] = {}
        for fact in seen.facts:
            (self.fresh if fact.observed_at >= oldest else self.stale)[type(fact)].append(fact)
        for gap in seen.gaps:
            for kind in gap.kinds:
                self.gaps[kind].append(gap)

    def all_of(self, kind: type[Fact]) -> Sequence[Fact]:
        """Every fact of a kind: a tuple, or where some are missing a `Partial`."""
        made = self.tuples.get(kind)
        if made is None:
            fresh = self.fresh.get(kind, ())
            stale, gaps = self.stale.get(kind, ()), self.gaps.get(kind, ())
            made = Partial(fresh, partial(_hidden, stale, gaps)) if stale or gaps else tuple(fresh)
            self.tuples[kind] = made
        return made


class _Plan:
    """How one check is run: its needs taken apart once, not once per fact."""

    __slots__ = ("check", "each", "many", "name", "run", "wants_now")

    def __init__(self, check: Check) -> None:
        self.check, self.run, self.wants_now = check, check.run, check.wants_now
        self.each = check.each.kind if check.each else None
        self.name = check.each.name if check.each else ""
        self.many = [(need.name, need.kind) for need in check.needs if not need.each]

    def judge(self, book: _Book, now: datetime) -> Iterator[Finding]:
        """Every finding of this check on one service."""
        if self.each is None:
            yield self._once(book, now)
            return
        service, check, run, name = book.service, self.check, self.run, self.name
        fresh, stale, gaps = book.fresh.get(self.each, ()), book.stale.get(self.each, ()), book.gaps.get(self.each, ())
        rest = self._rest(book, now) if fresh else {}
        for fact in fresh:
            try:
                if rest:
                    rest[name] = fact
                    verdict = run(service, **rest)
                else:
                    verdict = run(service, fact)
            except Exception as error:  # noqa: BLE001 - a broken check must cost its own finding only
                verdict = _stopped(error, fact.name)
            yield Finding(check, service, fact, verdict)
        for fact in stale:
            yield Finding(check, service, fact, unknown(_too_old(fact)))
        for gap in gaps:
            yield Finding(check, service, None, unknown(str(gap), action=gap.action, source=gap.source), gap)
        if not (fresh or stale or gaps):
            yield Finding(check, service, None, _none_of(service, self.each))

    def _once(self, book: _Book, now: datetime) -> Finding:
        service, gap = book.service, None
        try:
            verdict = self.run(service, **self._rest(book, now))
        except HiddenError as error:
            verdict, gap = unknown(str(error)), error.gap
        except Exception as error:  # noqa: BLE001 - a broken check must cost its own finding only
            verdict = _stopped(error, service.name)
        return Finding(self.check, service, None, verdict, gap)

    def _rest(self, book: _Book, now: datetime) -> dict[str, object]:
        rest: dict[str, object] = {name: book.all_of(kind) for name, kind in self.many}
        if self.wants_now:
            rest["now"] = now
        return rest


def _stopped(error: Exception, about: str) -> Verdict:
    if isinstance(error, HiddenError):
        return unknown(str(error))
    if isinstance(error, NotKnownError):
        return unknown(f"{about}: {error}")
    return Verdict(Outcome.ERROR, f"the check broke on {about}: {type(error).__name__}: {error}", {})


def _none_of(service: Service, kind: type[Fact]) -> Verdict:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()
    return not_applicable(f"{service.name} has no {words}")


def _too_old(fact: Fact) -> str:
    return f"{fact.name} was last read at {fact.observed_at:%Y-%m-%d %H:%M} UTC, too long ago"


def _hidden(stale: Sequence[Fact], gaps: Sequence[Gap]) -> HiddenError:
    reason = str(gaps[0]) if gaps else _too_old(stale[0])
    more = len(gaps) + len(stale) - 1
    return HiddenError(f"{reason} (and {more} more)" if more else reason, gaps[0] if gaps else None)
