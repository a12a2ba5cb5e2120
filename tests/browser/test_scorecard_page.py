"""The demo's scorecard page in Chromium: short while folded, every link opens its target, usable by keyboard, phone and paper.

Needs node, `npm ci` in this folder and Chromium; skipped where one is missing, except on CI, where they must be there.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIX_SCREENS, MEGABYTE = 5_400, 1_000_000
SERVICES = 8


def _missing() -> list[str]:
    there = {
        "node": shutil.which("node"),
        "npm ci in tests/browser": (HERE / "node_modules" / "playwright-core").is_dir(),
        CHROMIUM: Path(CHROMIUM).exists(),
    }
    return [name for name, found in there.items() if not found]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "bot", "demo", "--output", str(folder)]
    run = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own program
    assert run.returncode == 0, run.stderr
    return folder / "scorecard.html"


@pytest.fixture(scope="module")
def found(page: Path) -> dict[str, Any]:
    if missing := _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"missing for the scorecard page: {', '.join(missing)}")
        pytest.skip(f"the scorecard page is not drawn, missing: {', '.join(missing)}")
    folder = Path(os.environ.get("BACKSTAY_PICTURES") or HERE.parents[1] / "artifacts" / "cards").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(  # noqa: S603 - our own script
        ["node", "scorecard.mjs", str(page), str(folder)],  # noqa: S607 - node is wherever it is installed
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    return result


def test_folded_page_of_eight_services_fits_on_six_screens(found: dict[str, Any], page: Path) -> None:
    assert page.read_text(encoding="utf-8").count('<details class="service">') == SERVICES
    heights = [view["height"] for view in found["folded"] if view["width"] == 1280]
    assert len(heights) == 2
    assert max(heights) <= SIX_SCREENS
    assert page.stat().st_size <= MEGABYTE


def test_page_is_never_wider_than_its_window(found: dict[str, Any]) -> None:
    assert len(found["folded"]) == 4
    for view in found["folded"]:
        assert view["across"] <= view["width"]
        assert view["unfolded"]["across"] <= view["width"]
        assert view["unfolded"]["height"] > view["height"]


def test_every_link_within_the_page_opens_and_shows_its_target(found: dict[str, Any]) -> None:
    assert {place: state for place, state in found["places"].items() if state != "shown"} == {}
    assert {f"#service-{number}" for number in range(1, SERVICES + 1)} <= set(found["places"])
    assert sum(place.startswith("#check-") for place in found["places"]) > SERVICES


def test_page_is_usable_by_keyboard(found: dict[str, Any]) -> None:
    keyboard = found["keyboard"]
    assert keyboard["first"]["href"] == "#services"
    assert keyboard["first"]["left"] >= 0
    assert keyboard["first"]["outline"] == "solid"
    assert keyboard["onto"] == "service"
    assert keyboard["open"] is True


def test_paper_shows_what_is_folded(found: dict[str, Any]) -> None:
    assert len(found["paper"]) > SERVICES
    assert all(found["paper"])


def test_page_fetches_nothing_and_reports_no_error(found: dict[str, Any]) -> None:
    assert found["asked"] == []
    assert found["errors"] == []
