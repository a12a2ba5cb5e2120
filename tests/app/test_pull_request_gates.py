"""The GitHub Action and the pre-commit hooks, run as their systems run them: the real scripts, with a `gh` that writes down its words."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.builders.plans import DATABASE, change, plan

from bot.audit.export.change_markdown import MARK

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "manifest" / "github-action"
PLAN = plan(change("aws_db_instance.orders", None, DATABASE))
NAME = "plan with $(touch hurt) `touch hurt`.json"


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """A workspace with a plan, and an environment as a runner gives it."""
    (tmp_path / NAME).write_text(json.dumps(PLAN))
    tools = tmp_path / "tools"
    tools.mkdir()
    _tool(tools / "backstay", f'exec "{sys.executable}" -m bot "$@"')
    _tool(tools / "gh", 'printf "%s\\n" "$*" >> "$GH_LOG"; [ "$2" != "--paginate" ] || printf "%s" "${OLD_COMMENT:-}"')
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "acme/shop",
        "PULL_REQUEST": "7",
        "GH_LOG": str(tmp_path / "gh.log"),
        "PLAN": NAME,
    }


def _tool(path: Path, body: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


def ran(script: str, env: dict[str, str], **more: str) -> "subprocess.CompletedProcess[str]":
    words = ["bash", str(ACTION / script)]
    return subprocess.run(words, env={**env, **more}, cwd=env["HOME"], capture_output=True, text=True, check=False)  # noqa: S603


def test_the_action_passes_no_input_into_the_text_of_a_script() -> None:
    action: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text())
    steps = action["runs"]["steps"]
    assert all("${{" not in step["run"] for step in steps)
    given = {value for step in steps for value in step.get("env", {}).values()}
    used = {name for name in action["inputs"] if any(f"inputs.{name} " in str(value) for value in given)}
    assert used == set(action["inputs"]) - {"comment"}


def test_the_report_becomes_a_summary_and_sarif(world: dict[str, str]) -> None:
    done = ran("report.sh", world, SARIF="out/backstay.sarif")
    assert done.returncode == 0, done.stderr
    home = Path(world["HOME"])
    assert (home / "summary.md").read_text().startswith(MARK)
    assert json.loads((home / "out" / "backstay.sarif").read_text())["version"] == "2.1.0"
    assert not (home / "hurt").exists()


@pytest.mark.parametrize(("level", "code"), [("high", 1), ("critical", 0)])
def test_the_gate_fails_the_job_by_severity(world: dict[str, str], level: str, code: int) -> None:
    done = ran("gate.sh", world, FAIL_ON_NEW=level)
    assert done.returncode == code, done.stderr


def test_without_a_plan_and_without_manifests_the_input_is_named(world: dict[str, str]) -> None:
    done = ran("gate.sh", world, PLAN="")
    assert done.returncode == 2
    assert "set the input plan or manifests" in done.stderr


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("", "api --method POST repos/acme/shop/issues/7/comments -F body=@"),
        ("41", "api --method PATCH repos/acme/shop/issues/comments/41 -F body=@"),
    ],
)
def test_a_later_run_writes_over_its_comment(world: dict[str, str], old: str, expected: str) -> None:
    done = ran("comment.sh", world, OLD_COMMENT=old)
    assert done.returncode == 0, done.stderr
    listed, written = Path(world["GH_LOG"]).read_text().splitlines()
    assert f'startswith("{MARK}")' in listed
    assert written.startswith(expected)


def test_the_hook_stops_a_commit_whose_plan_adds_a_finding(world: dict[str, str]) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / "manifest" / "pre-commit-hooks.yaml").read_text())}
    script = hooks["backstay-plan"]["entry"].partition("'")[2].rpartition("'")[0]
    done = subprocess.run(  # noqa: S603
        ["/bin/bash", "-c", script, "--", NAME],
        env=world,
        cwd=world["HOME"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the plan adds" in done.stderr
