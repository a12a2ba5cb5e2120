"""Compute and traffic of Azure as Azure lists them, each beside the entries of a Terraform state that describe it."""

from typing import Any

from support.fakes.azure_cloud import azure_resource
from support.samples.azure_pairs_of_stores import Pair
from support.samples.azure_resources import ROOT

from checks import ComputeGroup, Distribution, DnsZone, HealthCheck, LoadBalancer, Volume

PLAN: dict[str, Any] = {"name": "plan", "id": f"{ROOT}/Microsoft.Web/serverFarms/plan", "location": "westeurope"}
COMPUTE: tuple[Pair, ...] = (
    (
        ComputeGroup,
        (
            azure_resource(
                "Microsoft.Compute/virtualMachines",
                "web",
                zones=["1"],
                properties={"hardwareProfile": {"vmSize": "Standard_D2s_v5"}},
            ),
        ),
        (
            (
                "azurerm_linux_virtual_machine.web",
                {"name": "web", "location": "westeurope", "zone": "1", "size": "Standard_D2s_v5"},
            ),
        ),
        (),
    ),
    (
        ComputeGroup,
        (
            azure_resource(
                "Microsoft.Compute/virtualMachineScaleSets",
                "web",
                zones=["1", "2", "3"],
                sku={"name": "Standard_D2s_v5", "capacity": 3},
                properties={"automaticRepairsPolicy": {"enabled": True}},
            ),
        ),
        (
            (
                "azurerm_linux_virtual_machine_scale_set.web",
                {
                    "name": "web",
                    "location": "westeurope",
                    "zones": ["1", "2", "3"],
                    "sku": "Standard_D2s_v5",
                    "instances": 3,
                    "automatic_instance_repair": [{"enabled": True}],
                },
            ),
        ),
        (),
    ),
    (
        ComputeGroup,
        (
            azure_resource(
                "Microsoft.ContainerService/managedClusters",
                "prod",
                properties={
                    "kubernetesVersion": "1.33",
                    "agentPoolProfiles": [
                        {
                            "count": 3,
                            "vmSize": "Standard_D4s_v5",
                            "availabilityZones": ["1", "2"],
                            "minCount": 3,
                            "maxCount": 6,
                        }
                        | {"enableAutoScaling": True}
                    ],
                },
            ),
        ),
        (
            (
                "azurerm_kubernetes_cluster.prod",
                {
                    "name": "prod",
                    "location": "westeurope",
                    "kubernetes_version": "1.33",
                    "default_node_pool": [
                        {
                            "vm_size": "Standard_D4s_v5",
                            "zones": ["1", "2"],
                            "min_count": 3,
                            "max_count": 6,
                            "node_count": 3,
                        }
                    ],
                },
            ),
        ),
        ("desired", "deletion_protection"),
    ),
    (
        ComputeGroup,
        (
            azure_resource(
                "Microsoft.Web/serverFarms",
                "plan",
                sku={"name": "P1v3", "capacity": 3},
                properties={"zoneRedundant": True},
            ),
            azure_resource("Microsoft.Web/sites", "shop", kind="app,linux", properties={"serverFarmId": PLAN["id"]}),
        ),
        (
            ("azurerm_service_plan.plan", PLAN | {"worker_count": 3, "zone_balancing_enabled": True}),
            (
                "azurerm_linux_web_app.shop",
                {"name": "shop", "location": "westeurope", "service_plan_id": PLAN["id"]},
            ),
        ),
        ("deletion_protection",),
    ),
    (
        Volume,
        (azure_resource("Microsoft.Compute/disks", "data", zones=["2"], properties={"diskSizeGB": 64}),),
        (
            (
                "azurerm_managed_disk.data",
                {"name": "data", "location": "westeurope", "zone": "2", "disk_size_gb": 64},
            ),
        ),
        (),
    ),
    (
        LoadBalancer,
        (azure_resource("Microsoft.Network/applicationGateways", "edge", zones=["1", "2"]),),
        (("azurerm_application_gateway.edge", {"name": "edge", "location": "westeurope", "zones": ["1", "2"]}),),
        ("deletion_protection",),
    ),
    (
        DnsZone,
        (
            azure_resource(
                "Microsoft.Network/dnsZones",
                "example.com",
                location="global",
                properties={"numberOfRecordSets": 4, "nameServers": ["ns1-01.azure-dns.com."]},
            ),
        ),
        (
            (
                "azurerm_dns_zone.zone",
                {"name": "example.com", "number_of_record_sets": 4, "name_servers": ["ns1-01.azure-dns.com."]},
            ),
        ),
        (),
    ),
    (
        HealthCheck,
        (
            azure_resource(
                "Microsoft.Network/trafficManagerProfiles",
                "tm",
                location="global",
                properties={
                    "profileStatus": "Enabled",
                    "monitorConfig": {"path": "/health", "intervalInSeconds": 10, "toleratedNumberOfFailures": 2},
                },
            ),
        ),
        (
            (
                "azurerm_traffic_manager_profile.tm",
                {
                    "name": "tm",
                    "monitor_config": [
                        {"path": "/health", "interval_in_seconds": 10, "tolerated_number_of_failures": 2}
                    ],
                },
            ),
        ),
        (),
    ),
    (
        Distribution,
        (
            azure_resource(
                "Microsoft.Network/frontDoors",
                "edge",
                location="global",
                properties={
                    "backendPools": [{"properties": {"backends": [{"address": "a.net"}, {"address": "b.net"}]}}]
                },
            ),
        ),
        (
            (
                "azurerm_frontdoor.edge",
                {"name": "edge", "backend_pool": [{"backend": [{"host_header": "a.net"}, {"host_header": "b.net"}]}]},
            ),
        ),
        (),
    ),
)
