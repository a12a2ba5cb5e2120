from datetime import timedelta

import pytest
from support.builders.facts import AWAY, ZONES, compute, datastore, function, gap, queue, quota
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Capacity, ComputeGroup, ComputeKind, Datastore, Queue, Quota, StoreKind, Unread

UNREAD = Unread("AccessDenied for servicequotas:ListServiceQuotas")
BOTH = (compute(), compute(region=AWAY))

CASES = [
    case("CA01", PASS, datastore()),
    case("CA01", PASS, datastore(capacity=Capacity.ON_DEMAND)),
    case("CA01", FAIL, datastore(kind=StoreKind.KEY_VALUE, capacity=Capacity.FIXED)),
    case("CA01", FAIL, datastore(kind=StoreKind.STREAM, capacity=Capacity.FIXED)),
    case("CA01", NOT_APPLICABLE, datastore(capacity=Capacity.FIXED)),
    case("CA01", NOT_APPLICABLE, datastore(capacity=None)),
    case("CA01", UNKNOWN, datastore(capacity=UNREAD)),
    case("CA02", PASS, datastore()),
    case("CA02", FAIL, datastore(storage_autoscaling=False)),
    case("CA02", NOT_APPLICABLE, datastore(storage_autoscaling=None)),
    case("CA02", UNKNOWN, gaps=(gap(Datastore),)),
    case("CA03", PASS, compute(desired=6, max_size=9)),
    case("CA03", FAIL, compute(desired=6, max_size=8), says="a lost zone asks for 9"),
    case("CA03", FAIL, compute(desired=4, max_size=7, zones=ZONES[:2]), says="asks for 8"),
    case("CA03", NOT_APPLICABLE, compute(max_size=None)),
    case("CA03", NOT_APPLICABLE, compute(zones=ZONES[:1])),
    case("CA03", NOT_APPLICABLE, compute(desired=0)),
    case("CA03", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("CA03", UNKNOWN, compute(max_size=UNREAD), says="AccessDenied"),
    case("CA03", UNKNOWN, compute(zones=(), zone_redundant=UNREAD), says="AccessDenied"),
    case("CA04", PASS, quota()),
    case("CA04", FAIL, quota(used=320.0), says="320 of 400 vCPU"),
    case("CA04", NOT_APPLICABLE, quota(used=None)),
    case("CA04", NOT_APPLICABLE, quota(limit=0.0)),
    case("CA04", UNKNOWN, quota(used=UNREAD), says="AccessDenied"),
    case("CA04", UNKNOWN, gaps=(gap(Quota),)),
    case("CA05", PASS, *BOTH, quota(), quota(region=AWAY, used=0.0)),
    case("CA05", FAIL, *BOTH, quota(), quota(region=AWAY, used=0.0, limit=64.0), says="us-west-2"),
    case("CA05", NOT_APPLICABLE, *BOTH, quota()),
    case("CA05", NOT_APPLICABLE, *BOTH, quota(), quota("Load balancers", region=AWAY, limit=1.0)),
    case("CA05", NOT_APPLICABLE, compute(), quota(), quota(region=AWAY, limit=64.0)),
    case("CA05", UNKNOWN, *BOTH, quota(), quota(region=AWAY, used=UNREAD)),
    case("CA05", UNKNOWN, *BOTH, quota(), gaps=(gap(Quota, region=AWAY),)),
    case("CA06", PASS, compute()),
    case("CA06", FAIL, compute(free_addresses=5), says="may grow by 6"),
    case("CA06", NOT_APPLICABLE, compute(free_addresses=None)),
    case("CA06", NOT_APPLICABLE, compute(max_size=None)),
    case("CA06", UNKNOWN, compute(free_addresses=UNREAD)),
    case("CA06", UNKNOWN, compute(max_size=UNREAD)),
    case("CA07", UNKNOWN, compute(), compute(region=AWAY, max_size=UNREAD)),
    case("CA07", PASS, *BOTH),
    case(
        "CA07", FAIL, compute(desired=8), compute(region=AWAY, desired=1, max_size=2), says="machine group in us-west-2"
    ),
    case("CA07", NOT_APPLICABLE, compute()),
    case("CA07", NOT_APPLICABLE, function(), function(region=AWAY)),
    case("CA07", UNKNOWN, *BOTH, gaps=(gap(ComputeGroup),)),
    case("CA08", PASS, compute()),
    case("CA08", FAIL, compute(machine_types=("m7g.large",)), says="m7g.large alone"),
    case("CA08", NOT_APPLICABLE, compute(machine_types=())),
    case("CA08", NOT_APPLICABLE, function()),
    case("CA08", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("CA09", PASS, queue()),
    case("CA09", FAIL, queue(dead_letter=False)),
    case("CA09", NOT_APPLICABLE, queue(dead_letter=False, is_dead_letter=True)),
    case("CA09", UNKNOWN, queue(dead_letter=UNREAD)),
    case("CA10", PASS, function()),
    case("CA10", FAIL, function(dead_letter=False)),
    case("CA10", NOT_APPLICABLE, compute()),
    case("CA10", NOT_APPLICABLE, function(dead_letter=None)),
    case("CA10", UNKNOWN, function(dead_letter=UNREAD)),
    case("CA11", PASS, queue(), says="4 days"),
    case("CA11", FAIL, queue(retention=timedelta(minutes=1)), says="60 s"),
    case("CA11", FAIL, queue(retention=timedelta(hours=4)), says="4 h"),
    case("CA11", NOT_APPLICABLE, queue(retention=None)),
    case("CA11", UNKNOWN, queue(retention=UNREAD)),
    case("CA11", UNKNOWN, gaps=(gap(Queue),)),
    case("CA04", FAIL, quota(limit=1.0, used=1.0)),
    case("CA04", PASS, quota(used=319.0)),
    case("CA05", PASS, *BOTH, quota(), quota(region=AWAY, used=0.0, limit=100.0)),
    case("CA05", NOT_APPLICABLE, *BOTH, quota(), quota(region=AWAY, used=None)),
    case("CA05", NOT_APPLICABLE, *BOTH, quota(), quota(region=AWAY, limit=0.0)),
    case("CA05", FAIL, *BOTH, quota(), quota(region=AWAY, used=0.0, limit=1.0)),
    case("CA06", PASS, compute(free_addresses=6)),
    case("CA06", PASS, compute(free_addresses=0, running=9)),
    case("CA06", PASS, compute(free_addresses=0, running=12)),
    case("CA06", PASS, compute(free_addresses=6, running=None)),
    case("CA06", FAIL, compute(free_addresses=8, running=None, desired=None), says="grow by 9"),
    case("CA07", PASS, compute(), compute(region=AWAY, desired=1, max_size=3)),
    case("CA07", PASS, compute(desired=None), compute(region=AWAY, desired=None, max_size=0)),
    case("CA07", PASS, *BOTH, compute("web2", kind=ComputeKind.CONTAINERS, desired=20, max_size=20)),
    case("CA11", PASS, queue(retention=timedelta(hours=24))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_capacity(row: Case) -> None:
    row.hold()
