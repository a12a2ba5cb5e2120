"""A cache that refuses writes when it is full holds what only it has: its parameter group tells, and its snapshots count."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import Fault, fake_aws
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from support.samples.aws_store_states import Script

from bot.audit.collectors.aws.sources import elasticache
from checks import Datastore


def single(group: str | None, policy: str = "", engine: str = "redis", **told: Any) -> Script:
    row = {"CacheClusterId": "c", "ARN": arn("elasticache", "cluster:c"), "Engine": engine, **told}
    row |= {"CacheParameterGroup": {"CacheParameterGroupName": group}} if group else {}
    changed = [{"ParameterName": "maxmemory-policy", "ParameterValue": policy}] if policy else []
    return {
        ("elasticache", "DescribeCacheClusters"): {"CacheClusters": [row]},
        ("elasticache", "DescribeCacheParameters"): {"Parameters": changed},
    }


def replicated(days: int) -> Script:
    own = {"ReplicationGroupId": "c", "ARN": arn("elasticache", "replicationgroup:c"), "MemberClusters": ["c-1"]}
    answers = single("sessions", "noeviction", ReplicationGroupId="c")
    return {
        **answers,
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [{**own, "SnapshotRetentionLimit": days}]},
    }


@pytest.mark.parametrize(
    "state",
    [
        State(title, "BK08", outcome, answers, ("aws_caches",), on="c")
        for title, outcome, answers in (
            ("never evicts and has no snapshots", FAIL, single("sessions", "noeviction", SnapshotRetentionLimit=0)),
            ("never evicts and has snapshots", PASS, single("sessions", "noeviction", SnapshotRetentionLimit=5)),
            ("group without snapshots", FAIL, replicated(0)),
            ("group with snapshots", PASS, replicated(7)),
            ("evicts by choice", NOT_APPLICABLE, single("sessions", "allkeys-lru")),
            ("own parameters without this one", NOT_APPLICABLE, single("sessions")),
            ("parameters of AWS", NOT_APPLICABLE, single("default.redis7")),
            ("parameters not told", UNKNOWN, single(None)),
            ("Memcached", NOT_APPLICABLE, single("mine", engine="memcached")),
        )
    ],
    ids=str,
)
def test_a_cache_is_judged_by_what_it_does_when_it_is_full(state: State) -> None:
    state.hold()


def test_one_parameter_group_is_read_once_for_all_its_caches() -> None:
    rows = [
        {"CacheClusterId": name, "Engine": "redis", "CacheParameterGroup": {"CacheParameterGroupName": "shared"}}
        for name in ("c", "d")
    ]
    with fake_aws() as aws:
        aws.on("elasticache", "DescribeCacheClusters", {"CacheClusters": rows})
        aws.on("elasticache", "DescribeCacheParameters", Fault("AccessDenied", 403))
        found = named(read(aws, elasticache.SOURCE), Datastore)
        calls = aws.asked("elasticache", "DescribeCacheParameters")
    assert [str(found[name].evicts) for name in ("c", "d")] == [str(found["c"].evicts)] * 2
    assert "access denied to elasticache:DescribeCacheParameters" in str(found["c"].evicts)
    assert len(calls) == 1
