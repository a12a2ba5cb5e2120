"""`backstay status` against pages on loopback: maintenance and open incidents are always told, whatever the page says of itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.fakes.status_page import StatusPage, summary, trouble
from support.harness.command_line import Ran
from support.harness.loopback import serving
from typer.testing import CliRunner

from bot.app.cli.app import app

WELL = ("no incident", "no problems", "No problems", "all is well")


@dataclass(frozen=True, slots=True)
class Asked:
    """The command in a folder with settings of its own."""

    settings: Path
    names: Sequence[str]

    async def status(self, *words: str) -> Ran:
        """How `backstay status` ends and what it answers, without its progress."""
        runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
        ran = await asyncio.to_thread(runner.invoke, app, ["status", "-q", *words, "-c", str(self.settings)])
        return Ran(ran.exit_code, ran.stdout, ran.stderr)


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def work(
    *, status: str = "in_progress", begins: float = -1, ends: float = 1, name: str = "Disks are replaced"
) -> dict[str, Any]:
    """A maintenance in Statuspage's shape."""
    made = {"id": "work1", "name": name, "status": status, "impact": "maintenance", "incident_updates": []}
    return made | {"created_at": at(-99), "scheduled_for": at(begins), "scheduled_until": at(ends)}


def errors(name: str = "Errors", **more: Any) -> dict[str, Any]:
    return trouble(name=name, **{"created_at": at(-1), "updated_at": at(-0.1), **more})


@asynccontextmanager
async def pages(folder: Path, *bodies: bytes) -> AsyncIterator[Asked]:
    """Pages of made-up providers on loopback (paper0, paper1 ...), which one service of tier 1 needs."""
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serving(StatusPage(body=body).app())) for body in bodies]
        names = [f"paper{number}" for number in range(len(bodies))]
        known = [
            f'  - {{name: {name}, feed: "{url}/api/v2/summary.json", private: true}}'
            for name, url in zip(names, urls, strict=True)
        ]
        head = f"organisation: Acme\nledger: {folder / 'here.db'}\noutgoing: {{private: true}}\nproviders:\n"
        service = f"\nservices:\n  - {{name: shop, tier: 1, depends_on: [{', '.join(names)}]}}\n"
        settings = folder / "backstay.yaml"
        settings.write_text(head + "\n".join(known) + service)
        yield Asked(settings, names)


@pytest.mark.parametrize(
    ("maintenance", "indicator"),
    [
        (work(), "maintenance"),
        (work(), "none"),
        (work(status="verifying"), "none"),
        (work(status="scheduled", begins=5, ends=6), "none"),
        # The page still calls it in progress, after its planned end, or with an end before its start.
        (work(begins=-9, ends=-3), "none"),
        (work(begins=-1, ends=-3), "none"),
    ],
    ids=["in progress", "green page", "verifying", "scheduled", "overrun", "ends before it starts"],
)
async def test_no_page_with_maintenance_shows_no_incident(
    tmp_path: Path, maintenance: dict[str, Any], indicator: str
) -> None:
    async with pages(tmp_path, summary(indicator=indicator, maintenance=[maintenance])) as asked:
        ran = await asked.status(*asked.names)
    assert ran.code == 0, ran.err
    assert "Disks are replaced" in ran.out
    assert "no incident" not in ran.out
    begun = maintenance["status"] != "scheduled"
    assert ("maintenance in progress" in ran.out) is begun
    assert ("no problems" in ran.out) is not begun


async def test_a_page_in_maintenance_without_details_is_told_alone_and_among_others(tmp_path: Path) -> None:
    async with pages(tmp_path, summary(indicator="maintenance"), summary()) as asked:
        alone, all_of_them = await asked.status("paper0"), await asked.status(*asked.names)
    assert alone.out.splitlines()[0] == "paper0: maintenance in progress"
    assert all_of_them.out.splitlines()[0] == "Maintenance in progress: paper0"
    assert "paper0, without details" in all_of_them.out
    assert not any(words in alone.out for words in WELL)


async def test_maintenance_of_several_pages_names_whose_it_is(tmp_path: Path) -> None:
    bodies = (summary(maintenance=[work(name="Routers")]), summary(maintenance=[work(name="Disks")]))
    async with pages(tmp_path, *bodies) as asked:
        ran = await asked.status(*asked.names)
    assert "paper0: Routers" in ran.out
    assert "paper1: Disks" in ran.out


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (summary(errors()), "✗ major Errors"),
        (summary(errors(impact="none")), "! no impact Errors"),
        (summary(errors(resolved_at=at(-0.5))), "✗ major Errors"),
        (summary(errors(status="monitoring")), "monitoring a fix"),
        (summary(errors(impact="critical"), indicator="critical", maintenance=[work()]), "✗ critical Errors"),
    ],
    ids=["green page", "no impact", "reopened", "monitoring", "beside maintenance"],
)
async def test_no_page_with_an_open_incident_is_well(tmp_path: Path, page: bytes, shown: str) -> None:
    async with pages(tmp_path, page, summary()) as asked:
        alone, all_of_them = await asked.status("paper0"), await asked.status(*asked.names)
    assert alone.out.splitlines()[0] == "paper0: problems reported"
    assert all_of_them.out.splitlines()[0] == "Problems reported: paper0"
    for ran in (alone, all_of_them):
        assert shown in ran.out
        assert "✓ operational" not in ran.out
    assert not any(words in alone.out for words in WELL)
    assert ("Disks are replaced" in alone.out) is (b"Disks are replaced" in page)


async def test_a_test_of_a_page_is_no_problem_and_is_not_hidden(tmp_path: Path) -> None:
    page = summary(errors("[TEST] please ignore", impact="critical"), indicator="critical")
    async with pages(tmp_path, page) as asked:
        ran = await asked.status(*asked.names)
    assert ran.out.splitlines()[0] == "paper0: no problems reported"
    assert "Tests of the page, not counted: “[TEST] please ignore”." in ran.out


async def test_a_login_page_is_named_as_one(tmp_path: Path) -> None:
    async with pages(
        tmp_path, b"<!doctype html><html><head><title>Sign in - Acme</title></head><body>Hello</body></html>"
    ) as asked:
        ran = await asked.status(*asked.names)
    assert ran.code == 1
    assert "answered with a login page; it is not public" in ran.out


async def test_a_page_of_which_a_part_could_not_be_read_is_unknown_and_says_which(tmp_path: Path) -> None:
    page = summary().replace(b'"incidents": []', b'"incidents": [null]')
    async with pages(tmp_path, page, summary()) as asked:
        alone, all_of_them = await asked.status("paper0"), await asked.status(*asked.names)
    assert alone.out.splitlines()[0] == "paper0: unknown"
    assert "incomplete: 1 of incidents could not be read, so more may be open." in alone.out
    assert not any(words in alone.out for words in WELL)
    assert "unknown paper0" in all_of_them.out
    assert "1 of incidents could not be read" in all_of_them.out
