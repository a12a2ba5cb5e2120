"""The house rules that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "checks").rglob("*.py"), *(ROOT / "bot").rglob("*.py")])
EVERY = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py")])
EVERY = [path for path in EVERY if "node_modules" not in path.parts]
NAMELESS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_checks_use_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"checks"}
    for path in (ROOT / "checks").rglob("*.py"):
        foreign = {name for name in imports(path) if name.partition(".")[0] not in allowed}
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


def test_checks_are_reached_through_the_facade_alone() -> None:
    for path in EVERY:
        if (ROOT / "checks") in path.parents:
            continue
        inner = {name for name in imports(path) if name.startswith("checks._")}
        assert not inner, f"{path.relative_to(ROOT)} imports {inner}: take it from `checks`"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_one_subject(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320, "split it by subject"
    assert path.stem.strip("_") not in NAMELESS, "name it after its subject"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_its_place(path: Path) -> None:
    text = path.read_text()
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "open it with one sentence on its place in the flow"


def test_nothing_unfinished_is_left() -> None:
    words = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error")
    left = [str(path.relative_to(ROOT)) for path in EVERY if words.search(path.read_text())]
    assert not left


def test_tests_patch_nothing() -> None:
    words = re.compile(r"monkey" + r"patch\.setattr|mock\." + r"patch|from unittest import " + "mock|Magic" + "Mock")
    left = [str(path.relative_to(ROOT)) for path in EVERY if words.search(path.read_text())]
    assert not left


def test_generated_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_tree_is_on_the_disk() -> None:
    readme = (ROOT / "README.md").read_text()
    tree = re.search(r"<!-- tree -->\n```text\n(.*?)```", readme, re.DOTALL)
    assert tree, "README has its tree between `<!-- tree -->` and a text fence"
    stack: list[str] = []
    for line in tree[1].splitlines():
        name = line.split("  ")[0] if not line.startswith(" ") else line.lstrip().split("  ")[0]
        depth = (len(line) - len(line.lstrip())) // 2
        stack[depth:] = [name.strip().rstrip("/")]
        assert (ROOT / "/".join(stack)).exists(), f"README names {'/'.join(stack)}, which is not there"
