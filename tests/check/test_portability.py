import pytest
from support.builders.facts import attestation, compute, datastore, days_ago, function, gap, object_store
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Attestation, ComputeGroup, Datastore, StoreKind

DYNAMO = datastore(kind=StoreKind.KEY_VALUE, product="dynamodb", engine="dynamodb")
KEPT = compute(stack="checkout-prod")

CASES = [
    case("PO01", PASS, function()),
    case("PO01", FAIL, function(runtime="python3.8", runtime_supported=False), says="python3.8"),
    case("PO01", NOT_APPLICABLE, compute()),
    case("PO01", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("PO02", PASS, datastore(engine="aurora-postgresql")),
    case("PO02", PASS, DYNAMO, attestation("exit_plan")),
    case(
        "PO02",
        FAIL,
        DYNAMO,
        says="DynamoDB table orders uses dynamodb, which is proprietary; no attestation on record for checkout: exit plan",
    ),
    case("PO02", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE)),
    case("PO02", UNKNOWN, DYNAMO, attestation("exit_plan", expires_at=days_ago(3))),
    case("PO02", UNKNOWN, DYNAMO, gaps=(gap(Attestation),)),
    case("PO03", PASS, KEPT, datastore(stack="checkout-data")),
    case("PO03", PASS, KEPT, datastore(), attestation("infrastructure_as_code")),
    case("PO03", FAIL, KEPT, datastore(), says="1 of 2"),
    case("PO03", FAIL, compute(group="rg-shop"), says="1 of 1"),
    case("PO03", NOT_APPLICABLE, object_store()),
    case("PO03", UNKNOWN, compute(), attestation("infrastructure_as_code", link="")),
    case("PO03", UNKNOWN, KEPT, gaps=(gap(Datastore),)),
    case("PO04", PASS, datastore()),
    case("PO04", FAIL, datastore(minor_upgrades=False)),
    case("PO04", NOT_APPLICABLE, datastore(minor_upgrades=None)),
    case("PO04", UNKNOWN, gaps=(gap(Datastore),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_portability(row: Case) -> None:
    row.hold()
