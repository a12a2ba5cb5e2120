"""Zones, the records that steer traffic, what probes them and what switches them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read, read_with_gaps
from support.fakes.aws import FakeAws, Fault, fake_aws

from bot.audit.collectors.aws.parts.dns_targets import regions_in_names
from bot.audit.collectors.aws.sources import arc_routing_control as aws_routing_controls
from bot.audit.collectors.aws.sources import route53 as aws_dns
from bot.audit.collectors.aws.sources import route53_health_checks as aws_health_checks
from checks import GLOBAL, DnsRecord, DnsZone, HealthCheck, TrafficShift, Unread

END = datetime(2027, 5, 1, tzinfo=UTC)
SERVERS = ["ns-2.awsdns.org", "ns-1.awsdns.com"]


def zone(key: str, name: str, *, private: bool = False) -> dict[str, Any]:
    config = {"PrivateZone": private}
    return {
        "Id": f"/hostedzone/{key}",
        "Name": name,
        "CallerReference": key,
        "Config": config,
        "ResourceRecordSetCount": 4,
    }


def record(name: str, type: str = "A", *values: str, **told: Any) -> dict[str, Any]:
    if "AliasTarget" not in told:
        told = {"TTL": 60, "ResourceRecords": [{"Value": value} for value in values]} | told
    return {"Name": name, "Type": type} | told


def alias(target: str) -> dict[str, Any]:
    return {"AliasTarget": {"HostedZoneId": "Z9", "DNSName": target, "EvaluateTargetHealth": True}}


def estate(aws: FakeAws, records: dict[str, list[dict[str, Any]]], *zones: dict[str, Any]) -> None:
    aws.on("route53", "ListHostedZones", {"HostedZones": list(zones), "IsTruncated": False, "MaxItems": "100"})

    def listed(asked: dict[str, Any]) -> Any:
        rows = records[asked["Id"]]
        return (
            {"ResourceRecordSets": rows, "IsTruncated": False, "MaxItems": "300"}
            if rows
            else Fault("AccessDenied", 403)
        )

    aws.on("route53", "ListResourceRecordSets", listed)
    check = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com", "Port": 443, "ResourcePath": "/up"}
    check |= {"RequestInterval": 10, "FailureThreshold": 3}
    checks(aws, {"hc-1": {"HealthCheckConfig": check}})


def checks(aws: FakeAws, rows: dict[str, dict[str, Any]]) -> None:
    told = [{"Id": key, "CallerReference": key, "HealthCheckVersion": 1} | row for key, row in rows.items()]
    aws.on("route53", "ListHealthChecks", {"HealthChecks": told, "IsTruncated": False, "MaxItems": "100"})


FAILOVER = [
    record("example.com.", "NS", *SERVERS),
    record("example.com.", "SOA", "x"),
    record("_acme.example.com.", "CNAME", "y"),
    record("api.example.com.", "A", "192.0.2.1", Failover="PRIMARY", SetIdentifier="one", HealthCheckId="hc-1"),
    record("api.example.com.", "A", "192.0.2.2", Failover="SECONDARY", SetIdentifier="two", HealthCheckId="gone"),
    record("\\052.example.com.", "CNAME", "Shop.Example.NET."),
]


def test_records_that_steer_traffic_tell_how() -> None:
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER}, zone("Z1", "example.com."))
        found = {reading.resource: reading for reading in read(aws, aws_dns.SOURCE) if isinstance(reading, DnsRecord)}
    root = "arn:aws:route53:::hostedzone/Z1"
    assert set(found) == {
        f"{root}/api.example.com/A/one",
        f"{root}/api.example.com/A/two",
        f"{root}/*.example.com/CNAME",
    }
    first, second = found[f"{root}/api.example.com/A/one"], found[f"{root}/api.example.com/A/two"]
    assert (first.region, first.product, first.zone, first.type) == (GLOBAL, "route53", "example.com", "A")
    assert (first.policy, first.role, first.ttl, first.targets, first.siblings) == (
        "failover",
        "primary",
        60,
        ("192.0.2.1",),
        2,
    )
    assert (first.health_check, first.health_check_exists, first.evaluates_target_health) == ("hc-1", True, None)
    assert (second.role, second.health_check_exists) == ("secondary", False)
    plain = found[f"{root}/*.example.com/CNAME"]
    assert (plain.name, plain.policy, plain.targets, plain.siblings) == (
        "*.example.com",
        "simple",
        ("shop.example.net",),
        1,
    )
    assert (plain.health_check, plain.health_check_exists) == ("", None)


def test_an_alias_leads_to_the_balancer_behind_its_name() -> None:
    name = "dualstack.lb-1.us-east-1.elb.amazonaws.com"
    front = "d1.cloudfront.net"
    records = [
        record("a.example.com.", **alias(f"{name}.")),
        record("b.example.com.", **alias(f"{front}.")),
        record("c.example.com.", "A", "192.0.2.9", Region="eu-west-1", SetIdentifier="eu"),
    ]
    balancer = arn("elasticloadbalancing", "loadbalancer/app/lb-1/1")
    with fake_aws() as aws:
        estate(aws, {"Z1": records}, zone("Z1", "example.com."))
        rows = [{"LoadBalancerArn": balancer, "DNSName": "lb-1.us-east-1.elb.amazonaws.com", "Type": "application"}]
        aws.on("elbv2", "DescribeLoadBalancers", {"LoadBalancers": rows})
        shown = [{"Id": "E1", "ARN": "arn:aws:cloudfront::1:distribution/E1", "DomainName": front}]
        aws.on("cloudfront", "ListDistributions", {"DistributionList": {"IsTruncated": False, "Items": shown}})
        found = named(read(aws, aws_dns.SOURCE, regions=("us-east-1",)), DnsRecord)
    a, b, c = (found[f"{letter}.example.com"] for letter in "abc")
    assert (a.about, a.target_regions, a.ttl, a.evaluates_target_health) == ((balancer,), ("us-east-1",), None, True)
    assert (b.about, b.target_regions) == (("arn:aws:cloudfront::1:distribution/E1",), ())
    assert (c.policy, c.target_regions, c.about) == ("latency", ("eu-west-1",), ())


def test_an_alias_of_an_alias_leads_to_the_same_place() -> None:
    records = [
        record("example.com.", **alias("www.example.com.")),
        record("www.example.com.", **alias("pool.example.com.")),
        record("pool.example.com.", "A", "192.0.2.10", Weight=1, SetIdentifier="a"),
        record("pool.example.com.", "A", "192.0.2.11", Weight=1, SetIdentifier="b"),
        record("round.example.com.", **alias("round.example.com.")),
    ]
    machine = {"InstanceId": "i-1", "PublicIpAddress": "192.0.2.10"}
    with fake_aws() as aws:
        estate(aws, {"Z1": records}, zone("Z1", "example.com."))
        aws.on("ec2", "DescribeInstances", {"Reservations": [{"Instances": [machine]}]}, region="us-west-2")
        facts = read(aws, aws_dns.SOURCE, regions=("us-east-1", "us-west-2"))
    found = {fact.resource.partition("Z1/")[2]: fact for fact in facts if isinstance(fact, DnsRecord)}
    there = arn("ec2", "instance/i-1", "us-west-2")
    assert (found["example.com/A"].about, found["example.com/A"].target_regions) == ((there,), ("us-west-2",))
    assert found["example.com/A"].targets == ("www.example.com",)
    assert (found["pool.example.com/A/a"].policy, found["pool.example.com/A/a"].about) == ("weighted", (there,))
    assert (found["pool.example.com/A/b"].about, found["pool.example.com/A/b"].target_regions) == ((), ())
    assert found["round.example.com/A"].about == ()


@pytest.mark.parametrize(
    ("target", "regions"),
    [
        ("lb-1.us-east-1.elb.amazonaws.com", ("us-east-1",)),
        ("nlb.elb.ap-southeast-2.amazonaws.com", ("ap-southeast-2",)),
        ("x.execute-api.us-gov-west-1.amazonaws.com", ("us-gov-west-1",)),
        ("site.s3-website-eu-west-1.amazonaws.com", ("eu-west-1",)),
        (arn("ec2", "instance/eu-west-1", "us-west-2"), ("us-west-2",)),
        ("us-east-1.example.com", ()),
        ("192.0.2.1", ()),
    ],
)
def test_regions_are_told_by_names_of_aws_alone(target: str, regions: tuple[str, ...]) -> None:
    assert regions_in_names((target,)) == regions


def test_a_registered_zone_tells_its_registrar_and_its_own_servers() -> None:
    domain = {"DomainName": "example.com", "AutoRenew": True, "TransferLock": False, "Expiry": END}
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER}, zone("Z1", "example.com."))
        aws.on("route53domains", "ListDomains", {"Domains": [domain]})
        servers = [{"Name": "ns-1.awsdns.com"}, {"Name": "ns-old.example.net"}]
        aws.on("route53domains", "GetDomainDetail", {"DomainName": "example.com", "Nameservers": servers})
        told = {"HostedZone": zone("Z1", "example.com."), "DelegationSet": {"NameServers": ["ns-9.awsdns.net"]}}
        aws.on("route53", "GetHostedZone", told)
        found = named(read(aws, aws_dns.SOURCE), DnsZone)["example.com"]
    assert (found.resource, found.private, found.records) == ("arn:aws:route53:::hostedzone/Z1", False, 4)
    assert found.delegated_to == ("ns-1.awsdns.com", "ns-old.example.net")
    assert found.name_servers == ("ns-9.awsdns.net",)
    assert (found.registrar_lock, found.auto_renew, found.expires_at) == (False, True, END)


def test_a_zone_below_another_is_delegated_by_it() -> None:
    parent = [record("example.com.", "NS", *SERVERS), record("shop.example.com.", "NS", "ns-7.awsdns.net.")]
    child = [record("shop.example.com.", "NS", "ns-8.awsdns.net.")]
    hidden = zone("Z3", "inner.example.com.", private=True)
    zones = (zone("Z1", "example.com."), zone("Z2", "shop.example.com."), hidden)
    with fake_aws() as aws:
        estate(aws, {"Z1": parent, "Z2": child, "Z3": child}, *zones)
        aws.on(
            "route53", "GetHostedZone", {"HostedZone": zones[1], "DelegationSet": {"NameServers": ["ns-8.awsdns.net"]}}
        )
        found = named(read(aws, aws_dns.SOURCE), DnsZone)
        asked = aws.asked("route53", "GetHostedZone")
    assert (found["shop.example.com"].delegated_to, found["shop.example.com"].name_servers) == (
        ("ns-7.awsdns.net",),
        ("ns-8.awsdns.net",),
    )
    assert found["example.com"].delegated_to is None
    assert found["example.com"].name_servers == tuple(sorted(SERVERS))
    assert (found["inner.example.com"].private, found["inner.example.com"].delegated_to) == (True, None)
    assert len(asked) == 1


def test_registrars_that_cannot_be_read_are_unread() -> None:
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER}, zone("Z1", "example.com."))
        aws.on("route53domains", "ListDomains", Fault("AccessDeniedException"))
        aws.on("route53", "ListHealthChecks", Fault("AccessDenied", 403))
        facts = read(aws, aws_dns.SOURCE)
    found = named(facts, DnsZone)["example.com"]
    assert found.registrar_lock == found.delegated_to == Unread("access denied to route53domains:ListDomains")
    exists = {fact.health_check_exists for fact in facts if isinstance(fact, DnsRecord) and fact.health_check}
    assert exists == {Unread("access denied to route53:ListHealthChecks")}


def test_one_zone_that_cannot_be_read_does_not_hide_the_others() -> None:
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER, "Z2": []}, zone("Z1", "example.com."), zone("Z2", "example.org."))
        facts, unread = read_with_gaps(aws, aws_dns.SOURCE)
    assert [(gap.resource, gap.error.action, gap.kinds) for gap in unread] == [
        ("arn:aws:route53:::hostedzone/Z2", "route53:ListResourceRecordSets", (DnsRecord,))
    ]
    assert {fact.name for fact in facts if isinstance(fact, DnsZone)} == {"example.com", "example.org"}
    assert {fact.zone for fact in facts if isinstance(fact, DnsRecord)} == {"example.com"}


def test_health_checks_tell_how_soon_they_notice_and_what_hangs_on_them() -> None:
    probe = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 22, "RequestInterval": 30, "FailureThreshold": 3}
    both = {"Type": "CALCULATED", "ChildHealthChecks": ["hc-1", "hc-3"], "HealthThreshold": 1, "Disabled": True}
    alarmed = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": "us-east-1", "Name": "sick"}}
    alarm = {"EvaluationPeriods": 2, "Period": 60, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
    alarm |= {"MetricName": "m", "Namespace": "n", "Statistic": "Sum"}
    rows: dict[str, dict[str, Any]] = {
        "hc-1": {"HealthCheckConfig": probe},
        "hc-2": {"HealthCheckConfig": both},
        "hc-3": {"HealthCheckConfig": alarmed, "CloudWatchAlarmConfiguration": alarm},
    }
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER}, zone("Z1", "example.com."))
        checks(aws, rows)
        facts = [reading for reading in read(aws, aws_health_checks.SOURCE) if isinstance(reading, HealthCheck)]
    found = {fact.resource.rpartition("/")[2]: fact for fact in facts}
    assert (found["hc-1"].target, found["hc-1"].detects_in) == ("tcp://192.0.2.1:22", timedelta(seconds=90))
    assert found["hc-1"].name == "tcp://192.0.2.1:22"
    assert found["hc-1"].about == ("arn:aws:route53:::hostedzone/Z1/api.example.com/A/one",)
    assert (found["hc-2"].detects_in, found["hc-2"].disabled) == (timedelta(seconds=120), True)
    assert (found["hc-3"].target, found["hc-3"].detects_in) == ("sick", timedelta(seconds=120))


def test_routing_controls_are_about_the_records_that_follow_them() -> None:
    control = "arn:aws:route53-recovery-control::111122223333:controlpanel/p/routingcontrol/r"
    panel = "arn:aws:route53-recovery-control::111122223333:controlpanel/p"
    service = "route53-recovery-control-config"
    with fake_aws() as aws:
        estate(aws, {"Z1": FAILOVER}, zone("Z1", "example.com."))
        checks(aws, {"hc-1": {"HealthCheckConfig": {"Type": "RECOVERY_CONTROL", "RoutingControlArn": control}}})
        aws.on(service, "ListClusters", {"Clusters": [{"ClusterArn": "c", "Name": "c"}]})
        panels = [
            {"ControlPanelArn": panel, "RoutingControlCount": 1},
            {"ControlPanelArn": "e", "RoutingControlCount": 0},
        ]
        aws.on(service, "ListControlPanels", {"ControlPanels": panels})
        aws.on(service, "ListRoutingControls", {"RoutingControls": [{"RoutingControlArn": control, "Name": "east"}]})
        found = named(read(aws, aws_routing_controls.SOURCE), TrafficShift)["east"]
        asked = {(call.operation, call.region) for call in aws.asked(service)}
        panels_asked = aws.asked(service, "ListRoutingControls")
    assert (found.resource, found.region, found.kind, found.automatic) == (control, GLOBAL, "routing_control", False)
    assert found.about == found.protects == ("arn:aws:route53:::hostedzone/Z1/api.example.com/A/one",)
    assert {region for _, region in asked} == {"us-west-2"}
    assert len(panels_asked) == 1


def test_without_a_cluster_there_are_no_further_calls() -> None:
    with fake_aws() as aws:
        assert read(aws, aws_routing_controls.SOURCE) == []
        assert [call.operation for call in aws.calls] == ["ListClusters"]
