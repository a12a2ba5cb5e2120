"""A real file system of a few MB in memory (tmpfs), to be filled up to its last byte. Only root may mount one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    """The file system that is mounted at `root`."""

    root: Path

    @property
    def _filler(self) -> Path:
        return self.root / "filler"

    def fill(self) -> None:
        """Write until nothing more fits, not even one byte."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (65_536, 4_096, 1):
                while _fits(filler.fileno(), size):
                    pass

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink()


def _missing() -> str:
    """Why no file system can be mounted here; empty: one can be."""
    if os.geteuid() != 0:
        return "only root may mount a small file system, and a full disk needs one"
    if shutil.which("mount") is None:
        return "there is no mount command to make a small file system with"
    return ""


@contextmanager
def small_disk(folder: Path, megabytes: int = 6) -> Iterator[SmallDisk]:
    """Mount one for the block below `folder`; the test is skipped where the kernel refuses it, as without CAP_SYS_ADMIN."""
    if why := _missing():
        pytest.skip(why)
    root = folder / "disk"
    root.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(root)]
    mounted = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - arguments are ours
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(root)
    finally:
        subprocess.run(["umount", "-l", str(root)], check=True)  # noqa: S603, S607 - arguments are ours


def _fits(file: int, size: int) -> bool:
    try:
        return os.write(file, b"\0" * size) > 0
    except OSError:
        return False
