"""What outages cost in a year, as a range: the recorded outages of a provider x the revenue that they interrupt."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ENOUGH = 5
"""Fewer recorded outages than this say too little about how often they happen."""

_Z = 1.2816
"""The normal quantile of an 80 % interval."""


@dataclass(frozen=True, slots=True)
class OutageRecord:
    """The recorded outages of a provider, or of a class of them.

    `name`: of the provider or class. `providers`: whose records they are. `years`: provider-years observed. `critical` and
    `major`: number and hours of outages of severity critical, and of major or critical.
    """

    name: str
    providers: tuple[str, ...]
    years: float
    critical: tuple[int, float]
    major: tuple[int, float]

    @property
    def enough(self) -> bool:
        """Whether there are enough outages to expect more of them."""
        return self.major[0] >= ENOUGH and self.years > 0


@dataclass(frozen=True, slots=True)
class OutageHistory:
    """Records by provider, and the class of each provider (`twilio`: comms) for those with too few."""

    records: Mapping[str, OutageRecord] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def of_class(self, name: str) -> OutageRecord:
        """The records of all providers of a class together."""
        members = [record for provider, record in self.records.items() if self.classes.get(provider) == name]
        return OutageRecord(
            name,
            tuple(sorted(record.name for record in members)),
            sum(record.years for record in members),
            _sums(record.critical for record in members),
            _sums(record.major for record in members),
        )


@dataclass(frozen=True, slots=True)
class YearlyHours:
    """Hours of outage to expect in a year. `low`: of severity critical, `high`: of major or critical.

    Both are bounds of an 80 % interval of how often they happen, times their mean length. `basis`: on what they rest.
    """

    low: float
    high: float
    basis: str


def yearly_hours(provider: str, history: OutageHistory) -> YearlyHours | str:
    """The hours to expect of a provider by its record, else by its class; else why nothing can be said."""
    own = history.records.get(provider)
    if own is not None and own.enough:
        return _expected(own, f"{own.major[0]} major or critical outages of {provider}")
    few = f"{own.major[0] if own else 'no'} recorded outages of {provider}"
    name = history.classes.get(provider, "")
    pooled = history.of_class(name) if name else None
    if pooled is None or not pooled.enough:
        return f"too few to say: {few}" + (f", and too few of its class ({name})" if name else "")
    whose = f"{len(pooled.providers)} provider{'s' if len(pooled.providers) > 1 else ''}: {', '.join(pooled.providers)}"
    return _expected(pooled, f"{few}, so the class {name} counts: {pooled.major[0]} outages of {whose}")


def _expected(record: OutageRecord, basis: str) -> YearlyHours:
    low = bounds(record.critical[0])[0] / record.years * _mean(record.critical)
    high = bounds(record.major[0])[1] / record.years * _mean(record.major)
    return YearlyHours(low, max(low, high), basis)


def bounds(count: int) -> tuple[float, float]:
    """The 80 % interval of a Poisson mean after `count` events, by Byar's approximation.

    Source: Breslow and Day, "Statistical Methods in Cancer Research", volume 2 (IARC, 1987), page 69.
    """
    low = count * (1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3


def _mean(outages: tuple[int, float]) -> float:
    return outages[1] / outages[0] if outages[0] else 0.0


def _sums(parts: Iterable[tuple[int, float]]) -> tuple[int, float]:
    members = list(parts)
    return sum(count for count, _ in members), sum(hours for _, hours in members)
