"""AWS resources of a state: what each becomes, with the resources that describe parts of it."""

from typing import Any

import pytest
from support.builders.plans import facts, state
from support.samples import terraform_aws_applications as applications
from support.samples import terraform_aws_networks as networks
from support.samples import terraform_aws_services as services
from support.samples import terraform_aws_special_stores as special_stores
from support.samples import terraform_aws_stores as stores
from support.samples import terraform_aws_traffic as traffic
from support.samples.terraform_aws_services import TOPIC
from support.samples.terraform_aws_stores import CLUSTER
from support.samples.terraform_aws_traffic import SERVICE

from checks import Alarm, ComputeGroup, Datastore, Fact, Unread

CASES = (*stores.CASES, *services.CASES, *traffic.CASES, *networks.CASES, *applications.CASES, *special_stores.CASES)


@pytest.mark.parametrize(
    ("resources", "kind", "expected"), [(case[2], case[1], case[3]) for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_resource_becomes_a_fact(
    resources: tuple[tuple[str, Any], ...], kind: type[Fact], expected: dict[str, Any]
) -> None:
    found = facts(state(*resources), kind)
    fact = next(
        fact
        for fact in found
        if all(getattr(fact, name) == expected[name] for name in ("name", "role") if name in expected)
    )
    assert {name: getattr(fact, name) for name in expected} == expected


def test_a_subnet_outside_of_the_plan_leaves_the_zones_unknown() -> None:
    [fact] = facts(
        state(("aws_ecs_service.web", {**SERVICE, "network_configuration": [{"subnets": ["subnet-9"]}]})), ComputeGroup
    )
    assert isinstance(fact.zone_redundant, Unread)
    assert "subnet-9 is not in the plan" in fact.zone_redundant.reason


def test_a_subscription_by_mail_is_confirmed_only_after_apply() -> None:
    topic = {**TOPIC[1]}
    alarm = {"alarm_name": "a", "metric_name": "Errors", "alarm_actions": [topic["arn"]], "dimensions": {}}
    mail = {"topic_arn": topic["arn"], "protocol": "email"}
    body = state(
        ("aws_sns_topic.alerts", topic),
        ("aws_sns_topic_subscription.m", mail),
        ("aws_cloudwatch_metric_alarm.a", alarm),
    )
    [fact] = facts(body, Alarm)
    assert isinstance(fact.reaches_someone, Unread)


def test_a_member_of_a_replication_group_is_part_of_the_group() -> None:
    group = ("aws_elasticache_replication_group.g", {"replication_group_id": "g", "id": "g", "num_cache_clusters": 2})
    member = ("aws_elasticache_cluster.m", {"cluster_id": "g-3", "replication_group_id": "g", "engine": "redis"})
    assert [fact.name for fact in facts(state(group, member), Datastore)] == ["g"]


def test_secondaries_of_a_global_cluster_are_replicas() -> None:
    first = {**CLUSTER, "global_cluster_identifier": "world"}
    second = {
        "arn": "arn:aws:rds:us-west-2:123456789012:cluster:far",
        "cluster_identifier": "far",
        "id": "far",
        "engine": "aurora-postgresql",
        "global_cluster_identifier": "world",
    }
    body = state(
        ("aws_rds_global_cluster.world", {"id": "world", "global_cluster_identifier": "world"}),
        ("aws_rds_cluster.ledger", first),
        ("aws_rds_cluster.far", second),
    )
    far, ledger = facts(body, Datastore)
    assert ledger.replica_regions == ("us-west-2",)
    assert ledger.replica_of == ""
    assert far.replica_of == CLUSTER["arn"]
