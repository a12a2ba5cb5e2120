"""A what-if over the whole estate: dependencies, users, money, routes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import (
    AWAY,
    NOW,
    ZONES,
    compute,
    datastore,
    days_ago,
    deployment,
    function,
    load_balancer,
    queue,
    rehearsal,
    route,
    service,
)
from support.harness.counting import counted_calls

from checks import Dependency, Fact, Fate, Impact, RehearsalResult, Scope, Seen, StoreKind, impact

HOME = "aws/us-east-1"
HOURS = timedelta(hours=15)
DYNAMO = Dependency("aws/us-east-1/dynamodb", "scope")


def on(target: str, **fields: object) -> Dependency:
    return Dependency(target, "service", **fields)  # type: ignore[arg-type]


def node(name: str, *facts: Fact, needs: Sequence[Dependency] = (), **fields: object) -> Seen:
    return Seen(service(name, depends_on=tuple(needs), **fields), facts)  # type: ignore[arg-type]


def lose(
    scope: str, *estate: Seen, lasts: timedelta = HOURS, runs_on: dict[str, tuple[str, ...]] | None = None
) -> Impact:
    return impact(Scope.parse(scope), estate, lasts=lasts, now=NOW, runs_on=runs_on)


def fates(answer: Impact) -> dict[str, Fate]:
    return {each_service.service.name: each_service.fate for each_service in answer.services}


SAFE = compute(region=AWAY)
BOTH = (compute(), SAFE)


def test_the_path_lists_the_nearest_dependency_first() -> None:
    answer = lose(DYNAMO.target, node("checkout", SAFE, needs=[on("login")]), node("login", SAFE, needs=[DYNAMO]))
    by_name = {each_service.service.name: each_service for each_service in answer.services}
    assert by_name["checkout"].because == (
        "checkout depends on login",
        "login depends on aws/us-east-1/dynamodb",
        "aws/us-east-1/dynamodb is lost",
    )
    assert set(fates(answer).values()) == {Fate.DOWN}


@pytest.mark.parametrize(
    ("target", "dependency", "fate"),
    [
        ([compute()], on("login"), Fate.DOWN),
        ([compute()], on("login", hard=False), Fate.DEGRADED),
        ([compute()], on("login", fallback="cached sessions"), Fate.DEGRADED),
        (BOTH, on("login"), Fate.FAILS_OVER),
        (BOTH, on("login", hard=False), Fate.DEGRADED),
        ([SAFE, queue()], on("login"), Fate.DEGRADED),
        ([SAFE, queue()], on("login", hard=False), Fate.UNAFFECTED),
        ([], on("login"), Fate.UNKNOWN),
        ([], on("login", hard=False), Fate.DEGRADED),
        ([SAFE], on("login"), Fate.UNAFFECTED),
        ([SAFE], on("nobody"), Fate.UNKNOWN),
    ],
)
def test_what_a_dependency_passes_on(target: Sequence[Fact], dependency: Dependency, fate: Fate) -> None:
    answer = lose(HOME, node("checkout", SAFE, needs=[dependency]), node("login", *target))
    assert fates(answer)["checkout"] is fate


@pytest.mark.parametrize(
    ("scope", "runs_on", "fate"),
    [
        ("stripe", {}, Fate.DOWN),
        ("stripe/eu", {}, Fate.DEGRADED),
        (HOME, {"stripe": ("aws/us-east-1",)}, Fate.DOWN),
        ("aws", {"Stripe": ("aws/us-east-1",)}, Fate.DOWN),
        (HOME, {"stripe": ("aws/us-west-2",)}, Fate.UNAFFECTED),
        (HOME, {"stripe": ("aws/us-east-1", "aws/us-west-2")}, Fate.DEGRADED),
        (HOME, {"stripe": ("aws",)}, Fate.UNKNOWN),
        (f"{HOME}/{ZONES[0]}", {"stripe": ("aws",)}, Fate.DEGRADED),
        (HOME, {}, Fate.UNKNOWN),
        ("gcp", {}, Fate.UNAFFECTED),
    ],
)
def test_saas(scope: str, runs_on: dict[str, tuple[str, ...]], fate: Fate) -> None:
    zonal = node("zonal", compute())
    answer = lose(scope, node("billing", SAFE, needs=[Dependency("stripe", "saas")]), zonal, runs_on=runs_on)
    expected = Fate.UNAFFECTED if scope.endswith(ZONES[0]) else fate
    assert fates(answer)["billing"] is expected


@pytest.mark.parametrize(
    ("scope", "fate"),
    [
        ("aws", Fate.DOWN),
        (HOME, Fate.DOWN),
        ("aws/us-east-1/dynamodb", Fate.DOWN),
        ("aws/us-east-1/sqs", Fate.UNAFFECTED),
        ("aws/us-west-2", Fate.UNAFFECTED),
    ],
)
def test_a_declared_scope(scope: str, fate: Fate) -> None:
    elsewhere = deployment(provider="onprem", region="fra1")
    assert fates(lose(scope, node("login", elsewhere, needs=[DYNAMO])))["login"] is fate


def test_losing_part_of_a_required_scope_degrades() -> None:
    answer = lose(f"{HOME}/dynamodb", node("login", SAFE, needs=[Dependency(HOME, "scope")]))
    assert fates(answer)["login"] is Fate.DEGRADED


def test_cost_and_users_count_services_that_are_down_or_may_be() -> None:
    answer = lose(
        HOME,
        node("down", compute(), users=10, revenue_per_hour=100.0),
        node("proved", *BOTH, rehearsal(measured_rto=timedelta(minutes=30)), users=20, revenue_per_hour=100.0),
        node("unproved", *BOTH, users=40, revenue_per_hour=100.0),
        node("safe", SAFE, users=80, revenue_per_hour=100.0),
        node("unpriced", compute(), users=None, revenue_per_hour=None),
        node("behind", SAFE, needs=[on("proved")], users=160, revenue_per_hour=1000.0),
    )
    cost = {each_service.service.name: each_service.cost for each_service in answer.services}
    assert cost == {"down": 1500, "proved": 50, "unproved": 1500, "safe": 0, "unpriced": None, "behind": 500}
    assert answer.cost == 3550
    assert answer.cost_per_hour == 200
    assert answer.users == 50
    assert [each_service.service.name for each_service in answer.services] == [
        "down",
        "unpriced",
        "behind",
        "proved",
        "unproved",
        "safe",
    ]
    behind = answer.services[2]
    assert (behind.fate, behind.rto, behind.proved_at) == (Fate.FAILS_OVER, timedelta(minutes=30), days_ago(30))


def test_a_failover_is_told_by_its_median_and_counted_by_its_worst() -> None:
    minutes = {1: 20, 20: 40, 40: 90}
    tests = [rehearsal(f"t{n}", at=days_ago(n), measured_rto=timedelta(minutes=took)) for n, took in minutes.items()]
    aborted = rehearsal("x", at=days_ago(2), result=RehearsalResult.INCONCLUSIVE, measured_rto=timedelta(hours=9))
    elsewhere = rehearsal("y", at=days_ago(3), scope="aws", measured_rto=timedelta(hours=8))
    answer = lose(HOME, node("shop", *BOTH, *tests, aborted, elsewhere, revenue_per_hour=100.0))
    (shop,) = answer.services
    assert (shop.rto, shop.worst_rto, shop.tests) == (timedelta(minutes=40), timedelta(minutes=90), 3)
    assert (shop.down_for, shop.cost) == (timedelta(minutes=90), 150)
    assert shop.because[-1].endswith("last 3 tests took 40 min at the median and 1 h 30 min at worst")
    once = lose(HOME, node("shop", *BOTH, tests[0])).services[0]
    assert once.because[-1].endswith("took 20 min (one test)")
    assert (once.rto, once.worst_rto, once.tests) == (timedelta(minutes=20), timedelta(minutes=20), 1)


def test_services_in_a_cycle_share_their_fate() -> None:
    ring = [node(name, SAFE, needs=[on(other)]) for name, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    assert set(fates(lose(HOME, *ring)).values()) == {Fate.UNAFFECTED}
    ring[1] = node("b", SAFE, needs=[on("c"), on("login")])
    assert set(fates(lose(HOME, *ring, node("login", compute()))).values()) == {Fate.DOWN}


def test_routes_that_share_the_fate() -> None:
    routes = [
        route(),
        route("webhook pager", kind="webhook", order=1, runs_on=None),
        route("teams ops", kind="teams", order=2, runs_on=("azure",)),
    ]
    answer = lose(HOME, node("a", SAFE, *routes), node("b", SAFE, *routes))
    assert [(each_route.route.kind, each_route.shares_fate) for each_route in answer.routes] == [
        ("slack", True),
        ("webhook", None),
        ("teams", False),
    ]
    assert [each_route.shares_fate for each_route in lose("slack", node("a", SAFE, *routes)).routes] == [
        True,
        None,
        False,
    ]
    assert [
        each_route.shares_fate for each_route in lose(f"{HOME}/{ZONES[0]}", node("a", SAFE, compute(), *routes)).routes
    ] == [
        False,
        None,
        False,
    ]


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        (HOME, True),
        ("aws", True),
        ("aws/us-east-1/autoscaling", True),
        (f"{HOME}/{ZONES[2]}", True),
        (f"{HOME}/dynamodb", True),
        ("stripe", True),
        ("slack", True),
        ("aws/us-esat-1", False),
        ("aws/us-east-1/lambda", False),
        ("gcp", False),
    ],
)
def test_a_scope_that_matches_nothing_is_not_known(scope: str, known: bool) -> None:
    estate = node("a", compute(), route(), needs=[DYNAMO, Dependency("stripe", "saas")])
    assert lose(scope, estate, runs_on={"stripe": ("aws",)}).known_scope is known


def test_an_impact_names_the_age_of_its_oldest_fact() -> None:
    old = compute(observed_at=days_ago(1))
    assert lose(HOME, node("a", SAFE, old, rehearsal(observed_at=days_ago(9)))).facts_from == days_ago(1)
    assert lose(HOME).facts_from is None


FACTS = [
    compute(),
    compute("alone", zones=ZONES[:1], zones_in_use=ZONES[:1], zone_redundant=False),
    compute("movable", zones=ZONES, zones_in_use=ZONES[:1], zone_redundant=False),
    compute(region=AWAY, zones=("usw2-az1",), zones_in_use=()),
    function(),
    function(region=AWAY),
    load_balancer(),
    load_balancer(region=AWAY, zones=("usw2-az1",)),
    datastore(),
    datastore("lonely", replica_regions=(), zones=ZONES[:1], zone_redundant=False),
    datastore("table", product="dynamodb", kind=StoreKind.KEY_VALUE, zones=()),
    datastore("manual", zone_redundant=False, automatic_failover=False),
    datastore("cache", kind=StoreKind.CACHE),
    deployment("standby", region=AWAY, role="standby", zones=("usw2-az1",)),
    deployment("onprem", provider="onprem", region="fra1", zones=("hall-1",)),
    queue(),
]
SCOPES = ["aws", HOME, f"{HOME}/{ZONES[0]}", f"{HOME}/dynamodb", f"{HOME}/lambda", f"{HOME}/rds"]
DEPENDENCIES = st.builds(
    lambda target, hard, fallback: Dependency(target, "scope" if "/" in target else "service", hard, fallback),
    st.sampled_from(["s0", "s1", "s2", "s3", HOME, f"{HOME}/dynamodb"]),
    st.booleans(),
    st.sampled_from(["", "", "paper"]),
)
SERVICES = st.lists(
    st.tuples(st.lists(st.sampled_from(FACTS), min_size=1, max_size=5), st.lists(DEPENDENCIES, max_size=3)),
    min_size=4,
    max_size=4,
)


def estate_of(drawn: list[tuple[list[Fact], list[Dependency]]]) -> list[Seen]:
    return [node(f"s{n}", *facts, needs=needs) for n, (facts, needs) in enumerate(drawn)]


@given(SERVICES)
@settings(deadline=None)  # two cores may be busy
def test_a_bigger_loss_never_makes_a_service_better_off(drawn: list[tuple[list[Fact], list[Dependency]]]) -> None:
    estate = estate_of(drawn)
    answer = {scope: lose(scope, *estate) for scope in SCOPES}
    for scope, wider in ((small, big) for small in SCOPES for big in SCOPES if small.startswith(f"{big}/")):
        for name, fate in fates(answer[scope]).items():
            assert fates(answer[wider])[name].rank <= fate.rank, (scope, wider, name)
        assert answer[wider].cost >= answer[scope].cost - 1e-6
        assert answer[wider].users >= answer[scope].users


@given(SERVICES, st.randoms(use_true_random=False), st.sampled_from(SCOPES))
@settings(deadline=None)  # two cores may be busy
def test_the_order_of_services_and_facts_does_not_matter(
    drawn: list[tuple[list[Fact], list[Dependency]]], random: object, scope: str
) -> None:
    estate = estate_of(drawn)
    other = [Seen(item.service, sorted(item.facts, key=lambda _: random.random())) for item in estate]  # type: ignore[attr-defined]
    other.sort(key=lambda _: random.random())  # type: ignore[attr-defined]
    assert lose(scope, *estate) == lose(scope, *other)


@given(SERVICES, st.sampled_from(SCOPES))
@settings(deadline=None)  # two cores may be busy
def test_reasons_lead_from_the_service_to_the_loss(
    drawn: list[tuple[list[Fact], list[Dependency]]], scope: str
) -> None:
    for each_service in lose(scope, *estate_of(drawn)).services:
        assert bool(each_service.because) == (each_service.fate is not Fate.UNAFFECTED)
        assert (each_service.down_for > timedelta(0)) == (each_service.fate in (Fate.DOWN, Fate.FAILS_OVER))


@pytest.mark.parametrize("ring", [False, True])
def test_a_chain_of_5000_services_is_no_problem(ring: bool) -> None:
    def chain(services: int) -> tuple[Impact, int]:
        last = services - 1
        estate = [node(f"s{n:04}", SAFE, needs=[on(f"s{n + 1:04}")]) for n in range(last)]
        estate.append(node(f"s{last:04}", compute(), needs=[on("s0000")] if ring else []))
        with counted_calls() as counted:
            answer = lose(HOME, *estate)
        return answer, counted[0]

    (_, few), (answer, many) = chain(500), chain(5000)
    assert many < 12 * few, "ten times the services, and what the sort costs beside"
    assert set(fates(answer).values()) == {Fate.DOWN}
    first = next(each_service for each_service in answer.services if each_service.service.name == "s0000")
    assert first.because[0] == "s0000 depends on s0001"
    assert "4991 more" in first.because[-2]
    assert first.because[-1] == "compute of s4999 (Auto Scaling group web) runs only in aws/us-east-1"
