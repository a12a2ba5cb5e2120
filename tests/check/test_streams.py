from datetime import timedelta

import pytest
from support.builders.facts import gap, service
from support.builders.streams import delivery, replication, retention
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import DataFlow, LifePhase, StreamRetention, Unread

UNREAD = Unread("throttled")
SLOW = service(rto=timedelta(days=5))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

CASES = [
    case("ST01", PASS, retention(), says="Kinesis stream clicks keeps records for 7 days"),
    case("ST01", PASS, retention(period=3 * DAY)),
    case("ST01", FAIL, retention(period=DAY), says="loses data (minimum 3 days)"),
    case("ST01", FAIL, retention(period=3 * DAY - HOUR)),
    case("ST01", FAIL, retention(period=4 * DAY), of=SLOW, says="minimum 5 days"),
    case("ST01", PASS, retention(), of=SLOW),
    case("ST01", NOT_APPLICABLE, retention(period=DAY, phase=LifePhase.DELETED)),
    case("ST01", UNKNOWN, retention(period=UNREAD), says="throttled"),
    case("ST01", UNKNOWN, gaps=(gap(StreamRetention),)),
    case("ST02", PASS, replication(), says="DMS replication orders is multi-AZ"),
    case("ST02", PASS, replication(continuous=UNREAD)),
    case("ST02", PASS, delivery()),
    case("ST02", FAIL, replication(zone_redundant=False), says="losing that AZ stops the replication"),
    case("ST02", NOT_APPLICABLE, replication(zone_redundant=False, continuous=False), says="no ongoing changes"),
    case("ST02", UNKNOWN, replication(zone_redundant=False, continuous=UNREAD)),
    case("ST02", UNKNOWN, replication(zone_redundant=UNREAD)),
    case("ST02", UNKNOWN, replication(phase=LifePhase.STOPPED, status="storage-full"), says="storage-full"),
    case("ST02", UNKNOWN, gaps=(gap(DataFlow),)),
    case("ST03", PASS, delivery(), says="Firehose stream to-search keeps records that it cannot deliver"),
    case("ST03", PASS, delivery(keeps_failed=None)),
    case("ST03", FAIL, delivery(keeps_failed=False), says="drops records that OpenSearch Service refuses"),
    case("ST03", FAIL, delivery(logs_errors=False), says="does not log delivery errors"),
    case("ST03", FAIL, delivery(keeps_failed=None, logs_errors=False)),
    case("ST03", NOT_APPLICABLE, replication()),
    case("ST03", UNKNOWN, delivery(keeps_failed=UNREAD)),
    case("ST03", UNKNOWN, delivery(logs_errors=UNREAD)),
    case("ST04", PASS, delivery(), says="retries a delivery for 1 h"),
    case("ST04", PASS, delivery(retries_for=timedelta(minutes=5))),
    case(
        "ST04", FAIL, delivery(retries_for=timedelta(minutes=1)), says="a failover of OpenSearch Service takes longer"
    ),
    case("ST04", FAIL, delivery(retries_for=timedelta(0)), says="does not retry a delivery"),
    case("ST04", NOT_APPLICABLE, replication()),
    case("ST04", UNKNOWN, delivery(retries_for=UNREAD)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_streams(row: Case) -> None:
    row.hold()
