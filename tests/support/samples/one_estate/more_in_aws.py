"""Traffic, messages, names, keys and alarms of the estate as AWS answers about them. Shapes: botocore's service models."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.samples.one_estate.in_aws import NETWORK, Script

_BALANCER = arn("elasticloadbalancing", "loadbalancer/net/front/1")
_GROUP = arn("elasticloadbalancing", "targetgroup/web/1")
_TOPIC = arn("sns", "ops")


def _balancer(size: int, *, sound: bool) -> Script:
    letters, on = "abc"[:size], "true" if sound else "false"
    row = {
        "LoadBalancerArn": _BALANCER,
        "LoadBalancerName": "front",
        "Type": "network",
        "Scheme": "internet-facing",
        "State": {"Code": "active"},
        "AvailabilityZones": [{"ZoneName": f"us-east-1{letter}", "SubnetId": f"sn-{letter}"} for letter in letters],
    }
    attributes = ("deletion_protection.enabled", "load_balancing.cross_zone.enabled")
    health = [
        {
            "Target": {"Id": f"10.0.{at}.4", "AvailabilityZone": f"us-east-1{letter}"},
            "TargetHealth": {"State": "healthy"},
        }
        for at, letter in enumerate(letters)
    ]
    group = {"TargetGroupArn": _GROUP, "TargetGroupName": "web", "LoadBalancerArns": [_BALANCER], "TargetType": "ip"}
    return {
        **NETWORK,
        ("elbv2", "DescribeLoadBalancers"): {"LoadBalancers": [row]},
        ("elbv2", "DescribeLoadBalancerAttributes"): {
            "Attributes": [{"Key": name, "Value": on} for name in attributes]
        },
        ("elbv2", "DescribeTargetGroups"): {"TargetGroups": [group]},
        ("elbv2", "DescribeTargetHealth"): {"TargetHealthDescriptions": health},
    }


def _queue(seconds: int, *, redrive: bool) -> Script:
    policy = {"RedrivePolicy": f'{{"deadLetterTargetArn":"{arn("sqs", "jobs-dead")}","maxReceiveCount":5}}'}
    attributes = {"QueueArn": arn("sqs", "jobs"), "MessageRetentionPeriod": str(seconds)}
    return {
        ("sqs", "ListQueues"): {"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111122223333/jobs"]},
        ("sqs", "GetQueueAttributes"): {"Attributes": attributes | (policy if redrive else {})},
    }


def _zone(*, sound: bool) -> Script:
    """A zone whose domain is registered in the account."""
    own = ["ns-1.example", "ns-2.example"]
    known = own if sound else ["ns-8.example", "ns-9.example"]
    days = 300 if sound else 10
    domain = {"DomainName": "example.com", "AutoRenew": sound, "TransferLock": sound, "Expiry": NOW + timedelta(days)}
    return {
        ("route53", "ListHostedZones"): {
            "HostedZones": [{"Id": "/hostedzone/Z1", "Name": "example.com.", "CallerReference": "r"}]
        },
        ("route53", "ListResourceRecordSets"): {"ResourceRecordSets": []},
        ("route53", "GetHostedZone"): {"DelegationSet": {"NameServers": own}},
        ("route53domains", "ListDomains"): {"Domains": [domain]},
        ("route53domains", "GetDomainDetail"): {"Nameservers": [{"Name": name} for name in known]},
    }


def _records(*rows: Mapping[str, Any]) -> Script:
    named = [{"Name": "www.example.com.", "Type": "A", **row} for row in rows]
    return {
        **_zone(sound=True),
        ("route53", "ListResourceRecordSets"): {"ResourceRecordSets": named},
        ("route53", "ListHealthChecks"): {"HealthChecks": [{"Id": "hc-1"}]},
    }


def _address(address: str) -> Mapping[str, Any]:
    return {"ResourceRecords": [{"Value": address}]}


def _key(state: str) -> Script:
    key = {
        "KeyId": "k-1",
        "Arn": arn("kms", "key/k-1"),
        "KeyManager": "CUSTOMER",
        "Enabled": state == "Enabled",
        "KeyState": state,
        "MultiRegion": False,
    }
    return {
        ("kms", "ListKeys"): {"Keys": [{"KeyId": "k-1", "KeyArn": arn("kms", "key/k-1")}]},
        ("kms", "ListAliases"): {"Aliases": [{"AliasName": "vault", "TargetKeyId": "k-1"}]},
        ("kms", "DescribeKey"): {"KeyMetadata": key},
        ("kms", "ListGrants"): {"Grants": [{"GrantId": "g"}]},
    }


def _alarm(*, sound: bool) -> Script:
    alarm = {
        "AlarmName": "errors",
        "AlarmArn": arn("cloudwatch", "alarm:errors"),
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "ActionsEnabled": sound,
        "AlarmActions": [_TOPIC] if sound else [],
    }
    subscription = {"TopicArn": _TOPIC, "SubscriptionArn": f"{_TOPIC}:1"}
    return {
        ("cloudwatch", "DescribeAlarms"): {"MetricAlarms": [alarm]},
        ("sns", "ListSubscriptions"): {"Subscriptions": [subscription]},
    }


def _secret(*regions: str) -> Script:
    copies = [{"Region": region, "Status": "InSync"} for region in regions]
    row = {"ARN": arn("secretsmanager", "secret:password"), "Name": "password", "RotationEnabled": True}
    return {
        ("secretsmanager", "ListSecrets"): {"SecretList": [row]},
        ("secretsmanager", "DescribeSecret"): {"ReplicationStatus": copies},
    }


def _certificate(days: int, *, imported: bool) -> Script:
    row = {
        "CertificateArn": arn("acm", "certificate/c-1"),
        "DomainName": "shop.example.com",
        "Status": "ISSUED",
        "Type": "IMPORTED" if imported else "AMAZON_ISSUED",
        "RenewalEligibility": "INELIGIBLE" if imported else "ELIGIBLE",
        "InUse": True,
        "NotAfter": NOW + timedelta(days),
    }
    return {("acm", "ListCertificates"): {"CertificateSummaryList": [row]}}


ESTATE: Mapping[str, tuple[str, Script]] = {
    "bare balancer": ("aws_load_balancers", _balancer(1, sound=False)),
    "sound balancer": ("aws_load_balancers", _balancer(3, sound=True)),
    "bare queue": ("aws_queues", _queue(3600, redrive=False)),
    "sound queue": ("aws_queues", _queue(345_600, redrive=True)),
    "bare domain": ("aws_dns", _zone(sound=False)),
    "sound domain": ("aws_dns", _zone(sound=True)),
    "bare record": ("aws_dns", _records({"TTL": 3600, **_address("192.0.2.1")})),
    "sound record": (
        "aws_dns",
        _records(
            {"TTL": 60, "Failover": "PRIMARY", "SetIdentifier": "1", "HealthCheckId": "hc-1", **_address("192.0.2.1")},
            {"TTL": 60, "Failover": "SECONDARY", "SetIdentifier": "2", **_address("198.51.100.1")},
        ),
    ),
    "bare key": ("aws_keys", _key("PendingDeletion")),
    "sound key": ("aws_keys", _key("Enabled")),
    "bare alarm": ("aws_alarms", _alarm(sound=False)),
    "sound alarm": ("aws_alarms", _alarm(sound=True)),
    "bare secret": ("aws_secrets", _secret()),
    "sound secret": ("aws_secrets", _secret("us-west-2")),
    "bare certificate": ("aws_certificates", _certificate(10, imported=True)),
    "sound certificate": ("aws_certificates", _certificate(200, imported=False)),
}
"""What is described -> the source that reads it, and the answers."""
