"""Where a resource of a plan is, and what refers to what before anything exists."""

from typing import Any

import pytest
from support.builders.plans import AWS, DATABASE, block, change, facts, plan, read, refers

from checks import Alarm, ComputeGroup, Datastore, Fact, LoadBalancer, ObjectStore, Unread

ADDRESS = "aws_db_instance.orders"


def provider(**expressions: Any) -> dict[str, Any]:
    return {"aws": {"name": "aws", "expressions": expressions}}


@pytest.mark.parametrize(
    ("values", "providers", "variables", "expected"),
    [
        ({"arn": "arn:aws:rds:eu-west-1:123456789012:db:x"}, AWS, {}, ("123456789012", "eu-west-1")),
        ({"availability_zone": "eu-central-1b"}, AWS, {}, ("", "eu-central-1")),
        ({"availability_zone": "us-west-2-lax-1a"}, AWS, {}, ("", "us-east-1")),
        ({"region": "eu-north-1"}, AWS, {}, ("", "eu-north-1")),
        ({}, AWS, {}, ("", "us-east-1")),
        ({}, provider(region=refers("var.region")), {"region": {"value": "sa-east-1"}}, ("", "sa-east-1")),
        ({}, provider(region=refers("local.region")), {}, ("", "")),
        ({}, {}, {}, ("", "")),
        (
            {},
            provider(region={"constant_value": "us-east-2"}, allowed_account_ids={"constant_value": ["123456789012"]}),
            {},
            ("123456789012", "us-east-2"),
        ),
        (
            {},
            provider(assume_role=[{"role_arn": {"constant_value": "arn:aws:iam::210987654321:role/deploy"}}]),
            {},
            ("210987654321", ""),
        ),
    ],
)
def test_account_and_region_come_from_the_resource_else_the_provider(
    values: dict[str, Any], providers: dict[str, Any], variables: dict[str, Any], expected: tuple[str, str]
) -> None:
    body = plan(
        change(ADDRESS, None, {**DATABASE, **values}), blocks=[block(ADDRESS)], providers=providers, variables=variables
    )
    [fact] = facts(body, Fact)
    assert (fact.account, fact.region) == expected


def test_an_unknown_region_is_said_and_may_be_given() -> None:
    body = plan(change(ADDRESS, None, DATABASE), providers={})
    assert any("names no region for 1 resource" in gap.reason for gap in read(body).after.gaps)
    [fact] = facts(body, Fact, region="eu-west-3")
    assert fact.region == "eu-west-3"


def test_a_module_takes_the_region_of_the_provider_that_it_is_given() -> None:
    inner = {"resources": [block("aws_db_instance.orders", provider="module.db:aws")]}
    body = plan(
        change("module.db.aws_db_instance.orders", None, DATABASE),
        module_calls={"db": {"source": "./db", "module": inner}},
        providers={**AWS, "module.db:aws": {"name": "aws", "module_address": "module.db"}},
    )
    [fact] = facts(body, Fact)
    assert fact.region == "us-east-1"


def test_tags_are_those_after_the_default_tags_of_the_provider() -> None:
    values = {name: value for name, value in DATABASE.items() if name != "tags_all"}
    providers = provider(default_tags=[{"tags": {"constant_value": {"service": "shop", "team": "a"}}}])
    body = plan(
        change(ADDRESS, None, {**values, "tags": {"team": "b"}}, unknown=["tags_all"]),
        blocks=[block(ADDRESS)],
        providers=providers,
    )
    [fact] = facts(body, Fact)
    assert fact.tags == {"service": "shop", "team": "b"}


# References between resources that do not exist yet.

LISTENER = {"default_action": [{"type": "forward"}], "port": 443}
NEW_STACK = plan(
    change("aws_subnet.a", None, {"availability_zone": "us-east-1a"}, unknown=["id", "vpc_id"]),
    change("aws_subnet.b", None, {"availability_zone": "us-east-1b"}, unknown=["id", "vpc_id"]),
    change("aws_lb.web", None, {"name": "web", "load_balancer_type": "application"}, unknown=["arn", "subnets"]),
    change("aws_lb_target_group.web", None, {"name": "web-tg"}, unknown=["arn"]),
    change(
        "aws_lb_listener.web",
        None,
        LISTENER,
        unknown={"load_balancer_arn": True, "default_action": [{"target_group_arn": True}]},
    ),
    change(
        "aws_autoscaling_group.web",
        None,
        {"name": "web-asg", "min_size": 2, "max_size": 6},
        unknown=["arn", "vpc_zone_identifier", "target_group_arns"],
    ),
    change("aws_sns_topic.alerts", None, {"name": "alerts"}, unknown=["arn"]),
    change(
        "aws_sns_topic_subscription.pager", None, {"protocol": "https"}, unknown=["topic_arn", "pending_confirmation"]
    ),
    change("aws_db_instance.orders", None, DATABASE, unknown=["arn", "kms_key_id"]),
    change(
        "aws_cloudwatch_metric_alarm.cpu",
        None,
        {"alarm_name": "cpu", "metric_name": "CPUUtilization"},
        unknown={"alarm_actions": True, "dimensions": {"DBInstanceIdentifier": True}},
    ),
    change("aws_kms_key.main", None, {"is_enabled": True, "multi_region": False}, unknown=["arn", "key_id"]),
    blocks=[
        block("aws_subnet.a"),
        block("aws_subnet.b"),
        block("aws_lb.web", {"subnets": refers("aws_subnet.a.id", "aws_subnet.b.id")}),
        block("aws_lb_target_group.web"),
        block(
            "aws_lb_listener.web",
            {
                "load_balancer_arn": refers("aws_lb.web.arn"),
                "default_action": [{"target_group_arn": refers("aws_lb_target_group.web.arn")}],
            },
        ),
        block(
            "aws_autoscaling_group.web",
            {
                "vpc_zone_identifier": refers("aws_subnet.a.id", "aws_subnet.b.id"),
                "target_group_arns": refers("aws_lb_target_group.web.arn"),
            },
        ),
        block("aws_sns_topic.alerts"),
        block("aws_sns_topic_subscription.pager", {"topic_arn": refers("aws_sns_topic.alerts.arn")}),
        block("aws_db_instance.orders", {"kms_key_id": refers("aws_kms_key.main.arn")}),
        block(
            "aws_cloudwatch_metric_alarm.cpu",
            {
                "alarm_actions": refers("aws_sns_topic.alerts.arn"),
                "dimensions": refers("aws_db_instance.orders.identifier"),
            },
        ),
        block("aws_kms_key.main"),
    ],
)


def test_a_load_balancer_finds_its_group_through_listener_and_target_group() -> None:
    [balancer], [group] = facts(NEW_STACK, LoadBalancer), facts(NEW_STACK, ComputeGroup)
    assert balancer.targets == ("aws_autoscaling_group.web",)
    assert balancer.zones == group.zones == ("us-east-1a", "us-east-1b")
    assert group.traffic is True
    assert isinstance(balancer.healthy_by_zone, Unread)


def test_an_alarm_watches_the_database_that_its_dimension_refers_to() -> None:
    [alarm] = facts(NEW_STACK, Alarm)
    assert alarm.about == ("aws_db_instance.orders",)
    assert alarm.actions == ("aws_sns_topic.alerts",)
    assert isinstance(alarm.reaches_someone, Unread)


def test_a_key_is_linked_to_what_it_encrypts() -> None:
    [store] = facts(NEW_STACK, Datastore)
    assert store.encryption_key == "aws_kms_key.main"


def test_a_reference_is_followed_through_outputs_and_variables_of_modules() -> None:
    bucket = {
        "resources": [block("aws_s3_bucket.this")],
        "outputs": {"id": {"expression": refers("aws_s3_bucket.this.id")}},
    }
    versions = {"resources": [block("aws_s3_bucket_versioning.this", {"bucket": {"references": ["var.bucket"]}})]}
    body = plan(
        change("module.store.aws_s3_bucket.this", None, {"bucket_prefix": "docs"}, unknown=["arn", "bucket", "id"]),
        change(
            "module.versions.aws_s3_bucket_versioning.this",
            None,
            {"versioning_configuration": [{"status": "Enabled"}]},
            unknown=["bucket", "id"],
        ),
        module_calls={
            "store": {"source": "./store", "module": bucket},
            "versions": {
                "source": "./versions",
                "expressions": {"bucket": {"references": ["module.store.id", "module.store"]}},
                "module": versions,
            },
        },
    )
    [found] = facts(body, ObjectStore)
    assert found.versioning is True


def test_instances_of_for_each_join_those_of_the_same_key() -> None:
    body = plan(
        *(
            change(f'aws_s3_bucket.this["{key}"]', None, {"bucket_prefix": key}, unknown=["arn", "bucket", "id"])
            for key in ("a", "b")
        ),
        change(
            'aws_s3_bucket_versioning.this["a"]',
            None,
            {"versioning_configuration": [{"status": "Enabled"}]},
            unknown=["bucket"],
        ),
        blocks=[
            block("aws_s3_bucket.this"),
            block("aws_s3_bucket_versioning.this", {"bucket": {"references": ["aws_s3_bucket.this", "each.key"]}}),
        ],
    )
    assert {fact.resource: fact.versioning for fact in facts(body, ObjectStore)} == {
        'aws_s3_bucket.this["a"]': True,
        'aws_s3_bucket.this["b"]': False,
    }


def test_a_link_that_nothing_tells_is_a_doubt_and_no_absence() -> None:
    body = plan(
        change("aws_s3_bucket.docs", None, {"bucket_prefix": "docs"}, unknown=["arn", "bucket", "id"]),
        change(
            "aws_s3_bucket_versioning.docs",
            None,
            {"versioning_configuration": [{"status": "Enabled"}]},
            unknown=["bucket"],
        ),
        blocks=[
            block("aws_s3_bucket.docs"),
            block("aws_s3_bucket_versioning.docs", {"bucket": {"references": ["local.bucket"]}}),
        ],
    )
    [found] = facts(body, ObjectStore)
    assert isinstance(found.versioning, Unread)
    assert "aws_s3_bucket_versioning.docs" in found.versioning.reason
