from datetime import date
from typing import Any

import pytest
from support.builders.facts import (
    attestation,
    compute,
    datastore,
    deployment,
    gap,
    gateway,
    load_balancer,
    queue,
    service,
)
from support.builders.networks import workflow
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Attestation, ComputeGroup, Dependency, Unread, Workflow

PODS: dict[str, Any] = {"provider": "kubernetes", "product": "deployment"}
ON_GOOGLE: dict[str, Any] = {"provider": "gcp", "region": "europe-west4", "product": "cloud-run"}
STRIPE = Dependency("stripe", "saas")

CASES = [
    case("PR01", PASS, of=service(depends_on=(Dependency("stripe", "saas", fallback="adyen"),))),
    case("PR01", PASS, of=service(depends_on=(Dependency("segment", "saas", hard=False),))),
    case("PR01", FAIL, of=service(depends_on=(STRIPE,)), says="stripe"),
    case("PR01", NOT_APPLICABLE, of=service(depends_on=(Dependency("login", "service"),))),
    case("PR02", PASS, compute(), deployment(provider="gcp", region="europe-west4")),
    case("PR02", FAIL, compute(), says="checkout depends on a single provider: aws"),
    case("PR02", PASS, compute(**ON_GOOGLE), compute("shop", **PODS, host="aws"), says="runs on aws, gcp"),
    case("PR02", FAIL, datastore(), compute(**PODS, host="aws"), says="single provider: aws"),
    case(
        "PR02",
        FAIL,
        datastore(),
        compute(**PODS, host="gcp"),
        says="data on aws, gcp, but compute on a single provider",
    ),
    case("PR02", PASS, compute(), compute("shop", **PODS), says="runs on aws, kubernetes"),  # on machines of our own
    case("PR02", UNKNOWN, compute(), compute("shop", **PODS, host=None), says="cloud below shop is not known"),
    case("RG01", FAIL, compute(), compute("shop", **PODS, host="aws", region="us-east-1"), says="only in us-east-1"),
    case("PR02", NOT_APPLICABLE, compute(), of=service(tier=2)),
    case("PR02", NOT_APPLICABLE),
    case("PR02", UNKNOWN, compute(), gaps=(gap(ComputeGroup),)),
    case("PR03", PASS),
    case("PR03", FAIL, of=service(revenue_as_of=date(2026, 1, 2)), says="2026-01-02"),
    case("PR03", FAIL, of=service(users=None)),
    case("PR03", NOT_APPLICABLE, of=service(tier=3, users=None)),
    case("PR03", UNKNOWN, of=service(revenue_as_of=None)),
    case("PR04", PASS, attestation("load_shedding")),
    case("PR04", FAIL, compute()),
    case("PR04", FAIL, gateway()),
    case("PR04", FAIL, load_balancer()),
    case("PR04", FAIL, deployment()),
    case("PR04", FAIL, of=service(depends_on=(Dependency("stripe", "saas"),))),
    case("PR04", NOT_APPLICABLE, queue(), says="no code"),
    case("PR04", UNKNOWN, queue(), gaps=(gap(ComputeGroup),)),
    case("PR04", NOT_APPLICABLE, of=service(tier=4)),
    case("PR04", UNKNOWN, compute(), attestation("load_shedding", by="payments")),
    case("PR04", UNKNOWN, gaps=(gap(Attestation),)),
    case("PR03", PASS, of=service(revenue_as_of=date(2026, 5, 27))),
    case("PR03", FAIL, of=service(tier=2, revenue_as_of=date(2026, 5, 26))),
    case("PR04", FAIL, compute(), of=service(tier=2)),
    case("PR05", PASS, workflow()),
    case("PR05", FAIL, workflow(unguarded=("Charge",)), says="ends at the first error of Charge"),
    case("PR05", NOT_APPLICABLE, workflow(tasks=0)),
    case("PR05", UNKNOWN, workflow(tasks=Unread("throttled"), unguarded=Unread("throttled")), says="throttled"),
    case("PR05", UNKNOWN, gaps=(gap(Workflow),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_provider(row: Case) -> None:
    row.hold()
