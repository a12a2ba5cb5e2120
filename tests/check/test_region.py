from datetime import timedelta

import pytest
from support.builders.facts import (
    AWAY,
    HOME,
    compute,
    datastore,
    deployment,
    function,
    gap,
    load_balancer,
    object_store,
    pipeline,
    secret,
    service,
)
from support.builders.networks import event_endpoint, user_directory
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import (
    GLOBAL,
    ComputeGroup,
    ComputeKind,
    Datastore,
    Deployment,
    EventEndpoint,
    ObjectStore,
    Pipeline,
    Secret,
    StoreKind,
    Unread,
    UserDirectory,
)

UNREAD = Unread("access denied to test:Get")
BOTH = (compute(), compute(region=AWAY))

CASES = [
    case("RG01", PASS, *BOTH, says="us-east-1, us-west-2"),
    case("RG01", PASS, compute(), deployment(region="europe-west4", provider="gcp"), says="europe-west4"),
    case("RG01", PASS, load_balancer(), load_balancer(region=AWAY)),
    case("RG01", PASS, datastore()),
    case("RG01", FAIL, compute(), says="checkout runs only in us-east-1; losing that region takes it down"),
    case("RG01", FAIL, compute(), compute("batch", region=AWAY, traffic=False), says="runs only in us-east-1"),
    case("RG01", FAIL, *BOTH, function(traffic=True), says="its function runs only in us-east-1"),
    case("RG01", FAIL, deployment()),
    case("RG01", FAIL, datastore(replica_regions=())),
    case("RG01", NOT_APPLICABLE, object_store()),
    case("RG01", UNKNOWN, compute(), gaps=(gap(ComputeGroup, region=AWAY),)),
    case("RG01", UNKNOWN, compute(), gaps=(gap(Deployment),)),
    case("RG01", UNKNOWN, datastore(replica_regions=UNREAD), says="access denied"),
    case("RG01", UNKNOWN, compute(region=""), says="region of the"),
    case("RG01", UNKNOWN, *BOTH, function(traffic=True, region=""), says="region of the function"),
    case("RG02", PASS, datastore(), says="us-west-2"),
    case("RG02", FAIL, datastore(replica_regions=()), says="RDS instance orders has no replica outside us-east-1"),
    case("RG02", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE, replica_regions=())),
    case("RG02", NOT_APPLICABLE, datastore(replica_of="arn:primary", replica_regions=())),
    case("RG02", NOT_APPLICABLE, datastore(replica_regions=()), of=service(tier=3)),
    case("RG02", NOT_APPLICABLE, datastore(replica_regions=()), of=service(tier=4)),
    case("RG02", FAIL, datastore(replica_regions=()), of=service(tier=4, rto=timedelta(hours=2))),
    case("RG02", UNKNOWN, datastore(replica_regions=UNREAD), says="access denied"),
    case("RG02", UNKNOWN, gaps=(gap(Datastore),)),
    case("RG03", PASS, object_store()),
    case("RG03", PASS, object_store(replica_regions=(), multi_region_access=True)),
    case("RG03", FAIL, object_store(replica_regions=())),
    case(
        "RG03", FAIL, object_store(replica_regions=(HOME,)), says="S3 bucket receipts has no replica outside us-east-1"
    ),
    case("RG03", NOT_APPLICABLE),
    case("RG03", UNKNOWN, object_store(replica_regions=UNREAD)),
    case("RG03", UNKNOWN, object_store(replica_regions=(), multi_region_access=UNREAD)),
    case("RG03", UNKNOWN, gaps=(gap(ObjectStore),)),
    case("RG04", PASS, secret(), *BOTH),
    case("RG04", PASS, secret(replica_regions=()), secret(replica_regions=(), region=AWAY), *BOTH),
    case("RG04", FAIL, secret(replica_regions=()), *BOTH, says="db-password"),
    case("RG04", PASS, secret(replica_regions=(), region=GLOBAL), *BOTH, says="1 secret of checkout available"),
    case(
        "RG04",
        FAIL,
        secret("a", replica_regions=(), region=GLOBAL, provider="gcp"),
        secret("b", replica_regions=()),
        *BOTH,
        says="runs in: b",
    ),
    case("RG04", NOT_APPLICABLE, secret(replica_regions=()), compute()),
    case("RG04", NOT_APPLICABLE, *BOTH),
    case("RG04", UNKNOWN, secret(), *BOTH, gaps=(gap(Secret),)),
    case("RG05", PASS, pipeline(), *BOTH),
    case("RG05", FAIL, pipeline(regions=(HOME,)), *BOTH, says="No pipeline of checkout deploys to us-west-2"),
    case("RG05", NOT_APPLICABLE, pipeline(), compute(kind=ComputeKind.CONTAINERS)),
    case("RG05", NOT_APPLICABLE, pipeline(regions=()), *BOTH),
    case("RG05", UNKNOWN, pipeline(regions=(HOME,)), *BOTH, gaps=(gap(Pipeline),)),
    case("RG06", PASS, user_directory(), says="Cognito user pool customers has a replica in us-west-2"),
    case("RG06", FAIL, user_directory(replica_regions=()), says="stops every sign-in of checkout"),
    case("RG06", NOT_APPLICABLE),
    case("RG06", UNKNOWN, user_directory(replica_regions=Unread("throttled"))),
    case("RG06", UNKNOWN, gaps=(gap(UserDirectory),)),
    case("RG07", PASS, event_endpoint()),
    case("RG07", FAIL, event_endpoint(replicates=False), says="Event endpoint orders replicates no events"),
    case("RG07", FAIL, event_endpoint(health_check=""), says="never fails over"),
    case("RG07", NOT_APPLICABLE),
    case("RG07", UNKNOWN, gaps=(gap(EventEndpoint),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_region(row: Case) -> None:
    row.hold()
