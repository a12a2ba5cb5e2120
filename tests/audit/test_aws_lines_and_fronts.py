"""Direct Connect lines and Global Accelerators: what AWS answers, and the verdict that must come of it."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read, read_with_gaps
from support.builders.facts import AWAY, compute, load_balancer
from support.builders.moment import NOW, service
from support.fakes.aws import Fault, fake_aws
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.attribution import attribute
from bot.audit.collectors.aws.sources import direct_connect, global_accelerator
from bot.catalogue import CatalogueEntry, Selector
from checks import Accelerator, DedicatedLine, Fact, Outcome, Unread, evaluate

LINES, FRONTS = ("aws_dedicated_lines",), ("aws_accelerators",)
WITH_VPN = (*LINES, "aws_vpn_connections")
FRONT = "arn:aws:globalaccelerator::111122223333:accelerator/a"


def line(name: str, **told: Any) -> dict[str, Any]:
    own = {"connectionId": name, "connectionName": name, "connectionState": "available"}
    return {**own, "location": "EqDC2", "awsDeviceV2": f"router-{name}", **told}


def lag(name: str, **told: Any) -> dict[str, Any]:
    own = {"lagId": name, "lagName": name, "lagState": "available", "location": "EqDC2", "awsDeviceV2": "router-lag"}
    return {**own, "numberOfConnections": 2, "minimumLinks": 0, **told}


def lines(
    *rows: dict[str, Any], used: tuple[str, ...] = (), lags: tuple[dict[str, Any], ...] = (), state: str = "available"
) -> Any:
    """Lines, and those with a virtual interface, in `state`."""
    ways = [{"connectionId": name, "virtualInterfaceState": state} for name in used]
    return {
        ("directconnect", "DescribeConnections"): {"connections": list(rows)},
        ("directconnect", "DescribeLags"): {"lags": list(lags)},
        ("directconnect", "DescribeVirtualInterfaces"): {"virtualInterfaces": ways},
    }


def with_vpn(answers: Any, status: str) -> Any:
    row = {"VpnConnectionId": "vpn-1", "State": "available", "VgwTelemetry": [{"Status": status}]}
    return answers | {("ec2", "DescribeVpnConnections"): {"VpnConnections": [row]}}


def group(region: str, *states: str, dial: float = 100.0, **told: Any) -> dict[str, Any]:
    ends = [{"EndpointId": balancer(region), "Weight": 128, "HealthState": state} for state in states]
    return {"EndpointGroupRegion": region, "TrafficDialPercentage": dial, "EndpointDescriptions": ends, **told}


def balancer(region: str) -> str:
    return arn("elasticloadbalancing", "loadbalancer/app/web/1", region)


def front(*groups: dict[str, Any], enabled: bool = True, second: tuple[dict[str, Any], ...] = ()) -> Any:
    """An accelerator with a listener of these groups, and a `second` listener where it has groups."""
    by_listener = {"l-1": groups, "l-2": second}
    names = [name for name, found in by_listener.items() if found or name == "l-1"]
    row = {"AcceleratorArn": FRONT, "Name": "front", "Enabled": enabled, "Status": "DEPLOYED"}
    return {
        ("globalaccelerator", "ListAccelerators"): {"Accelerators": [row]},
        ("globalaccelerator", "ListListeners"): {"Listeners": [{"ListenerArn": name} for name in names]},
        ("globalaccelerator", "ListEndpointGroups"): lambda asked: {
            "EndpointGroups": list(by_listener[asked["ListenerArn"]])
        },
    }


HERE, THERE = group("us-east-1", "HEALTHY"), group("us-west-2", "HEALTHY")
BOTH = lines(line("a"), line("b"), used=("a", "b"))
BUNDLE = lines(line("a", lagId="lag-1"), line("b", lagId="lag-1"), used=("lag-1",), lags=(lag("lag-1"),))

STATES = [
    State("two devices", "CN07", PASS, BOTH, LINES, says="router-a, router-b"),
    State("one line", "CN07", FAIL, lines(line("a"), used=("a",)), LINES, says="router-a"),
    State("second without traffic", "CN07", FAIL, lines(line("a"), line("b"), used=("a",)), LINES),
    State("second down", "CN07", FAIL, lines(line("a"), line("b", connectionState="down"), used=("a", "b")), LINES),
    State("bundle at one device", "CN07", FAIL, BUNDLE, LINES, says="router-lag"),
    State("vpn up", "CN07", PASS, with_vpn(lines(line("a"), used=("a",)), "UP"), WITH_VPN),
    State("vpn down", "CN07", FAIL, with_vpn(lines(line("a"), used=("a",)), "DOWN"), WITH_VPN),
    State("without traffic", "CN07", NOT_APPLICABLE, lines(line("a")), LINES),
    State("interface down", "CN07", NOT_APPLICABLE, lines(line("a"), used=("a",), state="down"), LINES),
    State("being ordered", "CN07", NOT_APPLICABLE, lines(line("a", connectionState="ordering"), used=("a",)), LINES),
    State("one location", "CN08", FAIL, BOTH, LINES, says="EqDC2"),
    State("two locations", "CN08", PASS, lines(line("a"), line("b", location="EqLD5"), used=("a", "b")), LINES),
    State(
        "needs both links", "CN09", FAIL, lines(line("a", lagId="l"), lags=(lag("l", minimumLinks=2),)), LINES, on="l"
    ),
    State("needs one link", "CN09", PASS, lines(line("a", lagId="l"), lags=(lag("l", minimumLinks=1),)), LINES, on="l"),
    State("single", "CN09", NOT_APPLICABLE, lines(line("a")), LINES, on="a"),
    State("two regions", "CN10", PASS, front(HERE, THERE), FRONTS),
    State("one region", "CN10", FAIL, front(HERE), FRONTS, says="only to us-east-1"),
    State("dialled down", "CN10", FAIL, front(HERE, group("us-west-2", "HEALTHY", dial=0)), FRONTS),
    State("without endpoints", "CN10", FAIL, front(HERE, group("us-west-2")), FRONTS),
    State("unhealthy", "CN10", FAIL, front(HERE, group("us-west-2", "UNHEALTHY")), FRONTS, says="only in us-east-1"),
    State("second listener", "CN10", FAIL, front(HERE, THERE, second=(HERE,)), FRONTS, says="only to us-east-1"),
    State("no listener group", "CN10", FAIL, front(), FRONTS, says="to no region"),
    State("switched off", "CN10", NOT_APPLICABLE, front(HERE, enabled=False), FRONTS),
    State("health not told", "CN10", UNKNOWN, front(HERE, group("us-west-2", EndpointDescriptions=[{}])), FRONTS),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_state_and_its_verdict(state: State) -> None:
    state.hold()


def test_all_pages_of_lines_are_read_and_each_is_asked_for_once() -> None:
    with fake_aws() as aws:
        pages = [{"connections": [line("a")], "nextToken": "2"}, {"connections": [line("b")]}]
        aws.on("directconnect", "DescribeConnections", pages)
        aws.on("directconnect", "DescribeVirtualInterfaces", Fault("AccessDeniedException"))
        found = named(read(aws, direct_connect.SOURCE), DedicatedLine)
        asked = [call.operation for call in aws.asked("directconnect")]
    assert set(found) == {"a", "b"}
    assert found["a"].carries_traffic == Unread("access denied to directconnect:DescribeVirtualInterfaces")
    assert asked == ["DescribeConnections", "DescribeConnections", "DescribeVirtualInterfaces"]


def test_an_accelerator_is_read_where_its_api_is_and_only_in_its_partition() -> None:
    with fake_aws() as aws:
        aws.on("globalaccelerator", "ListAccelerators", front()["globalaccelerator", "ListAccelerators"])
        aws.on("globalaccelerator", "ListListeners", Fault("AccessDeniedException"))
        facts, unread = read_with_gaps(aws, global_accelerator.SOURCE)
        regions = {call.region for call in aws.asked("globalaccelerator")}
        elsewhere = read(aws, global_accelerator.SOURCE, partition="aws-cn", home="cn-north-1")
    [found] = facts
    assert isinstance(found, Accelerator)
    assert found.regions == found.healthy_regions == Unread("access denied to globalaccelerator:ListListeners")
    assert [(gap.resource, gap.kinds) for gap in unread] == [(FRONT, ())]
    assert (regions, elsewhere) == ({"us-west-2"}, [])


def fronted() -> list[Fact]:
    """A service in two regions whose traffic an accelerator moves between its load balancers."""
    fronts = State("", "FO05", PASS, front(HERE, THERE), FRONTS).facts()
    here, there = (compute("web", tags={"service": "shop"}, region=region) for region in ("us-east-1", AWAY))
    web = load_balancer("web", resource=balancer("us-east-1"), tags={"service": "shop"})
    return [here, there, web, *fronts]


def test_an_accelerator_belongs_to_the_service_behind_it_and_moves_its_traffic() -> None:
    facts = fronted()
    [seen] = attribute([CatalogueEntry(service("shop"), Selector(tags={"service": ("shop",)}))], facts, [])
    assert Accelerator in {type(fact) for fact in seen.facts}
    verdicts = {found.check.id: found for found in evaluate([seen], now=NOW)}
    assert verdicts["FO05"].outcome is Outcome.PASS
    assert "Global Accelerator front routes shop between us-east-1, us-west-2" in verdicts["FO05"].summary
    assert verdicts["CN10"].outcome is Outcome.PASS
