from datetime import date

import pytest
from support.builders.facts import attestation, compute, deployment, gap, service
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Attestation, ComputeGroup, Dependency

STRIPE = Dependency("stripe", "saas")

CASES = [
    case("PR01", PASS, of=service(depends_on=(Dependency("stripe", "saas", fallback="adyen"),))),
    case("PR01", PASS, of=service(depends_on=(Dependency("segment", "saas", hard=False),))),
    case("PR01", FAIL, of=service(depends_on=(STRIPE,)), says="stripe"),
    case("PR01", NOT_APPLICABLE, of=service(depends_on=(Dependency("login", "service"),))),
    case("PR02", PASS, compute(), deployment(provider="gcp", region="europe-west4")),
    case("PR02", FAIL, compute(), says="checkout depends on a single provider: aws"),
    case("PR02", NOT_APPLICABLE, compute(), of=service(tier=2)),
    case("PR02", NOT_APPLICABLE),
    case("PR02", UNKNOWN, compute(), gaps=(gap(ComputeGroup),)),
    case("PR03", PASS),
    case("PR03", FAIL, of=service(revenue_as_of=date(2026, 1, 2)), says="2026-01-02"),
    case("PR03", FAIL, of=service(users=None)),
    case("PR03", NOT_APPLICABLE, of=service(tier=3, users=None)),
    case("PR03", UNKNOWN, of=service(revenue_as_of=None)),
    case("PR04", PASS, attestation("load_shedding")),
    case("PR04", FAIL),
    case("PR04", NOT_APPLICABLE, of=service(tier=4)),
    case("PR04", UNKNOWN, attestation("load_shedding", by="payments")),
    case("PR04", UNKNOWN, gaps=(gap(Attestation),)),
    case("PR03", PASS, of=service(revenue_as_of=date(2026, 5, 27))),
    case("PR03", FAIL, of=service(tier=2, revenue_as_of=date(2026, 5, 26))),
    case("PR04", FAIL, of=service(tier=2)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_provider(row: Case) -> None:
    row.hold()
