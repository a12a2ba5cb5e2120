"""What bounds a recovery: limits and what is used of them, other tools' estimates, the one global STS endpoint."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.builders.moment import NOW, days_ago
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import cloudtrail as aws_endpoint_use
from bot.audit.collectors.aws.sources import resilience_hub as aws_assessments
from bot.audit.collectors.aws.sources import service_quotas as aws_quotas
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Assessment, EndpointUse, Quota, Unread


def limit(service: str, code: str, name: str, value: float, **told: Any) -> dict[str, Any]:
    quota = {"ServiceCode": service, "QuotaCode": code, "QuotaName": name, "Value": value, "Unit": "None"}
    return quota | {"QuotaArn": arn("servicequotas", f"{service}/{code}"), "Adjustable": True} | told


VCPU = limit(
    "ec2",
    "L-1216C47A",
    "machines",
    256.0,
    UsageMetric={"MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricDimensions": {"Class": "x"}},
)
BALANCERS = limit("elasticloadbalancing", "L-53DA6B97", "balancers", 50.0, Adjustable=False)
CONCURRENCY = limit("lambda", "L-B99A9384", "concurrency", 1000.0, Unit="Count")
DATABASES = limit("rds", "L-7B6409FD", "databases", 40.0)


def listed(asked: dict[str, Any]) -> dict[str, Any]:
    known = {"ec2": [VCPU], "elasticloadbalancing": [BALANCERS], "lambda": [CONCURRENCY]}
    return {"Quotas": known.get(asked["ServiceCode"], [])}


def default(asked: dict[str, Any]) -> Any:
    return {"Quota": DATABASES} if asked["ServiceCode"] == "rds" else Fault("NoSuchResourceException")


def test_limits_are_told_with_what_is_used_of_them() -> None:
    balancers = [{"LoadBalancerArn": "1", "Type": "application"}, {"LoadBalancerArn": "2", "Type": "network"}]
    values = [{"Id": "q0", "Values": [12.0, 96.0, 40.0]}, {"Id": "q1", "Values": []}]
    with fake_aws() as aws:
        aws.on("service-quotas", "ListServiceQuotas", listed)
        aws.on("service-quotas", "GetAWSDefaultServiceQuota", default)
        aws.on("cloudwatch", "GetMetricData", {"MetricDataResults": values})
        aws.on("elbv2", "DescribeLoadBalancers", {"LoadBalancers": balancers})
        aws.on("rds", "DescribeDBInstances", Fault("AccessDenied", 403))
        found = named(read(aws, aws_quotas.SOURCE), Quota)
        queries = [call.params["MetricDataQueries"] for call in aws.asked("cloudwatch")]
    assert set(found) == {"machines", "balancers", "concurrency", "databases"}
    assert (found["machines"].resource, found["machines"].product) == (VCPU["QuotaArn"], "ec2")
    assert (found["machines"].limit, found["machines"].used, found["machines"].adjustable) == (256.0, 96.0, True)
    assert (found["balancers"].used, found["balancers"].adjustable, found["balancers"].unit) == (1.0, False, "")
    assert (found["concurrency"].used, found["concurrency"].unit) == (0.0, "Count")
    assert found["databases"].used == Unread("access denied to rds:DescribeDBInstances")
    assert [len(query) for query in queries] == [2]
    assert queries[0][0]["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "Class", "Value": "x"}]


def test_usage_that_is_denied_is_unread() -> None:
    with fake_aws() as aws:
        aws.on("service-quotas", "ListServiceQuotas", listed)
        aws.on("service-quotas", "GetAWSDefaultServiceQuota", default)
        aws.on("cloudwatch", "GetMetricData", Fault("AccessDenied", 403))
        found = named(read(aws, aws_quotas.SOURCE), Quota)
    assert found["machines"].used == Unread("access denied to cloudwatch:GetMetricData")


def test_where_quotas_are_denied_one_call_is_enough() -> None:
    with fake_aws() as aws:
        aws.on("service-quotas", "ListServiceQuotas", Fault("AccessDeniedException"))
        with pytest.raises(ReadError, match="access denied to servicequotas:ListServiceQuotas"):
            read(aws, aws_quotas.SOURCE)
        assert len(aws.calls) == 1


APP = arn("resiliencehub", "app/1")


def app(name: str = "shop", **told: Any) -> dict[str, Any]:
    return {"appArn": APP, "name": name, "creationTime": days_ago(99), "complianceStatus": "PolicyBreached"} | told


def test_an_assessment_tells_its_score_and_its_slowest_recovery() -> None:
    compliance = {
        "AZ": {"complianceStatus": "PolicyMet", "currentRtoInSecs": 600},
        "Region": {"complianceStatus": "PolicyBreached", "currentRtoInSecs": 7200},
    }
    rated = app(resiliencyScore=71.5, lastAppComplianceEvaluationTime=days_ago(4))
    pages = [
        {"appSummaries": [rated], "nextToken": "more"},
        {"appSummaries": [app("new", complianceStatus="NotAssessed")]},
    ]
    told = {"assessmentArn": "a", "assessmentStatus": "Success", "invoker": "User", "compliance": compliance}
    with fake_aws() as aws:
        aws.on("resiliencehub", "ListApps", pages)
        aws.on(
            "resiliencehub",
            "ListAppAssessments",
            {"assessmentSummaries": [{"assessmentArn": "a", "assessmentStatus": "Success"}]},
        )
        aws.on("resiliencehub", "DescribeAppAssessment", {"assessment": told})
        found = named(read(aws, aws_assessments.SOURCE), Assessment)
        described = aws.asked("resiliencehub", "DescribeAppAssessment")
    shop, new = found["shop"], found["new"]
    assert (shop.resource, shop.tool, shop.score) == (APP, "AWS Resilience Hub", 71.5)
    assert (shop.assessed_at, shop.compliant, shop.rto_estimate) == (days_ago(4), False, timedelta(hours=2))
    assert (new.assessed_at, new.compliant, new.rto_estimate) == (None, None, None)
    assert len(described) == 1


def test_an_assessment_that_is_denied_leaves_its_estimate_unread() -> None:
    with fake_aws() as aws:
        aws.on("resiliencehub", "ListApps", {"appSummaries": [app(lastAppComplianceEvaluationTime=days_ago(4))]})
        aws.on("resiliencehub", "ListAppAssessments", Fault("AccessDeniedException", 403))
        found = named(read(aws, aws_assessments.SOURCE), Assessment)["shop"]
    assert found.rto_estimate == Unread("access denied to resiliencehub:ListAppAssessments")


ROLE = "arn:aws:iam::111122223333:role/app"


def event(session: str = "pay", **told: Any) -> dict[str, Any]:
    arn_of_session = f"arn:aws:sts::111122223333:assumed-role/app/{session}"
    issuer = {"sessionIssuer": {"arn": ROLE}}
    trail = {
        "userIdentity": {"type": "AssumedRole", "arn": arn_of_session, "sessionContext": issuer},
        "awsRegion": "us-east-1",
        "tlsDetails": {"clientProvidedHostHeader": "sts.amazonaws.com"},
        "additionalEventData": {"endpointType": "global", "awsServingRegion": "eu-west-1"},
    }
    return {"EventId": "1", "EventTime": NOW, "CloudTrailEvent": json.dumps(trail | told)}


def uses(*pages: dict[str, Any]) -> tuple[list[EndpointUse], int]:
    with fake_aws() as aws:
        aws.on("cloudtrail", "LookupEvents", list(pages))
        facts = [reading for reading in read(aws, aws_endpoint_use.SOURCE) if isinstance(reading, EndpointUse)]
        assert {call.region for call in aws.calls} == {"us-east-1"}
        return facts, len(aws.calls)


def test_a_role_that_calls_the_global_endpoint_is_told_once_with_all_that_uses_it() -> None:
    (found,), _ = uses({"Events": [event(), event(), event("i-0123456789abcdef0"), event("ann@example.com")]})
    assert (found.region, found.name, found.principal) == (GLOBAL, "app", ROLE)
    assert (found.endpoint, found.endpoint_region, found.calls) == ("sts.amazonaws.com", "us-east-1", 4)
    assert found.about == (
        arn("ec2", "instance/i-0123456789abcdef0", "eu-west-1"),
        arn("lambda", "function:pay", "eu-west-1"),
    )
    assert found.window == timedelta(days=1)


def test_regional_endpoints_and_aws_itself_are_left_out() -> None:
    regional: dict[str, Any] = {
        "tlsDetails": {"clientProvidedHostHeader": "sts.eu-west-1.amazonaws.com"},
        "additionalEventData": None,
    }
    service: dict[str, Any] = {"userIdentity": {"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}}
    found, _ = uses({"Events": [event(**regional), event(**service)]})
    assert found == []


def test_look_ups_are_bounded() -> None:
    endless = [{"Events": [event()], "NextToken": str(page)} for page in range(aws_endpoint_use.PAGES + 3)]
    (found,), calls = uses(*endless)
    assert found.calls == calls == aws_endpoint_use.PAGES


def test_a_denied_look_up_names_the_permission() -> None:
    with fake_aws() as aws:
        aws.on("cloudtrail", "LookupEvents", Fault("AccessDeniedException"))
        with pytest.raises(ReadError, match="access denied to cloudtrail:LookupEvents"):
            read(aws, aws_endpoint_use.SOURCE)


def test_a_region_without_the_service_is_not_asked() -> None:
    with fake_aws() as aws:
        assert read(aws, aws_assessments.SOURCE, "il-central-1") == []
        assert aws.calls == []
