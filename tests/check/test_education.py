import pytest
from support.builders.facts import attestation, days_ago, gap
from support.harness.tables import FAIL, PASS, UNKNOWN, Case, case

from checks import Attestation

CASES = [
    case("ED01", PASS, attestation("training")),
    case("ED01", FAIL),
    case("ED01", FAIL, attestation("training", at=days_ago(400), expires_at=None), says="365 days"),
    case("ED01", UNKNOWN, attestation("training", expires_at=days_ago(1))),
    case("ED01", UNKNOWN, gaps=(gap(Attestation),)),
    case("ED01", PASS, attestation("training", at=days_ago(365), expires_at=None)),
    case(
        "ED01",
        FAIL,
        attestation("training", at=days_ago(365.01), expires_at=None),
        says="Last attestation for checkout (on-call training)",
    ),
    case("ED01", PASS, attestation("training", at=days_ago(0))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_education(row: Case) -> None:
    row.hold()
