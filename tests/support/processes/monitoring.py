"""Starts a real Prometheus and a real Alertmanager on loopback."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from support.harness.loopback import closed_port
from support.harness.waiting import until

PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
AMTOOL, PROMTOOL = shutil.which("amtool"), shutil.which("promtool")
INSTALLED = PROMETHEUS is not None and ALERTMANAGER is not None
IN_CI = os.environ.get("CI") == "true"
"""There a missing program is a failure; a laptop may lack it."""


@asynccontextmanager
async def prometheus(
    folder: Path, rules: list[dict[str, Any]], targets: list[dict[str, Any]], alerts_to: str, ready: str
) -> AsyncIterator[str]:
    """A Prometheus that evaluates these rules every second; yields its address once all of them were evaluated.

    `ready`: a query that has a result by then, such as that of what a rule records.
    """
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "web", "rules": rules}]}), encoding="utf-8")
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s", "external_labels": {"cluster": "eu"}},
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alerts_to.removeprefix("http://")]}]}]},
        "rule_files": ["rules.yml"],
        "scrape_configs": targets,
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = closed_port()
    command = [
        str(PROMETHEUS),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with _running(command, folder / "prometheus.log"):
        url = f"http://127.0.0.1:{port}"
        await until(lambda: _evaluated(url, len(rules), ready))
        yield url


@asynccontextmanager
async def alertmanager(folder: Path, config: dict[str, Any]) -> AsyncIterator[str]:
    """An Alertmanager with this configuration; yields its address once it answers."""
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = closed_port()
    command = [
        str(ALERTMANAGER),
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/alerts",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with _running(command, folder / "alertmanager.log"):
        url = f"http://127.0.0.1:{port}"
        await until(lambda: _answers(f"{url}/-/ready"))
        yield url


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603 - the program and its arguments are those of the test
        try:
            yield
        finally:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=30).is_success
    except httpx.TransportError:
        return False


def _evaluated(url: str, count: int, ready: str) -> bool:
    try:
        groups = httpx.get(f"{url}/api/v1/rules", timeout=30).json()["data"]["groups"]
        found = httpx.get(f"{url}/api/v1/query", params={"query": ready}, timeout=30).json()["data"]["result"]
    except (httpx.TransportError, ValueError, KeyError):
        return False
    rules = [rule for group in groups for rule in group["rules"]]
    return len([rule for rule in rules if rule["health"] != "unknown"]) == count and bool(found)
