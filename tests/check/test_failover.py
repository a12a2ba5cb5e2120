from datetime import timedelta

import pytest
from support.builders.facts import (
    AWAY,
    HOME,
    ZONES,
    compute,
    datastore,
    distribution,
    dns_record,
    function,
    gap,
    health_check,
    load_balancer,
    service,
    traffic_shift,
)
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, about, case

from checks import ComputeGroup, Datastore, Distribution, DnsRecord, HealthCheck, TrafficShift, Unread

UNREAD = Unread("timed out")
BOTH = (compute(), compute(region=AWAY))
SECONDARY = dns_record(role="secondary", health_check="", target_regions=(AWAY,))
FRONT = load_balancer()

CASES = [
    case("FO01", PASS, datastore()),
    case("FO01", FAIL, datastore(automatic_failover=False, nodes=2), says="2 nodes but no automatic failover"),
    case("FO01", NOT_APPLICABLE, datastore(automatic_failover=None)),
    case("FO01", NOT_APPLICABLE, datastore(automatic_failover=False, nodes=1)),
    case("FO01", NOT_APPLICABLE, datastore(automatic_failover=False, replica_of="arn:primary")),
    case("FO01", UNKNOWN, datastore(automatic_failover=UNREAD)),
    case("FO01", UNKNOWN, gaps=(gap(Datastore),)),
    case("FO02", PASS, dns_record(), SECONDARY),
    case("FO02", PASS, dns_record(health_check="", ttl=None, evaluates_target_health=True)),
    case("FO02", FAIL, dns_record(siblings=1), says="without its partner"),
    case("FO02", FAIL, dns_record(role="secondary", siblings=1)),
    case("FO02", FAIL, dns_record(health_check=""), says="never fails over"),
    case("FO02", NOT_APPLICABLE, SECONDARY),
    case("FO02", NOT_APPLICABLE, dns_record(policy="simple", siblings=1)),
    case("FO02", UNKNOWN, gaps=(gap(DnsRecord),)),
    case("FO03", PASS, health_check(), says="30 s"),
    case("FO03", FAIL, health_check(detects_in=timedelta(minutes=5)), says="5 min"),
    case("FO03", FAIL, health_check(detects_in=timedelta(seconds=90)), of=service(rto=timedelta(minutes=2))),
    case("FO03", NOT_APPLICABLE, health_check(disabled=True)),
    case("FO03", UNKNOWN, gaps=(gap(HealthCheck),)),
    case("FO04", PASS, health_check()),
    case("FO04", FAIL, health_check(disabled=True)),
    case("FO04", NOT_APPLICABLE),
    case("FO04", UNKNOWN, gaps=(gap(HealthCheck),)),
    case("FO05", PASS, *BOTH, dns_record(), SECONDARY, says="www.example.com"),
    case("FO05", PASS, *BOTH, traffic_shift(kind="routing_control")),
    case("FO05", PASS, *BOTH, traffic_shift(kind="region_switch")),
    case("FO05", FAIL, *BOTH),
    case("FO05", FAIL, *BOTH, traffic_shift(kind="zonal")),
    case("FO05", FAIL, *BOTH, dns_record(policy="simple", siblings=1)),
    case("FO05", FAIL, *BOTH, dns_record(), dns_record(role="secondary", target_regions=(HOME,))),
    case("FO05", NOT_APPLICABLE, compute()),
    case("FO05", UNKNOWN, *BOTH, gaps=(gap(DnsRecord),)),
    case("FO05", PASS, *BOTH, traffic_shift(kind="routing_control"), gaps=(gap(DnsRecord),)),
    case("FO05", UNKNOWN, compute(), gaps=(gap(ComputeGroup, region=AWAY),)),
    case("FO06", PASS, FRONT, traffic_shift(protects=about(FRONT))),
    case("FO06", FAIL, FRONT),
    case("FO06", FAIL, FRONT, traffic_shift(protects=about(FRONT), automatic=False)),
    case("FO06", NOT_APPLICABLE, load_balancer(zones=ZONES[:1])),
    case("FO06", NOT_APPLICABLE, load_balancer(zonal_shift=None)),
    case("FO06", UNKNOWN, load_balancer(zonal_shift=UNREAD)),
    case("FO06", UNKNOWN, FRONT, traffic_shift(protects=about(FRONT), automatic=UNREAD)),
    case("FO06", UNKNOWN, FRONT, gaps=(gap(TrafficShift),)),
    case("FO07", PASS, *BOTH),
    case("FO07", PASS, function(traffic=True), function(traffic=True, region=AWAY)),
    case("FO07", FAIL, compute(), compute(region=AWAY, desired=0, running=0), says="us-west-2"),
    case("FO07", NOT_APPLICABLE, compute(), compute(region=AWAY, desired=0, running=0), of=service(tier=2)),
    case("FO07", NOT_APPLICABLE, compute()),
    case("FO07", UNKNOWN, *BOTH, gaps=(gap(ComputeGroup),)),
    case("FO08", PASS, distribution()),
    case("FO08", FAIL, distribution(origin_failover=False)),
    case("FO08", NOT_APPLICABLE, distribution(enabled=False, origin_failover=False)),
    case("FO08", UNKNOWN, gaps=(gap(Distribution),)),
    case("FO09", PASS, compute()),
    case("FO09", FAIL, compute(health_check="EC2")),
    case("FO09", NOT_APPLICABLE, compute(traffic=False, health_check="EC2")),
    case("FO09", NOT_APPLICABLE, function()),
    case("FO09", UNKNOWN, compute(health_check="")),
    case("FO10", PASS, compute()),
    case("FO10", FAIL, compute(suspended=("ReplaceUnhealthy",)), says="ReplaceUnhealthy"),
    case("FO10", NOT_APPLICABLE, function()),
    case("FO10", NOT_APPLICABLE, compute(suspended=("Launch",), desired=0, running=0)),
    case("FO10", NOT_APPLICABLE, compute(suspended=None)),
    case("FO10", UNKNOWN, compute(suspended=Unread("throttled")), says="throttled"),
    case("FO10", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("FO01", NOT_APPLICABLE, datastore(automatic_failover=False, nodes=None)),
    case("FO03", PASS, health_check(detects_in=timedelta(minutes=3))),
    case("FO03", FAIL, health_check(detects_in=timedelta(minutes=3, seconds=1))),
    case("FO03", PASS, health_check(detects_in=timedelta(minutes=1)), of=service(rto=timedelta(minutes=2))),
    case("FO03", PASS, health_check(), of=service(tier=4)),
    case("FO05", FAIL, *BOTH, dns_record(health_check="", target_regions=(HOME, AWAY))),
    case("FO05", FAIL, *BOTH, dns_record(siblings=1, target_regions=(HOME, AWAY))),
    case("FO05", FAIL, *BOTH, dns_record(policy="simple", target_regions=(HOME, AWAY))),
    case("FO05", PASS, *BOTH, dns_record(target_regions=())),
    case("FO07", PASS, compute(), compute(region=AWAY, desired=1, running=1)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_failover(row: Case) -> None:
    row.hold()
