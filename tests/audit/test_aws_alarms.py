"""Alarms: which signal of what they watch, and whether anybody hears them."""

from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import FakeAws, Fault, fake_aws

from bot.audit.collectors.aws.parts.alarm_targets import AlarmTargets
from bot.audit.collectors.aws.sources import cloudwatch_alarms as aws_alarms
from checks import Alarm, SignalKind, Unread

TOPIC, DEAF = arn("sns", "oncall"), arn("sns", "nobody")
GROUP = arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/web")


def alarm(name: str, metric: str = "Errors", **told: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmArn": arn("cloudwatch", f"alarm:{name}"),
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": "pay:live"}],
    } | told


def estate(aws: FakeAws, single: list[dict[str, Any]], composite: list[dict[str, Any]] | None = None) -> None:
    def alarms(asked: dict[str, Any]) -> dict[str, Any]:
        wanted = asked["AlarmTypes"]
        return {"MetricAlarms": single} if wanted == ["MetricAlarm"] else {"CompositeAlarms": composite or []}

    rows = [
        {"TopicArn": TOPIC, "SubscriptionArn": f"{TOPIC}:1", "Protocol": "email"},
        {"TopicArn": DEAF, "SubscriptionArn": "PendingConfirmation", "Protocol": "email"},
    ]
    aws.on("cloudwatch", "DescribeAlarms", alarms)
    aws.on("sns", "ListSubscriptions", {"Subscriptions": rows})


def test_an_alarm_tells_its_signal_its_target_and_its_listener() -> None:
    with fake_aws() as aws:
        estate(aws, [alarm("errors")])
        found = named(read(aws, aws_alarms.SOURCE), Alarm)["errors"]
    assert (found.resource, found.product) == (arn("cloudwatch", "alarm:errors"), "cloudwatch")
    assert (found.signal, found.metric) == (SignalKind.ERRORS, "AWS/Lambda/Errors")
    assert found.about == (arn("lambda", "function:pay"),)
    assert (found.enabled, found.actions, found.reaches_someone) == (True, (TOPIC,), True)


LAMBDA, PLAN = arn("lambda", "function:notify"), "arn:aws:ssm-incidents::111122223333:response-plan/page"
SCALING, STRANGER = arn("autoscaling", "scalingPolicy:1"), arn("sns", "theirs", account="999988887777")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"AlarmActions": [DEAF]}, False),
        ({"AlarmActions": []}, False),
        ({"AlarmActions": [SCALING]}, False),
        ({"AlarmActions": [SCALING, TOPIC]}, True),
        ({"AlarmActions": [PLAN]}, True),
        ({"ActionsEnabled": False}, False),
        ({"AlarmActions": [LAMBDA]}, Unread("its action is a Lambda function, which may notify anyone")),
        ({"AlarmActions": [LAMBDA, TOPIC]}, True),
        ({"AlarmActions": [STRANGER]}, Unread("its SNS topic is in account 999988887777")),
    ],
)
def test_who_hears_an_alarm(told: dict[str, Any], expected: object) -> None:
    with fake_aws() as aws:
        estate(aws, [alarm("one", **told)])
        assert named(read(aws, aws_alarms.SOURCE), Alarm)["one"].reaches_someone == expected


def test_a_listing_of_subscriptions_that_is_denied_leaves_it_unread() -> None:
    with fake_aws() as aws:
        estate(aws, [alarm("one"), alarm("silent", AlarmActions=[])])
        aws.on("sns", "ListSubscriptions", Fault("AuthorizationError", 403))
        found = named(read(aws, aws_alarms.SOURCE), Alarm)
    assert found["one"].reaches_someone == Unread("access denied to sns:ListSubscriptions")
    assert found["silent"].reaches_someone is False


def test_a_composite_alarm_watches_what_its_children_watch_and_speaks_for_them() -> None:
    rule = f'ALARM("errors") AND (NOT OK({arn("cloudwatch", "alarm:slow")}))'
    top = {
        "AlarmName": "all",
        "AlarmArn": arn("cloudwatch", "alarm:all"),
        "AlarmRule": rule,
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
    }
    queue = [{"Name": "QueueName", "Value": "work"}]
    single = [
        alarm("errors", AlarmActions=[]),
        alarm("slow", "ApproximateAgeOfOldestMessage", AlarmActions=[], Namespace="AWS/SQS", Dimensions=queue),
        alarm("lone", AlarmActions=[]),
    ]
    with fake_aws() as aws:
        estate(aws, single, [top])
        found = named(read(aws, aws_alarms.SOURCE), Alarm)
    assert found["all"].signal is SignalKind.COMPOSITE
    assert found["all"].about == (arn("lambda", "function:pay"), arn("sqs", "work"))
    assert found["slow"].signal is SignalKind.LATENCY
    assert (found["errors"].reaches_someone, found["slow"].reaches_someone) == (True, True)
    assert found["lone"].reaches_someone is False


def test_composite_alarms_in_a_circle_come_to_an_end() -> None:
    pair = [
        {"AlarmName": me, "AlarmArn": arn("cloudwatch", f"alarm:{me}"), "AlarmRule": f"ALARM({it})", "AlarmActions": []}
        for me, it in (("a", "b"), ("b", "a"))
    ]
    with fake_aws() as aws:
        estate(aws, [], pair)
        found = named(read(aws, aws_alarms.SOURCE), Alarm)
    assert {an_alarm.reaches_someone for an_alarm in found.values()} == {False}


def test_an_alarm_on_an_expression_watches_every_metric_in_it() -> None:
    def stat(metric: str, table: str) -> dict[str, Any]:
        named = {
            "Namespace": "AWS/DynamoDB",
            "MetricName": metric,
            "Dimensions": [{"Name": "TableName", "Value": table}],
        }
        return {"Id": metric.lower(), "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}}

    metrics = [stat("SystemErrors", "orders"), stat("UserErrors", "carts"), {"Id": "e", "Expression": "m1+m2"}]
    row = alarm("math", Metrics=metrics)
    del row["MetricName"], row["Namespace"], row["Dimensions"]
    with fake_aws() as aws:
        estate(aws, [row])
        found = named(read(aws, aws_alarms.SOURCE), Alarm)["math"]
    assert found.about == (arn("dynamodb", "table/orders"), arn("dynamodb", "table/carts"))
    assert found.signal is SignalKind.ERRORS
    assert found.metric == "AWS/DynamoDB/SystemErrors, AWS/DynamoDB/UserErrors"


@pytest.mark.parametrize(
    ("metric", "signal"),
    [
        ("HTTPCode_Target_5XX_Count", SignalKind.ERRORS),
        ("TargetResponseTime", SignalKind.LATENCY),
        ("CPUUtilization", SignalKind.SATURATION),
        ("FreeStorageSpace", SignalKind.SATURATION),
        ("ThrottledRequests", SignalKind.SATURATION),
        ("UnHealthyHostCount", SignalKind.AVAILABILITY),
        ("StatusCheckFailed", SignalKind.AVAILABILITY),
        ("RequestCount", SignalKind.TRAFFIC),
        ("ReplicaLag", SignalKind.LATENCY),
        ("AverageUsage", SignalKind.OTHER),
    ],
)
def test_what_a_metric_tells_of(metric: str, signal: SignalKind) -> None:
    assert aws_alarms.signal_of({"MetricName": metric}) is signal


@pytest.mark.parametrize(
    ("namespace", "dimensions", "expected"),
    [
        ("AWS/RDS", {"DBInstanceIdentifier": "db-1"}, [arn("rds", "db:db-1")]),
        ("AWS/RDS", {"DBInstanceIdentifier": "aur-1"}, [arn("rds", "db:aur-1"), arn("rds", "cluster:aur")]),
        ("AWS/RDS", {"DBClusterIdentifier": "aur"}, [arn("rds", "cluster:aur")]),
        ("AWS/ApplicationELB", {"LoadBalancer": "app/a/1"}, [arn("elasticloadbalancing", "loadbalancer/app/a/1")]),
        ("AWS/ELB", {"LoadBalancerName": "old"}, [arn("elasticloadbalancing", "loadbalancer/old")]),
        ("AWS/ECS", {"ClusterName": "c", "ServiceName": "s"}, [arn("ecs", "service/c/s")]),
        ("AWS/EKS", {"ClusterName": "k"}, [arn("eks", "cluster/k")]),
        ("AWS/EC2", {"AutoScalingGroupName": "web"}, [GROUP]),
        ("AWS/EC2", {"InstanceId": "i-1"}, [arn("ec2", "instance/i-1"), GROUP]),
        (
            "AWS/ElastiCache",
            {"CacheClusterId": "rg-001", "CacheNodeId": "0001"},
            [arn("elasticache", "cluster:rg-001"), arn("elasticache", "replicationgroup:rg")],
        ),
        ("AWS/ApiGateway", {"ApiName": "shop", "Stage": "live"}, ["arn:aws:apigateway:us-east-1::/restapis/r1"]),
        ("AWS/ApiGateway", {"ApiId": "h1"}, ["arn:aws:apigateway:us-east-1::/apis/h1"]),
        ("AWS/S3", {"BucketName": "b", "StorageType": "x"}, ["arn:aws:s3:::b"]),
        ("AWS/Route53", {"HealthCheckId": "hc"}, ["arn:aws:route53:::healthcheck/hc"]),
        ("AWS/CloudFront", {"DistributionId": "E1"}, ["arn:aws:cloudfront::111122223333:distribution/E1"]),
        ("AWS/States", {"StateMachineArn": arn("states", "stateMachine:m")}, [arn("states", "stateMachine:m")]),
        ("Shop", {"Page": "checkout"}, []),
    ],
)
def test_dimensions_name_resources_as_their_own_sources_do(
    namespace: str, dimensions: dict[str, str], expected: list[str]
) -> None:
    member = {"DBInstanceIdentifier": "aur-1", "DBClusterIdentifier": "aur"}
    groups = [
        {"AutoScalingGroupName": "web", "AutoScalingGroupARN": GROUP, "Instances": [{"InstanceId": "i-1"}]},
    ]
    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", {"DBInstances": [{"DBInstanceIdentifier": "db-1"}, member]})
        aws.on("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroups": groups})
        caches = [{"ReplicationGroupId": "rg", "MemberClusters": ["rg-001"]}]
        aws.on("elasticache", "DescribeReplicationGroups", {"ReplicationGroups": caches})
        aws.on("apigateway", "GetRestApis", {"items": [{"id": "r1", "name": "shop"}]})
        aws.on("apigatewayv2", "GetApis", {"Items": [{"ApiId": "h1", "Name": "shop"}]})
        assert list(AlarmTargets(aws.reader()).resources_of(namespace, dimensions)) == expected


def test_a_listing_of_owners_that_is_denied_leaves_the_member_itself() -> None:
    with fake_aws() as aws:
        aws.on("rds", "DescribeDBInstances", Fault("AccessDenied", 403))
        assert AlarmTargets(aws.reader()).resources_of("AWS/RDS", {"DBInstanceIdentifier": "d"}) == (
            arn("rds", "db:d"),
        )
