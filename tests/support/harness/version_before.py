"""The code of an earlier version, taken out of this clone's history, and processes that run it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMIT = "27d6bb4"
"""The last commit before every module moved to another room and most types were renamed."""

LEFT_BEHIND = ROOT / "tests" / "storage" / "ledgers" / f"{COMMIT}.sql"
"""A ledger that it wrote, for clones without its history."""


def in_history() -> bool:
    """Whether the clone holds that commit; a shallow one does not."""
    asked = ["git", "-C", str(ROOT), "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0  # noqa: S603 - arguments are ours


def extract(folder: Path) -> None:
    """Write that commit's code, and the builders of its tests, into a folder."""
    archive = folder / "code.tar"
    wanted = ["git", "-C", str(ROOT), "archive", "-o", str(archive), COMMIT, "bot", "checks", "tests/support"]
    subprocess.run(wanted, check=True)  # noqa: S603 - arguments are ours
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)  # noqa: S603, S607 - arguments are ours


def command(*arguments: str) -> list[str]:
    """The command line of a process that runs it."""
    return [sys.executable, "-m", "support.processes.version_before", *arguments]


def environment(code: Path) -> dict[str, str]:
    """Where such a process finds its modules: that commit's first, then what this version's tests add."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (code, code / "tests", ROOT / "tests")))}


def run(code: Path, *arguments: str) -> str:
    """Run one command to its end; what it printed."""
    done = subprocess.run(  # noqa: S603 - arguments are ours
        command(*arguments), cwd=code, env=environment(code), check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
