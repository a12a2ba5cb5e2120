"""Azure by Resource Graph, against a server on loopback: pages, subscriptions that are denied, half a listing, odd rows."""

from typing import Any

import pytest
from support.fakes.azure_cloud import FakeAzure, azure_resource
from support.harness.azure_reading import read

from bot.audit.collectors.azure.estate import ResourceIndex, resource_of
from bot.audit.collectors.azure.graph import pause, rows_in
from bot.audit.collectors.azure.tables import tables
from bot.model import UnusableError
from bot.net.read_error import ReadError
from checks import ComputeGroup, Datastore, ObjectStore, Rehearsal, RehearsalKind, RehearsalResult, Unread

SERVER = azure_resource(
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Orders",
    location="West Europe",
    properties={
        "state": "Ready",
        "availabilityZone": "1",
        "highAvailability": {"mode": "ZoneRedundant", "standbyAvailabilityZone": "2"},
        "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled"},
    },
)
ACCOUNT = azure_resource("Microsoft.Storage/storageAccounts", "docs", sku={"name": "Standard_RAGRS"}, kind="StorageV2")


async def test_pages_of_a_query_become_facts() -> None:
    fake = FakeAzure([SERVER, ACCOUNT], ["s1"], page=1)
    found = await read(fake, "s1")
    server, account = found.facts["Orders"], found.facts["docs"]
    assert isinstance(server, Datastore)
    assert isinstance(account, ObjectStore)
    assert (server.account, server.region, server.zones) == ("s1", "westeurope", ("1", "2"))
    assert (server.group, server.stack) == ("shop", "")
    assert (server.zone_redundant, server.backup_days, server.backup_regions) == (True, 14, ("northeurope",))
    assert account.replica_regions == ("northeurope",)
    assert fake.asked["resources"] == 2
    assert set(found.places) == {("azure", "s1", "global"), ("azure", "s1", "westeurope")}
    assert found.end["accounts"] == ["s1"]


async def test_many_subscriptions_share_the_queries() -> None:
    names = [f"s{number}" for number in range(30)]
    fake = FakeAzure([SERVER], names)
    found = await read(fake, *names)
    assert (fake.asked["resources"], fake.asked["resourcecontainers"]) == (1, 2)
    assert found.end["accounts"] == sorted(names)
    assert {place[1] for place in found.places} == set(names)


async def test_a_management_group_stands_for_the_subscriptions_below_it() -> None:
    fake = FakeAzure([SERVER], ["s1", "s2"], groups={"acme": ["s1", "s2"]})
    found = await read(fake, groups=("acme",))
    assert found.end["accounts"] == ["s1", "s2"]
    assert "Orders" in found.facts


async def test_a_subscription_that_is_left_out_of_the_answer_is_a_gap() -> None:
    found = await read(FakeAzure([SERVER], ["s1"], refused=["denied"]), "s1", "denied")
    assert found.end["accounts"] == ["s1"]
    [gap] = [gap for gap in found.gaps if gap.account == "denied"]
    assert "cannot be seen" in gap.reason
    assert Datastore in gap.kinds


async def test_a_refused_batch_is_halved_until_one_is_left() -> None:
    fake = FakeAzure([SERVER], ["s1", "s3"], faults={("resourcecontainers", 0): [403]})
    found = await read(fake, "s1", "s2", "s3")
    assert found.end["accounts"] == ["s1", "s3"]


async def test_half_a_listing_keeps_its_facts_and_replaces_nothing() -> None:
    found = await read(FakeAzure([ACCOUNT, SERVER], ["s1"], page=1, faults={("resources", 1): [403]}), "s1")
    assert len(found.facts) == 1
    assert ("azure", "s1", "westeurope") not in found.places
    [gap] = [gap for gap in found.gaps if gap.reason.startswith("resources: access denied")]
    assert ComputeGroup in gap.kinds


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ([429, 500], ""),
        ([0], ""),
        ([500] * 3, "failed: HTTP 500"),
        ([429] * 6, "was throttled"),
        ([401], "does not accept the credentials"),
    ],
)
async def test_a_call_is_repeated_where_that_can_help(statuses: list[int], reason: str) -> None:
    found = await read(FakeAzure([SERVER], ["s1"], faults={("resources", 0): [*statuses]}), "s1")
    assert ("Orders" in found.facts) is not bool(reason)
    assert any(reason in text for text in found.reasons()) if reason else True


async def test_a_table_that_is_refused_costs_no_other() -> None:
    fake = FakeAzure([SERVER], ["s1"], faults={("appserviceresources", 0): [403]})
    found = await read(fake, "s1")
    assert "Orders" in found.facts
    assert any(text.startswith("appserviceresources: access denied") for text in found.reasons())


async def test_odd_rows_cost_no_other_resource() -> None:
    odd = [
        {**SERVER, "id": SERVER["id"].replace("Orders", "Bare"), "name": "Bare", "properties": None},
        {
            **SERVER,
            "id": SERVER["id"].replace("Orders", "Odd"),
            "name": "Odd",
            "properties": {"backup": []},
            "tags": [],
        },
        {**ACCOUNT, "sku": None},
        {**SERVER, "id": SERVER["id"].replace("Orders", "Typed"), "name": "Typed", "properties": "Ready"},
    ]
    found = await read(FakeAzure([*odd, SERVER], ["s1"]), "s1")
    assert "Orders" in found.facts
    bare, account = found.facts["Bare"], found.facts["docs"]
    assert isinstance(bare, Datastore)
    assert isinstance(account, ObjectStore)
    fields = (bare.zone_redundant, bare.automatic_failover, bare.backup_days, bare.backup_regions)
    assert all(isinstance(value, Unread) for value in (*fields, account.replica_regions))
    assert "tags is list, not a mapping" in found.reasons()


async def test_locks_protect_what_is_below_their_scope() -> None:
    lock = {
        "id": "/subscriptions/s1/resourceGroups/Shop/providers/Microsoft.Authorization/locks/keep",
        "properties": {"level": "CanNotDelete"},
    }
    locks = "/subscriptions/s1/providers/microsoft.authorization/locks"
    for answer, protected in (({"value": [lock]}, True), ({"value": []}, False), (403, None)):
        server = (await read(FakeAzure([SERVER], ["s1"], arm={locks: answer}), "s1")).facts["Orders"]
        assert isinstance(server, Datastore)
        found = server.deletion_protection
        assert found == protected if protected is not None else "access denied" in str(found)


async def test_details_are_read_until_the_limit_of_calls() -> None:
    accounts = [
        azure_resource(
            "Microsoft.Storage/storageAccounts", f"docs{number}", kind="StorageV2", sku={"name": "Standard_ZRS"}
        )
        for number in range(5)
    ]
    arm = {
        f"{row['id']}/blobservices/default".lower(): {"properties": {"isVersioningEnabled": True}} for row in accounts
    }
    fake = FakeAzure(accounts, ["s1"], arm=arm)
    most = 1 + len(tables()) + 1 + 1 + 3  # subscriptions, tables, service groups, locks, and three accounts
    found = await read(fake, "s1", most_calls=most)
    read_ones = [fact for fact in found.facts.values() if isinstance(fact, ObjectStore) and fact.versioning is True]
    assert len(read_ones) == 3
    assert found.end["calls"] == most
    assert any("azure.most_calls" in text for text in found.reasons())


@pytest.mark.parametrize(("answer", "reason"), [(404, "HTTP 404"), (403, "access denied"), (500, "HTTP 500")])
async def test_a_detail_that_fails_is_unread(answer: int, reason: str) -> None:
    arm = {f"{ACCOUNT['id']}/blobservices/default".lower(): answer}
    account = (await read(FakeAzure([ACCOUNT], ["s1"], arm=arm), "s1")).facts["docs"]
    assert isinstance(account, ObjectStore)
    assert reason in str(account.versioning)


async def test_ten_pages_of_resources_take_at_most_forty_calls() -> None:
    rows = [
        azure_resource(
            "Microsoft.Storage/storageAccounts", f"docs{number}", subscription=f"s{number % 4}", kind="StorageV2"
        )
        for number in range(1000)
    ]
    fake = FakeAzure(rows, ["s0", "s1", "s2", "s3"], page=100)
    found = await read(fake, "s0", "s1", "s2", "s3")
    assert (len(found.facts), fake.asked["resources"]) == (1000, 10)
    assert found.end["calls"] <= 40


async def test_a_management_group_is_not_listed_again_for_some_places() -> None:
    fake = FakeAzure([SERVER], ["s1", "s2"], groups={"acme": ["s1", "s2"]})
    found = await read(fake, groups=("acme",), only=[["azure", "s1", "westeurope"]])
    assert (list(found.facts), found.end["accounts"]) == (["Orders"], ["s1"])


async def test_only_the_places_that_are_asked_for_are_read() -> None:
    fake = FakeAzure(
        [SERVER, azure_resource("Microsoft.Storage/storageAccounts", "x", subscription="s2")], ["s1", "s2"]
    )
    found = await read(fake, "s1", "s2", only=[["azure", "s1", "westeurope"], ["aws_rds", "1", "eu-west-1"]])
    assert list(found.facts) == ["Orders"]
    assert found.places == [("azure", "s1", "westeurope")]


def drill_answers(**run: str) -> dict[str, Any]:
    group = "/providers/microsoft.management/servicegroups/shop"
    drill = f"{group}/providers/Microsoft.AzureResilienceManagement/drills/region"
    kind = "Microsoft.AzureResilienceManagement/drills"
    own = {"id": drill, "name": "region", "type": kind, "properties": {"drillType": "Regional"}}
    part = {"resourceId": SERVER["id"], "inclusionState": "Included"}
    return {
        f"{group}/providers/microsoft.azureresiliencemanagement/drills": {"value": [own]},
        f"{drill}/drillRuns".lower(): {"value": [{"properties": run}, {"properties": {"status": "InProgress"}}]},
        f"{drill}/drillResources".lower(): {"value": [{"properties": part}]},
    }


@pytest.mark.parametrize(
    ("run", "result"),
    [
        ({"status": "Completed", "attestation": "Failed", "endTime": "2026-10-02T10:00:00Z"}, RehearsalResult.FAILED),
        ({"status": "Completed", "endTime": "2026-10-02T10:00:00Z"}, RehearsalResult.SUCCEEDED),
        ({"status": "NotStarted"}, RehearsalResult.INCONCLUSIVE),
    ],
)
async def test_a_drill_of_a_service_group_is_a_rehearsal(run: dict[str, str], result: RehearsalResult) -> None:
    found = await read(FakeAzure([SERVER], ["s1"], service_groups=["Shop"], arm=drill_answers(**run)), "s1")
    drill = found.facts["region"]
    assert isinstance(drill, Rehearsal)
    assert (drill.kind, drill.result, drill.about) == (RehearsalKind.FAILOVER, result, (SERVER["id"].lower(),))
    assert (drill.account, drill.at is None) == ("s1", "endTime" not in run)


async def test_drills_that_are_refused_are_a_gap() -> None:
    arm = {
        "/providers/microsoft.management/servicegroups/shop/providers/microsoft.azureresiliencemanagement/drills": 403
    }
    found = await read(FakeAzure([SERVER], ["s1"], service_groups=["Shop"], arm=arm), "s1")
    [gap] = [gap for gap in found.gaps if gap.kinds == (Rehearsal,)]
    assert "access denied to Microsoft.AzureResilienceManagement/drills/read" in gap.reason


@pytest.mark.parametrize(
    ("fake", "problem"),
    [
        (FakeAzure(refused=["s1"]), "access denied"),
        (FakeAzure([SERVER], ["s1"], signs_in=False), "does not accept the credentials"),
        (FakeAzure(), "cannot be seen"),
    ],
)
async def test_nothing_that_can_be_read_is_unusable(fake: FakeAzure, problem: str) -> None:
    with pytest.raises(UnusableError, match=problem):
        await read(fake, "s1")


@pytest.mark.parametrize(
    ("remaining", "after", "seconds"), [("0", "00:00:05", 5.0), ("3", "00:00:05", 0.0), ("0", "soon", 0.0)]
)
def test_a_used_up_quota_is_waited_for(remaining: str, after: str, seconds: float) -> None:
    assert pause({"x-ms-user-quota-remaining": remaining, "x-ms-user-quota-resets-after": after}) == seconds


def test_a_table_of_columns_and_rows_is_read_as_objects() -> None:
    page = {"data": {"columns": [{"name": "id"}, {"name": "type"}], "rows": [["/a", "b"]]}}
    assert list(rows_in(page)) == [{"id": "/a", "type": "b"}]
    with pytest.raises(ReadError):
        list(rows_in({"data": "none"}))


async def test_rows_that_an_answer_leaves_out_are_a_gap() -> None:
    found = await read(FakeAzure([SERVER], ["s1"], truncates="resources"), "s1")
    assert "Orders" in found.facts
    assert any("left rows out" in text for text in found.reasons())


def test_a_resource_is_known_by_its_id_in_lower_case() -> None:
    found = resource_of({**SERVER, "tags": {"app": "shop"}}, ResourceIndex())
    assert found.arm == SERVER["id"].lower()
    assert (found.identity.account, found.identity.tags) == ("s1", {"app": "shop"})
