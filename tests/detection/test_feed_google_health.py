"""Personalized Service Health of Google Cloud on loopback: pages, refusals, and what has no events."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.posts import ManualClock
from support.fakes.google_cloud import FakeGoogle, google_cloud, service_account

from bot.app.settings import Settings
from bot.app.settings.clouds import GcpAccess
from bot.app.settings.detection import DetectionSettings
from bot.app.wiring.feeds import Sources
from bot.catalogue import Account, Catalogue
from bot.detection.feeds.api_feed import ApiFeed
from bot.model import IncidentSeverity

EVENTS = "/v1/projects/shop-prod/locations/global/events"


def event(number: int) -> dict[str, Any]:
    impact = {"product": {"productName": "Google Kubernetes Engine"}, "location": {"locationName": "us-east1"}}
    return {
        "name": f"projects/shop-prod/locations/global/events/{number}",
        "title": "Nodes do not start",
        "state": "ACTIVE",
        "detailedState": "EMERGING",
        "relevance": "IMPACTED",
        "eventImpacts": [impact],
        "startTime": "2026-11-01T10:00:00Z",
    }


@asynccontextmanager
async def feeds(
    products: Mapping[str, Any], folder: Path, *parents: str, reason: str = ""
) -> AsyncIterator[list[ApiFeed]]:
    fake = FakeGoogle(products=products, reason=reason)
    async with google_cloud(fake) as url:
        accounts = tuple(Account(parent) for parent in parents or ("projects/shop-prod",))
        access = GcpAccess(credentials_file=service_account(folder / "account.json", url), api_url=url, private=True)
        watch = DetectionSettings(google_service_health=True)
        settings = Settings(Catalogue(accounts=accounts, providers={}), "", gcp=access, watch=watch)
        async with Sources.of(settings, ManualClock()).opened() as opened:
            yield [feed for feed in opened if isinstance(feed, ApiFeed)]


async def test_every_page_of_events_is_read(tmp_path: Path) -> None:
    pages = [{"events": [event(1), event(2)]}, {"events": [event(3)]}]
    async with feeds({EVENTS: pages}, tmp_path) as [feed]:
        reading = await feed.read()
    assert (reading.error, reading.provider, len(reading.incidents)) == ("", "gcp", 3)
    assert (reading.incidents[0].services, reading.incidents[0].regions) == (
        ("Google Kubernetes Engine",),
        ("us-east1",),
    )


async def test_no_event_is_green_by_a_positive_answer(tmp_path: Path) -> None:
    async with feeds({}, tmp_path) as [feed]:
        assert (await feed.read()).severity is IncidentSeverity.NONE


@pytest.mark.parametrize(
    ("reason", "said"),
    [("", "access denied to servicehealth.events.list"), ("SERVICE_DISABLED", "is disabled in this project")],
)
async def test_a_refusal_is_told_and_asked_again_later(tmp_path: Path, reason: str, said: str) -> None:
    async with feeds({EVENTS: [403]}, tmp_path, reason=reason) as [feed]:
        assert said in (await feed.read()).error
        assert feed.wait(timedelta(minutes=1)) == timedelta(minutes=30)


async def test_an_organisation_has_events_and_a_folder_none(tmp_path: Path) -> None:
    found = {"/v1/organizations/7/locations/global/organizationEvents": {"organizationEvents": [event(1)]}}
    async with feeds(found, tmp_path, "organizations/7", "folders/1") as [feed]:
        assert len((await feed.read()).incidents) == 1
