"""A budget that burns is told once to the service's audience, once more if it gets worse, and its end; by the leader alone."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from support.builders.posts import ManualClock
from support.fakes.metrics import TOKEN, Prometheus
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving
from support.samples.objectives import FILE

from bot.app.jobs.error_budgets import ErrorBudgetWatch
from bot.app.settings import load
from bot.app.settings.detection import DetectionSettings
from bot.app.wiring.slos import error_budget_job, slo_service
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.slos.reader import SloReader
from bot.audit.slos.service import SloService
from bot.model import Audience, Message, Priority, Purpose, Receipt, RouteSpec, utc_now
from bot.model.entries import CatalogueEntry, Declared
from bot.model.notifications import NotificationReason
from bot.model.slos import DeclaredSlo
from bot.storage.leader import LeaderLease
from bot.storage.leases import LeadershipLostError
from bot.storage.ledger import Ledger
from checks import DEFAULT_TIERS, Service

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEAM = Audience("team", (RouteSpec("file", "file:team"),))


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with ledger_at(tmp_path) as opened:
        yield opened


class Desk:
    """A watch on one objective whose share of errors is `fast` in windows up to a day and `slow` in longer ones."""

    def __init__(self, ledger: Ledger, folder: Path, url: str, *, audience: str = "team", warn: bool = True) -> None:
        self.path = folder / "slos.yaml"
        self.path.write_text(FILE, encoding="utf-8")
        self.ledger, self.clock = ledger, ManualClock(START)
        service = Service("checkout", DEFAULT_TIERS[1], owner="payments", audience=audience)
        entry = CatalogueEntry(service, declared=Declared(slos=(DeclaredSlo(self.path),)))
        access = MonitorAccess(kind="prometheus", name="prod", url=url, token=SecretStr(TOKEN), calls_per_second=1000)
        self.lease = LeaderLease(ledger, "watch", holder="here")
        self.watch = ErrorBudgetWatch(
            SloService(SloReader((entry,), (access,), self.clock), ledger, self.clock),
            ledger,
            services={"checkout": service},
            audiences={"team": TEAM},
            admins="",
            lease=self.lease,
            clock=self.clock,
            every=MINUTE,
            warn=warn,
        )

    async def round(self, later: timedelta = MINUTE) -> None:
        self.clock.at += later
        await self.watch.check()

    async def told(self) -> list[Message]:
        """What was posted, in the order of sending: a message waits for the one whose thread it belongs to."""
        found, later = [], self.clock.at + timedelta(hours=1)
        while claims := await self.ledger.claim("here", later, MINUTE, 100):
            for claim in claims:
                found.append(claim.message)
                receipt = Receipt(claim.message.id, claim.message.audience, claim.routes[0], "sent", later)
                await self.ledger.settle(claim, "sent", receipt, later)
        return found


@pytest.fixture
def fake() -> Prometheus:
    return Prometheus()


@pytest.fixture
async def url(fake: Prometheus) -> AsyncIterator[str]:
    async with serving(fake.app()) as address:
        yield address


async def leading(ledger: Ledger, folder: Path, url: str, **more: Any) -> Desk:
    desk = Desk(ledger, folder, url, **more)
    await desk.lease.attend()
    return desk


def burning(fast: float, slow: float = 0.0) -> Callable[[int], float]:
    return lambda seconds: fast if seconds <= 6 * 3600 else slow


async def test_one_warning_an_episode_and_its_end(ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str) -> None:
    desk = await leading(ledger, tmp_path, url)
    await desk.round()
    assert await desk.told() == []
    fake.share = burning(0.12, 0.0005)
    for _ in range(5):
        await desk.round()
    fake.share = burning(0.0, 0.0005)
    for _ in range(30):
        await desk.round()
    warning, end = await desk.told()
    assert warning.card["title"] == "checkout burns its 30-day error budget in 6 h"
    assert (warning.audience, warning.priority, warning.purpose) == ("team", Priority.ALERT, Purpose.EARLY_WARNING)
    assert (warning.reason, end.reason) == (NotificationReason.OPENED, NotificationReason.RESOLVED)
    assert end.card["title"] == "checkout: error budget no longer burns too fast"
    assert end.under == warning.id
    assert end.alert_key == warning.alert_key
    assert [state.episode for state in await ledger.slo_states("checkout")] == [None]


async def test_a_slow_burn_is_a_report_and_a_faster_one_is_told_again(
    ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str
) -> None:
    desk = await leading(ledger, tmp_path, url)
    fake.share = burning(0.002, 0.002)
    await desk.round()
    (slow,) = await desk.told()
    fake.share = burning(0.5, 0.002)
    await desk.round(timedelta(hours=1))
    await desk.round()
    (fast,) = await desk.told()
    assert (slow.priority, slow.card["tone"]) == (Priority.REPORT, "warning")
    assert slow.card["title"] == "checkout burns its 30-day error budget in 15 days"
    assert (fast.priority, fast.reason, fast.under) == (Priority.ALERT, NotificationReason.WORSE, slow.id)


async def test_an_episode_outlives_a_restart_and_an_unreadable_source_and_file(
    ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str
) -> None:
    desk = await leading(ledger, tmp_path, url)
    fake.share = burning(0.12)
    await desk.round()
    again = Desk(ledger, tmp_path, url)
    again.lease, again.clock.at = desk.lease, desk.clock.at
    again.watch._lease = desk.lease  # noqa: SLF001 - the same process, its memory lost
    fake.faults = [403] * 9
    await again.round()
    (state,) = await ledger.slo_states()
    assert "access denied" in state.reading.problem
    assert state.episode is not None
    fake.faults = []
    again.path.write_text("nonsense", encoding="utf-8")
    await again.round()
    assert [state.reading.slo for state in await ledger.slo_states()] == ["availability", "slos.yaml"]
    again.path.write_text(FILE, encoding="utf-8")
    await again.round()
    assert len(await again.told()) == 1


async def test_the_warning_of_an_objective_that_is_no_longer_listed_is_withdrawn(
    ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str
) -> None:
    desk = await leading(ledger, tmp_path, url)
    fake.share = burning(0.12)
    await desk.round()
    desk.path.write_text(FILE.replace("name: availability", "name: other"), encoding="utf-8")
    fake.share = burning(0.0)
    await desk.round()
    warning, end = await desk.told()
    assert end.card["title"] == "checkout: error budget no longer watched"
    assert (end.reason, end.alert_key) == (NotificationReason.RESOLVED, warning.alert_key)
    assert [state.reading.slo for state in await ledger.slo_states()] == ["other"]


async def test_it_may_be_read_and_not_told(ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str) -> None:
    desk = await leading(ledger, tmp_path, url, warn=False)
    fake.share = burning(0.12)
    await desk.round()
    (state,) = await ledger.slo_states()
    assert state.reading.burn == pytest.approx(120)
    assert await desk.told() == []


async def test_without_an_audience_nothing_is_posted_and_nothing_fails(
    ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str
) -> None:
    desk = await leading(ledger, tmp_path, url, audience="")
    fake.share = burning(0.12)
    await desk.round()
    assert await desk.told() == []


async def test_only_the_leader_tells(ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str) -> None:
    desk = Desk(ledger, tmp_path, url)
    fake.share = burning(0.12)
    with pytest.raises(LeadershipLostError):
        await desk.round()
    assert (await desk.told(), await ledger.slo_states()) == ([], ())


async def test_the_card_is_plain_data(ledger: Ledger, tmp_path: Path, fake: Prometheus, url: str) -> None:
    desk = await leading(ledger, tmp_path, url)
    fake.share = burning(0.12, 0.0005)
    await desk.round()
    (warning,) = await desk.told()
    data = json.loads(json.dumps(warning.card))["data"]
    assert (data["burn_rate"], data["budget_lasts_seconds"]) == (120, 6 * 3600)
    assert data["exhausted_in_seconds"] == 3 * 3600


@pytest.mark.parametrize(("written", "read"), [("off", "off"), ("read", "read"), ("on", "warn"), ("warn", "warn")])
def test_it_can_be_switched_off(written: str, read: str) -> None:
    assert DetectionSettings.model_validate(yaml.safe_load(f"slos: {written}")).slos == read


@pytest.mark.parametrize(("text", "runs"), [("warn", True), ("off", False)])
async def test_the_job_runs_only_where_it_is_on(ledger: Ledger, tmp_path: Path, text: str, runs: bool) -> None:
    (tmp_path / "slos.yaml").write_text(FILE, encoding="utf-8")
    catalogue = f"services: [{{name: checkout, slos: [slos.yaml]}}]\nwatch: {{slos: {text}}}\n"
    (tmp_path / "backstay.yaml").write_text(catalogue, encoding="utf-8")
    settings = load(tmp_path / "backstay.yaml")
    slos = slo_service(settings, ledger, utc_now)
    assert slos is not None
    lease = LeaderLease(ledger, "watch", holder="here")
    assert bool(error_budget_job(settings, slos, ledger, lease, utc_now)) is runs
    assert slos.watched is runs
