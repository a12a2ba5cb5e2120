from typing import Any

import pytest
from support.builders.facts import (
    ZONES,
    compute,
    datastore,
    function,
    gap,
    gateway,
    load_balancer,
    network,
    object_store,
    volume,
)
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import (
    ComputeGroup,
    ComputeKind,
    Datastore,
    Gateway,
    LoadBalancer,
    Network,
    ObjectStore,
    StoreKind,
    Unread,
    Volume,
)

UNREAD = Unread("throttled")
ONE = ZONES[:1]
MACHINE = compute("i-1", kind=ComputeKind.MACHINE, zones=ONE, zones_in_use=ONE, running=1)
OTHER = compute("i-2", kind=ComputeKind.MACHINE, zones=ZONES[1:2], zones_in_use=ZONES[1:2], running=1)
AZURE: dict[str, Any] = {"provider": "azure", "region": "westeurope"}


def numbered(region: str) -> ComputeGroup:
    """A machine of Azure in zone 1 of a region."""
    return compute(
        region, kind=ComputeKind.MACHINE, zones=("1",), zones_in_use=("1",), running=1, **AZURE | {"region": region}
    )


CASES = [
    case("ZN01", PASS, compute()),
    case("ZN01", PASS, function()),
    case(
        "ZN01", FAIL, compute(zones=ONE, zone_redundant=False), says="Auto Scaling group web can run only in use1-az1"
    ),
    case("ZN01", FAIL, compute(zones=("1",), zone_redundant=False, **AZURE), says="can run only in westeurope/1;"),
    case("ZN01", FAIL, compute(zones=("1",), zone_redundant=False, region=""), says="can run only in zone 1;"),
    case("ZN01", NOT_APPLICABLE, MACHINE),
    case("ZN01", UNKNOWN, compute(zones=(), zone_redundant=False)),
    case("ZN01", UNKNOWN, compute(zones=(), zone_redundant=UNREAD), says="throttled"),
    case(
        "ZN01",
        FAIL,
        compute(zones=(), zone_redundant=False, one_zone=True),
        says="is not zone-redundant: it stays in one AZ",
    ),
    case("ZN01", PASS, compute(zones=(), zone_redundant=True, one_zone=False)),
    case("ZN01", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("ZN02", PASS, MACHINE, OTHER),
    case("ZN02", FAIL, MACHINE, says="1 standalone machine of checkout runs only in use1-az1"),
    case("ZN02", FAIL, numbered("westeurope"), says="runs only in westeurope/1 "),
    case("ZN02", PASS, numbered("westeurope"), numbered("northeurope"), says="northeurope/1, westeurope/1"),
    case("ZN02", NOT_APPLICABLE, compute()),
    case("ZN02", UNKNOWN, compute("i-3", kind=ComputeKind.MACHINE, zones=(), zones_in_use=())),
    case("ZN02", UNKNOWN, MACHINE, gaps=(gap(ComputeGroup),)),
    case("ZN03", PASS, compute()),
    case("ZN03", FAIL, compute(running=1, desired=1), says="runs a single instance"),
    case("ZN03", FAIL, compute(zones_in_use=ONE), says="All 3 instances of Auto Scaling group web run in use1-az1"),
    case("ZN03", FAIL, compute(zones=("1", "2"), zones_in_use=("2", "2"), **AZURE), says="run in westeurope/2"),
    case("ZN03", NOT_APPLICABLE, compute(running=0, desired=0)),
    case("ZN03", NOT_APPLICABLE, compute(zones=ONE)),
    case("ZN03", NOT_APPLICABLE, function()),
    case("ZN03", UNKNOWN, compute(zones_in_use=())),
    case("ZN03", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("ZN04", PASS, load_balancer()),
    case("ZN04", FAIL, load_balancer(zones=ONE)),
    case("ZN04", FAIL, load_balancer(zones=("3",), **AZURE), says="spans one AZ: westeurope/3;"),
    case("ZN04", NOT_APPLICABLE),
    case("ZN04", UNKNOWN, load_balancer(zones=())),
    case("ZN04", UNKNOWN, gaps=(gap(LoadBalancer),)),
    case("ZN05", PASS, load_balancer()),
    case("ZN05", FAIL, load_balancer(healthy_by_zone={ZONES[0]: 5, ZONES[1]: 1}), says="5 of 6"),
    case("ZN05", FAIL, load_balancer(healthy_by_zone={}), says="no healthy target"),
    case(
        "ZN05",
        FAIL,
        load_balancer(healthy_by_zone={ZONES[0]: 1}),
        says="The only healthy target of load balancer front runs",
    ),
    case("ZN05", NOT_APPLICABLE, load_balancer(targets=())),
    case("ZN05", NOT_APPLICABLE, load_balancer(zones=ONE)),
    case("ZN05", UNKNOWN, load_balancer(healthy_by_zone=UNREAD)),
    case("ZN05", UNKNOWN, load_balancer(targets=UNREAD)),
    case("ZN06", PASS, load_balancer()),
    case("ZN06", FAIL, load_balancer(cross_zone=False)),
    case("ZN06", NOT_APPLICABLE, load_balancer(cross_zone=None)),
    case("ZN06", UNKNOWN, load_balancer(cross_zone=UNREAD)),
    case("ZN07", PASS, network()),
    case(
        "ZN07",
        FAIL,
        network(borrowed_egress=(("subnet-2", ZONES[1], ZONES[0]),)),
        says="subnet-2 (use1-az2) through use1-az1",
    ),
    case("ZN07", NOT_APPLICABLE, network(nat_zones=())),
    case("ZN07", UNKNOWN, network(borrowed_egress=UNREAD)),
    case("ZN07", UNKNOWN, network(borrowed_egress=UNREAD, private_subnet_zones=())),
    case("ZN03", UNKNOWN, compute(zones=(), zone_redundant=UNREAD), says="throttled"),
    case("ZN07", UNKNOWN, gaps=(gap(Network),)),
    case("ZN08", PASS, datastore()),
    case("ZN08", PASS, datastore(zones=(), zone_redundant=True)),
    case("ZN08", FAIL, datastore(zones=ONE, zone_redundant=False)),
    case("ZN08", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE)),
    case("ZN08", NOT_APPLICABLE, datastore(kind=StoreKind.SEARCH)),
    case("ZN08", NOT_APPLICABLE, datastore(replica_of="arn:primary", zones=ONE, zone_redundant=False)),
    case("ZN08", UNKNOWN, datastore(zones=(), zone_redundant=UNREAD)),
    case("ZN09", PASS, datastore(kind=StoreKind.CACHE)),
    case("ZN09", FAIL, datastore(kind=StoreKind.CACHE, zones=ONE, zone_redundant=False)),
    case("ZN09", NOT_APPLICABLE, datastore()),
    case("ZN09", UNKNOWN, datastore(kind=StoreKind.CACHE, zones=ONE, zone_redundant=UNREAD)),
    case("ZN11", PASS, object_store()),
    case("ZN11", FAIL, object_store(zone_redundant=False), says="keeps all copies in one AZ;"),
    case("ZN11", NOT_APPLICABLE, object_store(zone_redundant=False, replica_of="arn:primary")),
    case("ZN11", UNKNOWN, object_store(zone_redundant=UNREAD), says="throttled"),
    case("ZN11", UNKNOWN, gaps=(gap(ObjectStore),)),
    case("ZN12", PASS, gateway()),
    case("ZN12", PASS, gateway(zones=("1", "2"), zone_redundant=False, **AZURE)),
    case("ZN12", FAIL, gateway(zone_redundant=False), says="runs in one AZ"),
    case("ZN12", NOT_APPLICABLE),
    case("ZN12", UNKNOWN, gateway(zone_redundant=UNREAD), says="throttled"),
    case("ZN12", UNKNOWN, gaps=(gap(Gateway),)),
    case("ZN13", PASS, volume(zone_redundant=True)),
    case("ZN13", FAIL, volume(zone_redundant=False), says="exists in one AZ only"),
    case("ZN13", NOT_APPLICABLE, volume(zone_redundant=None)),
    case("ZN13", NOT_APPLICABLE, volume(zone_redundant=False, attached_to="")),
    case("ZN13", NOT_APPLICABLE, volume(zone_redundant=False, disposable=True)),
    case("ZN13", UNKNOWN, volume(zone_redundant=UNREAD), says="throttled"),
    case("ZN13", UNKNOWN, volume(zone_redundant=False, disposable=UNREAD)),
    case("ZN13", UNKNOWN, gaps=(gap(Volume),)),
    case("ZN10", PASS, datastore(kind=StoreKind.SEARCH, zones=ZONES, nodes=3)),
    case("ZN10", PASS, datastore(kind=StoreKind.SEARCH, zones=(), nodes=3)),
    case("ZN10", PASS, datastore(kind=StoreKind.SEARCH, nodes=2, votes=(1, 1, 1)), says="keeps 2 of 3 votes"),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=4), says="4 votes, 2 of them in one AZ"),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=9, votes=(2, 1))),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=2), says="quorum"),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=3, zones=ONE, zone_redundant=False), says="single-AZ"),
    case("ZN10", NOT_APPLICABLE, datastore()),
    case("ZN10", UNKNOWN, datastore(kind=StoreKind.SEARCH, nodes=None)),
    case("ZN10", UNKNOWN, gaps=(gap(Datastore),)),
    case("ZN05", PASS, load_balancer(healthy_by_zone={ZONES[0]: 2, ZONES[1]: 1})),
    case("ZN06", FAIL, load_balancer(zones=ZONES[:2], cross_zone=False)),
    case("ZN06", NOT_APPLICABLE, load_balancer(zones=ONE, cross_zone=False)),
    case("ZN08", FAIL, datastore(zones=ZONES[:2], zone_redundant=False), says="use1-az1, use1-az2 but is not multi-AZ"),
    case("ZN08", FAIL, datastore(zones=(ZONES[0], ZONES[0]), zone_redundant=False), says="is single-AZ"),
    case("ZN09", UNKNOWN, datastore(kind=StoreKind.CACHE, zone_redundant=UNREAD)),
    case("ZN01", PASS, compute(zones=ZONES[:2], zone_redundant=False)),
    case(
        "ZN02",
        FAIL,
        MACHINE,
        compute("i-4", kind=ComputeKind.MACHINE, zones=ZONES, zones_in_use=ONE),
        says="2 standalone machines",
    ),
    case("ZN02", PASS, MACHINE, compute("i-5", kind=ComputeKind.MACHINE, zones=ZONES[1:2], zones_in_use=())),
    case("ZN03", PASS, compute(zones=ZONES[:2], zones_in_use=ZONES[:2])),
    case("ZN04", PASS, load_balancer(zones=ZONES[:2])),
    case("ZN05", PASS, load_balancer(zones=ZONES[:2], healthy_by_zone=dict.fromkeys(ZONES[:2], 1))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_zone(row: Case) -> None:
    row.hold()
