"""Reading Google Cloud against a Cloud Asset Inventory on loopback that pages, refuses, throttles and breaks off."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from support.fakes.google_cloud import FakeGoogle
from support.harness.google_run import read_google

from bot.audit.collectors.gcp.collector import GcpCollector, GcpSettings
from bot.audit.collectors.gcp.kinds_of import LIST
from bot.audit.collectors.gcp.listing import PAGE
from bot.audit.collectors.gcp.product_calls import QUOTAS
from bot.model import UnusableError
from bot.net.cloud_api import ApiLimits
from checks import ObjectStore


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """Import what takes long before the first test and not in it."""
    importlib.import_module("google.oauth2.service_account")


def bucket(number: int) -> dict[str, Any]:
    return {
        "name": f"//storage.googleapis.com/docs-{number}",
        "assetType": "storage.googleapis.com/Bucket",
        "resource": {"location": "europe-west4", "data": {"location": "EUROPE-WEST4", "projectNumber": "42"}},
        "ancestors": ["projects/42", "organizations/7"],
    }


PROJECT = {
    "name": "//cloudresourcemanager.googleapis.com/projects/42",
    "assetType": "cloudresourcemanager.googleapis.com/Project",
    "resource": {"data": {"projectNumber": "42", "projectId": "shop"}},
}


async def test_every_page_is_read_after_one_sign_in(tmp_path: Path) -> None:
    fake = FakeGoogle({"projects/shop": [PROJECT, *map(bucket, range(PAGE + 1))]})
    run = await read_google(fake, tmp_path)
    assert len(run.facts) == PAGE + 1
    assert {(fact.account, fact.region) for fact in run.facts} == {("shop", "europe-west4")}
    monitoring = [
        f"/v3/projects/shop/{name}" for name in ("alertPolicies", "notificationChannels", "uptimeCheckConfigs")
    ]
    assert fake.calls == {"/token": 1, "/v1/projects/shop/assets": 2, **dict.fromkeys(monitoring, 1)}
    assert run.end == {"t": "end", "calls": 5, "accounts": ["shop"]}
    assert run.failed == []
    assert {gap.account for gap in run.gaps} == {"shop"}  # the kinds that are not read are unknown, and not absent


async def test_a_page_that_fails_costs_no_page_before_it(tmp_path: Path) -> None:
    fake = FakeGoogle({"projects/shop": [*map(bucket, range(PAGE + 1))]}, {("projects/shop", 1): [500, 500, 500]})
    run = await read_google(fake, tmp_path)
    assert len(run.facts) == PAGE
    assert [(gap.account, gap.action, ObjectStore in gap.kinds) for gap in run.failed] == [("shop", LIST, True)]


async def test_a_refused_parent_leaves_the_others_whole(tmp_path: Path) -> None:
    fake = FakeGoogle({"folders/1": [bucket(1)]}, {("projects/shop", 0): [403]})
    run = await read_google(fake, tmp_path, "projects/shop", "folders/1")
    assert [fact.name for fact in run.facts] == ["docs-1"]
    assert [gap.reason for gap in run.failed] == [f"projects/shop: access denied to {LIST}"]


@pytest.mark.parametrize("trouble", [[429, 429], [0], [500]])
async def test_passing_trouble_leaves_nothing_unread(tmp_path: Path, trouble: list[int]) -> None:
    fake = FakeGoogle({"projects/shop": [bucket(1)]}, {("projects/shop", 0): trouble})
    run = await read_google(fake, tmp_path)
    assert (len(run.facts), run.failed) == (1, [])


@pytest.mark.parametrize(
    ("fake", "problem"),
    [
        (FakeGoogle(signs_in=False), "did not accept the credentials"),
        (FakeGoogle(faults={("projects/shop", 0): [403]}), f"access denied to {LIST}"),
        (FakeGoogle(faults={("projects/shop", 0): [403]}, reason="SERVICE_DISABLED"), "is disabled in this project"),
    ],
)
async def test_where_nothing_can_be_read_the_reason_is_told(tmp_path: Path, fake: FakeGoogle, problem: str) -> None:
    with pytest.raises(UnusableError, match=problem):
        await read_google(fake, tmp_path)


async def test_only_the_places_that_are_asked_for_are_emitted(tmp_path: Path) -> None:
    fake = FakeGoogle({"projects/shop": [PROJECT, bucket(1)]})
    run = await read_google(fake, tmp_path, only=[["gcp", "shop", "us-east1"], ["aws", "1", "us-east-1"]])
    assert (run.facts, run.places) == ([], [["gcp", "shop", "us-east1"]])


async def test_parents_are_read_side_by_side(tmp_path: Path) -> None:
    fake = FakeGoogle({f"folders/{number}": [bucket(number), bucket(100)] for number in range(6)}, together=6)
    run = await read_google(fake, tmp_path, *fake.assets)
    assert len(run.facts) == 7  # the bucket that all of them list counts once
    assert fake.waiting_at_once == 6


async def test_a_type_that_the_inventory_does_not_have_costs_nothing(tmp_path: Path) -> None:
    some = frozenset({"storage.googleapis.com/Bucket", "iam.googleapis.com/Role"})
    run = await read_google(FakeGoogle({"projects/shop": [bucket(1)]}, supported=some), tmp_path)
    assert (len(run.facts), run.failed) == (1, [])


async def test_where_no_expression_is_taken_all_types_are_listed(tmp_path: Path) -> None:
    none = frozenset({"iam.googleapis.com/Role"})
    fake = FakeGoogle(
        {"projects/shop": [bucket(1), {**bucket(2), "assetType": "iam.googleapis.com/Role"}]}, supported=none
    )
    run = await read_google(fake, tmp_path)
    assert ([fact.name for fact in run.facts], run.failed) == (["docs-1"], [])
    assert fake.calls["/v1/projects/shop/assets"] == 3


@pytest.mark.parametrize(("host", "quota"), [("cloudasset.googleapis.com", 100), ("sqladmin.googleapis.com", 180)])
def test_a_minute_of_calls_stays_within_the_documented_quota(host: str, quota: int) -> None:
    pace = ApiLimits(rate=1000, burst=2000, hosts=QUOTAS).pace_of(host)
    calls = 0
    while pace.reserve() <= 60:
        calls += 1
    assert 0.9 * quota <= calls <= quota + 1


def test_a_lower_setting_than_the_quota_holds() -> None:
    pace = ApiLimits(rate=1, burst=1, hosts=QUOTAS).pace_of("cloudasset.googleapis.com")
    assert [round(pace.reserve()) for _ in range(3)] == [0, 1, 2]


async def test_places_of_another_cloud_cost_nothing() -> None:
    settings = GcpSettings(parents=("projects/shop",), api_url="http://127.0.0.1:9", private=True)
    found = await GcpCollector(settings).collect((), lambda _: None, frozenset({("aws_tables", "1", "us-east-1")}))
    assert (found.facts, found.gaps, found.calls) == ((), (), 0)
