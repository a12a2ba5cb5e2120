"""What a service's own resources survive."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.facts import (
    AWAY,
    NOW,
    ZONES,
    compute,
    datastore,
    days_ago,
    deployment,
    distribution,
    dns_zone,
    function,
    gap,
    load_balancer,
    object_store,
    queue,
    rehearsal,
    seen,
    service,
)

from checks import (
    ComputeGroup,
    Datastore,
    Fact,
    Fate,
    Gap,
    Rehearsal,
    RehearsalKind,
    RehearsalResult,
    Scope,
    ServiceImpact,
    StoreKind,
    Unread,
    impact,
)

REGION, PROVIDER, ZONE = "aws/us-east-1", "aws", f"aws/us-east-1/{ZONES[0]}"
ALONE: dict[str, Any] = {"zones": ZONES[:1], "zones_in_use": ZONES[:1], "zone_redundant": False}
TABLE: dict[str, Any] = {"kind": StoreKind.KEY_VALUE, "product": "dynamodb", "zones": (), "replica_regions": ()}
HOURS = timedelta(hours=15)
WORD: dict[str, Any] = {"attested_by": "audit", "link": "https://drills.test/1"}
BOTH = (compute(), compute(region=AWAY))


def lose(scope: str, *facts: Fact, gaps: tuple[Gap, ...] = (), tier: int = 1) -> ServiceImpact:
    answer = impact(Scope.parse(scope), [seen(*facts, of=service(tier=tier), gaps=gaps)], lasts=HOURS, now=NOW)
    return answer.services[0]


@pytest.mark.parametrize(
    ("scope", "facts", "fate"),
    [
        # what runs
        (REGION, [compute()], Fate.DOWN),
        (REGION, [compute(region=AWAY)], Fate.UNAFFECTED),
        (REGION, [compute(), compute(region=AWAY)], Fate.FAILS_OVER),
        (REGION, [compute(), deployment(provider="onprem", region="fra1")], Fate.FAILS_OVER),
        (REGION, [deployment(role="standby"), compute(region=AWAY)], Fate.DEGRADED),
        (PROVIDER, [compute(), compute(region=AWAY)], Fate.DOWN),
        (PROVIDER, [compute(), deployment(provider="gcp", region="europe-west1")], Fate.FAILS_OVER),
        ("gcp", [compute()], Fate.UNAFFECTED),
        # zones
        (ZONE, [compute()], Fate.DEGRADED),
        (ZONE, [function()], Fate.UNAFFECTED),
        (ZONE, [compute(**ALONE)], Fate.DOWN),
        (ZONE, [compute(**ALONE), compute("other", zones=ZONES[1:2], zones_in_use=ZONES[1:2])], Fate.DEGRADED),
        (ZONE, [compute(**ALONE), compute(region=AWAY, zones=("usw2-az1",), zones_in_use=())], Fate.FAILS_OVER),
        (ZONE, [compute(**ALONE | {"zones": ZONES})], Fate.FAILS_OVER),
        (ZONE, [compute(), deployment(zones=())], Fate.UNKNOWN),
        (ZONE, [compute(), compute("odd", zones=(), zones_in_use=(), zone_redundant=Unread("x"))], Fate.UNKNOWN),
        (ZONE, [compute(), load_balancer()], Fate.DEGRADED),
        (ZONE, [compute(), load_balancer(zones=ZONES[:1])], Fate.DOWN),
        # stores
        (REGION, [compute(), compute(region=AWAY), datastore(replica_regions=())], Fate.DOWN),
        (REGION, [compute(), compute(region=AWAY), datastore()], Fate.FAILS_OVER),
        (REGION, [compute(), compute(region=AWAY), datastore(replica_regions=Unread("denied"))], Fate.UNKNOWN),
        (REGION, [compute(), datastore(replica_regions=Unread("denied"))], Fate.DOWN),
        (PROVIDER, [deployment(provider="gcp", region="x"), datastore(replica_regions=Unread("denied"))], Fate.DOWN),
        (REGION, [compute(region=AWAY), datastore(**TABLE | {"replica_regions": (AWAY,)})], Fate.DEGRADED),
        (REGION, [compute(region=AWAY), datastore(kind=StoreKind.CACHE)], Fate.DEGRADED),
        (REGION, [compute(region=AWAY), datastore(replica_of="arn:elsewhere")], Fate.DEGRADED),
        (ZONE, [compute(region=AWAY), datastore(replica_regions=())], Fate.DEGRADED),
        (ZONE, [datastore(zones=ZONES[:1], zone_redundant=False, replica_regions=())], Fate.DOWN),
        (ZONE, [datastore(zones=ZONES[:1], zone_redundant=False)], Fate.FAILS_OVER),
        (ZONE, [datastore(zones=ZONES[:1], zone_redundant=True, replica_regions=())], Fate.DEGRADED),
        (ZONE, [datastore(zone_redundant=False, automatic_failover=False)], Fate.FAILS_OVER),
        (ZONE, [compute(), datastore(zones=(), zone_redundant=False)], Fate.UNKNOWN),
        # products
        ("aws/us-east-1/dynamodb", [compute(), datastore(**TABLE)], Fate.DOWN),
        ("aws/us-east-1/dynamodb", [compute(), datastore(**TABLE | {"replica_regions": (AWAY,)})], Fate.FAILS_OVER),
        ("aws/us-east-1/dynamodb", [compute(), datastore()], Fate.UNAFFECTED),
        ("aws/us-east-1/lambda", [compute(), function()], Fate.DEGRADED),
        ("aws/us-east-1/lambda", [function()], Fate.DOWN),
        ("aws/us-east-1/ec2", [compute()], Fate.DOWN),
        ("aws/us-east-1/alb", [compute(), load_balancer()], Fate.DOWN),
        # the rest
        (REGION, [compute(), compute(region=AWAY), load_balancer()], Fate.DOWN),
        (REGION, [compute(), compute(region=AWAY), load_balancer(), load_balancer(region=AWAY)], Fate.FAILS_OVER),
        (REGION, [compute(), load_balancer(), deployment(region=AWAY)], Fate.FAILS_OVER),
        (REGION, [compute(region=AWAY), load_balancer(), load_balancer(region=AWAY)], Fate.DEGRADED),
        ("aws/us-east-1/elb", [*BOTH, load_balancer(), load_balancer(region=AWAY)], Fate.FAILS_OVER),
        (REGION, [compute(region=AWAY), queue()], Fate.DEGRADED),
        (REGION, [compute(region=AWAY), object_store()], Fate.DEGRADED),
        (PROVIDER, [deployment(provider="gcp", region="x"), dns_zone()], Fate.DOWN),
        (PROVIDER, [deployment(provider="gcp", region="x"), distribution()], Fate.DOWN),
        (REGION, [compute(region=AWAY), dns_zone(), distribution()], Fate.UNAFFECTED),
        (REGION, [], Fate.UNKNOWN),
        (REGION, [rehearsal()], Fate.UNKNOWN),
    ],
)
def test_fate(scope: str, facts: list[Fact], fate: Fate) -> None:
    answer = lose(scope, *facts)
    assert answer.fate is fate, answer.because
    assert bool(answer.because) == (fate is not Fate.UNAFFECTED)


def test_a_replica_that_is_a_fact_of_its_own_counts() -> None:
    store = datastore(replica_regions=())
    copy = datastore("copy", region=AWAY, replica_of=store.resource)
    answer = lose(REGION, compute(), compute(region=AWAY), store, copy)
    assert answer.fate is Fate.FAILS_OVER


@pytest.mark.parametrize(
    ("scope", "facts", "hole", "fate"),
    [
        (REGION, [compute(region=AWAY)], gap(ComputeGroup), Fate.UNKNOWN),
        (REGION, [compute(region=AWAY)], gap(ComputeGroup, region=""), Fate.UNKNOWN),
        (REGION, [compute(region=AWAY)], gap(ComputeGroup, region="eu-west-1"), Fate.UNAFFECTED),
        (REGION, [compute(region=AWAY)], gap(Rehearsal), Fate.UNAFFECTED),
        (REGION, [compute(region=AWAY)], gap(ComputeGroup, provider="gcp"), Fate.UNAFFECTED),
        (REGION, [compute()], gap(ComputeGroup, region=AWAY), Fate.UNKNOWN),
        (REGION, [compute()], gap(ComputeGroup), Fate.DOWN),
        (REGION, [compute(), datastore(replica_regions=())], gap(ComputeGroup, region=AWAY), Fate.DOWN),
        (REGION, [], gap(ComputeGroup), Fate.UNKNOWN),
        (ZONE, [compute(**ALONE)], gap(ComputeGroup), Fate.UNKNOWN),
        ("aws/us-east-1/rds", [datastore()], gap(Datastore, action="dynamodb:ListTables"), Fate.UNKNOWN),
        (
            "aws/us-east-1/dynamodb",
            [compute(), datastore()],
            gap(Datastore, action="rds:DescribeDBInstances"),
            Fate.UNAFFECTED,
        ),
    ],
)
def test_what_could_not_be_read_is_unknown_with_the_reason(
    scope: str, facts: list[Fact], hole: Gap, fate: Fate
) -> None:
    answer = lose(scope, *facts, gaps=(hole,))
    assert answer.fate is fate, answer.because
    if fate is Fate.UNKNOWN:
        assert "AccessDenied" in " ".join(answer.because)


@pytest.mark.parametrize(
    ("drills", "down_for", "proved", "says"),
    [
        ([], HOURS, None, "never tested"),
        ([rehearsal()], timedelta(minutes=15), days_ago(30), "took 15 min"),
        ([rehearsal(measured_rto=timedelta(days=2))], HOURS, days_ago(30), "took 48 h"),
        ([rehearsal(measured_rto=None)], HOURS, days_ago(30), "duration not measured"),
        ([rehearsal(at=days_ago(91))], HOURS, days_ago(91), "2026-08-24, more than 90 days ago"),
        ([rehearsal(scope="aws/us-west-2")], HOURS, None, "never tested"),
        ([rehearsal(scope="")], timedelta(minutes=15), days_ago(30), "test of checkout: 2026-10-24"),
        ([rehearsal(kind=RehearsalKind.ZONE_SHIFT)], HOURS, None, "never tested"),
        ([rehearsal(kind=RehearsalKind.RESTORE)], HOURS, None, "never tested"),
        ([rehearsal(kind=RehearsalKind.FAULT_INJECTION)], timedelta(minutes=15), days_ago(30), "test of checkout: 2026-10-24"),
        ([rehearsal(result=RehearsalResult.INCONCLUSIVE)], HOURS, None, "never tested"),
        ([rehearsal(), rehearsal("last", at=days_ago(3), result=RehearsalResult.FAILED)], HOURS, None, "failed"),
        ([rehearsal(**WORD | {"attested_by": "payments"})], HOURS, None, "never tested"),
        ([rehearsal(**WORD)], timedelta(minutes=15), days_ago(30), "test of checkout: 2026-10-24"),
        ([rehearsal(**WORD, expires_at=days_ago(1))], HOURS, None, "never tested"),
        ([rehearsal(), rehearsal("word", **WORD, at=days_ago(2), measured_rto=None)], timedelta(minutes=15), days_ago(30), "15"),
        ([rehearsal(attested_by="audit")], HOURS, None, "never tested"),
        ([rehearsal(at=None)], HOURS, None, "never tested"),
    ],
)  # fmt: skip
def test_only_a_tested_failover_shortens_downtime(
    drills: list[Rehearsal], down_for: timedelta, proved: object, says: str
) -> None:
    answer = lose(REGION, *BOTH, *drills)
    assert (answer.fate, answer.down_for, answer.proved_at) == (Fate.FAILS_OVER, down_for, proved)
    assert says in answer.because[-1]
    assert answer.cost == pytest.approx(42_000 * (down_for / timedelta(hours=1)))


def test_the_period_is_a_year_below_tier_1() -> None:
    answer = lose(REGION, *BOTH, rehearsal(at=days_ago(91)), tier=2)
    assert answer.down_for == timedelta(minutes=15)


def test_a_proof_outranks_what_could_not_be_read() -> None:
    answer = lose(REGION, *BOTH, rehearsal(), gaps=(gap(ComputeGroup),))
    assert answer.fate is Fate.FAILS_OVER
    assert lose(REGION, *BOTH, gaps=(gap(ComputeGroup),)).fate is Fate.UNKNOWN


def test_a_zonal_shift_proves_the_loss_of_a_zone() -> None:
    shift = rehearsal(kind=RehearsalKind.ZONE_SHIFT, scope="aws/us-east-1/use1-az2", measured_rto=timedelta(minutes=4))
    answer = lose(ZONE, datastore(zones=ZONES[:1], zone_redundant=False), shift)
    assert (answer.fate, answer.rto) == (Fate.FAILS_OVER, timedelta(minutes=4))
