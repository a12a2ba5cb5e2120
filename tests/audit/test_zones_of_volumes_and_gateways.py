"""Which volumes and API gateways of each cloud are in several zones."""

from typing import Any

import pytest
from support.builders.plans import NOW, facts, state
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import facts as of_azure
from support.samples.google_compute import REGION, P, compute

from bot.audit.collectors.gcp.run import made_of
from checks import Gateway, Unread, Volume

NO_ZONES = Unread("the answer names no zones: Azure may have placed the units itself")


@pytest.mark.parametrize(
    ("sku", "several"),
    [
        ("Premium_LRS", False),
        ("StandardSSD_ZRS", True),
        ("Premium_ZRS", True),
        ("UltraSSD_LRS", None),
        ("PremiumV2_LRS", None),
        (None, Unread("the answer has no sku.name")),
    ],
)
def test_a_disk_of_azure(sku: str | None, several: object) -> None:
    more: dict[str, Any] = {"sku": {"name": sku}} if sku else {}
    row = azure_resource("Microsoft.Compute/disks", "d", **more)
    (disk,) = of_azure([row]).values()
    assert isinstance(disk, Volume)
    assert disk.zone_redundant == several
    if sku:
        (planned,) = facts(state(("azurerm_managed_disk.d", {"name": "d", "storage_account_type": sku})), Volume)
        assert planned.zone_redundant == several


@pytest.mark.parametrize(
    ("kind", "path", "data", "several"),
    [
        ("Disk", f"{P}/zones/europe-west4-a/disks/d", {"type": "zones/europe-west4-a/diskTypes/pd-ssd"}, False),
        ("Disk", f"{P}/zones/europe-west4-a/disks/d", {"type": "diskTypes/hyperdisk-extreme"}, None),
        ("RegionDisk", f"{P}/regions/{REGION}/disks/d", {"replicaZones": ["zones/a", "zones/b"]}, True),
        ("Disk", f"{P}/regions/{REGION}/disks/d", {"replicaZones": ["zones/a", "zones/b"]}, True),
    ],
)
def test_a_disk_of_google(kind: str, path: str, data: dict[str, Any], several: bool | None) -> None:
    (disk,) = made_of([compute(kind, path, data)], NOW)[1].facts
    assert isinstance(disk, Volume)
    assert disk.zone_redundant is several


@pytest.mark.parametrize(
    ("kind", "more", "several"),
    [
        ("google_compute_disk", {"zone": "europe-west4-a", "type": "pd-ssd"}, False),
        ("google_compute_disk", {"zone": "europe-west4-a", "type": "pd-extreme"}, None),
        ("google_compute_region_disk", {"region": "europe-west4", "replica_zones": ["a", "b"]}, True),
    ],
)
def test_a_disk_of_a_plan_of_google(kind: str, more: dict[str, Any], several: bool | None) -> None:
    (disk,) = facts(state((f"{kind}.d", {"name": "d", **more})), Volume)
    assert disk.zone_redundant is several
    assert disk.region == "europe-west4"


@pytest.mark.parametrize(
    ("sku", "zones", "several"),
    [
        ("Premium", ["1", "2"], True),
        ("Premium", ["1"], False),
        ("Premium", [], NO_ZONES),
        ("PremiumV2", ["1", "2", "3"], True),
        ("Developer", [], False),
        ("StandardV2", [], False),
        ("", [], Unread("the answer has no sku.name")),
    ],
)
def test_a_gateway_of_azure(sku: str, zones: list[str], several: object) -> None:
    more: dict[str, Any] = {"sku": {"name": sku}} if sku else {}
    row = azure_resource("Microsoft.ApiManagement/service", "api", zones=zones, properties={}, **more)
    (gateway,) = of_azure([row]).values()
    assert isinstance(gateway, Gateway)
    assert (gateway.zones, gateway.zone_redundant) == (tuple(zones), several)


def test_each_region_of_a_gateway_has_zones_of_its_own() -> None:
    more = {"location": "North Europe", "zones": ["1"]}
    row = azure_resource(
        *("Microsoft.ApiManagement/service", "api"),
        zones=["1", "2"],
        sku={"name": "Premium"},
        properties={"additionalLocations": [more]},
    )
    found = of_azure([row])
    told = [fact.zone_redundant for fact in found.values() if isinstance(fact, Gateway)]
    assert told == [True, False]
