"""What judging costs: 100,000 resources times all checks against a bare loop over the same functions; then score and what-if.

Run: python tests/bench/bench_evaluate.py
"""

import gc
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.builders import facts as build  # noqa: E402 - the path is set just above

from checks import Check, Fact, Scope, Seen, Service, discover, evaluate, impact, score  # noqa: E402

RESOURCES, SERVICES, ROUNDS, GOAL = 100_000, 1_000, 5, 3.0
KINDS: tuple[Callable[..., Fact], ...] = (
    build.compute,
    build.datastore,
    build.object_store,
    build.load_balancer,
    build.alarm,
    build.dns_record,
    build.function,
    build.queue,
    build.secret,
    build.volume,
    build.backup,
    build.certificate,
    build.runbook,
    build.rehearsal,
    build.deployment,
)


class Work(NamedTuple):
    """One check on one service, ready to be called: on each fact of `each` (None: once), always with `rest`."""

    run: Callable[..., Any]
    service: Service
    name: str
    each: list[Fact] | None
    rest: dict[str, Any]


def estate() -> list[Seen]:
    """Services with every kind of fact, a hundred facts each."""
    each = RESOURCES // SERVICES
    return [
        Seen(build.service(f"service-{n}"), [KINDS[i % len(KINDS)](f"r{n}-{i}") for i in range(each)])
        for n in range(SERVICES)
    ]


def sort_out(seen: Iterable[Seen], rules: Iterable[Check]) -> list[Work]:
    """What the bare loop calls, sorted out beforehand and not timed."""
    work = []
    for seen_service in seen:
        by_kind: dict[type[Fact], list[Fact]] = defaultdict(list)
        for fact in seen_service.facts:
            by_kind[type(fact)].append(fact)
        for rule in rules:
            rest: dict[str, Any] = {need.name: tuple(by_kind[need.kind]) for need in rule.needs if not need.each}
            rest |= {"now": build.NOW} if rule.wants_now else {}
            each = rule.each
            work.append(
                Work(
                    rule.run,
                    seen_service.service,
                    each.name if each else "",
                    by_kind[each.kind] if each else None,
                    rest,
                )
            )
    return work


def bare(work: Iterable[Work]) -> int:
    """The same functions on the same facts and nothing else: no findings, nothing caught."""
    calls = 0
    for run, service, name, each, rest in work:
        if each is None:
            run(service, **rest)
            calls += 1
        elif rest:
            for fact in each:
                run(service, **rest, **{name: fact})
            calls += len(each)
        else:
            for fact in each:
                run(service, fact)
            calls += len(each)
    return calls


def fastest(*jobs: Callable[[], Any]) -> list[float]:
    """CPU seconds of each job's fastest round. They take turns, so that a busy moment meets all of them alike."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for job, taken in zip(jobs, times, strict=True):
            gc.collect()
            began = time.process_time()
            job()
            taken.append(time.process_time() - began)
    return [min(taken) for taken in times]


def main() -> int:
    """Print a line a figure; 1 when a goal is missed."""
    seen, rules = estate(), discover()
    work = sort_out(seen, rules)
    calls = bare(work)
    findings = list(evaluate(seen, now=build.NOW))
    services = [seen_service.service for seen_service in seen]
    loop, judged, weighed, lost = fastest(
        lambda: bare(work),
        lambda: sum(1 for _ in evaluate(seen, now=build.NOW)),
        lambda: score(findings, services=services, now=build.NOW),
        lambda: impact(Scope.parse("aws/us-east-1"), seen, lasts=timedelta(hours=15), now=build.NOW),
    )
    sys.stdout.write(
        f"{RESOURCES:,} resources, {SERVICES:,} services, {len(rules)} checks, {calls:,} calls, {len(findings):,} findings\n"
        f"bare loop   {loop:7.3f} s\n"
        f"evaluate    {judged:7.3f} s  {judged / loop:.2f} x the bare loop (goal: at most {GOAL:g} x)\n"
        f"score       {weighed:7.3f} s  {weighed / loop:.2f} x the bare loop\n"
        f"what-if     {lost:7.3f} s\n"
    )
    return int(judged > GOAL * loop)


if __name__ == "__main__":
    sys.exit(main())
