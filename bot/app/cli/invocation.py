"""How the user started this process, so that a printed command works when it is typed again."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def command(
    *, argv: Sequence[str] | None = None, env: Mapping[str, str] | None = None, python: str = sys.executable
) -> str:
    """The words that start backstay as this process was started, such as `backstay` or `uv run backstay`.

    Args:
        argv: the process's words; None: this one's.
        env: its environment; None: this one's.
        python: the interpreter it runs on.
    """
    script, variables = Path((argv or sys.argv)[0]), os.environ if env is None else env
    path = variables.get("PATH")
    module = script.suffix == ".py"
    name = (script.parent.name if script.name == "__main__.py" else script.stem) if module else script.name
    if "UV_RUN_RECURSION_DEPTH" in variables:
        # `uv run` puts its own environment first on PATH; in the user's shell it is not there.
        start = [_typed(variables.get("UV", "uv"), path), "run"]
        return shlex.join([*start, *(("python", "-m") if module else ()), name])
    if module:
        return shlex.join([_typed(python, path), "-m", name])
    return shlex.join([_typed(str(script), path)])


def _typed(program: str, path: str | None) -> str:
    """A program as it is typed here: its bare name where that finds it, else its path, relative within this folder."""
    file = Path(program)
    found = shutil.which(file.name, path=path)
    if found and _same(Path(found), file):
        return file.name
    absolute = Path(os.path.abspath(program))  # noqa: PTH100 - resolve() would follow the links of an environment
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _same(found: Path, file: Path) -> bool:
    try:
        return found.samefile(file)
    except OSError:
        return False
