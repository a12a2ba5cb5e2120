"""Feeds whose entries list updates in either order, and Instatus's history, whose maintenance bears the states of incidents."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.detection.feeds import parse
from bot.model import IncidentState, ProviderIncident

PAYLOADS = Path(__file__).parents[1] / "support" / "samples" / "payloads"
NEW = "<p><small>Mar 2, 10:30 UTC</small><br><strong>{}</strong> - Text.</p>"
OLD = "<p><small>Mar 2, 09:00 UTC</small><br><strong>Investigating</strong> - Text.</p>"


def utc(*numbers: int) -> datetime:
    year, month, day, hour, minute, second = (*numbers, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def told(
    text: str, title: str = "Lantern status", named: str = "Login", at: str = "10:30:10 +0000"
) -> ProviderIncident:
    body = (
        f"<rss version='2.0'><channel><title>{title}</title><link>https://status.lantern.example</link><item><title>{named}</title>"
        f"<guid>one</guid><pubDate>Mon, 02 Mar 2026 {at}</pubDate><description><![CDATA[{text}]]></description></item></channel></rss>"
    )
    [incident] = parse(body.encode()).page.incidents
    return incident


def instatus(id: str) -> ProviderIncident:
    page = parse((PAYLOADS / "instatus-history-perplexity-kagi-2026.xml").read_bytes()).page
    return {incident.id: incident for incident in page.incidents}[id]


@pytest.mark.parametrize("title", ["Lantern status", "Lantern Status - Incident history"])
@pytest.mark.parametrize(
    ("said", "state"), [("Resolved", "resolved"), ("Monitoring", "monitoring"), ("Investigating", "investigating")]
)
@pytest.mark.parametrize("oldest_first", [True, False])
def test_the_last_update_in_time_says_the_state(title: str, said: str, state: str, oldest_first: bool) -> None:
    paragraphs = [OLD, NEW.format(said)] if oldest_first else [NEW.format(said), OLD]
    found = told("".join(paragraphs), title)
    assert (found.state, found.started_at) == (state, utc(2026, 3, 2, 9))
    assert found.resolved_at == (utc(2026, 3, 2, 10, 30) if state == "resolved" else None)


def test_an_incident_of_a_feed_without_convention_began_with_its_first_paragraph() -> None:
    text = NEW.format("Resolved").replace("UTC", "CST") + OLD.replace("UTC", "CST")
    assert told(text, at="10:30:10 +0800").started_at == utc(2026, 3, 2, 1)


def test_a_state_in_brackets_begins_a_text() -> None:
    assert told("Update: [Resolved] All is well.").state is IncidentState.RESOLVED
    assert told("[Monitoring] A change was made.").state is IncidentState.MONITORING


def test_an_incident_of_instatus() -> None:
    found = instatus("cmq08wkuw02waqmn6yt1kdgej")
    assert (found.state, found.services) == (IncidentState.RESOLVED, ("Website",))
    assert (found.started_at, found.resolved_at) == (utc(2026, 6, 4, 21, 10), utc(2026, 6, 5, 1, 40))


def test_maintenance_of_instatus_that_was_announced_before_it_began() -> None:
    found = instatus("cmrbr5ynx05vc0kp9eoawdsbu")
    assert (found.maintenance, found.state) == (True, IncidentState.RESOLVED)
    assert (found.started_at, found.ends_at) == (utc(2026, 7, 19, 6), utc(2026, 7, 19, 6, 8))
    assert [update.at for update in found.updates] == [
        utc(2026, 7, 19, 6, 7), utc(2026, 7, 19, 6), utc(2026, 7, 8, 7, 24)
    ]  # fmt: skip


def test_maintenance_of_instatus_under_the_id_of_an_incident() -> None:
    found = instatus("cmaintenance123")
    assert (found.maintenance, found.state, found.services) == (True, IncidentState.RESOLVED, ("feedback",))


@pytest.mark.parametrize(("hour", "state"), [("09", "scheduled"), ("11", "in_progress")])
def test_maintenance_of_instatus_is_in_progress_once_it_was_to_start(hour: str, state: str) -> None:
    text = (
        "<p><strong>Type:</strong> Maintenance</p><p><strong>Duration:</strong> 1 hour and 30 minutes</p>"
        f"<p><small>Mar 2, {hour}:00:00 GMT+0</small><br /><strong>Identified</strong> - We upgrade disks.</p>"
    )
    found = told(text, "Lantern - Incident history", "Disks")
    assert (found.maintenance, found.state) == (True, state)
    assert (found.started_at, found.ends_at) == (utc(2026, 3, 2, 10, 30, 10), utc(2026, 3, 2, 12, 0, 10))
