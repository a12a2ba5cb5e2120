import pytest
from support.builders.facts import compute, days_ago, deployment, gap, route, runbook
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import ComputeGroup, Runbook, Unread

UNREAD = Unread("timed out")
NONE_NAMED = runbook("none", missing=True, url="", copy_kept=False, hosted_on=None)
ON_AWS = runbook(copy_kept=False, hosted_on=("aws",))
LOST, SAVED = "aws/us-east-1|4|ssh bastion.us-east-1.example.com", "aws/us-west-2|5|--region us-west-2"

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
    case("RB05", PASS, runbook(), says="is owned by team payments"),
    case("RB05", FAIL, runbook(owner=""), says="names no owner"),
    case("RB05", UNKNOWN, runbook(owner=None)),
    case("RB05", UNKNOWN, runbook(owner=UNREAD)),
    case("RB05", NOT_APPLICABLE, NONE_NAMED),
    case("RB06", PASS, runbook(), says="by Ada"),
    case("RB06", PASS, runbook(changed_at=days_ago(365))),
    case("RB06", FAIL, runbook(changed_at=days_ago(365.01)), says="more than 365 days ago"),
    case("RB06", UNKNOWN, runbook(changed_at=None)),
    case("RB06", UNKNOWN, runbook(changed_at=UNREAD)),
    case("RB06", NOT_APPLICABLE, NONE_NAMED),
    case("RB07", PASS, runbook()),
    case("RB07", FAIL, runbook(sections=("detect", "fail_over")), says="communication, decision, rollback"),
    case("RB07", UNKNOWN, runbook(sections=None)),
    case("RB07", UNKNOWN, runbook(sections=UNREAD)),
    case("RB07", NOT_APPLICABLE, NONE_NAMED),
    case("RB08", PASS, runbook(), compute(), says="need nothing in aws/us-east-1"),
    case("RB08", PASS, runbook(needs=()), says="names a host, console or command"),
    case("RB08", FAIL, runbook(needs=(LOST, SAVED)), compute(), says="Step 4 of checkout runbook cannot be followed"),
    case("RB08", FAIL, runbook(needs=(LOST,)), deployment(), deployment("b", region="eu-west-1", role="standby")),
    case("RB08", NOT_APPLICABLE, runbook(needs=(LOST,)), compute(), compute("b", region="eu-west-1")),
    case("RB08", NOT_APPLICABLE, NONE_NAMED),
    case("RB08", UNKNOWN, runbook(needs=(LOST,)), says="no running resources"),
    case("RB08", UNKNOWN, runbook(needs=(LOST,)), compute(), gaps=(gap(ComputeGroup),)),
    case("RB08", UNKNOWN, runbook(needs=None), compute()),
    case("RB08", UNKNOWN, runbook(needs=UNREAD), compute()),
    case("RB09", PASS, runbook(), says="All 4 links"),
    case("RB09", FAIL, runbook(dead_links=("https://wiki.example/gone",)), says="wiki.example/gone"),
    case("RB09", NOT_APPLICABLE, runbook(links=0)),
    case("RB09", NOT_APPLICABLE, NONE_NAMED),
    case("RB09", UNKNOWN, runbook(dead_links=None)),
    case("RB09", UNKNOWN, runbook(dead_links=UNREAD)),
    case("RB10", PASS, ON_AWS, route(runs_on=("azure",)), says="the chat on azure"),
    case("RB10", PASS, runbook(), route(), route("mail", kind="email", order=1), says="also go out by mail"),
    case("RB10", FAIL, ON_AWS, route(), says="is hosted on aws, as the chat is"),
    case("RB10", FAIL, runbook(hosted_on=("aws",)), route(), says="no other route carries its steps"),
    case("RB10", NOT_APPLICABLE, ON_AWS, route("mail", kind="email")),
    case("RB10", NOT_APPLICABLE, NONE_NAMED, route()),
    case("RB10", UNKNOWN, runbook(hosted_on=None), route()),
    case("RB10", UNKNOWN, ON_AWS, route(runs_on=None)),
    case("RB02", PASS, runbook(reviewed_at=days_ago(90))),
    case("RB02", FAIL, runbook(reviewed_at=days_ago(90.01))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_runbook(row: Case) -> None:
    row.hold()
