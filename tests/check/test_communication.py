import pytest
from support.builders.facts import days_ago, gap, route, service
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import CommunicationRoute

PRIMARY = route()
TEAMS = route("teams payments", kind="teams", order=1, runs_on=("azure",))
HOOK = route("hook", kind="webhook", order=1, runs_on=None, tested_at=None)
SHARED = route("second slack", order=1, runs_on=("aws",))

CASES = [
    case("CM01", PASS, PRIMARY, TEAMS, says="teams payments"),
    case("CM01", FAIL, PRIMARY, says="Audience payments has no second notification route, only slack"),
    case("CM01", FAIL, says="Audience payments of checkout has no notification route"),
    case("CM01", NOT_APPLICABLE, of=service(audience="")),
    case("CM01", UNKNOWN, PRIMARY, gaps=(gap(CommunicationRoute),)),
    case("CM02", PASS, PRIMARY, SHARED, TEAMS, says="teams payments runs on another cloud than"),
    case("CM02", PASS, PRIMARY, TEAMS, HOOK),
    case("CM02", FAIL, PRIMARY, SHARED, says="every fallback route of checkout run on aws"),
    case("CM02", NOT_APPLICABLE, PRIMARY),
    case("CM02", UNKNOWN, PRIMARY, HOOK),
    case("CM02", UNKNOWN, route(runs_on=None), TEAMS),
    case("CM02", UNKNOWN, PRIMARY, SHARED, gaps=(gap(CommunicationRoute),)),
    case("CM03", PASS, PRIMARY, TEAMS),
    case("CM03", PASS, PRIMARY, HOOK, TEAMS),
    case("CM03", FAIL, PRIMARY, HOOK, says="No test of a fallback route of checkout on record"),
    case("CM03", FAIL, PRIMARY, route("old", order=1, tested_at=days_ago(45)), says="2026-10-09"),
    case("CM03", NOT_APPLICABLE, PRIMARY),
    case("CM03", UNKNOWN, PRIMARY, TEAMS, gaps=(gap(CommunicationRoute),)),
    case("CM04", PASS),
    case("CM04", FAIL, of=service(owner=""), says="no owner"),
    case("CM04", FAIL, of=service(owner="", audience=""), says="no owner and no audience"),
    case("CM03", PASS, PRIMARY, route("old", order=1, tested_at=days_ago(30))),
    case("CM03", FAIL, PRIMARY, route("old", order=1, tested_at=days_ago(30.01))),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_communication(row: Case) -> None:
    row.hold()
