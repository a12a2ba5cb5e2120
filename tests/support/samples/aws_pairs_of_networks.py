"""Two of everything that connects networks, and of the managed applications: endpoints, firewalls, VPNs, lines, workflows."""

import json
from collections.abc import Mapping
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import ACCOUNT, NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import Row, both, named, of

_GA = f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator"


def endpoint(name: str) -> Row:
    own = {
        "VpcEndpointId": f"vpce-{name}",
        "VpcEndpointType": "Interface",
        "VpcId": f"vpc-{name}",
        "State": "available",
    }
    target = f"com.amazonaws.us-east-1.kms-{name}"
    return {
        **own,
        "ServiceName": target,
        "SubnetIds": [f"subnet-{name}"],
        "PrivateDnsEnabled": True,
        "Tags": named(name),
    }


def firewall(name: str) -> Row:
    own = {"FirewallArn": arn("network-firewall", f"firewall/{name}"), "FirewallName": name, "FirewallId": name}
    network = {"VpcId": f"vpc-{name}", "SubnetMappings": [{"SubnetId": f"subnet-{name}"}], "FirewallPolicyArn": "p"}
    status = {"Status": "READY", "ConfigurationSyncStateSummary": "IN_SYNC"}
    return {"Firewall": {**own, **network, "DeleteProtection": True, "Tags": named(name)}, "FirewallStatus": status}


def resolver(name: str) -> Row:
    own = {"Id": f"rslvr-in-{name}", "Arn": arn("route53resolver", f"resolver-endpoint/rslvr-in-{name}"), "Name": name}
    return {**own, "Direction": "INBOUND", "HostVPCId": f"vpc-{name}", "Status": "OPERATIONAL"}


def resolver_addresses(name: str) -> Row:
    return {"IpAddresses": [{"IpId": f"rni-{name}", "SubnetId": f"subnet-{name}", "Status": "ATTACHED"}]}


def attachment(name: str) -> Row:
    own = {"TransitGatewayAttachmentId": f"tgw-attach-{name}", "TransitGatewayId": f"tgw-{name}", "State": "available"}
    network = {"VpcId": f"vpc-{name}", "VpcOwnerId": ACCOUNT, "SubnetIds": [f"subnet-{name}"]}
    return {**own, **network, "Tags": named(name)}


def vpn(name: str) -> Row:
    own = {"VpnConnectionId": f"vpn-{name}", "State": "available", "Tags": named(name)}
    ends = {"CustomerGatewayId": f"cgw-{name}", "VpnGatewayId": f"vgw-{name}"}
    tunnels = [{"OutsideIpAddress": f"192.0.2.{last}", "Status": "UP"} for last in (1, 2)]
    return {**own, **ends, "VgwTelemetry": tunnels}


def line(name: str) -> Row:
    own = {"connectionId": f"dxcon-{name}", "connectionName": name, "connectionState": "available"}
    tags = [{"key": "service", "value": name}]
    return {**own, "location": f"EqDC-{name}", "awsDeviceV2": f"router-{name}", "tags": tags}


def bundled_line(name: str) -> Row:
    return {**line(name), "connectionId": f"dxcon-{name}-1", "lagId": f"dxlag-{name}"}


def lag(name: str) -> Row:
    own = {"lagId": f"dxlag-{name}", "lagName": f"lag-{name}", "lagState": "available"}
    place = {"location": f"EqDC-{name}", "awsDeviceV2": f"router-{name}"}
    return {**own, **place, "numberOfConnections": 2, "minimumLinks": 1, "tags": [{"key": "service", "value": name}]}


def virtual_interface(name: str) -> Row:
    own = {"virtualInterfaceId": f"dxvif-{name}", "virtualInterfaceState": "available"}
    return {**own, "connectionId": f"dxcon-{name}"}


def accelerator(name: str) -> Row:
    return {"AcceleratorArn": f"{_GA}/{name}", "Name": name, "Enabled": True, "Status": "DEPLOYED"}


def listener(name: str) -> Row:
    return {"Listeners": [{"ListenerArn": f"{_GA}/{name}/listener/1", "Protocol": "TCP"}]}


def endpoint_group(name: str) -> Row:
    def group(region: str) -> Row:
        target = arn("elasticloadbalancing", f"loadbalancer/app/{name}/1", region)
        end = {"EndpointId": target, "Weight": 128, "HealthState": "HEALTHY"}
        own = {"EndpointGroupArn": f"{_GA}/{name}/listener/1/endpoint-group/{region}"}
        return {**own, "EndpointGroupRegion": region, "TrafficDialPercentage": 100, "EndpointDescriptions": [end]}

    return {"EndpointGroups": [group("us-east-1"), group("us-west-2")]}


def event_endpoint(name: str) -> Row:
    failover = {
        "Primary": {"HealthCheck": f"arn:aws:route53:::healthcheck/{name}"},
        "Secondary": {"Route": "us-west-2"},
    }
    buses = [{"EventBusArn": arn("events", f"event-bus/{name}", region)} for region in ("us-east-1", "us-west-2")]
    own = {"Name": name, "Arn": arn("events", f"endpoint/{name}"), "State": "ACTIVE"}
    routing = {"RoutingConfig": {"FailoverConfig": failover}, "ReplicationConfig": {"State": "ENABLED"}}
    return {**own, **routing, "EventBuses": buses}


def runner_arn(name: str) -> str:
    return arn("apprunner", f"service/{name}/{name}1")


def runner(name: str) -> Row:
    return {"ServiceName": name, "ServiceId": f"{name}1", "ServiceArn": runner_arn(name), "Status": "RUNNING"}


def runner_described(name: str) -> Row:
    scaling = {"AutoScalingConfigurationArn": arn("apprunner", f"autoscalingconfiguration/{name}/1/1")}
    times = {"CreatedAt": NOW, "UpdatedAt": NOW}
    parts: Row = {"SourceConfiguration": {}, "InstanceConfiguration": {}, "NetworkConfiguration": {}}
    return {"Service": {**runner(name), **times, **parts, "AutoScalingConfigurationSummary": scaling}}


def state_machine(name: str) -> Row:
    own = {"stateMachineArn": arn("states", f"stateMachine:{name}"), "name": name, "type": "EXPRESS"}
    return {**own, "creationDate": NOW}


def state_machine_described(name: str) -> Row:
    states = {"Charge": {"Type": "Task", "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True}}
    definition = json.dumps({"StartAt": "Charge", "States": states})
    own = {"status": "ACTIVE", "roleArn": "r", "loggingConfiguration": {"level": "ERROR"}}
    return {**state_machine(name), **own, "definition": definition}


def user_pool(name: str) -> Row:
    return {"Id": f"us-east-1_{name}", "Name": name, "ReplicaRegions": ["us-west-2"]}


def user_pool_described(name: str) -> Mapping[str, Any]:
    return {"UserPool": {"Id": f"us-east-1_{name}", "Name": name, "DeletionProtection": "ACTIVE"}}


NETWORKS: dict[Operation, Answer] = {
    ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": both(endpoint)},
    ("network-firewall", "ListFirewalls"): {
        "Firewalls": both(
            lambda name: {"FirewallName": name, "FirewallArn": arn("network-firewall", f"firewall/{name}")}
        )
    },
    ("route53resolver", "ListResolverEndpoints"): {"ResolverEndpoints": both(resolver)},
    ("route53resolver", "ListResolverEndpointIpAddresses"): of("ResolverEndpointId", resolver_addresses),
    ("network-firewall", "DescribeFirewall"): of("FirewallArn", firewall),
    ("ec2", "DescribeTransitGatewayVpcAttachments"): {"TransitGatewayVpcAttachments": both(attachment)},
    ("ec2", "DescribeVpnConnections"): {"VpnConnections": both(vpn)},
    ("directconnect", "DescribeConnections"): {"connections": [*both(line), *both(bundled_line)]},
    ("directconnect", "DescribeLags"): {"lags": both(lag)},
    ("directconnect", "DescribeVirtualInterfaces"): {"virtualInterfaces": both(virtual_interface)},
    ("globalaccelerator", "ListAccelerators"): {"Accelerators": both(accelerator)},
    ("globalaccelerator", "ListListeners"): of("AcceleratorArn", listener),
    ("globalaccelerator", "ListEndpointGroups"): of("ListenerArn", endpoint_group),
    ("events", "ListEndpoints"): {"Endpoints": both(event_endpoint)},
    ("apprunner", "ListServices"): {"ServiceSummaryList": both(runner)},
    ("apprunner", "DescribeService"): of("ServiceArn", runner_described),
    ("apprunner", "DescribeAutoScalingConfiguration"): of(
        "AutoScalingConfigurationArn", lambda _: {"AutoScalingConfiguration": {"MinSize": 1, "MaxSize": 9}}
    ),
    ("stepfunctions", "ListStateMachines"): {"stateMachines": both(state_machine)},
    ("stepfunctions", "DescribeStateMachine"): of("stateMachineArn", state_machine_described),
    ("cognito-idp", "ListUserPools"): {"UserPools": both(user_pool)},
    ("cognito-idp", "DescribeUserPool"): of("UserPoolId", user_pool_described),
}
"""What AWS answers to each call about these, by (service, operation)."""
