from datetime import timedelta

import pytest
from support.builders.facts import ZONES, assessment, compute, datastore, days_ago, gap, rehearsal, service
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Assessment, Rehearsal, RehearsalKind, RehearsalResult, Unread

FAILED, INCONCLUSIVE = RehearsalResult.FAILED, RehearsalResult.INCONCLUSIVE
RESTORE = rehearsal(kind=RehearsalKind.RESTORE)
GAME_DAY = rehearsal(kind=RehearsalKind.GAME_DAY)
FAULT = rehearsal(kind=RehearsalKind.FAULT_INJECTION)
SHIFT = rehearsal(kind=RehearsalKind.ZONE_SHIFT)
WORD = rehearsal("by hand", attested_by="platform", link="https://docs.example.com/drill")

CASES = [
    case("RH01", PASS, rehearsal(), says="Failover test of checkout on 2026-10-24 succeeded"),
    case("RH01", PASS, WORD, says="attested by platform"),
    case("RH01", PASS, rehearsal(at=days_ago(200)), of=service(tier=2)),
    case("RH01", PASS, rehearsal(), rehearsal("undone", at=days_ago(1), result=INCONCLUSIVE)),
    case("RH01", PASS, rehearsal(), rehearsal("older", at=days_ago(40), result=FAILED)),
    case("RH01", PASS, rehearsal(at=days_ago(120)), WORD),
    case("RH01", FAIL, says="No failover test on record for checkout"),
    case("RH01", FAIL, rehearsal(at=None)),
    case("RH01", FAIL, rehearsal(at=days_ago(-3)), says="No failover test on record"),
    case("RH01", FAIL, rehearsal(result=INCONCLUSIVE), says="No conclusive failover test on record"),
    case("RH01", FAIL, rehearsal(result=FAILED), says="failed"),
    case("RH01", FAIL, rehearsal(at=days_ago(40)), rehearsal("newer", at=days_ago(2), result=FAILED)),
    case("RH01", FAIL, rehearsal(result=FAILED), rehearsal("word", at=days_ago(2), attested_by="platform", link="x")),
    case("RH01", FAIL, rehearsal(at=days_ago(120)), says="2026-07-26"),
    case("RH01", FAIL, rehearsal(at=days_ago(400)), of=service(tier=2)),
    case("RH01", FAIL, SHIFT),
    case("RH01", FAIL, rehearsal(attested_by="platform", link="x", result=FAILED)),
    case("RH01", UNKNOWN, rehearsal(attested_by="payments", link="x"), says="attested by the owner"),
    case("RH01", UNKNOWN, rehearsal(attested_by="platform"), says="no link to evidence"),
    case("RH01", UNKNOWN, rehearsal(attested_by="platform", link="x", expires_at=days_ago(2)), says="expired"),
    case("RH01", UNKNOWN, gaps=(gap(Rehearsal),)),
    case("RH02", PASS, RESTORE, datastore()),
    case("RH02", FAIL, datastore()),
    case("RH02", FAIL, datastore(), rehearsal(kind=RehearsalKind.RESTORE, result=INCONCLUSIVE)),
    case("RH02", FAIL, datastore(), rehearsal(kind=RehearsalKind.RESTORE, at=days_ago(91))),
    case("RH02", NOT_APPLICABLE, compute()),
    case("RH02", UNKNOWN, datastore(), gaps=(gap(Rehearsal),)),
    case("RH03", PASS, GAME_DAY),
    case("RH03", FAIL, rehearsal()),
    case("RH03", NOT_APPLICABLE, of=service(tier=3)),
    case("RH03", UNKNOWN, gaps=(gap(Rehearsal),)),
    case("RH04", PASS, FAULT),
    case("RH04", FAIL, rehearsal(kind=RehearsalKind.FAULT_INJECTION, result=FAILED)),
    case("RH04", NOT_APPLICABLE, of=service(tier=4)),
    case("RH04", UNKNOWN, gaps=(gap(Rehearsal),)),
    case("RH05", PASS, SHIFT, compute()),
    case("RH05", FAIL, compute()),
    case("RH05", NOT_APPLICABLE, compute(zonal_shift=None), says="zonal shift"),
    case("RH05", FAIL, compute(zonal_shift=None), compute(zones=ZONES[:2])),
    case("RH05", UNKNOWN, compute(zonal_shift=Unread("throttled"))),
    case("RH05", UNKNOWN, compute(zonal_shift=None, host=None), says="the cloud below"),
    case("RH05", NOT_APPLICABLE, compute(zones=ZONES[:1])),
    case("RH05", UNKNOWN, compute(), gaps=(gap(Rehearsal),)),
    case("RH05", UNKNOWN, compute(zones=(), zone_redundant=Unread("throttled"))),
    case("RH06", PASS, rehearsal()),
    case(
        "RH06",
        FAIL,
        rehearsal(measured_rto=timedelta(hours=3)),
        says="checkout missed its RTO: last failover test took 3 h (target 1 h)",
    ),
    case("RH06", FAIL, rehearsal(measured_rto=timedelta(hours=3)), WORD),
    case("RH06", PASS, WORD),
    case("RH06", NOT_APPLICABLE),
    case("RH06", NOT_APPLICABLE, rehearsal(attested_by="payments", link="x")),
    case("RH06", NOT_APPLICABLE, rehearsal(), of=service(tier=4)),
    case("RH06", UNKNOWN, rehearsal(measured_rto=None)),
    case("RH06", UNKNOWN, gaps=(gap(Rehearsal),)),
    case("RH06", PASS, rehearsal(), says="(target 1 h); it is the only measured test"),
    case(
        "RH06",
        PASS,
        rehearsal(measured_rto=timedelta(minutes=10)),
        rehearsal("slow", at=days_ago(60), measured_rto=timedelta(minutes=30)),
        rehearsal("undone", at=days_ago(1), result=INCONCLUSIVE, measured_rto=timedelta(minutes=1)),
        says="took 10 min (target 1 h); median 20 min and worst 30 min of 2 tests",
    ),
    case("RH08", PASS, rehearsal(), rehearsal("older", at=days_ago(60)), says="of 2 tests (target 1 h)"),
    case(
        "RH08",
        FAIL,
        rehearsal(measured_rto=timedelta(minutes=10)),
        rehearsal("slow", at=days_ago(60), measured_rto=timedelta(hours=2)),
        says="checkout missed its RTO in a recent failover test: median 1 h 5 min and worst 2 h of 2 tests (target 1 h)",
    ),
    case("RH08", NOT_APPLICABLE, rehearsal()),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("other", scope="aws/eu-west-1")),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("ancient", at=days_ago(366))),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("failed", at=days_ago(60), result=FAILED)),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("aborted", at=days_ago(60), result=INCONCLUSIVE)),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("unmeasured", at=days_ago(60), measured_rto=None)),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("word", at=days_ago(60), attested_by="platform", link="x")),
    case("RH08", NOT_APPLICABLE, rehearsal(), rehearsal("older", at=days_ago(60)), of=service(tier=4)),
    case(
        "RH08",
        PASS,
        *(rehearsal(f"fast{n}", at=days_ago(n), measured_rto=timedelta(minutes=9)) for n in range(1, 6)),
        rehearsal("slow, the sixth last", at=days_ago(60), measured_rto=timedelta(hours=5)),
        says="worst 9 min of 5 tests",
    ),
    case("RH08", UNKNOWN, rehearsal(), gaps=(gap(Rehearsal),)),
    case("RH07", PASS, assessment()),
    case("RH07", FAIL, assessment(compliant=False)),
    case("RH07", NOT_APPLICABLE, assessment(compliant=None)),
    case("RH07", NOT_APPLICABLE, assessment(assessed_at=None)),
    case("RH07", UNKNOWN, assessment(compliant=Unread("throttled"))),
    case("RH07", UNKNOWN, gaps=(gap(Assessment),)),
    case("RH01", PASS, rehearsal(at=days_ago(90))),
    case("RH01", FAIL, rehearsal(at=days_ago(90.01))),
    case("RH03", FAIL, of=service(tier=2)),
    case("RH04", FAIL, of=service(tier=2)),
    case("RH05", FAIL, compute(zones=ZONES[:2])),
    case("RH06", PASS, rehearsal(measured_rto=timedelta(hours=1))),
    case("RH01", PASS, rehearsal(at=days_ago(0))),
    case("RH01", PASS, rehearsal(at=days_ago(365)), of=service(tier=2)),
    case(
        "RH01",
        FAIL,
        rehearsal(at=days_ago(365.01)),
        of=service(tier=2),
        says="Last failover test of checkout was on 2025-11-23, more than 365 days ago",
    ),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_rehearsal(row: Case) -> None:
    row.hold()
