"""Load balancers, Front Door, Traffic Manager, DNS, networks and lines of Azure as facts."""

from datetime import timedelta
from typing import Any

import pytest
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import ROOT, VM, facts, interface, machine, told

from checks import Distribution, Unread

ADDRESS = f"{ROOT}/Microsoft.Network/publicIPAddresses/front"
BALANCER = f"{ROOT}/Microsoft.Network/loadBalancers/front"


def balancer(front: dict[str, Any], zones: list[str] | None = None) -> dict[str, Any]:
    members = [
        {"id": f"{ROOT}/Microsoft.Network/networkInterfaces/web1-nic/ipConfigurations/a"},
        {
            "id": f"{ROOT}/Microsoft.Compute/virtualMachineScaleSets/api/virtualMachines/0/networkInterfaces/n/ipConfigurations/a"
        },
    ]
    own = {
        "frontendIPConfigurations": [{"name": "f", "zones": zones, "properties": front}],
        "backendAddressPools": [{"name": "web", "properties": {"backendIPConfigurations": members}}],
        "loadBalancingRules": [{"name": "https"}],
    }
    return azure_resource("Microsoft.Network/loadBalancers", "front", sku={"name": "Standard"}, properties=own)


def test_a_public_load_balancer_is_in_the_zones_of_its_address() -> None:
    address = azure_resource("Microsoft.Network/publicIPAddresses", "front", zones=["1", "2", "3"])
    rows = [balancer({"publicIPAddress": {"id": ADDRESS}}), address, machine("web1", "1"), interface("web1")]
    found = facts(rows)["front"]
    assert told(found, "zones", "internet_facing", "listeners") == (("1", "2", "3"), True, 1)
    assert told(found, "targets") == ((VM.lower(), f"{ROOT}/Microsoft.Compute/virtualMachineScaleSets/api".lower()),)


def test_a_private_load_balancer_is_in_the_zones_of_its_front_end() -> None:
    found = facts([balancer({"privateIPAddress": "10.0.0.4"}, ["2"])])["front"]
    assert told(found, "zones", "internet_facing") == (("2",), False)


def test_an_application_gateway() -> None:
    own = {
        "operationalState": "Running",
        "frontendIPConfigurations": [{"properties": {"publicIPAddress": {"id": ADDRESS}}}],
        "backendAddressPools": [{"properties": {"backendAddresses": [{"fqdn": "shop.azurewebsites.net"}]}}],
        "httpListeners": [{}, {}],
    }
    rows = [azure_resource("Microsoft.Network/applicationGateways", "edge", zones=["1", "2"], properties=own)]
    found = facts(rows)["edge"]
    assert told(found, "zones", "listeners", "targets", "kind") == (
        ("1", "2"),
        2,
        ("shop.azurewebsites.net",),
        "application",
    )


def test_api_management_has_a_gateway_in_each_region() -> None:
    own = {
        "additionalLocations": [{"location": "North Europe"}],
        "hostnameConfigurations": [{"hostName": "api.example.com"}],
    }
    found = facts([azure_resource("Microsoft.ApiManagement/service", "apis", properties=own)])
    assert {name: told(fact, "region", "kind", "custom_domain") for name, fact in found.items()} == {
        "apis": ("westeurope", "regional", True),
        "northeurope": ("northeurope", "regional", True),
    }


@pytest.mark.parametrize(("hosts", "fails_over"), [(("a", "b"), True), (("a",), False), (("a", "b-off"), False)])
def test_a_front_door_fails_over_between_two_enabled_origins(hosts: tuple[str, ...], fails_over: bool) -> None:
    profile = azure_resource(
        "Microsoft.Cdn/profiles", "edge", location="Global", sku={"name": "Standard_AzureFrontDoor"}
    )
    group = f"{profile['id']}/originGroups/web"
    origins = [
        {"properties": {"hostName": host, "enabledState": "Disabled" if host.endswith("off") else "Enabled"}}
        for host in hosts
    ]
    details: dict[str, Any] = {
        f"{profile['id']}/originGroups": {"value": [{"id": group}]},
        f"{group}/origins": {"value": origins},
    }
    found = facts([profile], details)["edge"]
    assert isinstance(found, Distribution)
    assert told(found, "region", "origin_failover") == ("global", fails_over)
    assert facts([profile]) == {}


def test_a_classic_front_door_and_a_cdn_endpoint() -> None:
    pool = {"properties": {"backends": [{"address": "a.example.com"}, {"address": "b.example.com"}]}}
    door = azure_resource(
        "Microsoft.Network/frontDoors", "old", properties={"backendPools": [pool], "enabledState": "Enabled"}
    )
    own = {"origins": [{"properties": {"hostName": "c.example.com"}}], "originGroups": []}
    found = facts([door, azure_resource("Microsoft.Cdn/profiles/endpoints", "cdn/files", properties=own)])
    assert told(found["old"], "origins", "origin_failover") == (("a.example.com", "b.example.com"), True)
    assert told(found["files"], "origins", "origin_failover") == (("c.example.com",), False)


def test_traffic_manager_is_a_health_check_and_a_record_for_each_endpoint() -> None:
    endpoints: list[dict[str, Any]] = [
        {"name": name, "properties": {"target": f"{name}.example.com", "endpointStatus": status, "priority": order}}
        for order, (name, status) in enumerate((("west", "Enabled"), ("north", "Enabled"), ("old", "Disabled")), 1)
    ]
    endpoints[0]["properties"]["endpointLocation"] = "West Europe"
    own = {
        "profileStatus": "Enabled",
        "trafficRoutingMethod": "Priority",
        "dnsConfig": {"ttl": 30},
        "monitorConfig": {"path": "/health", "intervalInSeconds": 10, "toleratedNumberOfFailures": 2},
        "endpoints": endpoints,
    }
    found = facts([azure_resource("Microsoft.Network/trafficManagerProfiles", "tm", location="global", properties=own)])
    assert told(found["tm"], "target", "detects_in", "disabled") == ("/health", timedelta(seconds=30), False)
    assert set(found) == {"tm", "west", "north"}
    assert told(found["west"], "policy", "role", "ttl", "siblings", "target_regions", "health_check") == (
        "failover",
        "primary",
        30,
        2,
        ("westeurope",),
        found["tm"].resource,
    )
    assert told(found["north"], "role", "targets") == ("secondary", ("north.example.com",))


@pytest.mark.parametrize(
    ("kind", "name", "properties", "expected"),
    [
        (
            "dnsZones/A",
            "example.com/www",
            {"TTL": 60, "ARecords": [{"ipv4Address": "192.0.2.1"}]},
            ("A", 60, ("192.0.2.1",)),
        ),
        (
            "dnsZones/CNAME",
            "example.com/shop",
            {"TTL": 300, "CNAMERecord": {"cname": "x.net"}},
            ("CNAME", 300, ("x.net",)),
        ),
        (
            "privateDnsZones/AAAA",
            "corp.internal/db",
            {"ttl": 10, "aaaaRecords": [{"ipv6Address": "2001:db8::1"}]},
            ("AAAA", 10, ("2001:db8::1",)),
        ),
        (
            "dnsZones/A",
            "example.com/@",
            {"TTL": 60, "targetResource": {"id": ADDRESS}},
            ("A", None, (ADDRESS.lower(),)),
        ),
    ],
)
def test_a_record_set(kind: str, name: str, properties: dict[str, Any], expected: tuple[object, ...]) -> None:
    zone, _, label = name.partition("/")
    address = azure_resource("Microsoft.Network/publicIPAddresses", "front", location="North Europe")
    found = facts(
        [azure_resource(f"Microsoft.Network/{kind}", name, location="global", properties=properties), address]
    )[label]
    assert told(found, "type", "ttl", "targets") == expected
    assert told(found, "zone", "name", "private_zone") == (
        zone,
        zone if label == "@" else f"{label}.{zone}",
        kind.startswith("private"),
    )
    assert told(found, "target_regions") == ((("northeurope",) if label == "@" else ()),)


def test_a_zone_has_its_name_servers() -> None:
    own = {"numberOfRecordSets": 4, "nameServers": ["ns2-01.azure-dns.net.", "ns1-01.azure-dns.com."]}
    rows = [azure_resource("Microsoft.Network/dnsZones", "example.com", location="global", properties=own)]
    found = facts(rows)["example.com"]
    assert told(found, "records", "private", "name_servers") == (
        4,
        False,
        ("ns1-01.azure-dns.com", "ns2-01.azure-dns.net"),
    )


def test_a_network_tells_which_machines_leave_by_another_zone() -> None:
    subnet = f"{ROOT}/Microsoft.Network/virtualNetworks/net/subnets/web"
    nat = azure_resource("Microsoft.Network/natGateways", "nat", zones=["1"])
    own = {"subnets": [{"id": subnet, "name": "web", "properties": {"natGateway": {"id": nat["id"]}}}]}
    rows = [azure_resource("Microsoft.Network/virtualNetworks", "net", properties=own), nat]
    rows += [
        machine("web1", "1"),
        interface("web1", subnet=subnet),
        machine("web2", "2"),
        interface("web2", subnet=subnet),
    ]
    found = facts(rows)["net"]
    assert told(found, "nat_zones", "private_subnet_zones", "borrowed_egress") == (
        ("1",),
        ("1", "2"),
        (("web", "2", "1"),),
    )


def test_a_vpn_connection_has_two_tunnels_on_an_active_active_gateway() -> None:
    gateway = azure_resource("Microsoft.Network/virtualNetworkGateways", "gw", properties={"activeActive": True})
    own: dict[str, Any] = {
        "connectionType": "IPsec",
        "virtualNetworkGateway1": {"id": gateway["id"]},
        "localNetworkGateway2": {"id": f"{ROOT}/Microsoft.Network/localNetworkGateways/office"},
    }
    rows = [azure_resource("Microsoft.Network/connections", "office", properties=own), gateway]
    vpn = facts(rows)["office"]
    assert told(vpn, "tunnels", "gateway") == (2, gateway["id"].lower())
    assert isinstance(told(vpn, "tunnels_up")[0], Unread)
    for state, working in (("Connected", 2), ("NotConnected", 0)):
        own["connectionStatus"] = state
        assert told(facts(rows)["office"], "tunnels_up") == (working,)


def test_an_expressroute_circuit_and_a_firewall() -> None:
    own = {
        "serviceProviderProvisioningState": "Provisioned",
        "circuitProvisioningState": "Enabled",
        "serviceProviderProperties": {"peeringLocation": "Amsterdam"},
        "peerings": [{"properties": {"state": "Enabled"}}],
    }
    found = facts(
        [
            azure_resource("Microsoft.Network/expressRouteCircuits", "line", properties=own),
            azure_resource("Microsoft.Network/azureFirewalls", "fw", zones=["1", "2"]),
        ]
    )
    assert told(found["line"], "location", "carries_traffic") == ("Amsterdam", True)
    assert told(found["fw"], "zones", "deletion_protection") == (("1", "2"), False)
