import pytest
from support.builders.facts import (
    AWAY,
    alarm,
    compute,
    datastore,
    deployment,
    function,
    gap,
    gateway,
    health_check,
    load_balancer,
    topic,
)
from support.builders.networks import workflow
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, about, case
from support.samples.alert_cases import ALERTS

from checks import (
    Alarm,
    ComputeGroup,
    ComputeKind,
    Datastore,
    HealthCheck,
    SignalKind,
    StoreKind,
    Topic,
    Unread,
    Workflow,
)

UNREAD = Unread("access denied to sns:ListSubscriptions")
STORE = datastore()
DEAF = alarm("deaf", reaches_someone=UNREAD)
LATENCY = alarm(signal=SignalKind.LATENCY)
SATURATION = alarm(signal=SignalKind.SATURATION)

CASES = [
    case("OB01", PASS, compute(), alarm(), says="orders-errors"),
    case("OB01", PASS, gateway(), alarm(signal=SignalKind.AVAILABILITY)),
    case("OB01", PASS, compute(), DEAF, alarm()),
    case("OB01", PASS, compute(), alarm(), gaps=(gap(Alarm, region=AWAY),)),
    case("OB01", FAIL, compute()),
    case("OB01", FAIL, load_balancer(), alarm(reaches_someone=False)),
    case("OB01", FAIL, compute(), alarm(enabled=False)),
    case("OB01", FAIL, compute(), LATENCY),
    case("OB01", NOT_APPLICABLE, datastore()),
    case("OB01", UNKNOWN, compute(), DEAF, says="access denied"),
    case("OB01", UNKNOWN, compute(), gaps=(gap(Alarm),)),
    case("OB02", PASS, compute(), LATENCY),
    case("OB02", FAIL, compute(), alarm()),
    case("OB02", NOT_APPLICABLE, datastore()),
    case("OB02", UNKNOWN, compute(), gaps=(gap(Alarm),)),
    case("OB03", PASS, compute(), SATURATION),
    case("OB03", FAIL, compute(), alarm()),
    case("OB03", NOT_APPLICABLE, datastore()),
    case("OB03", UNKNOWN, compute(), gaps=(gap(Alarm),)),
    case("OB04", PASS, STORE, alarm(about=about(STORE))),
    case("OB04", FAIL, STORE, alarm(about=("arn:other",))),
    case("OB04", FAIL, STORE),
    case("OB04", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE)),
    case("OB04", NOT_APPLICABLE, datastore(kind=StoreKind.FILE)),
    case("OB04", UNKNOWN, STORE, alarm(about=about(STORE), reaches_someone=UNREAD)),
    case("OB04", UNKNOWN, STORE, gaps=(gap(Alarm),)),
    case("OB04", UNKNOWN, gaps=(gap(Datastore),)),
    case("OB05", PASS, alarm()),
    case("OB05", FAIL, alarm(enabled=False)),
    case("OB05", NOT_APPLICABLE),
    case("OB05", UNKNOWN, gaps=(gap(Alarm),)),
    case("OB06", PASS, topic()),
    case("OB06", FAIL, topic(subscriptions=0)),
    case("OB06", NOT_APPLICABLE),
    case("OB06", UNKNOWN, topic(subscriptions=UNREAD)),
    case("OB06", UNKNOWN, gaps=(gap(Topic),)),
    case("OB07", PASS, compute(), health_check()),
    case("OB07", PASS, compute(), alarm(region=AWAY)),
    case("OB07", PASS, compute(), compute(region=AWAY), alarm(), alarm(region=AWAY)),
    case("OB07", PASS, compute(), health_check(), gaps=(gap(Alarm),)),
    case("OB07", FAIL, compute(), alarm()),
    case("OB07", FAIL, deployment()),
    case("OB07", FAIL, compute(), health_check(disabled=True)),
    case("OB07", NOT_APPLICABLE, datastore()),
    case("OB07", UNKNOWN, compute(), gaps=(gap(HealthCheck),)),
    case("OB08", PASS, compute()),
    case("OB08", FAIL, compute(detailed_monitoring=False)),
    case("OB08", NOT_APPLICABLE, compute(detailed_monitoring=None)),
    case("OB08", NOT_APPLICABLE, compute(kind=ComputeKind.MACHINE, running=0, detailed_monitoring=False)),
    case("OB08", NOT_APPLICABLE, function()),
    case("OB08", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("OB07", FAIL, compute(), compute(region=AWAY), alarm(), says="us-east-1, us-west-2"),
    case("OB07", FAIL, compute(), alarm(region=AWAY, reaches_someone=False)),
    case("OB07", FAIL, compute(), compute(region=AWAY), alarm(), alarm(region=AWAY, enabled=False)),
    case("OB07", UNKNOWN, compute(), alarm(region=AWAY, reaches_someone=UNREAD)),
    case("OB09", PASS, alarm(actions=("arn:topic",))),
    case("OB09", PASS, alarm(actions=(), reaches_someone=True)),
    case("OB09", FAIL, alarm(actions=(), reaches_someone=False), says="has no action and notifies no one"),
    case("OB09", NOT_APPLICABLE, alarm(actions=(), reaches_someone=False, enabled=False)),
    case("OB09", UNKNOWN, alarm(actions=(), reaches_someone=UNREAD)),
    case("OB09", UNKNOWN, gaps=(gap(Alarm),)),
    case("OB10", PASS, workflow(), says="Step Functions workflow refund keeps the history"),
    case("OB10", PASS, workflow(keeps_history=False)),
    case("OB10", FAIL, workflow(keeps_history=False, logs=False), says="leave no trace"),
    case("OB10", NOT_APPLICABLE),
    case("OB10", UNKNOWN, workflow(keeps_history=False, logs=UNREAD)),
    case("OB10", UNKNOWN, gaps=(gap(Workflow),)),
    *ALERTS,
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_observability(row: Case) -> None:
    row.hold()
