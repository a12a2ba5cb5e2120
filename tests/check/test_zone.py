import pytest
from support.builders.facts import ZONES, compute, datastore, function, gap, load_balancer, network
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import ComputeGroup, ComputeKind, Datastore, LoadBalancer, Network, StoreKind, Unread

UNREAD = Unread("throttled")
ONE = ZONES[:1]
MACHINE = compute("i-1", kind=ComputeKind.MACHINE, zones=ONE, zones_in_use=ONE, running=1)
OTHER = compute("i-2", kind=ComputeKind.MACHINE, zones=ZONES[1:2], zones_in_use=ZONES[1:2], running=1)

CASES = [
    case("ZN01", PASS, compute()),
    case("ZN01", PASS, function()),
    case(
        "ZN01", FAIL, compute(zones=ONE, zone_redundant=False), says="Auto Scaling group web can run only in use1-az1"
    ),
    case("ZN01", NOT_APPLICABLE, MACHINE),
    case("ZN01", UNKNOWN, compute(zones=(), zone_redundant=False)),
    case("ZN01", UNKNOWN, compute(zones=(), zone_redundant=UNREAD), says="throttled"),
    case("ZN01", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("ZN02", PASS, MACHINE, OTHER),
    case("ZN02", FAIL, MACHINE, says="1 standalone machine of checkout runs only in use1-az1"),
    case("ZN02", NOT_APPLICABLE, compute()),
    case("ZN02", UNKNOWN, compute("i-3", kind=ComputeKind.MACHINE, zones=(), zones_in_use=())),
    case("ZN02", UNKNOWN, MACHINE, gaps=(gap(ComputeGroup),)),
    case("ZN03", PASS, compute()),
    case("ZN03", FAIL, compute(running=1, desired=1), says="runs a single instance"),
    case("ZN03", FAIL, compute(zones_in_use=ONE), says="All 3 instances of Auto Scaling group web run in use1-az1"),
    case("ZN03", NOT_APPLICABLE, compute(running=0, desired=0)),
    case("ZN03", NOT_APPLICABLE, compute(zones=ONE)),
    case("ZN03", NOT_APPLICABLE, function()),
    case("ZN03", UNKNOWN, compute(zones_in_use=())),
    case("ZN03", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("ZN04", PASS, load_balancer()),
    case("ZN04", FAIL, load_balancer(zones=ONE)),
    case("ZN04", NOT_APPLICABLE),
    case("ZN04", UNKNOWN, load_balancer(zones=())),
    case("ZN04", UNKNOWN, gaps=(gap(LoadBalancer),)),
    case("ZN05", PASS, load_balancer()),
    case("ZN05", FAIL, load_balancer(healthy_by_zone={ZONES[0]: 5, ZONES[1]: 1}), says="5 of 6"),
    case("ZN05", FAIL, load_balancer(healthy_by_zone={}), says="no healthy target"),
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
    case("ZN10", PASS, datastore(kind=StoreKind.SEARCH, nodes=3)),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=2), says="quorum"),
    case("ZN10", FAIL, datastore(kind=StoreKind.SEARCH, nodes=3, zones=ONE, zone_redundant=False), says="single-AZ"),
    case("ZN10", NOT_APPLICABLE, datastore()),
    case("ZN10", UNKNOWN, datastore(kind=StoreKind.SEARCH, nodes=None)),
    case("ZN10", UNKNOWN, gaps=(gap(Datastore),)),
    case("ZN05", PASS, load_balancer(healthy_by_zone={ZONES[0]: 2, ZONES[1]: 1})),
    case("ZN06", FAIL, load_balancer(zones=ZONES[:2], cross_zone=False)),
    case("ZN06", NOT_APPLICABLE, load_balancer(zones=ONE, cross_zone=False)),
    case("ZN08", PASS, datastore(zones=ZONES[:2], zone_redundant=False)),
    case("ZN08", FAIL, datastore(zones=(ZONES[0], ZONES[0]), zone_redundant=False)),
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
