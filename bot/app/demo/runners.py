"""AWS responses about compute: ECS services, functions, instances, load balancers and distributions."""

from bot.app.demo.region import ACCOUNT, Region


def ecs_service(at: Region, service: str, name: str, *, zones: int, tasks: int, circuit_breaker: bool = True) -> str:
    """An ECS service on Fargate behind a load balancer, in the subnets of the first `zones`."""
    cluster = at.arn("ecs", "cluster/acme")
    arn = at.arn("ecs", f"service/acme/{name}")
    tags = at.tagged(arn, service)
    if cluster not in at.rows["ecs", "ListClusters", "clusterArns"]:
        at.listed("ecs", "ListClusters", "clusterArns", cluster)
        cluster_row = {"clusterArn": cluster, "clusterName": "acme", "status": "ACTIVE"}
        at.listed("ecs", "DescribeClusters", "clusters", cluster_row)
    at.listed("ecs", "ListServices", "serviceArns", arn)
    row = {
        "serviceArn": arn,
        "serviceName": name,
        "clusterArn": cluster,
        "status": "ACTIVE",
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "desiredCount": tasks,
        "runningCount": tasks,
        "taskDefinition": at.arn("ecs", f"task-definition/{name}:7"),
        "loadBalancers": [{"targetGroupArn": _group_arn(at, name), "containerName": "web", "containerPort": 8080}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": at.subnets(zones)}},
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": circuit_breaker, "rollback": circuit_breaker},
            "minimumHealthyPercent": 100,
            "maximumPercent": 200,
        },
        "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in tags],
    }
    at.listed("ecs", "DescribeServices", "services", row)
    at.listed(
        "application-autoscaling",
        "DescribeScalableTargets",
        "ScalableTargets",
        {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/acme/{name}",
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": tasks,
            "MaxCapacity": tasks * 3,
        },
    )
    return arn


def load_balancer(at: Region, service: str, name: str, *, zones: int, targets: int, protected: bool = True) -> str:
    """An application load balancer in the first `zones`, with its targets spread over them."""
    arn = at.arn("elasticloadbalancing", f"loadbalancer/app/{name}/50dc6c495c0c9188")
    at.tagged(arn, service)
    row = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "DNSName": f"{name}.{at.name}.elb.amazonaws.com",
        "Scheme": "internet-facing",
        "Type": "application",
        "State": {"Code": "active"},
        "AvailabilityZones": [
            {"ZoneName": at.zone(index), "SubnetId": subnet} for index, subnet in enumerate(at.subnets(zones))
        ],
    }
    at.listed("elbv2", "DescribeLoadBalancers", "LoadBalancers", row)
    attributes = {"deletion_protection.enabled": protected, "access_logs.s3.enabled": True}
    pairs = [{"Key": key, "Value": str(value).lower()} for key, value in attributes.items()]
    at.detail("elbv2", "DescribeLoadBalancerAttributes", arn, {"Attributes": pairs})
    listener = {"ListenerArn": f"{arn}/443", "LoadBalancerArn": arn, "Port": 443, "Protocol": "HTTPS"}
    at.detail("elbv2", "DescribeListeners", arn, {"Listeners": [listener]})
    group = {"TargetGroupArn": _group_arn(at, name), "TargetGroupName": name, "TargetType": "ip"}
    at.listed("elbv2", "DescribeTargetGroups", "TargetGroups", group | {"LoadBalancerArns": [arn]})
    health = [
        {
            "Target": {
                "Id": f"10.0.{index % zones}.{10 + index}",
                "Port": 8080,
                "AvailabilityZone": at.zone(index % zones),
            },
            "TargetHealth": {"State": "healthy"},
        }
        for index in range(targets)
    ]
    at.detail("elbv2", "DescribeTargetHealth", _group_arn(at, name), {"TargetHealthDescriptions": health})
    return arn


def _group_arn(at: Region, name: str) -> str:
    return at.arn("elasticloadbalancing", f"targetgroup/{name}/73e2d6bc24d8a067")


def function(at: Region, service: str, name: str, *, failed_to: str = "", zones: int = 0) -> str:
    """A Lambda function. `failed_to`: its dead-letter queue; `zones`: number of zones in a VPC, 0 for none."""
    arn = at.arn("lambda", f"function:{name}")
    at.tagged(arn, service)
    row = {
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": "python3.13",
        "MemorySize": 512,
        "Timeout": 15,
        "State": "Active",
        "VpcConfig": {"SubnetIds": at.subnets(zones), "VpcId": f"vpc-{at.name}" if zones else ""},
    }
    if failed_to:
        row["DeadLetterConfig"] = {"TargetArn": failed_to}
    at.listed("lambda", "ListFunctions", "Functions", row)
    at.detail("lambda", "GetFunctionConcurrency", name, {})
    return arn


def scaling_group(at: Region, service: str, name: str, *, zones: int, count: int) -> str:
    """An Auto Scaling group in the first `zones` with `count` instances in service."""
    arn = at.arn("autoscaling", f"autoScalingGroup:4f0f9f9e:autoScalingGroupName/{name}")
    tags = at.tagged(arn, service)
    running = [
        {
            "InstanceId": f"i-{name}{index}",
            "AvailabilityZone": at.zone(index % zones),
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            "InstanceType": "m6i.large",
            "ProtectedFromScaleIn": False,
        }
        for index in range(count)
    ]
    row = {
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": arn,
        "MinSize": count,
        "MaxSize": count,
        "DesiredCapacity": count,
        "AvailabilityZones": [at.zone(index) for index in range(zones)],
        "VPCZoneIdentifier": ",".join(at.subnets(zones)),
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 60,
        "Instances": running,
        "Tags": tags,
    }
    at.listed("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", row)
    return arn


def instance(at: Region, service: str, name: str) -> str:
    """A standalone EC2 instance with one volume without snapshots."""
    identity = f"i-{name}"
    arn = at.arn("ec2", f"instance/{identity}")
    tags = at.tagged(arn, service, Name=name)
    instance = {
        "InstanceId": identity,
        "InstanceType": "m5.xlarge",
        "State": {"Code": 16, "Name": "running"},
        "Placement": {"AvailabilityZone": at.zone(0)},
        "Monitoring": {"State": "disabled"},
        "SubnetId": at.subnet("private", 0),
        "Tags": tags,
    }
    at.listed("ec2", "DescribeInstances", "Reservations", {"ReservationId": f"r-{name}", "Instances": [instance]})
    attached = {"InstanceId": identity, "Device": "/dev/sda1", "State": "attached", "VolumeId": f"vol-{name}"}
    disk = {
        "VolumeId": f"vol-{name}",
        "AvailabilityZone": at.zone(0),
        "Size": 200,
        "State": "in-use",
        "Attachments": [attached],
        "Tags": tags,
    }
    at.listed("ec2", "DescribeVolumes", "Volumes", disk)
    return arn


def distribution(home: Region, service: str, name: str, *, origins: list[str]) -> str:
    """A CloudFront distribution; with two origins, an origin group fails over to the second."""
    arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{name}"
    home.tagged(arn, service)
    items = [{"Id": f"origin-{index}", "DomainName": origin} for index, origin in enumerate(origins)]
    groups: dict[str, object] = {"Quantity": 0}
    if len(origins) > 1:
        members = {"Quantity": len(origins), "Items": [{"OriginId": item["Id"]} for item in items]}
        codes = {"StatusCodes": {"Quantity": 2, "Items": [502, 503]}}
        groups = {"Quantity": 1, "Items": [{"Id": "failover", "FailoverCriteria": codes, "Members": members}]}
    row = {
        "Id": name,
        "ARN": arn,
        "DomainName": f"{name}.cloudfront.net",
        "Enabled": True,
        "Status": "Deployed",
        "Comment": "",
        "Aliases": {"Quantity": 0},
        "Origins": {"Quantity": len(items), "Items": items},
        "OriginGroups": groups,
        "DefaultCacheBehavior": {"TargetOriginId": "failover" if len(origins) > 1 else "origin-0"},
    }
    home.listed("cloudfront", "ListDistributions", "DistributionList.Items", row)
    return arn
