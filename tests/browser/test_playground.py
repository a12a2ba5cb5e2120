"""Teams from end to end: a real client (the Agents Playground) in a browser, against `backstay serve`.

Needs node, `npm ci` in this folder, Chromium and unshare; skipped where one is missing, except on CI. Pictures are kept in
artifacts/, or in BACKSTAY_PICTURES if it is set.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.fakes.playground import CLI

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def _missing() -> list[str]:
    there = {
        "node": shutil.which("node"),
        "unshare": shutil.which("unshare"),
        "npm ci in tests/browser": CLI.exists(),
        CHROMIUM: Path(CHROMIUM).exists(),
    }
    return [name for name, found in there.items() if not found]


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    if missing := _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"missing for the Agents Playground: {', '.join(missing)}")
        pytest.skip(f"Teams' client is not driven, missing: {', '.join(missing)}")
    out = Path(os.environ.get("BACKSTAY_PICTURES") or ROOT / "artifacts") / "playground"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    run = subprocess.run(  # noqa: S603 - our own module
        ["unshare", "-rn", sys.executable, "-m", "support.fakes.playground", str(out)],  # noqa: S607 - of util-linux
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads((out / "seen.json").read_text(encoding="utf-8"))
    assert "error" not in found, found["error"]
    return found


def test_people_are_greeted_where_it_was_added(seen: dict[str, Any]) -> None:
    assert "grades and the three next fixes" in seen["welcome"]


def test_a_typed_command_is_answered_with_a_card(seen: dict[str, Any]) -> None:
    assert "checkout: " in seen["asked"]


def test_a_click_reads_anew_and_changes_the_card_where_it_is(seen: dict[str, Any]) -> None:
    before, after = seen["titles"]
    assert before != after
    assert after in seen["clicked"]
    assert before not in seen["clicked"]
    assert seen["cards"] == 1, "no second card"


def test_a_post_arrives_without_being_asked(seen: dict[str, Any]) -> None:
    assert "checkout and login are affected" in seen["posted"]
