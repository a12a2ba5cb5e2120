import pytest
from support.builders.facts import compute, days_ago, deployment, gap, runbook
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Runbook, Unread

UNREAD = Unread("timed out")
NONE_NAMED = runbook("none", missing=True, url="", copy_kept=False, hosted_on=None)
ON_AWS = runbook(copy_kept=False, hosted_on=("aws",))

CASES = [
    case("RB01", PASS, runbook()),
    case("RB01", PASS, runbook(reachable=None)),
    case("RB01", PASS, runbook(reachable=UNREAD)),
    case("RB01", FAIL, NONE_NAMED, says="checkout has no runbook"),
    case("RB01", FAIL, runbook(reachable=False), says="does not open"),
    case("RB01", UNKNOWN, says="unknown; set it in backstay.yaml"),
    case("RB01", UNKNOWN, NONE_NAMED, gaps=(gap(Runbook),)),
    case("RB02", PASS, runbook()),
    case("RB02", FAIL, runbook(reviewed_at=days_ago(120)), says="2026-07-26"),
    case("RB02", NOT_APPLICABLE, NONE_NAMED),
    case("RB02", UNKNOWN, runbook(reviewed_at=None)),
    case("RB03", PASS, ON_AWS, deployment(provider="gcp", region="europe-west4")),
    case("RB03", PASS, runbook(hosted_on=("aws",)), compute(), says="copy"),
    case("RB03", FAIL, ON_AWS, compute(), says="is hosted on aws, the provider it is about"),
    case("RB03", NOT_APPLICABLE, NONE_NAMED, compute()),
    case("RB03", UNKNOWN, runbook(copy_kept=False, hosted_on=None), compute()),
    case("RB03", UNKNOWN, ON_AWS),
    case("RB03", UNKNOWN, gaps=(gap(Runbook),)),
    case("RB04", PASS, runbook()),
    case("RB04", FAIL, runbook(names_failover=False)),
    case("RB04", NOT_APPLICABLE, NONE_NAMED),
    case("RB04", UNKNOWN, runbook(names_failover=None)),
    case("RB04", UNKNOWN, runbook(names_failover=UNREAD)),
    case("RB02", PASS, runbook(reviewed_at=days_ago(90))),
    case("RB02", FAIL, runbook(reviewed_at=days_ago(90.01))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_runbook(row: Case) -> None:
    row.hold()
