import pytest
from support.builders.facts import gap, service
from support.builders.workloads import NODES, add_on, autoscaler, budget, control_plane, workload
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import ClusterAddOn, ControlPlane, DisruptionBudget, ReplicaAutoscaler, Unread, Workload

UNREAD = Unread("access denied to list nodes")

CASES = [
    case("CL01", PASS, budget(), says="allows 1 eviction at a time"),
    case("CL01", PASS, budget(min_available="", max_unavailable="1", pods=1)),
    case("CL01", PASS, budget(min_available="", max_unavailable="5%", pods=3)),
    case("CL01", PASS, budget(min_available="50%", pods=3)),
    case("CL01", PASS, budget(min_available="2", pods=0), says="selects no pods"),
    case("CL01", PASS, budget(min_available="", pods=UNREAD), says="no limit"),
    case("CL01", FAIL, budget(min_available="", max_unavailable="0"), says="maxUnavailable 0"),
    case("CL01", FAIL, budget(min_available="", max_unavailable="0%", pods=UNREAD)),
    case("CL01", FAIL, budget(min_available="100%"), says="minAvailable 100%"),
    case("CL01", FAIL, budget(min_available="3"), says="keeps all of its 3 pods"),
    case("CL01", FAIL, budget(min_available="1", pods=1), says="1 pod"),
    case("CL01", FAIL, budget(min_available="80%", pods=3), says="keeps all of its 3 pods"),
    case("CL01", UNKNOWN, budget(pods=UNREAD)),
    case("CL01", UNKNOWN, budget(pods=None)),
    case("CL01", NOT_APPLICABLE),
    case("CL01", UNKNOWN, gaps=(gap(DisruptionBudget),)),
    case("CL02", PASS, autoscaler()),
    case("CL02", FAIL, autoscaler(minimum=1), says="may scale Deployment web to 1"),
    case("CL02", NOT_APPLICABLE, autoscaler(minimum=1), of=service(tier=3)),
    case("CL02", UNKNOWN, gaps=(gap(ReplicaAutoscaler),)),
    case("CL03", PASS, autoscaler()),
    case("CL03", FAIL, autoscaler(target_exists=False), says="which does not exist"),
    case("CL03", FAIL, autoscaler(maximum=3), says="never adds a replica"),
    case("CL03", NOT_APPLICABLE, autoscaler(target_exists=None)),
    case("CL03", UNKNOWN, autoscaler(target_exists=UNREAD)),
    case("CL03", UNKNOWN, gaps=(gap(ReplicaAutoscaler),)),
    case("CL04", PASS, add_on()),
    case("CL04", PASS, add_on(per_node=True, replicas=None)),
    case("CL04", PASS, add_on(zones_in_use=("a",), cluster_zones=("a",))),
    case("CL04", FAIL, add_on(replicas=1), says="Cluster add-on coredns (cluster DNS) runs a single replica"),
    case("CL04", FAIL, add_on(replicas=0), says="scaled to zero"),
    case("CL04", FAIL, add_on(nodes_in_use=NODES[:1]), says="run on node node-1"),
    case("CL04", FAIL, add_on(zones_in_use=("use1-az1",)), says="run in use1-az1"),
    case("CL04", UNKNOWN, add_on(zones_in_use=UNREAD)),
    case("CL04", UNKNOWN, gaps=(gap(ClusterAddOn),)),
    case("CL05", PASS, control_plane()),
    case("CL05", FAIL, control_plane(nodes=1, votes=(1,)), says="loses its quorum with one of them"),
    case("CL05", FAIL, control_plane(nodes=3, votes=(2, 1)), says="2 of 3 nodes in one zone"),
    case("CL05", NOT_APPLICABLE, control_plane(nodes=None, votes=())),
    case("CL05", UNKNOWN, control_plane(votes=())),
    case("CL05", UNKNOWN, control_plane(nodes=UNREAD)),
    case("CL05", UNKNOWN, gaps=(gap(ControlPlane),)),
    case("CL06", PASS, workload()),
    case("CL06", PASS, workload(images=("docker.io/library/nginx@sha256:0123",))),
    case("CL06", PASS, workload(images=("registry.example:5000/web:1",))),
    case("CL06", FAIL, workload(images=("docker.io/library/nginx:latest",))),
    case("CL06", FAIL, workload(images=("registry.example:5000/web",)), says="registry.example:5000/web"),
    case("CL06", NOT_APPLICABLE, workload(images=())),
    case("CL06", UNKNOWN, gaps=(gap(Workload),)),
    case("CL07", PASS, workload()),
    case("CL07", FAIL, workload(images=("docker.io/library/nginx:1.27", "quay.io/a/b:1")), says="docker.io, quay.io"),
    case("CL07", NOT_APPLICABLE, workload(images=())),
    case("CL07", UNKNOWN, gaps=(gap(Workload),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_verdicts(row: Case) -> None:
    row.hold()
