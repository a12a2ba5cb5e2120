"""How much depends on one thing, and the one change that lowers it most: an exhaustive search on small estates agrees."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import AWAY, NOW, compute, days_ago, dns_zone, queue, rehearsal, service
from support.builders.workloads import workload

from checks import (
    AnchorKind,
    AnchorLoss,
    ComputeGroup,
    Concentration,
    Dependency,
    Fact,
    Gap,
    Roles,
    Seen,
    Weight,
    concentration,
)

ROLES = Roles(
    {"stripe": AnchorKind.PAYMENT, "auth0": AnchorKind.IDENTITY},
    {"docker.io": "docker-hub"},
    {"stripe": ("aws",), "auth0": ("aws/us-east-1",)},
)


def on(target: str, kind: str = "service", **fields: object) -> Dependency:
    return Dependency(target, kind, **fields)  # type: ignore[arg-type]


def node(name: str, *facts: Fact, needs: Sequence[Dependency] = (), **fields: object) -> Seen:
    return Seen(service(name, depends_on=tuple(needs), **fields), facts)  # type: ignore[arg-type]


def found(*estate: Seen) -> Concentration:
    return concentration(estate, ROLES, now=NOW)


def exposure(kind: AnchorKind, scope: str, *estate: Seen) -> AnchorLoss:
    return next(
        each for each in found(*estate).exposures if (each.anchor.kind, str(each.anchor.scope)) == (kind, scope)
    )


HOME, ELSEWHERE = compute(), compute(region=AWAY)


def test_a_saas_hangs_on_what_it_runs_on() -> None:
    estate = node("checkout", ELSEWHERE, needs=[on("stripe", "saas")], revenue_per_hour=100.0, users=7)
    by_payment = exposure(AnchorKind.PAYMENT, "stripe", estate)
    assert (by_payment.hanging, by_payment.weight) == (("checkout",), Weight(100.0, 7, 1, 1))
    assert exposure(AnchorKind.PROVIDER, "aws", estate).hanging == ("checkout",)


def test_a_fallback_or_a_tested_failover_hangs_on_nothing() -> None:
    fallback = node("checkout", ELSEWHERE, needs=[on("stripe", "saas", fallback="adyen")])
    assert not found(fallback).of_kind(AnchorKind.PAYMENT)
    both = node("shop", HOME, ELSEWHERE)
    tested = node("shop", HOME, ELSEWHERE, rehearsal(at=days_ago(1), scope=""))
    assert exposure(AnchorKind.REGION, "aws/us-east-1", both).hanging == ("shop",), "its failover was never tested"
    assert not [each for each in found(tested).of_kind(AnchorKind.REGION) if each.hanging]


def test_what_is_unknown_is_counted_as_unknown() -> None:
    gap = Gap("aws_compute", "aws", "1", "us-east-1", "access denied", (ComputeGroup,))
    hidden = Seen(service("hidden", revenue_per_hour=50.0), (), (gap,))
    answer = exposure(AnchorKind.PROVIDER, "aws", node("shop", HOME, revenue_per_hour=10.0), hidden)
    assert (answer.hanging, answer.unknown) == (("shop",), ("hidden",))
    assert (answer.weight.revenue, answer.unknown_weight.revenue) == (10.0, 50.0)


def test_revenue_and_users_that_are_not_declared_are_not_counted() -> None:
    answer = found(
        node("shop", HOME, revenue_per_hour=None, users=None), node("cart", HOME, revenue_per_hour=5.0, users=1)
    )
    assert (answer.total.revenue, answer.total.users, answer.undeclared) == (5.0, 1, (1, 1))


def test_dns_hosts_registries_and_what_depends_on_them() -> None:
    zone = node("shop", ELSEWHERE, dns_zone(), needs=[])
    assert exposure(AnchorKind.DNS, "aws/global/route53", zone, node("cart", needs=[on("shop")])).hanging[-1] == "shop"
    pulls = node("web", workload(images=("docker.io/library/nginx:1.27", "ghcr.io/shop/web:2")))
    assert exposure(AnchorKind.REGISTRY, "docker-hub", pulls).hanging == ("web",)
    assert exposure(AnchorKind.REGISTRY, "ghcr.io", pulls).hanging == ("web",), "nobody said whose it is"


def test_the_best_change_is_the_one_that_all_paths_go_through() -> None:
    estate = (
        node("login", HOME, revenue_per_hour=0.0),
        node("cart", ELSEWHERE, needs=[on("login")], revenue_per_hour=10.0),
        node("checkout", ELSEWHERE, needs=[on("login"), on("cart")], revenue_per_hour=90.0),
    )
    change = exposure(AnchorKind.REGION, "aws/us-east-1", *estate).change
    assert change is not None
    assert (change.service, change.on, change.frees) == ("login", "", ("cart", "checkout", "login"))
    assert change.weight.revenue == 100.0


def test_no_single_change_helps_a_service_with_two_reasons() -> None:
    estate = node("checkout", HOME, needs=[on("auth0", "saas")])
    assert exposure(AnchorKind.REGION, "aws/us-east-1", estate).change is None


BYSTANDER = node("z", queue(), queue("mail", region=AWAY), tier=4)
"""Degraded at worst; with it, both regions host something of ours whatever else is changed."""

NAMES = ("a", "b", "c", "d", "e")


@st.composite
def estates(draw: st.DrawFn) -> tuple[Seen, ...]:
    """Up to five services in one or two regions, with dependencies on each other, cycles too, and on two SaaS."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    made = []
    for name in names:
        places = draw(st.sampled_from([(HOME,), (ELSEWHERE,), (HOME, ELSEWHERE), ()]))
        targets = draw(st.lists(st.sampled_from([*names, "stripe", "auth0"]), unique=True, max_size=3))
        needs = tuple(
            on(target, "saas" if target in ROLES.saas else "service", hard=draw(st.booleans()), fallback=fallback)
            for target in targets
            if target != name
            for fallback in [draw(st.sampled_from(["", "", "", "other"]))]
        )
        revenue = draw(st.sampled_from([None, 1.0, 10.0, 25.0]))
        users, number = draw(st.sampled_from([None, 3])), draw(st.sampled_from([1, 2]))
        one_service = service(name, depends_on=needs, revenue_per_hour=revenue, users=users, tier=number)
        made.append(Seen(one_service, places))
    return (*made, BYSTANDER)


def exhaustive(estate: tuple[Seen, ...], before: AnchorLoss) -> tuple[float, int, int, int]:
    """The most that any single change frees: each is made, and the loss simulated again."""
    best = (0.0, 0, 0, 0)
    for at, seen in enumerate(estate):
        changed = [
            replace(
                seen,
                facts=[fact for fact in seen.facts if not _lost(fact, before)] or [compute(provider="gcp", region="x")],
            )
        ]
        for number, dependency in enumerate(seen.service.depends_on):
            needs = list(seen.service.depends_on)
            needs[number] = replace(dependency, fallback="another")
            changed.append(replace(seen, service=replace(seen.service, depends_on=tuple(needs))))
        for instead in changed:
            after = _exposure_of(before, (*estate[:at], instead, *estate[at + 1 :]))
            still = {*after.hanging, *after.unknown} if after else set()
            freed = [
                each.service
                for each in estate
                if each.service.name in before.hanging and each.service.name not in still
            ]
            best = max(best, Weight.of(freed).order)
    return best


def _lost(fact: Fact, before: AnchorLoss) -> bool:
    scope = before.anchor.scope
    return fact.provider == scope.provider and scope.region in ("", fact.region)


def _exposure_of(before: AnchorLoss, estate: tuple[Seen, ...]) -> AnchorLoss | None:
    same = (each for each in found(*estate).exposures if each.anchor.scope == before.anchor.scope)
    return next((each for each in same if each.anchor.kind is before.anchor.kind), None)


@settings(max_examples=60, deadline=None)
@given(estates())
def test_an_exhaustive_search_agrees(estate: tuple[Seen, ...]) -> None:
    answer = found(*estate)
    for each in answer.exposures:
        expected = exhaustive(estate, each)
        assert (each.change.weight.order if each.change else (0.0, 0, 0, 0)) == expected, each.anchor
    best = max((each.change.weight.order for each in answer.exposures if each.change), default=None)
    assert (answer.best.change.weight.order if answer.best and answer.best.change else None) == best
