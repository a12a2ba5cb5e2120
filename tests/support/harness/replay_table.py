"""Runs cases, sums up their runs, and draws the table."""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import cast

import structlog
from support.harness.replay_cases import Case
from support.harness.replay_goals import alerts, first_alert
from support.harness.replay_outages import AS_INSTALLED, OUTAGES
from support.harness.replay_own_trouble import OWN_TROUBLE
from support.harness.replay_pages import PAGES
from support.harness.replay_partial import PARTIAL
from support.harness.replay_run import watch
from support.harness.replay_waves import WAVES
from support.samples.twelve_outages import TWELVE

CASES: tuple[Case, ...] = (*PARTIAL, *OWN_TROUBLE, *WAVES, *PAGES, *OUTAGES)
BY_NAME = {case.name: case for case in CASES}
assert len(BY_NAME) == len(CASES)


@dataclass(frozen=True)
class Run:
    """What came of one run. Times in seconds; None: not told, or the page never spoke."""

    seed: int
    misses: tuple[str, ...]
    after: float | None
    lead: float | None
    messages: int
    blamed: int
    first: str = ""


@dataclass
class Result:
    """What came of all runs of a case."""

    name: str
    share: float
    runs: list[Run] = field(default_factory=list)
    text: str = ""

    @property
    def good(self) -> float:
        """The share of runs that missed nothing."""
        return sum(not run.misses for run in self.runs) / max(len(self.runs), 1)

    @property
    def missed(self) -> bool:
        """Whether the case's goal is missed."""
        return self.good < self.share


def run_case(name: str, seed: int) -> Run:
    """One run of a case, without a log."""
    with _without_log():
        return _run_case(name, seed)


@contextmanager
def _without_log() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)


def _run_case(name: str, seed: int) -> Run:
    case = BY_NAME[name]
    try:
        watched = watch(case.scene(Random(f"{seed} world")), seed)  # noqa: S311 - a simulation
    except Exception as error:  # noqa: BLE001 - a run that crashes is one in which nothing is as wanted
        return Run(seed, (f"crashed: {_cause(error)!r}"[:120],), None, None, 0, 0)
    told = first_alert(watched)
    after = (told.at - watched.scene.onset).total_seconds() if told else None
    lead = (case.page_at - told.at).total_seconds() if told and case.page_at else None
    # In the cases of point 2 the fault is ours unless the scene breaks a provider too.
    ours = case.point == "2" and not watched.scene.outside.effects
    return Run(
        seed,
        tuple(case.wanted(watched)),
        after,
        lead,
        len(watched.told),
        len(alerts(watched)) if ours else 0,
        told.title if told else "",
    )


def _cause(error: BaseException) -> BaseException:
    return _cause(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def results_of(name: str, runs: Iterable[object]) -> Result:
    """All runs of a case."""
    return Result(name, BY_NAME[name].share, [cast("Run", run) for run in runs])


def heading(seeds: range) -> str:
    """The head of the table."""
    words = ("case", "as wanted", "told", "median", "p95", "lead", "messages", "blamed", "missed")
    return f"seeds {seeds.start} to {seeds.stop - 1}\n" + _line(*words)


def row(result: Result) -> str:
    """One line of the table."""
    runs = result.runs
    waits = sorted(run.after for run in runs if run.after is not None)
    leads = [run.lead for run in runs if run.lead is not None]
    missed = Counter(miss for run in runs for miss in run.misses)
    example = next((f" e.g. seed {run.seed}" for run in runs if run.misses), "") if result.missed else ""
    return _line(
        f"{BY_NAME[result.name].point} {result.name}",
        f"{result.good:.0%}" + ("" if not result.share else " MISSED" if result.missed else " ok"),
        f"{sum(run.after is not None for run in runs) / max(len(runs), 1):.0%}",
        _span(statistics.median(waits)) if waits else "-",
        _span(waits[min(len(waits) - 1, int(0.95 * len(waits)))]) if waits else "-",
        _span(statistics.median(leads)) if leads else "-",
        f"{statistics.mean(run.messages for run in runs):.1f}" if runs else "-",
        f"{sum(run.blamed for run in runs)}",
        "; ".join(f"{text} ({number})" for text, number in missed.most_common(4)) + example,
    )


def as_installed_row(results: list[Result], runs: int) -> Result | None:
    """How many of the twelve are told in time as installed, run by run; None where not all of them were replayed."""
    names = {f"{outage.name}, as installed" for outage in TWELVE}
    found = [result for result in results if result.name in names]
    if len(found) < len(names):
        return None
    in_time = [sum(not result.runs[number].misses for result in found) for number in range(runs)]
    good = sum(number >= AS_INSTALLED for number in in_time) / max(runs, 1)
    summed = Result("of twelve, as installed", 0.95)
    summed.runs = [
        Run(run, () if number >= AS_INSTALLED else (f"{number} in time",), None, None, 0, 0)
        for run, number in enumerate(in_time)
    ]
    summed.text = (
        f"of the twelve as installed {min(in_time)} to {max(in_time)} were told in time, median {statistics.median(in_time):g} "
        f"(goal: {AS_INSTALLED} in 95 % of runs; {good:.0%}{' MISSED' if summed.missed else ' ok'})\n"
    )
    return summed


def _line(*cells: str) -> str:
    return "{:58} {:>11} {:>5} {:>8} {:>8} {:>8} {:>8} {:>6}  {}\n".format(*cells)


def _span(seconds: float) -> str:
    return f"{timedelta(seconds=seconds).total_seconds():.0f} s" if abs(seconds) < 600 else f"{seconds / 60:.0f} min"
