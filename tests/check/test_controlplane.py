import pytest
from support.builders.facts import (
    AWAY,
    compute,
    dns_record,
    endpoint_use,
    gap,
    gateway,
    load_balancer,
    pipeline,
    service,
)
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import ComputeGroup, Dependency, DnsRecord, EndpointUse, Gateway, LoadBalancer, Pipeline

BOTH = (compute(), compute(region=AWAY))
WEIGHTED = dns_record(policy="weighted", role="")


def needing(*, hard: bool = True, fallback: str = "") -> Dependency:
    return Dependency("aws/us-east-1/dynamodb", "scope", hard=hard, fallback=fallback)


CASES = [
    case("CP01", PASS, endpoint_use()),
    case("CP01", FAIL, endpoint_use(endpoint="sts.amazonaws.com"), says="40 times"),
    case("CP01", NOT_APPLICABLE, endpoint_use(endpoint="sts.amazonaws.com", calls=0)),
    case("CP01", NOT_APPLICABLE),
    case("CP01", UNKNOWN, gaps=(gap(EndpointUse),)),
    case("CP02", PASS, WEIGHTED),
    case("CP02", PASS, dns_record(policy="latency", health_check="", evaluates_target_health=True)),
    case("CP02", FAIL, dns_record(policy="weighted", health_check="")),
    case("CP02", NOT_APPLICABLE, dns_record(health_check="")),
    case("CP02", NOT_APPLICABLE, dns_record(policy="weighted", health_check="", siblings=1)),
    case("CP02", UNKNOWN, gaps=(gap(DnsRecord),)),
    case("CP03", PASS, *BOTH, of=service(depends_on=(needing(hard=False),))),
    case("CP03", PASS, *BOTH, of=service(depends_on=(needing(fallback="aws/us-west-2/dynamodb"),))),
    case("CP03", FAIL, *BOTH, of=service(depends_on=(needing(),)), says="aws/us-east-1/dynamodb"),
    case("CP03", NOT_APPLICABLE, compute(), of=service(depends_on=(needing(),))),
    case("CP03", NOT_APPLICABLE, *BOTH),
    case("CP03", NOT_APPLICABLE, *BOTH, of=service(depends_on=(Dependency("aws", "scope"),))),
    case("CP03", UNKNOWN, compute(), of=service(depends_on=(needing(),)), gaps=(gap(ComputeGroup, region=AWAY),)),
    case("CP04", PASS, *BOTH, load_balancer(), gateway(region=AWAY)),
    case("CP04", FAIL, *BOTH, load_balancer(), says="us-west-2"),
    case("CP04", NOT_APPLICABLE, compute(), load_balancer()),
    case("CP04", NOT_APPLICABLE, *BOTH),
    case("CP04", UNKNOWN, *BOTH, load_balancer(), gaps=(gap(LoadBalancer),)),
    case("CP04", UNKNOWN, *BOTH, load_balancer(), gaps=(gap(Gateway),)),
    case("CP05", PASS, *BOTH, pipeline(), pipeline(region=AWAY)),
    case("CP05", PASS, *BOTH, pipeline(region="eu-west-1")),
    case("CP05", FAIL, *BOTH, pipeline(), says="us-east-1"),
    case("CP05", NOT_APPLICABLE, *BOTH),
    case("CP05", NOT_APPLICABLE, compute(), pipeline()),
    case("CP05", UNKNOWN, *BOTH, pipeline(), gaps=(gap(Pipeline),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_controlplane(row: Case) -> None:
    row.hold()
