"""What each cloud keeps after a deletion: objects by soft delete, keys by their waiting period, backups by a vault that keeps them."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.plans import NOW, read, state
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import VM
from support.samples.azure_resources import facts as of_azure
from support.samples.google_compute import P, asset

from bot.audit.collectors.gcp.run import made_of
from checks import Backup, ComputeGroup, EncryptionKey, ObjectStore, Outcome, Seen, Service, Tier, Unread, evaluate

SHOP = Service("shop", Tier(1, 8, timedelta(hours=1), timedelta(hours=1)))
BLOBS = "blobServices/default"


def outcome(check: str, *facts: Any) -> Outcome:
    now = max(fact.observed_at for fact in facts)
    return next(f.outcome for f in evaluate([Seen(SHOP, facts)], now=now) if f.check.id == check and f.fact in facts)


@pytest.mark.parametrize(
    ("policy", "days", "verdict"),
    [
        ({"softDeletePolicy": {"retentionDurationSeconds": "604800"}}, 7, Outcome.PASS),
        ({"softDeletePolicy": {"retentionDurationSeconds": "0"}}, 0, Outcome.FAIL),
        ({"softDeletePolicy": {}}, 0, Outcome.FAIL),
        ({}, 0, Outcome.FAIL),
        ({"versioning": {"enabled": True}}, 0, Outcome.PASS),
    ],
)
def test_a_bucket_of_google_keeps_deleted_objects(policy: dict[str, Any], days: int, verdict: Outcome) -> None:
    row = asset("storage.googleapis.com/Bucket", "docs", {"location": "EUROPE-WEST4", **policy})
    (bucket,) = made_of([row], NOW)[1].facts
    assert isinstance(bucket, ObjectStore)
    assert bucket.soft_delete_days == days
    assert outcome("BK07", bucket) is verdict


@pytest.mark.parametrize(
    ("blobs", "verdict"),
    [
        ({"deleteRetentionPolicy": {"enabled": True, "days": 14}}, Outcome.PASS),
        ({"deleteRetentionPolicy": {"enabled": False}}, Outcome.FAIL),
        ({"isVersioningEnabled": True}, Outcome.PASS),
        ({}, Outcome.FAIL),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_storage_account_keeps_deleted_blobs(blobs: dict[str, Any] | None, verdict: Outcome) -> None:
    row = azure_resource("Microsoft.Storage/storageAccounts", "docs", sku={"name": "Standard_ZRS"}, kind="StorageV2")
    answers = {} if blobs is None else {f"{row['id']}/{BLOBS}": {"properties": blobs}}
    assert outcome("BK07", of_azure([row], answers)["docs"]) is verdict


@pytest.mark.parametrize(
    ("kind", "values", "days"),
    [
        ("google_storage_bucket", {"soft_delete_policy": [{"retention_duration_seconds": 604800}]}, 7),
        ("google_storage_bucket", {"soft_delete_policy": [{"retention_duration_seconds": 0}]}, 0),
        ("google_storage_bucket", {}, 0),
        ("azurerm_storage_account", {"blob_properties": [{"delete_retention_policy": [{"days": 30}]}]}, 30),
        ("azurerm_storage_account", {"blob_properties": [{"delete_retention_policy": [{}]}]}, 7),
        ("azurerm_storage_account", {"blob_properties": [{"versioning_enabled": False}]}, 0),
        ("azurerm_storage_account", {}, 0),
    ],
)
def test_a_plan_tells_the_same(kind: str, values: dict[str, Any], days: int) -> None:
    own = {"name": "docs", "id": "docs", "location": "europe-west4", "account_replication_type": "ZRS"}
    (bucket,) = (fact for fact in read(state((f"{kind}.docs", {**own, **values}))).after.facts)
    assert isinstance(bucket, ObjectStore)
    assert bucket.soft_delete_days == days


@pytest.mark.parametrize(
    ("properties", "days"),
    [
        ({"enablePurgeProtection": True, "softDeleteRetentionInDays": 30}, 30),
        ({"enablePurgeProtection": True}, 90),
        ({"enableSoftDelete": True, "softDeleteRetentionInDays": 30}, 0),
        ({}, 0),
    ],
)
def test_a_vault_with_purge_protection_keeps_its_keys(properties: dict[str, Any], days: int) -> None:
    vault = of_azure([azure_resource("Microsoft.KeyVault/vaults", "keys", properties=properties)])["keys"]
    assert isinstance(vault, EncryptionKey)
    assert vault.recovery_days == days
    assert outcome("AU12", vault) is (Outcome.PASS if days else Outcome.FAIL)


@pytest.mark.parametrize(("wait", "days"), [(None, 30), ("86400s", 1), ("604800s", 7)])
def test_a_key_of_google_waits_before_it_is_destroyed(wait: str | None, days: int) -> None:
    more = {"destroyScheduledDuration": wait} if wait else {}
    path = f"{P}/locations/europe-west4/keyRings/shop/cryptoKeys/orders"
    row = asset("cloudkms.googleapis.com/CryptoKey", path, {"primary": {"state": "ENABLED"}, **more})
    (key,) = made_of([row], NOW)[1].facts
    assert isinstance(key, EncryptionKey)
    assert key.recovery_days == days
    assert outcome("AU12", key) is (Outcome.PASS if days >= 7 else Outcome.FAIL)


@pytest.mark.parametrize(
    ("settings", "locked"),
    [
        ({"immutabilitySettings": {"state": "Locked"}}, True),
        ({"immutabilitySettings": {"state": "Unlocked"}}, False),
        ({"softDeleteSettings": {"softDeleteState": "AlwaysON"}}, True),
        ({"softDeleteSettings": {"softDeleteState": "Enabled"}}, False),
        ({}, False),
    ],
)
def test_a_vault_whose_soft_delete_is_always_on_keeps_its_backups(settings: dict[str, Any], *, locked: bool) -> None:
    kind = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
    item = azure_resource(kind, "safe/Azure/container/vm;web1", location=None, properties={"sourceResourceId": VM})
    safe = azure_resource("Microsoft.RecoveryServices/vaults", "safe", properties={"securitySettings": settings})
    found = of_azure([item, safe])["vm;web1"]
    assert isinstance(found, Backup)
    assert found.locked is locked


@pytest.mark.parametrize(
    ("environment", "verdict"),
    [
        ({"zoneRedundant": True}, Outcome.PASS),
        ({"zoneRedundant": False}, Outcome.FAIL),
        ({}, Outcome.FAIL),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_container_app_fails_where_its_environment_is_in_one_zone(
    environment: dict[str, Any] | None, verdict: Outcome
) -> None:
    parent = azure_resource("Microsoft.App/managedEnvironments", "apps", properties=environment or {})
    own = {"environmentId": parent["id"], "configuration": {"ingress": {}}}
    app = azure_resource("Microsoft.App/containerApps", "shop", properties=own)
    found = of_azure([app] if environment is None else [parent, app])["shop"]
    assert isinstance(found, ComputeGroup)
    assert isinstance(found.zone_redundant, Unread) is (environment is None)
    assert outcome("ZN01", found) is verdict


def test_a_vault_is_judged_as_a_key_where_something_names_a_key_of_it() -> None:
    own = {"enablePurgeProtection": True, "vaultUri": "https://keys.vault.azure.net/"}
    settings = {"keyname": "Orders", "keyvaulturi": "https://keys.vault.azure.net", "keyversion": ""}
    encryption = {"keySource": "Microsoft.Keyvault", "keyvaultproperties": settings}
    account = azure_resource("Microsoft.Storage/storageAccounts", "docs", properties={"encryption": encryption})
    other = azure_resource("Microsoft.Storage/storageAccounts", "logs", properties={"encryption": {}})
    vault = azure_resource("Microsoft.KeyVault/vaults", "keys", properties=own)
    assert outcome("AU10", *of_azure([vault, account]).values()) is Outcome.UNKNOWN
    assert outcome("AU10", *of_azure([vault, other]).values()) is Outcome.NOT_APPLICABLE
