from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.posts import ManualClock
from support.builders.signals import minutes
from support.harness.ledgers import ledger_at
from support.harness.watching import broken, estate, watching

from bot.app.settings import load
from bot.app.wiring.incidents import IncidentStack
from bot.audit.service import AuditService
from bot.chat.dispatch import dispatch
from bot.incidents.engine import with_affected_services
from bot.model import Caller
from bot.model.incidents import Incident, Phase
from bot.model.records import RunbookCopy
from checks import Fate, Scope

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        ("feeds: none, probes: false", "Incident detection is off"),
        ("feeds: none", "No incidents"),
        ("feeds: needed", "No incidents"),
        ("feed_interval: 2m", "No incidents"),
    ],
)
async def test_no_incidents_is_said_only_where_something_looks(tmp_path: Path, watched: str, said: str) -> None:
    config = tmp_path / "backstay.yaml"
    config.write_text(f"services: [{{name: checkout, tier: 1}}]\nwatch: {{{watched}}}\n")
    settings = load(config, {"HOME": str(tmp_path)})
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        review = AuditService(settings.catalogue, (), ledger, lambda: NOW)
        backend = IncidentStack(settings, review, lambda: NOW).backend
        cards = [card async for card in dispatch("incidents", Caller("slack", "U1"), backend, now=lambda: NOW)]
    assert cards[-1].kind == "incidents"
    assert cards[-1].title.startswith(said)
    looked = (cards[-1].data or {}).get("watched")
    assert (looked is False) == ("probes: false" in watched)


async def test_before_the_first_audit_services_stand_where_they_are_declared_to(tmp_path: Path) -> None:
    config = tmp_path / "backstay.yaml"
    config.write_text("services: [{name: checkout, tier: 1, deployments: [aws/us-east-1]}, {name: blog, tier: 4}]\n")
    settings = load(config, {"HOME": str(tmp_path)})
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        known = await IncidentStack(
            settings, AuditService(settings.catalogue, (), ledger, lambda: NOW), lambda: NOW
        ).estate()

    def fates(lost: str) -> dict[str, Fate]:
        found = with_affected_services(Incident("one", Phase.CONFIRMED, "", (Scope.parse(lost),), NOW, NOW), known, NOW)
        return {affected.service: affected.fate for affected in found.affected}

    assert fates("aws/us-east-1")["checkout"] is Fate.DOWN
    assert fates("aws/us-east-1/dynamodb")["checkout"] is Fate.UNKNOWN, "whether it uses that was never read"
    assert "checkout" not in fates("aws/eu-west-1/dynamodb")
    assert "blog" not in fates("aws/us-east-1/dynamodb")


async def test_whoever_reads_pages_looks_and_judges_is_begun_again_alone(tmp_path: Path) -> None:
    config = tmp_path / "backstay.yaml"
    config.write_text("services: [{name: checkout, tier: 1}]\nwatch: {feeds: needed}\n")
    settings = load(config, {"HOME": str(tmp_path)})
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        stack = IncidentStack(settings, AuditService(settings.catalogue, (), ledger, lambda: NOW), lambda: NOW)
        assert set(stack.edges) == {"incident_lease", "incidents", "feeds", "probes"}


async def test_alerts_get_their_first_steps_from_the_kept_copies_of_runbooks(tmp_path: Path) -> None:
    config = tmp_path / "backstay.yaml"
    config.write_text("services: [{name: checkout, tier: 1}]\nwatch: {feeds: none}\n")
    settings, clock = load(config, {"HOME": str(tmp_path)}), ManualClock(NOW)
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        stack = IncidentStack(settings, AuditService(settings.catalogue, (), ledger, clock), clock)
        before = await stack.estate()
        assert before.first_steps == {}
        await ledger.save_runbooks([RunbookCopy("checkout", "runbook.md", NOW, NOW, "", ("Fail over",))])
        assert await stack.estate() is before  # looked at once a minute: nothing of it is asked for each tick
        clock.at += timedelta(minutes=1)
        after = await stack.estate()
        assert after.first_steps == {"checkout": ("Fail over",)}
        assert await stack.estate() is after


async def test_the_thread_of_an_alert_says_what_to_do_first(tmp_path: Path) -> None:
    known = replace(estate(), first_steps={"checkout": ("Fail over: `shift us-west-2`", "Tell support")})
    async with watching(tmp_path, known) as here:
        await here.pass_by(minutes(1), broken)
        (alert,) = here.office.slack.top("payments")
        (detail,) = [post for post in here.office.slack.channel("payments") if post.get("thread_ts") == alert["ts"]]
        assert "First steps for checkout" in str(detail["blocks"])
        assert "shift us-west-2" in str(detail["blocks"])
