"""Every check on an estate of which less and less can be read: a lost permission never raises a score and never removes a failure."""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import facts as build
from support.builders import workloads as workload_facts
from support.builders.facts import AWAY, NOW, gap, seen, service

from checks import (
    Attestation,
    Dependency,
    Fact,
    Finding,
    Outcome,
    Seen,
    Service,
    ServiceScore,
    StoreKind,
    Unread,
    evaluate,
    score,
)

MADE: tuple[Callable[..., Fact], ...] = (
    build.alarm,
    build.assessment,
    build.attestation,
    build.backup,
    build.backup_plan,
    build.certificate,
    build.compute,
    build.datastore,
    build.deployment,
    build.distribution,
    build.dns_record,
    build.dns_zone,
    build.encryption_key,
    build.endpoint_use,
    build.function,
    build.gateway,
    build.health_check,
    build.load_balancer,
    build.network,
    build.object_store,
    build.pipeline,
    build.queue,
    build.quota,
    build.rehearsal,
    build.route,
    build.runbook,
    build.secret,
    build.stack,
    build.topic,
    build.traffic_shift,
    build.volume,
    workload_facts.add_on,
    workload_facts.autoscaler,
    workload_facts.budget,
    workload_facts.control_plane,
    workload_facts.workload,
)
SOUND = [make() for make in MADE]
# What a fact may be instead of sound, by field: whichever of these it has.
FAULTS: dict[str, Any] = {
    "zones": (),
    "zone_redundant": False,
    "zones_in_use": (),
    "automatic_failover": False,
    "replica_regions": (),
    "backup_days": 0,
    "point_in_time_recovery": False,
    "deletion_protection": False,
    "versioning": False,
    "health_check": "",
    "enabled": False,
    "reaches_someone": False,
    "latest_at": None,
    "copy_regions": (),
    "copy_accounts": (),
    "at": None,
    "missing": True,
    "tested_at": None,
    "runs_on": ("aws",),
    "ttl": 3600,
    "dead_letter": False,
    "used": 990.0,
    "multi_region": False,
    "policy": "simple",
    "role": "standby",
    "origin_failover": False,
    "automatic": False,
    "endpoint_region": "us-east-1",
    "staging_first": False,
    "replicas": 1,
    "spread_over": (),
    "budgets": (),
    "readiness_probe": False,
    "minimum": 1,
    "min_available": "100%",
    "votes": (3,),
}
KINDS = sorted({type(fact) for fact in SOUND}, key=lambda kind: kind.__name__)
NEEDS = (Dependency("stripe", "saas"), Dependency("aws/us-east-1/dynamodb", "scope"))


def faulty(fact: Fact) -> Fact:
    if isinstance(fact, Attestation):
        return dataclasses.replace(fact, at=NOW - timedelta(days=900))
    names = {field.name for field in dataclasses.fields(fact)}
    return dataclasses.replace(fact, **{name: value for name, value in FAULTS.items() if name in names})


def unread(fact: Fact) -> Fact:
    """The same with every field unread that may be."""
    denied: dict[str, Any] = {
        field.name: Unread("AccessDenied") for field in dataclasses.fields(fact) if "Unread" in str(field.type)
    }
    return dataclasses.replace(fact, **denied)


ESTATE = st.lists(
    st.builds(
        lambda fact, bad, away: dataclasses.replace(
            faulty(fact) if bad else fact, region=AWAY if away else fact.region
        ),
        st.sampled_from([*SOUND, build.datastore("cache", kind=StoreKind.CACHE)]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=14,
)
OF = service(depends_on=NEEDS, rto=timedelta(hours=1))


def judge(known: Seen) -> tuple[ServiceScore, dict[str, set[Outcome]]]:
    found: list[Finding] = list(evaluate([known], now=NOW))
    by_check: dict[str, set[Outcome]] = {}
    for finding in found:
        by_check.setdefault(finding.check.id, set()).add(finding.outcome)
    return score(found, services=[known.service], now=NOW).services[0], by_check


def wrongs(name: str, before: set[Outcome], after: set[Outcome]) -> Iterable[str]:
    if Outcome.ERROR in after:
        yield f"{name} breaks"
    if Outcome.PASS in after - before:
        yield f"{name} passes for want of facts"
    if Outcome.FAIL in after - before:
        yield f"{name} fails for want of facts"
    if after == {Outcome.NOT_APPLICABLE} != before:
        yield f"{name} drops out for want of facts"


def compare(facts: Iterable[Fact], fewer: Iterable[Fact], hidden: tuple[type[Fact], ...], of: Service = OF) -> None:
    read, before = judge(seen(*facts, of=of))
    denied, after = judge(seen(*fewer, of=of, gaps=(gap(*hidden),) if hidden else ()))
    assert not [wrong for name, outcomes in after.items() for wrong in wrongs(name, before[name], outcomes)]
    assert denied.score <= read.score + 1e-9
    assert denied.high >= read.high - 1e-9


@given(ESTATE, st.sets(st.sampled_from(KINDS), min_size=1, max_size=3), st.sets(st.integers(0, 13)))
@settings(deadline=None)
def test_a_listing_that_is_denied(facts: list[Fact], lost: set[type[Fact]], elsewhere: set[int]) -> None:
    left = [fact for place, fact in enumerate(facts) if type(fact) not in lost or place in elsewhere]
    compare(facts, left, tuple(lost))


@given(ESTATE, st.sets(st.integers(0, 13)))
@settings(deadline=None)
def test_fields_that_are_denied(facts: list[Fact], lost: set[int]) -> None:
    compare(facts, [unread(fact) if place in lost else fact for place, fact in enumerate(facts)], ())


@given(ESTATE, st.sets(st.integers(0, 13)))
@settings(deadline=None)
def test_facts_that_grow_stale(facts: list[Fact], lost: set[int]) -> None:
    old = NOW - timedelta(days=9)
    aged = [dataclasses.replace(fact, observed_at=old) if place in lost else fact for place, fact in enumerate(facts)]
    compare(facts, aged, ())


@pytest.mark.parametrize("kind", KINDS)
def test_each_listing_alone(kind: type[Fact]) -> None:
    for facts in (SOUND, [faulty(fact) for fact in SOUND]):
        compare(facts, [fact for fact in facts if type(fact) is not kind], (kind,))


def test_an_older_attestation_decides_nothing_against_one_whose_link_cannot_be_opened() -> None:
    attested = next(fact for fact in SOUND if isinstance(fact, Attestation) and fact.practice == "kill_switch")
    group = build.compute()
    older = faulty(attested)
    compare([group, older, attested], [group, older, unread(attested)], ())
