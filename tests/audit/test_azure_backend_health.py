"""The health of backends of Azure's load balancers. Shapes: REST references "Load Balancing Rules - Health" and "Backend Health"."""

from typing import Any

import pytest
from support.fakes.azure_cloud import FakeAzure, azure_resource
from support.harness.azure_reading import read
from support.samples.azure_resources import ROOT, facts, interface, machine

from checks import DEFAULT_TIERS, Fact, LoadBalancer, Outcome, Seen, Service, Unread, evaluate

LB = f"{ROOT}/Microsoft.Network/loadBalancers/front"
RULE = f"{LB}/loadBalancingRules/web/health"
GATEWAY = f"{ROOT}/Microsoft.Network/applicationGateways/front/backendhealth"
SETS = f"{ROOT}/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines"
ADDRESS = azure_resource("Microsoft.Network/publicIPAddresses", "front", zones=["1", "2", "3"])


def balancer(sku: str = "Standard", *rules: str) -> dict[str, Any]:
    front = {"properties": {"publicIPAddress": {"id": ADDRESS["id"]}}}
    pool = {"properties": {"loadBalancerBackendAddresses": [{"properties": {"ipAddress": "10.0.0.4"}}]}}
    own = {
        "frontendIPConfigurations": [front],
        "backendAddressPools": [pool],
        "loadBalancingRules": [{"name": name} for name in rules or ("web",)],
    }
    return azure_resource("Microsoft.Network/loadBalancers", "front", sku={"name": sku}, properties=own)


def gateway(name: str = "front") -> dict[str, Any]:
    pool = {"properties": {"backendAddresses": [{"ipAddress": "10.0.0.4"}]}}
    own = {"backendAddressPools": [pool]}
    return azure_resource("Microsoft.Network/applicationGateways", name, zones=["1", "2"], properties=own)


def backend(name: str, state: str = "Up") -> dict[str, Any]:
    path = f"{ROOT}/Microsoft.Network/networkInterfaces/{name}/ipConfigurations/one"
    return {"ipAddress": "10.0.0.4", "networkInterfaceIPConfigurationId": path, "state": state}


def member(number: int, zone: str) -> dict[str, Any]:
    """A machine of a scale set, whose network interface no list has."""
    return azure_resource(
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines", f"web/{number}", zones=[zone], properties={}
    )


def in_set(number: int) -> dict[str, Any]:
    path = f"{SETS}/{number}/networkInterfaces/nic/ipConfigurations/one"
    return {"ipAddress": f"10.0.1.{number}", "networkInterfaceIPConfigurationId": path, "state": "Up"}


def judged(rows: list[dict[str, Any]], answers: dict[str, Any]) -> tuple[LoadBalancer, Outcome]:
    found = facts(rows, answers)["front"]
    assert isinstance(found, LoadBalancer)
    seen = Seen(Service("shop", DEFAULT_TIERS[1]), [found])
    return found, next(f.outcome for f in evaluate([seen], now=found.observed_at) if f.check.id == "ZN05")


@pytest.mark.parametrize(
    ("zones", "verdict"), [(("1", "2", "3"), Outcome.PASS), (("1", "1", "2"), Outcome.PASS), (("1",) * 3, Outcome.FAIL)]
)
def test_members_of_a_scale_set_are_in_the_zones_of_their_machines(zones: tuple[str, ...], verdict: Outcome) -> None:
    rows = [balancer(), ADDRESS, *(member(at, zone) for at, zone in enumerate(zones))]
    answer = {"up": 3, "down": 0, "loadBalancerBackendAddresses": [in_set(at) for at in range(3)]}
    found, outcome = judged(rows, {RULE: answer})
    assert found.healthy_by_zone == {zone: zones.count(zone) for zone in zones}
    assert outcome is verdict


def test_machines_by_their_network_interfaces_and_those_that_are_down() -> None:
    names = {"web1": "1", "web2": "2"}
    rows = [balancer(), ADDRESS, *(interface(name) for name in names)]
    rows += [machine(name, zone) for name, zone in names.items()]
    answer = {"loadBalancerBackendAddresses": [backend("web1-nic"), backend("web2-nic", "Down")]}
    found, outcome = judged(rows, {RULE: answer})
    assert (found.healthy_by_zone, found.healthy_unplaced) == ({"1": 1}, 0)
    assert outcome is Outcome.FAIL


def test_a_backend_that_two_rules_find_healthy_counts_once() -> None:
    rows = [balancer("Standard", "web", "tls"), ADDRESS, member(0, "1"), member(1, "2")]
    answer = {"loadBalancerBackendAddresses": [in_set(0), in_set(1)]}
    found, outcome = judged(rows, {RULE: answer, RULE.replace("/web/", "/tls/"): answer})
    assert found.healthy_by_zone == {"1": 1, "2": 1}
    assert outcome is Outcome.PASS


def test_an_address_of_no_interface_is_somewhere() -> None:
    answer = {"loadBalancerBackendAddresses": [{"ipAddress": "10.0.0.4", "state": "Up"}]}
    found, outcome = judged([balancer(), ADDRESS], {RULE: answer})
    assert (found.healthy_by_zone, found.healthy_unplaced) == ({}, 1)
    assert outcome is Outcome.UNKNOWN


def test_the_servers_of_a_gateway() -> None:
    servers = [
        {
            "address": "10.0.1.0",
            "ipConfiguration": {"id": in_set(0)["networkInterfaceIPConfigurationId"]},
            "health": "Up",
        },
        {
            "address": "10.0.1.1",
            "ipConfiguration": {"id": in_set(1)["networkInterfaceIPConfigurationId"]},
            "health": "Up",
        },
        {"address": "shop.azurewebsites.net", "health": "Up"},
        {"address": "10.0.1.2", "health": "Down"},
    ]
    answer = {"backendAddressPools": [{"backendHttpSettingsCollection": [{"servers": servers}]}]}
    found, outcome = judged([gateway(), member(0, "1"), member(1, "2")], {GATEWAY: answer})
    assert (found.healthy_by_zone, found.healthy_anywhere) == ({"1": 1, "2": 1}, 1)
    assert outcome is Outcome.PASS


@pytest.mark.parametrize("rows", [[balancer(), ADDRESS], [balancer("Basic"), ADDRESS], [gateway()]])
def test_without_an_answer_it_is_unknown(rows: list[dict[str, Any]]) -> None:
    found, outcome = judged(rows, {})
    assert isinstance(found.healthy_by_zone, Unread)
    assert outcome is Outcome.UNKNOWN


async def test_the_operations_are_called_and_a_denied_one_says_so() -> None:
    rows = [balancer(), ADDRESS, gateway("gate"), member(0, "1")]
    denied = GATEWAY.replace("/front/", "/gate/").lower()
    answers = {RULE.lower(): {"loadBalancerBackendAddresses": [in_set(0)]}, denied: 403}
    found = (await read(FakeAzure(rows, ["s1"], arm=answers), "s1", most_calls=100)).facts
    assert health(found["front"]) == {"1": 1}
    assert health(found["gate"]) == Unread(
        "access denied to Microsoft.Network/applicationGateways/backendhealth/action"
    )
    few = (await read(FakeAzure(rows, ["s1"], arm=answers), "s1", most_calls=1)).facts
    assert "azure.most_calls" in str(health(few["front"]))


def health(fact: Fact) -> object:
    assert isinstance(fact, LoadBalancer)
    return fact.healthy_by_zone
