"""Replays outages, our own failures and quiet months in a simulated world, with results drawn at random.

    python tests/bench/replay.py [--runs N] [--case WORDS] [--point N] [--seed N] [--jobs N] [--days N] [--targets N] [--list]

The world (`tests/support/outage_world`) knows nothing of backstay: hosts fail by error rates, latencies and DNS answers over time,
resolvers cache, lines lose packets, pages lag. Everything of backstay runs for real over it, in virtual time: scheduler, prober,
control group, feed parsing, engine, notifier. Printed for each case: the share of runs in which all was as wanted (goal 95 %), time
from the first outside symptom to the alert (median and 95th percentile), lead over the page, new messages, and what was missed how
often. Run number n uses seed `--seed` + n. A goal that is missed makes it exit with 1.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from support.harness.replay_table import CASES, Result, as_installed_row, heading, results_of, row  # noqa: E402
from support.samples.quiet_month import noisy_month, quiet_days  # noqa: E402 - the path comes first


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    wanted = _arguments()
    chosen = [
        case.name
        for case in CASES
        if wanted.point in ("", case.point) and all(word in case.name for word in wanted.case)
    ]
    if wanted.list:
        sys.stdout.write("".join(f"{case.point}  {case.name}\n" for case in CASES if case.name in chosen))
        return 0
    began = time.perf_counter()
    with ProcessPoolExecutor(wanted.jobs) as pool:
        results = _cases(pool, chosen, wanted)
        missed = sum(result.missed for result in results)
        if wanted.case == ["month"] or not (wanted.case or wanted.point):
            missed += _months(pool, wanted)
    sys.stdout.write(f"{missed} goals missed; {time.perf_counter() - began:.0f} s\n")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--runs", type=int, default=200)
    asked.add_argument("--case", action="append", default=[], help="only cases whose name contains this; several: all")
    asked.add_argument("--point", default="", help="only cases of this kind, 1 to 9")
    asked.add_argument("--seed", type=int, default=20251020)
    asked.add_argument("--jobs", type=int, default=cpu_count() or 1)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--targets", type=int, default=1000)
    asked.add_argument("--list", action="store_true")
    return asked.parse_args()


def _cases(pool: ProcessPoolExecutor, chosen: list[str], wanted: argparse.Namespace) -> list[Result]:
    results: list[Result] = []
    seeds = range(wanted.seed, wanted.seed + wanted.runs)
    if chosen:
        sys.stdout.write(heading(seeds))
    for name in chosen:
        results.append(results_of(name, pool.map(_run, ((name, seed) for seed in seeds), chunksize=4)))
        sys.stdout.write(row(results[-1]))
        sys.stdout.flush()
    installed = as_installed_row(results, wanted.runs)
    if installed is not None:
        sys.stdout.write(installed.text)
        results.append(installed)
    return results


def _run(asked: tuple[str, int]) -> object:
    from support.harness.replay_table import run_case  # noqa: PLC0415 - in the process that runs it

    return run_case(*asked)


def _months(pool: ProcessPoolExecutor, wanted: argparse.Namespace) -> int:
    """The quiet months: the whole installation in pieces of two days, and the engine's own statistic over 1,000 targets."""
    pieces = max(1, wanted.days // 2)
    told = [text for piece in pool.map(quiet_days, range(wanted.seed, wanted.seed + pieces)) for text in piece]
    sys.stdout.write(
        f"\n{2 * pieces} quiet days in pieces of two, each with a first start, 1 % of attempts fail by chance, maintenance, minor "
        f"and unneeded incidents on pages: {len(told)} false alerts of tier 1 (goal 0)\n"
    )
    sys.stdout.write("".join(f"    {text}\n" for text in told))
    shares = [(wanted.seed + number, wanted.days, wanted.targets // 50) for number in range(50)]
    false, rounds = map(sum, zip(*pool.map(noisy_month, shares), strict=True))
    sys.stdout.write(
        f"{wanted.days} days of {50 * (wanted.targets // 50)} targets with 1 % noise, through the engine's sequential tests alone: "
        f"{false} alarms in {rounds:,} rounds (goal: at most 1)\n"
    )
    return bool(told) + (false > 1)


if __name__ == "__main__":
    raise SystemExit(main())
