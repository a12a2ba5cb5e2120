"""States of AWS compute, networks and DNS, with the facts that they become. Shapes: hashicorp/aws provider 5."""

from datetime import timedelta
from typing import Any

from checks import ComputeGroup, Distribution, DnsRecord, Fact, Gateway, HealthCheck, LoadBalancer, Network

Case = tuple[str, type[Fact], tuple[tuple[str, Any], ...], dict[str, Any]]
"""What it is, the kind of fact, the resources of a state, and fields of the fact."""

HERE = "us-east-1:123456789012"
SUBNETS = tuple(
    (f"aws_subnet.{zone}", {"id": f"subnet-{zone}", "vpc_id": "vpc-1", "availability_zone": f"us-east-1{zone}"})
    for zone in "ab"
)
SERVICE = {
    "id": f"arn:aws:ecs:{HERE}:service/prod/web",
    "name": "web",
    "desired_count": 2,
    "network_configuration": [{"subnets": ["subnet-a", "subnet-b"]}],
    "load_balancer": [{"target_group_arn": "arn:tg"}],
    "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
}
SCALED = {"resource_id": "service/prod/web", "service_namespace": "ecs", "min_capacity": 2, "max_capacity": 9}
ZONE = (
    "aws_route53_zone.main",
    {"arn": "arn:aws:route53:::hostedzone/Z1", "id": "Z1", "zone_id": "Z1", "name": "example.com"},
)
PROBE = {
    "arn": "arn:aws:route53:::healthcheck/h1",
    "id": "h1",
    "fqdn": "eu.example.com",
    "type": "HTTPS",
    "request_interval": 10,
}


def record(name: str, role: str) -> tuple[str, dict[str, Any]]:
    return (
        f"aws_route53_record.{name}",
        {
            "zone_id": "Z1",
            "name": "www",
            "type": "A",
            "set_identifier": name,
            "failover_routing_policy": [{"type": role}],
            "health_check_id": "h1" if role == "PRIMARY" else "",
            "alias": [{"name": f"{name}.elb.amazonaws.com", "zone_id": "ZE", "evaluate_target_health": True}],
        },
    )


BALANCER = (
    "aws_lb.eu",
    {"arn": f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/eu/1", "dns_name": "eu.elb.amazonaws.com"},
)

CASES: tuple[Case, ...] = (
    (
        "a service with its scaling",
        ComputeGroup,
        (*SUBNETS, ("aws_ecs_service.web", SERVICE), ("aws_appautoscaling_target.web", SCALED)),
        {
            "min_size": 2,
            "max_size": 9,
            "desired": 2,
            "traffic": True,
            "automatic_rollback": True,
            "zone_redundant": True,
        },
    ),
    (
        "a cluster with its node groups",
        ComputeGroup,
        (
            *SUBNETS,
            (
                "aws_eks_cluster.main",
                {"name": "main", "id": "main", "version": "1.33", "vpc_config": [{"subnet_ids": ["subnet-a"]}]},
            ),
            (
                "aws_eks_node_group.web",
                {
                    "cluster_name": "main",
                    "subnet_ids": ["subnet-a", "subnet-b"],
                    "instance_types": ["m7g.large"],
                    "scaling_config": [{"min_size": 2, "max_size": 5, "desired_size": 3}],
                },
            ),
        ),
        {
            "zone_redundant": True,
            "min_size": 2,
            "max_size": 5,
            "desired": 3,
            "machine_types": ("m7g.large",),
            "runtime": "kubernetes 1.33",
        },
    ),
    (
        "a group with a launch template",
        ComputeGroup,
        (
            ("aws_launch_template.web", {"id": "lt-1", "name": "web", "instance_type": "c7g.large"}),
            (
                "aws_autoscaling_group.web",
                {
                    "name": "web",
                    "availability_zones": ["us-east-1a"],
                    "min_size": 1,
                    "max_size": 3,
                    "launch_template": [{"id": "lt-1"}],
                    "suspended_processes": ["Launch", "AZRebalance"],
                },
            ),
        ),
        {"zone_redundant": False, "machine_types": ("c7g.large",), "suspended": ("Launch",), "traffic": False},
    ),
    (
        "a function outside a VPC with a failure destination",
        ComputeGroup,
        (
            (
                "aws_lambda_function.hook",
                {"function_name": "hook", "arn": f"arn:aws:lambda:{HERE}:function:hook", "runtime": "python3.9"},
            ),
            (
                "aws_lambda_function_event_invoke_config.hook",
                {
                    "function_name": "hook",
                    "destination_config": [{"on_failure": [{"destination": "arn:aws:sqs:::dead"}]}],
                },
            ),
        ),
        {"zone_redundant": True, "dead_letter": True, "runtime_supported": False},
    ),
    (
        "a network whose subnets share one NAT gateway",
        Network,
        (
            ("aws_vpc.main", {"id": "vpc-1"}),
            *SUBNETS,
            ("aws_nat_gateway.one", {"id": "nat-1", "subnet_id": "subnet-a"}),
            ("aws_route_table.private", {"id": "rtb-1", "vpc_id": "vpc-1", "route": [{"nat_gateway_id": "nat-1"}]}),
            *(
                (f"aws_route_table_association.{zone}", {"subnet_id": f"subnet-{zone}", "route_table_id": "rtb-1"})
                for zone in "ab"
            ),
        ),
        {
            "zones": ("us-east-1a", "us-east-1b"),
            "nat_zones": ("us-east-1a",),
            "private_subnet_zones": ("us-east-1a", "us-east-1b"),
            "borrowed_egress": (("b", "us-east-1b", "us-east-1a"),),
        },
    ),
    (
        "a failover record with its health check",
        DnsRecord,
        (ZONE, ("aws_route53_health_check.eu", PROBE), BALANCER, record("eu", "PRIMARY"), record("us", "SECONDARY")),
        {
            "name": "www.example.com",
            "policy": "failover",
            "role": "primary",
            "siblings": 2,
            "ttl": None,
            "health_check": PROBE["arn"],
            "health_check_exists": True,
            "target_regions": ("us-east-1",),
        },
    ),
    (
        "a health check",
        HealthCheck,
        (("aws_route53_health_check.eu", PROBE), record("eu", "PRIMARY")),
        {"target": "https://eu.example.com", "detects_in": timedelta(seconds=30), "about": ("aws_route53_record.eu",)},
    ),
    (
        "a distribution with an origin group",
        Distribution,
        (
            (
                "aws_cloudfront_distribution.cdn",
                {
                    "enabled": True,
                    "aliases": ["cdn.example.com"],
                    "origin": [{"domain_name": "a"}, {"domain_name": "b"}],
                    "origin_group": [{"origin_id": "both", "member": [{"origin_id": "a"}, {"origin_id": "b"}]}],
                    "default_cache_behavior": [{"target_origin_id": "both", "allowed_methods": ["GET", "HEAD"]}],
                    "ordered_cache_behavior": [
                        {"path_pattern": "/api/*", "target_origin_id": "a", "allowed_methods": ["GET", "HEAD"]}
                    ],
                },
            ),
        ),
        {
            "name": "cdn.example.com",
            "origin_failover": True,
            "paths_without_failover": ("/api/*",),
            "takes_writes": False,
            "region": "global",
        },
    ),
    (
        "an edge API",
        Gateway,
        (("aws_api_gateway_rest_api.front", {"name": "front", "arn": "arn:aws:apigateway:us-east-1::/restapis/a"}),),
        {"kind": "edge"},
    ),
    (
        "a classic load balancer",
        LoadBalancer,
        (*SUBNETS, ("aws_elb.old", {"name": "old", "subnets": ["subnet-a", "subnet-b"], "instances": []})),
        {"zones": ("us-east-1a", "us-east-1b"), "cross_zone": True, "kind": "classic"},
    ),
)
