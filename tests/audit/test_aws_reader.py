"""What every source of AWS facts stands on: all pages, each call once, and every way to fail told in words."""

import threading
from typing import Any

import pytest
from support.builders.moment import ACCOUNT, NOW
from support.fakes.aws import Cut, FakeAws, Fault, Hang, fake_aws

from bot.audit.collectors.aws.reader import Reader
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Topic, Unread


def tables(reader: Reader) -> list[Any]:
    return reader.list("dynamodb", "ListTables", "TableNames")


def test_a_listing_brings_every_page() -> None:
    def page(asked: dict[str, Any]) -> dict[str, Any]:
        after = int(asked.get("ExclusiveStartTableName", 0))
        names = [str(after + step) for step in range(1, 4)]
        return {"TableNames": names} | ({"LastEvaluatedTableName": names[-1]} if after < 6 else {})

    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", page)
        assert tables(aws.reader()) == [str(number) for number in range(1, 10)]
        assert len(aws.calls) == 3


def test_the_same_call_is_sent_once_per_region_whoever_asks() -> None:
    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", {"TableNames": ["a"]})
        reader = aws.reader("us-east-1")
        reader.each(lambda _: tables(reader), range(20))
        tables(reader.at("us-west-2"))
        reader.get("dynamodb", "DescribeTable", TableName="a")
        reader.get("dynamodb", "DescribeTable", TableName="b")
        reader.get("dynamodb", "DescribeTable", TableName="a")
        assert [(c.operation, c.region) for c in aws.calls] == [
            ("ListTables", "us-east-1"),
            ("ListTables", "us-west-2"),
            ("DescribeTable", "us-east-1"),
            ("DescribeTable", "us-east-1"),
        ]


def test_a_global_place_calls_the_home_of_global_services() -> None:
    with fake_aws() as aws:
        aws.reader(GLOBAL).list("cloudfront", "ListDistributions", "DistributionList.Items")
        assert aws.calls[0].region == "us-east-1"


def test_each_keeps_the_order_and_may_be_nested_deeper_than_there_are_threads() -> None:
    with fake_aws() as aws:
        reader = aws.reader()

        def nest(depth: int) -> int:
            return 1 if depth == 0 else sum(reader.each(lambda _: nest(depth - 1), range(3)))

        assert nest(5) == 3**5
        assert list(reader.each(lambda n: n * n, range(100))) == [n * n for n in range(100)]


def test_each_works_in_parallel() -> None:
    with fake_aws() as aws:
        barrier = threading.Barrier(4, timeout=5)
        aws.reader().each(lambda _: barrier.wait(), range(4))
        assert not barrier.broken


def test_each_lets_an_error_through() -> None:
    with fake_aws() as aws:
        aws.on("dynamodb", "DescribeTable", Fault("AccessDeniedException"))
        reader = aws.reader()
        with pytest.raises(ReadError, match="dynamodb:DescribeTable"):
            reader.each(lambda name: reader.get("dynamodb", "DescribeTable", TableName=name), ["a", "b", "c"])


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Fault("AccessDeniedException"), "access denied to dynamodb:ListTables"),
        (
            Fault("AccessDeniedException", message="with an explicit deny in a service control policy"),
            "access denied to dynamodb:ListTables (a service control policy forbids it)",
        ),
        (Fault("ExpiredTokenException"), "the AWS token has expired"),
        (
            Fault("UnrecognizedClientException"),
            "AWS does not accept the credentials in us-east-1 (UnrecognizedClientException)",
        ),
        (Fault("OptInRequired"), "the region us-east-1 is not enabled for this account"),
        (
            Fault("SubscriptionRequiredException"),
            "the account is not subscribed to the service of dynamodb:ListTables",
        ),
        (Fault("ThrottlingException"), "dynamodb:ListTables was throttled until the last retry"),
        (Fault("ValidationException"), "dynamodb:ListTables failed: ValidationException"),
        (Hang(0.3), "dynamodb:ListTables timed out"),
        (Cut(), "connection lost during dynamodb:ListTables"),
    ],
)
def test_every_failure_is_told_in_words(reply: Any, reason: str) -> None:
    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", reply)
        reader = aws.reader(timeout=0.1)
        assert reader.maybe(lambda: tables(reader)) == Unread(reason)


@pytest.mark.parametrize(
    ("service", "operation", "code", "action"),
    [
        ("ec2", "DescribeVpcs", "UnauthorizedOperation", "ec2:DescribeVpcs"),
        ("s3", "ListBuckets", "AccessDenied", "s3:ListAllMyBuckets"),
        ("elbv2", "DescribeLoadBalancers", "AccessDenied", "elasticloadbalancing:DescribeLoadBalancers"),
        ("efs", "DescribeFileSystems", "AccessDeniedException", "elasticfilesystem:DescribeFileSystems"),
        ("apigateway", "GetRestApis", "AccessDeniedException", "apigateway:GET"),
        ("sns", "ListTopics", "AuthorizationError", "sns:ListTopics"),
    ],
)
def test_a_denial_names_the_missing_permission(service: str, operation: str, code: str, action: str) -> None:
    with fake_aws() as aws:
        aws.on(service, operation, Fault(code, 403))
        with pytest.raises(ReadError, match=f"access denied to {action}"):
            aws.reader().get(service, operation)


def test_throttling_and_outages_are_tried_again() -> None:
    with fake_aws() as aws:
        answers = [Fault("ThrottlingException"), Fault("InternalServerError", 500), Cut(), {"TableNames": ["a"]}]
        aws.on("dynamodb", "ListTables", answers)
        reader = aws.reader()
        assert tables(reader) == ["a"]
        assert len(aws.calls) == 4


def test_a_denial_is_not_tried_again_and_remembered() -> None:
    with fake_aws() as aws:
        aws.on("dynamodb", "ListTables", Fault("AccessDeniedException"))
        reader = aws.reader()
        assert reader.maybe(lambda: tables(reader)) == reader.maybe(lambda: tables(reader))
        assert len(aws.calls) == 1
        assert list(reader.doubtful) == [("us-east-1", "dynamodb:ListTables")]
        assert reader.unread == []


def test_what_is_absent_is_none_and_other_refusals_are_not() -> None:
    with fake_aws() as aws:
        aws.on("s3", "GetBucketReplication", [Fault("NoSuchThing", 404), Fault("AccessDenied", 403)])
        reader = aws.reader()
        assert reader.find("s3", "GetBucketReplication", ("NoSuchThing",), Bucket="a") is None
        with pytest.raises(ReadError, match="GetReplicationConfiguration"):
            reader.find("s3", "GetBucketReplication", ("NoSuchThing",), Bucket="b")


def tagged(aws: FakeAws) -> None:
    rows = [
        {
            "ResourceARN": "arn:aws:sns:us-east-1:1:t",
            "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}],
        }
    ]
    aws.on("resourcegroupstaggingapi", "GetResources", {"ResourceTagMappingList": rows})


def test_tags_come_from_one_listing_of_the_region() -> None:
    with fake_aws() as aws:
        tagged(aws)
        reader = aws.reader(source="aws_topics")
        facts = [
            reader.fact(Topic, resource=f"arn:aws:sns:us-east-1:1:{name}", name=name, product="sns") for name in "tu"
        ]
        assert [fact.stack for fact in facts] == ["shop", ""]
        assert (facts[0].provider, facts[0].account, facts[0].region) == ("aws", ACCOUNT, "us-east-1")
        assert (facts[0].source, facts[0].observed_at) == ("aws_topics", NOW)
        assert len(aws.calls) == 1


def test_denied_tags_leave_the_facts_and_are_told() -> None:
    with fake_aws() as aws:
        aws.on("resourcegroupstaggingapi", "GetResources", Fault("AccessDeniedException"))
        reader = aws.reader()
        assert reader.tags("arn:aws:sns:us-east-1:1:t") == {}
        assert reader.tags("arn:aws:sns:us-east-1:1:t", {"service": "shop"}) == {"service": "shop"}
        assert [error.action for error in reader.untagged] == ["tag:GetResources"]


def test_zones_are_told_by_their_stable_ids_else_by_name() -> None:
    with fake_aws() as aws:
        rows = [{"ZoneName": "us-east-1a", "ZoneId": "use1-az4"}]
        aws.on("ec2", "DescribeAvailabilityZones", {"AvailabilityZones": rows})
        assert aws.reader().zone_ids(["us-east-1a", "us-east-1x", ""]) == ("us-east-1x", "use1-az4")
        aws.on("ec2", "DescribeAvailabilityZones", Fault("UnauthorizedOperation"))
        assert aws.reader().zone_id("us-east-1a") == "us-east-1a"


def test_a_slow_answer_does_not_hold_up_the_others() -> None:
    with fake_aws() as aws:
        aws.on("sns", "ListTopics", Hang(0.4))
        reader = aws.reader(timeout=0.3)
        reader.each(
            lambda name: reader.maybe(lambda: reader.get(name, "ListTopics" if name == "sns" else "ListQueues")),
            ["sns", "sqs"],
        )
        assert {call.service for call in aws.calls[:2]} == {"sns", "sqs"}, "else the slow one is tried again first"
