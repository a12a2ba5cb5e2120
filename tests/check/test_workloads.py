import pytest
from support.builders.facts import gap, service
from support.builders.workloads import workload
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Unread, Workload, WorkloadKind

UNREAD = Unread("access denied to list pods")
JOB = workload("report", kind=WorkloadKind.JOB, product="job", replicas=None)
DAEMONS = workload("logs", kind=WorkloadKind.DAEMON_SET, product="daemonset", replicas=None)
POD = workload("debug", kind=WorkloadKind.POD, product="pod", replicas=1, running=1)
ONE = workload(replicas=1, running=1)
HIDDEN = (gap(Workload),)

CASES = [
    case("WL01", PASS, workload()),
    case("WL01", FAIL, ONE, says="Deployment web runs a single replica"),
    case("WL01", FAIL, ONE, of=service(tier=2)),
    case("WL01", FAIL, workload(replicas=None), says="sets no number of replicas and runs one"),
    case("WL01", FAIL, POD, says="Pod debug has no controller"),
    case("WL01", NOT_APPLICABLE, ONE, of=service(tier=3), says="RTO of 24 h"),
    case("WL01", NOT_APPLICABLE, ONE, of=service(tier=4)),
    case("WL01", NOT_APPLICABLE, JOB),
    case("WL01", NOT_APPLICABLE, DAEMONS),
    case("WL01", NOT_APPLICABLE, workload(replicas=0)),
    case("WL01", NOT_APPLICABLE, workload(replicas=1, autoscaled=True), says="CL02"),
    case("WL01", UNKNOWN, workload(replicas=1, autoscaled=UNREAD)),
    case("WL01", UNKNOWN, gaps=HIDDEN),
    case("WL02", PASS, workload()),
    case("WL02", PASS, workload(spread_over=("zone",))),
    case(
        "WL02", FAIL, workload(nodes_in_use=("node-1",) * 3), says="All 3 replicas of Deployment web run on node node-1"
    ),
    case("WL02", FAIL, workload(spread_over=()), says="No rule"),
    case("WL02", FAIL, workload(replicas=None, running=None, nodes_in_use=(), spread_over=())),
    case("WL02", NOT_APPLICABLE, ONE),
    case("WL02", NOT_APPLICABLE, DAEMONS),
    case("WL02", NOT_APPLICABLE, POD),
    case("WL02", UNKNOWN, workload(nodes_in_use=UNREAD)),
    case("WL02", UNKNOWN, gaps=HIDDEN),
    case("WL03", PASS, workload()),
    case("WL03", FAIL, workload(zones_in_use=("a", "a", "a")), says="All 3 replicas of Deployment web run in a"),
    case("WL03", FAIL, workload(spread_over=("node",)), says="only on different nodes"),
    case("WL03", NOT_APPLICABLE, JOB),
    case("WL03", UNKNOWN, workload(zones_in_use=UNREAD)),
    case("WL03", UNKNOWN, gaps=HIDDEN),
    case("WL04", PASS, workload()),
    case("WL04", FAIL, workload(budgets=()), says="has no disruption budget"),
    case("WL04", FAIL, workload(budgets=(), replicas=1, autoscaled=True)),
    case("WL04", NOT_APPLICABLE, JOB),
    case("WL04", NOT_APPLICABLE, ONE),
    case("WL04", UNKNOWN, workload(budgets=UNREAD)),
    case("WL04", UNKNOWN, gaps=HIDDEN),
    case("WL05", PASS, workload()),
    case("WL05", FAIL, workload(readiness_probe=False)),
    case("WL05", NOT_APPLICABLE, JOB),
    case("WL05", UNKNOWN, gaps=HIDDEN),
    case("WL06", PASS, workload()),
    case("WL06", FAIL, workload(same_probes=("web",)), says="one probe for readiness and liveness (web)"),
    case("WL06", NOT_APPLICABLE, workload(readiness_probe=False)),
    case("WL06", UNKNOWN, gaps=HIDDEN),
    case("WL07", PASS, workload()),
    case("WL07", FAIL, workload(without_requests=("web", "proxy")), says="for proxy, web"),
    case("WL07", NOT_APPLICABLE, workload(containers=0)),
    case("WL07", UNKNOWN, gaps=HIDDEN),
    case("WL08", PASS, workload()),
    case("WL08", FAIL, workload(update="Recreate", stops_all=True), says="(Recreate)"),
    case("WL08", NOT_APPLICABLE, POD),
    case("WL08", UNKNOWN, gaps=HIDDEN),
    case("WL09", PASS, workload()),
    case("WL09", FAIL, workload(priority="")),
    case("WL09", NOT_APPLICABLE, workload(priority=""), of=service(tier=3)),
    case("WL09", NOT_APPLICABLE, JOB),
    case("WL09", UNKNOWN, gaps=HIDDEN),
    case("WL10", PASS, workload(bound_volumes=3, volume_zones=("a", "b", "c"))),
    case("WL10", FAIL, workload(bound_volumes=1, volume_zones=("a",)), says="1 volume of Deployment web is bound to a"),
    case(
        "WL10", FAIL, workload(bound_volumes=3, volume_zones=("a",)), says="3 volumes of Deployment web are bound to a"
    ),
    case("WL10", NOT_APPLICABLE, workload()),
    case("WL10", UNKNOWN, workload(bound_volumes=UNREAD)),
    case("WL10", UNKNOWN, gaps=HIDDEN),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_verdicts(row: Case) -> None:
    row.hold()
