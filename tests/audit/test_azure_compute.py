"""Machines, scale sets, disks, clusters and apps of Azure as facts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import ROOT, VM, facts, interface, machine, told

from checks import Certificate, ComputeGroup, LifePhase, Unread, Volume

POOL = f"{ROOT}/Microsoft.Network/loadBalancers/front/backendAddressPools/web"
SET = f"{ROOT}/Microsoft.Compute/virtualMachineScaleSets/web"
PLAN = f"{ROOT}/Microsoft.Web/serverFarms/plan"


@pytest.mark.parametrize(
    ("state", "running", "phase"),
    [
        ("VM running", 1, LifePhase.RUNNING),
        ("VM deallocated", 0, LifePhase.STOPPED),
        ("VM stopped", 0, LifePhase.STOPPED),
    ],
)
def test_a_machine_runs_in_its_zone_unless_it_is_stopped(state: str, running: int, phase: LifePhase) -> None:
    found = facts([machine("web1", "2", state), interface("web1", [POOL])])["web1"]
    assert told(found, "zones", "zones_in_use", "running", "phase", "traffic", "machine_types") == (
        ("2",),
        ("2",) if running else (),
        running,
        phase,
        True,
        ("Standard_D2s_v5",),
    )


def test_a_machine_without_a_zone_or_power_state_says_neither() -> None:
    bare = azure_resource("Microsoft.Compute/virtualMachines", "web1", properties={"provisioningState": "Succeeded"})
    assert told(facts([bare])["web1"], "zones", "running", "traffic", "phase") == ((), None, None, LifePhase.RUNNING)


def scale_set(**fields: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {"zones": ["3", "1", "2"], "sku": {"name": "Standard_D2s_v5", "capacity": 3}, **fields}
    return azure_resource("Microsoft.Compute/virtualMachineScaleSets", "web", **rows)


def test_a_uniform_scale_set_counts_its_instances() -> None:
    kind = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
    members = [azure_resource(kind, f"web/{number}", zones=[str(number % 2 + 1)]) for number in range(3)]
    group = facts([scale_set(), *members])["web"]
    assert told(group, "zones", "zones_in_use", "zone_redundant", "desired", "running", "min_size", "max_size") == (
        ("1", "2", "3"),
        ("1", "2"),
        True,
        3,
        3,
        3,
        3,
    )


@pytest.mark.parametrize(("repairs", "found"), [(True, "repairs"), (False, "machine state")])
def test_a_scale_set_repairs_machines_that_fail_their_probe(repairs: bool, found: str) -> None:
    own = {"automaticRepairsPolicy": {"enabled": repairs, "gracePeriod": "PT10M"}}
    assert told(facts([scale_set(properties=own)])["web"], "health_check") == (found,)


def test_a_scale_set_may_mix_sizes() -> None:
    own = {"skuProfile": {"vmSizes": [{"name": "Standard_D4s_v5"}, {"name": "Standard_D2s_v5"}]}}
    found = facts([scale_set(sku={"name": "Mix", "capacity": 3}, properties=own)])["web"]
    assert told(found, "machine_types") == (("Standard_D2s_v5", "Standard_D4s_v5"),)


def test_a_flexible_scale_set_has_machines_that_are_no_facts_of_their_own() -> None:
    rows = [
        machine("web1", "1", virtualMachineScaleSet={"id": SET}),
        machine("web2", "2", virtualMachineScaleSet={"id": SET}),
    ]
    found = facts([scale_set(), *rows])
    assert set(found) == {"web"}
    assert told(found["web"], "zones_in_use", "running") == (("1", "2"), 2)


def test_an_autoscale_setting_limits_a_scale_set() -> None:
    profiles = [
        {"capacity": {"minimum": "2", "maximum": "9", "default": "2"}},
        {"capacity": {"minimum": "4", "maximum": "6"}},
    ]
    setting = {"targetResourceUri": SET, "enabled": True, "profiles": profiles}
    rows = [scale_set(), azure_resource("Microsoft.Insights/autoscaleSettings", "scale", properties=setting)]
    assert told(facts(rows)["web"], "min_size", "max_size") == (2, 9)
    setting["enabled"] = False
    assert told(facts(rows)["web"], "min_size", "max_size") == (3, 3)


def test_a_disk_has_the_newest_of_its_snapshots() -> None:
    disk = azure_resource(
        "Microsoft.Compute/disks",
        "data",
        zones=["1"],
        managedBy=VM,
        properties={"diskSizeGB": 64, "diskState": "Attached"},
    )
    snapshots = [
        azure_resource(
            "Microsoft.Compute/snapshots",
            f"s{day}",
            properties={
                "timeCreated": f"2026-11-0{day}T02:00:00.1234567Z",
                "creationData": {"sourceResourceId": disk["id"]},
            },
        )
        for day in (1, 3, 2)
    ]
    volume = facts([disk, *snapshots])["data"]
    assert isinstance(volume, Volume)
    assert told(volume, "zone", "size_gib", "attached_to", "disposable") == ("1", 64, VM.lower(), False)
    assert volume.last_snapshot_at == datetime(2026, 11, 3, 2, 0, 0, 123456, tzinfo=UTC)


def test_a_cluster_is_in_the_zones_of_its_node_pools() -> None:
    pools = [
        {
            "name": "system",
            "mode": "System",
            "count": 3,
            "vmSize": "Standard_D4s_v5",
            "availabilityZones": ["1", "2", "3"],
        },
        {
            "name": "user",
            "count": 2,
            "minCount": 2,
            "maxCount": 8,
            "enableAutoScaling": True,
            "vmSize": "Standard_D8s_v5",
        },
    ]
    own: dict[str, Any] = {
        "kubernetesVersion": "1.33",
        "currentKubernetesVersion": "1.33.2",
        "agentPoolProfiles": pools,
    }
    rows = [azure_resource("Microsoft.ContainerService/managedClusters", "prod", properties=own)]
    own["nodeResourceGroup"] = "MC_shop_prod"
    nodes = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
    rows += [azure_resource(nodes, f"aks/{zone}", group="mc_shop_prod", zones=[zone]) for zone in ("1", "3")]
    cluster = facts(rows)["prod"]
    assert told(cluster, "zones_in_use") == (("1", "3"),)
    assert told(cluster, "zones", "zone_redundant", "min_size", "max_size", "desired", "runtime") == (
        ("1", "2", "3"),
        True,
        5,
        11,
        5,
        "kubernetes 1.33.2",
    )
    own["powerState"] = {"code": "Stopped"}
    assert facts(rows)["prod"].phase is LifePhase.STOPPED


def plan(**properties: Any) -> dict[str, Any]:
    return azure_resource(
        "Microsoft.Web/serverFarms",
        "plan",
        sku={"name": "P1v3", "tier": "PremiumV3", "capacity": 3},
        properties=properties,
    )


def site(kind: str = "app,linux") -> dict[str, Any]:
    return azure_resource(
        "Microsoft.Web/sites", "shop", kind=kind, properties={"state": "Running", "serverFarmId": PLAN}
    )


def test_an_app_is_as_redundant_as_its_plan() -> None:
    config = azure_resource("Microsoft.Web/sites/config", "shop/web", properties={"healthCheckPath": "/healthz"})
    app = facts([site(), plan(zoneRedundant=True), config])["shop"]
    assert told(app, "product", "zone_redundant", "min_size", "max_size", "health_check") == (
        "appservice",
        True,
        3,
        3,
        "/healthz",
    )
    assert told(facts([site(), plan()])["shop"], "zone_redundant", "health_check") == (False, "")
    alone = facts([site()])["shop"]
    assert isinstance(alone, ComputeGroup)
    assert isinstance(alone.zone_redundant, Unread)


def test_functions_are_on_a_plan_too() -> None:
    found = facts([site("functionapp,linux"), plan(zoneRedundant=True)])["shop"]
    assert told(found, "product", "kind", "zone_redundant", "min_size", "traffic") == (
        "functions",
        "function",
        True,
        None,
        None,
    )


def test_a_container_app_is_as_redundant_as_its_environment() -> None:
    environment = azure_resource("Microsoft.App/managedEnvironments", "apps", properties={"zoneRedundant": True})
    own = {
        "environmentId": environment["id"],
        "template": {"scale": {"minReplicas": 2}},
        "configuration": {"ingress": {}},
    }
    found = facts([environment, azure_resource("Microsoft.App/containerApps", "shop", properties=own)])["shop"]
    assert told(found, "zone_redundant", "min_size", "max_size", "traffic") == (True, 2, 10, True)


def test_a_certificate_of_app_service_expires() -> None:
    own = {"thumbprint": "AB12", "expirationDate": "2027-01-02T00:00:00+00:00", "canonicalName": "shop.example.com"}
    bound = site()
    bound["properties"]["hostNameSslStates"] = [{"name": "shop.example.com", "thumbprint": "ab12"}]
    found = facts([azure_resource("Microsoft.Web/certificates", "cert", properties=own), bound])["cert"]
    assert isinstance(found, Certificate)
    assert told(found, "renews_itself", "in_use", "expires_at") == (True, True, datetime(2027, 1, 2, tzinfo=UTC))
