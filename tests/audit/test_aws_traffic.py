"""Networks, load balancers, volumes, queues, topics and gateways as facts, field by field."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from support.builders.aws_sources import arn, named, read
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import api_gateway as aws_gateways
from bot.audit.collectors.aws.sources import ebs as aws_volumes
from bot.audit.collectors.aws.sources import elb as aws_load_balancers
from bot.audit.collectors.aws.sources import elb_classic as aws_classic_load_balancers
from bot.audit.collectors.aws.sources import sns as aws_topics
from bot.audit.collectors.aws.sources import sqs as aws_queues
from bot.audit.collectors.aws.sources import vpc as aws_networks
from checks import Gateway, LoadBalancer, Network, Queue, Topic, Unread, Volume

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
MACHINES = {
    "Reservations": [
        {
            "Instances": [
                {"InstanceId": "i-1", "Placement": {"AvailabilityZone": "us-east-1a"}},
                {"InstanceId": "i-2", "Placement": {"AvailabilityZone": "us-east-1b"}},
            ]
        }
    ]
}


def subnet(name: str, zone: str, vpc: str = "vpc-1") -> dict[str, Any]:
    return {"SubnetId": name, "VpcId": vpc, "AvailabilityZoneId": zone, "AvailableIpAddressCount": 5}


def route_table(gateway: dict[str, str], *subnets: str, main: bool = False, vpc: str = "vpc-1") -> dict[str, Any]:
    links: list[dict[str, Any]] = [{"SubnetId": name, "Main": False} for name in subnets]
    route = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **gateway}
    return {"VpcId": vpc, "Associations": links + ([{"Main": True}] if main else []), "Routes": [route]}


def test_a_network_whose_private_subnet_leaves_by_another_zone() -> None:
    with fake_aws() as aws:
        vpcs = [{"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "main"}]}, {"VpcId": "vpc-2", "IsDefault": True}]
        aws.on("ec2", "DescribeVpcs", {"Vpcs": vpcs})
        subnets = [subnet("s-pub", "az1"), subnet("s-a", "az1"), subnet("s-b", "az2"), subnet("s-x", "az3", "vpc-2")]
        aws.on("ec2", "DescribeSubnets", {"Subnets": subnets})
        nat = {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "s-pub", "State": "available"}
        gone = {"NatGatewayId": "nat-0", "VpcId": "vpc-1", "SubnetId": "s-b", "State": "deleted"}
        aws.on("ec2", "DescribeNatGateways", {"NatGateways": [nat, gone]})
        tables = [
            route_table({"GatewayId": "igw-1"}, "s-pub"),
            route_table({"NatGatewayId": "nat-1"}, main=True),
            route_table({"GatewayId": "igw-2"}, main=True, vpc="vpc-2"),
        ]
        aws.on("ec2", "DescribeRouteTables", {"RouteTables": tables})
        found = named(read(aws, aws_networks.SOURCE), Network)
    main, default = found["main"], found["vpc-2"]
    assert (main.resource, main.zones, main.default) == (arn("ec2", "vpc/vpc-1"), ("az1", "az2"), False)
    assert (main.nat_zones, main.private_subnet_zones) == (("az1",), ("az1", "az2"))
    assert main.borrowed_egress == (("s-b", "az2", "az1"),)
    assert (default.default, default.zones, default.borrowed_egress, default.private_subnet_zones) == (
        True,
        ("az3",),
        (),
        (),
    )


def test_the_ways_out_are_unread_when_route_tables_are_denied() -> None:
    with fake_aws() as aws:
        aws.on("ec2", "DescribeVpcs", {"Vpcs": [{"VpcId": "vpc-1"}]})
        aws.on("ec2", "DescribeRouteTables", Fault("UnauthorizedOperation", 403))
        found = named(read(aws, aws_networks.SOURCE), Network)["vpc-1"]
    assert found.borrowed_egress == Unread("access denied to ec2:DescribeRouteTables")


def balancer(name: str, kind: str) -> dict[str, Any]:
    return {
        "LoadBalancerName": name,
        "LoadBalancerArn": f"lb/{name}",
        "Type": kind,
        "Scheme": "internet-facing",
        "AvailabilityZones": [{"ZoneName": "us-east-1a"}, {"ZoneName": "us-east-1b"}],
    }


def health(name: str, state: str = "healthy", **target: str) -> dict[str, Any]:
    return {"Target": {"Id": name, **target}, "TargetHealth": {"State": state}}


def test_load_balancers_and_the_zones_of_their_healthy_targets() -> None:
    groups = [
        {"TargetGroupArn": "tg-web", "LoadBalancerArns": ["lb/web"]},
        {"TargetGroupArn": "tg-tcp", "LoadBalancerArns": ["lb/tcp"]},
    ]
    targets = {
        "tg-web": [health("i-1"), health("i-2", "unhealthy")],
        "tg-tcp": [health("10.0.0.1", AvailabilityZone="us-east-1b"), health("10.9.9.9", AvailabilityZone="all")],
    }
    protected = [
        {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "access_logs.s3.enabled", "Value": "true"},
    ]
    with fake_aws() as aws:
        aws.on("ec2", "DescribeInstances", MACHINES)
        aws.on(
            "elbv2",
            "DescribeLoadBalancers",
            {"LoadBalancers": [balancer("web", "application"), balancer("tcp", "network")]},
        )
        aws.on("elbv2", "DescribeTargetGroups", {"TargetGroups": groups})
        aws.on(
            "elbv2",
            "DescribeTargetHealth",
            lambda asked: {"TargetHealthDescriptions": targets[asked["TargetGroupArn"]]},
        )
        aws.on(
            "elbv2",
            "DescribeLoadBalancerAttributes",
            lambda asked: {"Attributes": protected if asked["LoadBalancerArn"] == "lb/web" else []},
        )
        found = named(read(aws, aws_load_balancers.SOURCE), LoadBalancer)
    web, tcp = found["web"], found["tcp"]
    assert (web.resource, web.kind, web.internet_facing) == ("lb/web", "application", True)
    assert (web.zones, web.healthy_by_zone) == (("us-east-1a", "us-east-1b"), {"us-east-1a": 1})
    assert web.targets == (arn("ec2", "instance/i-1"), arn("ec2", "instance/i-2"))
    assert (web.cross_zone, web.deletion_protection, web.access_logs) == (True, True, True)
    assert (tcp.cross_zone, tcp.deletion_protection, tcp.access_logs) == (False, False, False)
    assert (tcp.healthy_by_zone, tcp.targets) == ({"us-east-1b": 1}, ("10.0.0.1", "10.9.9.9"))


def test_what_of_a_load_balancer_is_denied_is_unread() -> None:
    with fake_aws() as aws:
        aws.on("elbv2", "DescribeLoadBalancers", {"LoadBalancers": [balancer("tcp", "network")]})
        for operation in ("DescribeTargetGroups", "DescribeLoadBalancerAttributes"):
            aws.on("elbv2", operation, Fault("AccessDenied", 403))
        found = named(read(aws, aws_load_balancers.SOURCE), LoadBalancer)["tcp"]
    groups = Unread("access denied to elasticloadbalancing:DescribeTargetGroups")
    assert found.targets == found.healthy_by_zone == groups
    settings = Unread("access denied to elasticloadbalancing:DescribeLoadBalancerAttributes")
    assert found.cross_zone == found.deletion_protection == found.access_logs == settings


def test_a_classic_load_balancer() -> None:
    row = {
        "LoadBalancerName": "old",
        "Scheme": "internal",
        "AvailabilityZones": ["us-east-1a"],
        "ListenerDescriptions": [{"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}}],
        "Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}],
    }
    states = [{"InstanceId": "i-1", "State": "InService"}, {"InstanceId": "i-2", "State": "OutOfService"}]
    with fake_aws() as aws:
        aws.on("ec2", "DescribeInstances", MACHINES)
        aws.on("elb", "DescribeLoadBalancers", {"LoadBalancerDescriptions": [row]})
        aws.on("elb", "DescribeInstanceHealth", {"InstanceStates": states})
        settings = {"CrossZoneLoadBalancing": {"Enabled": True}, "AccessLog": {"Enabled": False}}
        aws.on("elb", "DescribeLoadBalancerAttributes", {"LoadBalancerAttributes": settings})
        found = named(read(aws, aws_classic_load_balancers.SOURCE), LoadBalancer)["old"]
    assert (found.resource, found.kind) == (arn("elasticloadbalancing", "loadbalancer/old"), "classic")
    assert (found.zones, found.internet_facing, found.listeners) == (("us-east-1a",), False, 1)
    assert (found.cross_zone, found.access_logs, found.deletion_protection) == (True, False, None)
    assert found.healthy_by_zone == {"us-east-1a": 1}


def test_volumes_and_their_newest_finished_snapshot() -> None:
    def volume(name: str, **told: Any) -> dict[str, Any]:
        return {"VolumeId": name, "AvailabilityZone": "us-east-1a", "Size": 8, **told}

    snapshots = [
        {"VolumeId": "vol-1", "StartTime": OLD, "State": "completed"},
        {"VolumeId": "vol-1", "StartTime": NEW, "State": "completed"},
        {"VolumeId": "vol-2", "StartTime": NEW, "State": "pending"},
    ]
    with fake_aws() as aws:
        rows = [volume("vol-1", Attachments=[{"InstanceId": "i-1"}]), volume("vol-2")]
        aws.on("ec2", "DescribeVolumes", {"Volumes": rows})
        aws.on("ec2", "DescribeSnapshots", {"Snapshots": snapshots})
        found = named(read(aws, aws_volumes.SOURCE), Volume)
        aws.on("ec2", "DescribeSnapshots", Fault("UnauthorizedOperation", 403))
        unread = named(read(aws, aws_volumes.SOURCE), Volume)["vol-1"]
    first = found["vol-1"]
    assert (first.resource, first.zone, first.size_gib) == (arn("ec2", "volume/vol-1"), "us-east-1a", 8)
    assert first.attached_to == arn("ec2", "instance/i-1")
    assert (first.about, first.last_snapshot_at) == ((first.attached_to,), NEW)
    assert (found["vol-2"].attached_to, found["vol-2"].last_snapshot_at) == ("", None)
    assert unread.last_snapshot_at == Unread("access denied to ec2:DescribeSnapshots")


def test_queues_and_where_their_failures_go() -> None:
    grave = arn("sqs", "orders-failed")
    attributes: dict[str, Any] = {
        "orders": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": grave, "maxReceiveCount": 3})},
        "orders-failed": {},
        "hidden": Fault("AccessDenied", 403),
    }

    def told(asked: dict[str, Any]) -> Any:
        name = asked["QueueUrl"].rpartition("/")[2]
        if isinstance(attributes[name], Fault):
            return attributes[name]
        return {"Attributes": {"QueueArn": arn("sqs", name), "MessageRetentionPeriod": "345600", **attributes[name]}}

    with fake_aws() as aws:
        aws.on("sqs", "ListQueues", {"QueueUrls": [f"https://sqs/1/{name}" for name in attributes]})
        aws.on("sqs", "GetQueueAttributes", told)
        found = named(read(aws, aws_queues.SOURCE), Queue)
    orders, failed, hidden = found["orders"], found["orders-failed"], found["hidden"]
    assert (orders.dead_letter, orders.is_dead_letter, orders.retention) == (True, False, timedelta(days=4))
    assert (failed.resource, failed.dead_letter, failed.is_dead_letter) == (grave, False, True)
    assert hidden.resource == arn("sqs", "hidden")
    assert hidden.dead_letter == hidden.retention == Unread("access denied to sqs:GetQueueAttributes")


def test_topics_and_their_confirmed_subscribers() -> None:
    topics = [{"TopicArn": arn("sns", name)} for name in ("oncall", "nobody")]
    rows = [
        {"TopicArn": arn("sns", "oncall"), "SubscriptionArn": arn("sns", "oncall:1")},
        {"TopicArn": arn("sns", "nobody"), "SubscriptionArn": "PendingConfirmation"},
    ]
    with fake_aws() as aws:
        aws.on("sns", "ListTopics", {"Topics": topics})
        aws.on("sns", "ListSubscriptions", {"Subscriptions": rows})
        found = named(read(aws, aws_topics.SOURCE), Topic)
        aws.on("sns", "ListSubscriptions", Fault("AuthorizationError", 403))
        unread = named(read(aws, aws_topics.SOURCE), Topic)["oncall"]
    assert {name: topic.subscriptions for name, topic in found.items()} == {"oncall": 1, "nobody": 0}
    assert unread.subscriptions == Unread("access denied to sns:ListSubscriptions")


def test_gateways() -> None:
    with fake_aws() as aws:
        rows = [
            {"id": "a1", "name": "shop", "endpointConfiguration": {"types": ["REGIONAL"]}, "tags": {"service": "shop"}}
        ]
        aws.on("apigateway", "GetRestApis", {"items": rows})
        aws.on("apigatewayv2", "GetApis", {"Items": [{"ApiId": "h1", "Name": "http", "ProtocolType": "HTTP"}]})
        found = named(read(aws, aws_gateways.SOURCE), Gateway)
    assert (found["shop"].kind, found["shop"].tags) == ("regional", {"service": "shop"})
    assert found["shop"].resource == "arn:aws:apigateway:us-east-1::/restapis/a1"
    assert found["http"].resource == "arn:aws:apigateway:us-east-1::/apis/h1"
