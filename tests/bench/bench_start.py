"""Processor time until the command line answers: `--help`, `--version` and a command that needs nothing.

    python tests/bench/bench_start.py [runs]

The goal for `--help` and `--version` is 0.25 s of processor time (user and system), the median of ten runs on a machine with nothing
else to do.
"""

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOAL = 0.25
COMMANDS = {
    "an empty interpreter": ("-c", "pass"),
    "backstay --version": ("-m", "bot", "--version"),
    "backstay --help": ("-m", "bot", "--help"),
    "backstay audit --help": ("-m", "bot", "audit", "--help"),
    "backstay checks": ("-m", "bot", "checks"),
}


def seconds(words: tuple[str, ...]) -> float:
    """Processor seconds of one run, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True, env=dict(os.environ))  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median, the fastest and the slowest run of each command."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for name, words in COMMANDS.items():
        seconds(words)  # the first one may still write byte code
        took = [seconds(words) for _ in range(runs)]
        goal = f"  (goal {GOAL} s)" if name in {"backstay --version", "backstay --help"} else ""
        print(f"{name:24} {statistics.median(took):.3f} s  {min(took):.3f} to {max(took):.3f} s{goal}")  # noqa: T201


if __name__ == "__main__":
    main()
