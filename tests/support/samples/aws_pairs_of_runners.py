"""Two of everything that runs or routes: machines, containers, clusters, functions, load balancers, networks, DNS."""

from collections.abc import Mapping
from typing import Any

from support.builders.aws_sources import arn
from support.builders.moment import NOW
from support.fakes.aws_script import Answer, Operation
from support.samples.aws_pair import NAMES, Row, both, named, of, zone

LB = "elasticloadbalancing"


def group(name: str) -> Row:
    machine = {"InstanceId": f"i-{name}-9", "AvailabilityZone": zone(name), "LifecycleState": "InService"}
    sizes = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2, "HealthCheckType": "ELB"}
    return {
        "AutoScalingGroupName": f"asg-{name}",
        "AutoScalingGroupARN": arn("autoscaling", f"autoScalingGroup:1:autoScalingGroupName/asg-{name}"),
        **sizes,
        "AvailabilityZones": [zone(name), zone(name, "b")],
        "Instances": [{**machine, "InstanceType": "m5.large"}],
        "TargetGroupARNs": [arn(LB, f"targetgroup/{name}/1")],
        "SuspendedProcesses": [{"ProcessName": "AZRebalance"}],
        "LaunchTemplate": {"LaunchTemplateName": name, "Version": "1"},
        "VPCZoneIdentifier": f"subnet-{name}",
        "Tags": named(name),
    }


def template_version(name: str) -> Row:
    needs = {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 4096}}
    return {
        "LaunchTemplateVersions": [{"LaunchTemplateName": name, "LaunchTemplateData": {"InstanceRequirements": needs}}]
    }


def machine(name: str) -> Row:
    place = {"Placement": {"AvailabilityZone": zone(name)}, "State": {"Name": "running"}, "InstanceType": "m5.large"}
    address = {"PrivateIpAddress": f"10.0.0.{len(name)}", "PublicIpAddress": f"192.0.2.{len(name)}"}
    own = {"InstanceId": f"i-{name}", "Monitoring": {"State": "enabled"}, "Tags": named(name)}
    return {"ReservationId": name, "Instances": [{**own, **place, **address}]}


def service(name: str) -> Row:
    network = {"awsvpcConfiguration": {"subnets": [f"subnet-{name}"]}}
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    return {
        "serviceArn": arn("ecs", f"service/{name}/{name}"),
        "serviceName": name,
        "clusterArn": arn("ecs", f"cluster/{name}"),
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "loadBalancers": [{"containerName": name}],
        "networkConfiguration": network,
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": breaker,
        "tags": [{"key": "service", "value": name}],
    }


def task(name: str) -> Row:
    place = {"group": f"service:{name}", "lastStatus": "RUNNING", "availabilityZone": zone(name)}
    return {"tasks": [{"taskArn": arn("ecs", f"task/{name}/1"), "clusterArn": arn("ecs", f"cluster/{name}"), **place}]}


def services(params: Mapping[str, Any]) -> Row:
    return {"services": [service(name) for name in NAMES for asked in params["services"] if name in asked]}


def kubernetes(name: str) -> Row:
    own = {"name": name, "arn": arn("eks", f"cluster/{name}"), "version": "1.33", "deletionProtection": True}
    return {"cluster": {**own, "resourcesVpcConfig": {"subnetIds": [f"subnet-{name}"]}, "tags": {"service": name}}}


def node_group(name: str) -> Row:
    sizes = {"minSize": 1, "maxSize": 3, "desiredSize": 2}
    own = {"nodegroupName": f"n-{name}", "scalingConfig": sizes, "instanceTypes": ["m5.large"]}
    return {"nodegroup": {**own, "subnets": [f"subnet-{name}"]}}


def function(name: str) -> Row:
    own = {"FunctionName": name, "FunctionArn": arn("lambda", f"function:{name}"), "Runtime": "python3.12"}
    return {**own, "VpcConfig": {"SubnetIds": [f"subnet-{name}"]}}


def destination(name: str) -> Row:
    failure = {"OnFailure": {"Destination": arn("sqs", f"{name}-failed")}}
    return {"FunctionEventInvokeConfigs": [{"FunctionArn": name, "DestinationConfig": failure}]}


def balancer(name: str) -> Row:
    return {
        "LoadBalancerArn": arn(LB, f"loadbalancer/net/{name}/1"),
        "LoadBalancerName": name,
        "DNSName": f"{name}.elb.us-east-1.amazonaws.com",
        "Type": "network",
        "Scheme": "internet-facing",
        "AvailabilityZones": [{"ZoneName": zone(name)}, {"ZoneName": zone(name, "b")}],
    }


def flags(_: str) -> Row:
    keys = ("load_balancing.cross_zone.enabled", "deletion_protection.enabled", "access_logs.s3.enabled")
    return {"Attributes": [{"Key": key, "Value": "true"} for key in keys]}


def targets(name: str) -> Row:
    own = {"TargetGroupArn": arn(LB, f"targetgroup/{name}/1"), "TargetGroupName": name}
    return {**own, "LoadBalancerArns": [arn(LB, f"loadbalancer/net/{name}/1")]}


def health(name: str) -> Row:
    target = {"Id": f"i-{name}", "AvailabilityZone": zone(name)}
    return {"TargetHealthDescriptions": [{"Target": target, "TargetHealth": {"State": "healthy"}}]}


def classic(name: str) -> Row:
    own = {"LoadBalancerName": f"old-{name}", "DNSName": f"old-{name}.us-east-1.elb.amazonaws.com"}
    more = {"AvailabilityZones": [zone(name)], "Instances": [{"InstanceId": f"i-{name}"}]}
    return {**own, **more, "Scheme": "internal", "ListenerDescriptions": [{"PolicyNames": [name]}]}


def classic_flags(_: str) -> Row:
    return {"LoadBalancerAttributes": {"CrossZoneLoadBalancing": {"Enabled": True}, "AccessLog": {"Enabled": True}}}


def in_service(name: str) -> Row:
    return {"InstanceStates": [{"InstanceId": f"i-{name}", "State": "InService"}]}


def vpc(name: str) -> Row:
    return {"VpcId": f"vpc-{name}", "IsDefault": False, "Tags": named(name)}


def subnet(name: str) -> Row:
    place = {"AvailabilityZone": zone(name), "AvailabilityZoneId": f"{zone(name)}-id"}
    addresses = {"CidrBlock": "10.0.0.0/24", "AvailableIpAddressCount": 200}
    return {"SubnetId": f"subnet-{name}", "VpcId": f"vpc-{name}", **addresses, **place}


def nat(name: str) -> Row:
    own = {"NatGatewayId": f"nat-{name}", "VpcId": f"vpc-{name}"}
    return {**own, "SubnetId": f"subnet-{name}", "State": "available"}


def routes(name: str) -> Row:
    way = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": f"nat-{name}", "State": "active"}
    links = [{"Main": True, "RouteTableId": f"r-{name}"}]
    return {"VpcId": f"vpc-{name}", "RouteTableId": f"r-{name}", "Routes": [way], "Associations": links}


def zone_of_names(name: str) -> Row:
    return {"Id": f"/hostedzone/Z{name}", "Name": f"{name}.example.", "CallerReference": name, "Config": {}}


def records(name: str) -> Row:
    told = {"Name": f"www.{name}.example.", "Type": "A", "SetIdentifier": "one", "Weight": 1, "HealthCheckId": name}
    target = {"HostedZoneId": "Z", "DNSName": f"{name}.elb.us-east-1.amazonaws.com.", "EvaluateTargetHealth": True}
    plain = {"Name": f"api.{name}.example.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "a.example"}]}
    servers = {"Name": f"{name}.example.", "Type": "NS", "TTL": 9, "ResourceRecords": [{"Value": f"ns.{name}.org"}]}
    return {"ResourceRecordSets": [servers, plain, {**told, "AliasTarget": target}]}


def health_check(name: str) -> Row:
    probe = {"Type": "HTTPS", "FullyQualifiedDomainName": f"{name}.example", "Port": 443, "ResourcePath": "/up"}
    pace = {"RequestInterval": 10, "FailureThreshold": 3, "Disabled": False}
    return {"Id": name, "CallerReference": name, "HealthCheckVersion": 1, "HealthCheckConfig": {**probe, **pace}}


def registered(name: str) -> Row:
    return {"DomainName": f"{name}.example", "AutoRenew": True, "TransferLock": True, "Expiry": NOW}


def distribution(name: str) -> Row:
    origins = [{"Id": f"{name}-{part}", "DomainName": f"{part}.{name}.example"} for part in ("one", "two")]
    members = {"Quantity": 2, "Items": [{"OriginId": origin["Id"]} for origin in origins]}
    origin_group = {"Id": f"og-{name}", "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [500]}}}
    return {
        "Id": f"E{name}",
        "ARN": arn("cloudfront", f"distribution/E{name}", region=""),
        "DomainName": f"{name}.cloudfront.net",
        "Aliases": {"Quantity": 1, "Items": [f"cdn.{name}.example"]},
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {"Quantity": 1, "Items": [{**origin_group, "Members": members}]},
        "DefaultCacheBehavior": {"TargetOriginId": f"og-{name}", "ViewerProtocolPolicy": "https-only"},
        "Enabled": True,
    }


def rest_api(name: str) -> Row:
    kind = {"endpointConfiguration": {"types": ["REGIONAL"]}, "tags": {"service": name}}
    return {"id": f"r{name}", "name": name, **kind}


def http_api(name: str) -> Row:
    return {"ApiId": f"h{name}", "Name": name, "Tags": {"service": name}, "ProtocolType": "HTTP"}


RUNNERS: dict[Operation, Answer] = {
    ("ec2", "DescribeAvailabilityZones"): {
        "AvailabilityZones": [
            {"ZoneName": zone(name, at), "ZoneId": f"{zone(name, at)}-id"} for name in NAMES for at in "ab"
        ]
    },
    ("autoscaling", "DescribeAutoScalingGroups"): {"AutoScalingGroups": both(group)},
    ("ec2", "DescribeLaunchTemplateVersions"): of("LaunchTemplateName", template_version),
    ("ec2", "DescribeInstances"): {"Reservations": both(machine)},
    ("ecs", "ListClusters"): {"clusterArns": both(lambda name: arn("ecs", f"cluster/{name}"))},
    ("ecs", "ListServices"): of("cluster", lambda name: {"serviceArns": [arn("ecs", f"service/{name}/{name}")]}),
    ("ecs", "DescribeServices"): services,
    ("ecs", "ListTasks"): of("cluster", lambda name: {"taskArns": [arn("ecs", f"task/{name}/1")]}),
    ("ecs", "DescribeTasks"): of("cluster", task),
    ("eks", "ListClusters"): {"clusters": list(NAMES)},
    ("eks", "DescribeCluster"): of("name", kubernetes),
    ("eks", "ListNodegroups"): of("clusterName", lambda name: {"nodegroups": [f"n-{name}"]}),
    ("eks", "DescribeNodegroup"): of("nodegroupName", node_group),
    ("lambda", "ListFunctions"): {"Functions": both(function)},
    ("lambda", "ListFunctionEventInvokeConfigs"): of("FunctionName", destination),
    ("elbv2", "DescribeLoadBalancers"): {"LoadBalancers": both(balancer)},
    ("elbv2", "DescribeLoadBalancerAttributes"): of("LoadBalancerArn", flags),
    ("elbv2", "DescribeTargetGroups"): {"TargetGroups": both(targets)},
    ("elbv2", "DescribeTargetHealth"): of("TargetGroupArn", health),
    ("elb", "DescribeLoadBalancers"): {"LoadBalancerDescriptions": both(classic)},
    ("elb", "DescribeLoadBalancerAttributes"): of("LoadBalancerName", classic_flags),
    ("elb", "DescribeInstanceHealth"): of("LoadBalancerName", in_service),
    ("ec2", "DescribeVpcs"): {"Vpcs": both(vpc)},
    ("ec2", "DescribeSubnets"): {"Subnets": both(subnet)},
    ("ec2", "DescribeNatGateways"): {"NatGateways": both(nat)},
    ("ec2", "DescribeRouteTables"): {"RouteTables": both(routes)},
    ("route53", "ListHostedZones"): {"HostedZones": both(zone_of_names)},
    ("route53", "ListResourceRecordSets"): of("HostedZoneId", records),
    ("route53", "ListHealthChecks"): {"HealthChecks": both(health_check)},
    ("route53", "GetHostedZone"): of("Id", lambda name: {"DelegationSet": {"NameServers": [f"ns.{name}.org"]}}),
    ("route53domains", "ListDomains"): {"Domains": both(registered)},
    ("route53domains", "GetDomainDetail"): of(
        "DomainName", lambda name: {"DomainName": f"{name}.example", "Nameservers": [{"Name": f"ns.{name}.org"}]}
    ),
    ("cloudfront", "ListDistributions"): {"DistributionList": {"Items": both(distribution)}},
    ("apigateway", "GetRestApis"): {"items": both(rest_api)},
    ("apigatewayv2", "GetApis"): {"Items": both(http_api)},
}
