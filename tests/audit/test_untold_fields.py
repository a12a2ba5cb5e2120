"""Resources whose answer lacks what decides: no verdict of pass or fail comes from a field that was not told."""

from collections.abc import Iterable
from typing import Any

import pytest
from support.builders.plans import NOW, read, state
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import facts as of_azure
from support.samples.google_compute import REGION, P, asset, compute

from bot.audit.collectors.gcp.run import made_of
from checks import DEFAULT_TIERS, ComputeGroup, Fact, Outcome, Seen, Service, evaluate

SHOP = Service("shop", DEFAULT_TIERS[1])
PLACE = f"{P}/locations/{REGION}"
DECIDED = {Outcome.PASS, Outcome.FAIL}


def verdicts(facts: Iterable[Fact]) -> dict[str, Outcome]:
    found = list(facts)
    now = max(fact.observed_at for fact in found)
    judged = evaluate([Seen(SHOP, found)], now=now)
    return {finding.check.id: finding.outcome for finding in judged if finding.fact is not None}


@pytest.mark.parametrize(
    ("kind", "path", "data", "checks"),
    [
        ("sqladmin.googleapis.com/Instance", f"{P}/instances/orders", {}, "AU01 BK01 BK04 CA02 ZN08 FO01"),
        ("sqladmin.googleapis.com/Instance", f"{P}/instances/orders", {"settings": {"tier": "x"}}, "BK01 BK02 BK03"),
        ("spanner.googleapis.com/Instance", f"{P}/instances/orders", {}, "RG02"),
        ("firestore.googleapis.com/Database", f"{P}/databases/orders", {}, "RG02"),
        ("bigtableadmin.googleapis.com/Instance", f"{P}/instances/orders", {}, "RG02 ZN08 CA01"),
        ("redis.googleapis.com/Instance", f"{PLACE}/instances/orders", {}, "ZN09"),
        ("storage.googleapis.com/Bucket", "receipts", {}, "RG03"),
    ],
)
def test_google(kind: str, path: str, data: dict[str, Any], checks: str) -> None:
    row = asset(kind, path, data, location="")
    found = verdicts(made_of([row], NOW)[1].facts)
    assert {check: found[check] for check in checks.split() if found[check] in DECIDED} == {}


@pytest.mark.parametrize(
    ("kind", "name", "checks"),
    [
        ("Microsoft.DocumentDB/databaseAccounts", "orders", "RG02 ZN08 BK01"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "orders", "ZN08 FO01 BK01 BK04"),
        ("Microsoft.Storage/storageAccounts", "docs", "BK07 RG03 ZN11"),
        ("Microsoft.KeyVault/vaults", "keys", "AU10"),
        ("Microsoft.Compute/disks", "data", "ZN13"),
        ("Microsoft.ApiManagement/service", "api", "ZN12"),
    ],
)
def test_azure(kind: str, name: str, checks: str) -> None:
    found = verdicts(of_azure([azure_resource(kind, name)]).values())
    assert {check: found[check] for check in checks.split() if found[check] in DECIDED} == {}


@pytest.mark.parametrize(("policy", "suspended"), [({}, ()), ({"defaultActionOnFailure": "DO_NOTHING"}, ("repairs",))])
def test_a_group_of_google_whose_repairs_are_off(policy: dict[str, str], suspended: tuple[str, ...]) -> None:
    data = {"targetSize": 2, "zone": "zones/europe-west4-a", "instanceLifecyclePolicy": policy}
    row = compute("InstanceGroupManager", f"{P}/zones/europe-west4-a/instanceGroupManagers/web", data)
    (group,) = made_of([row], NOW)[1].facts
    assert isinstance(group, ComputeGroup)
    assert group.suspended == suspended
    planned = [{"default_action_on_failure": value} for value in policy.values()]
    own = {"name": "web", "zone": "europe-west4-a", "instance_lifecycle_policy": planned}
    (other,) = read(state(("google_compute_instance_group_manager.web", own))).after.facts
    assert isinstance(other, ComputeGroup)
    assert other.suspended == suspended
