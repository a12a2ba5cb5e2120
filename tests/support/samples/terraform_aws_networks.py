"""States of AWS endpoints, firewalls, lines and accelerators, with the facts that they become.

Shapes: documentation of the hashicorp/aws provider, version 6.
"""

from support.samples.terraform_aws_services import Case
from support.samples.terraform_aws_traffic import HERE, SUBNETS

from checks import (
    Accelerator,
    DedicatedLine,
    DnsRecord,
    Firewall,
    Network,
    PrivateEndpoint,
    TransitAttachment,
    Unread,
    VpnConnection,
)

VPC = ("aws_vpc.main", {"id": "vpc-1"})
MACHINES = tuple(
    (f"aws_instance.{zone}", {"id": f"i-{zone}", "subnet_id": f"subnet-{zone}", "instance_type": "m7g.large"})
    for zone in "ab"
)
ZONES = ("us-east-1a", "us-east-1b")
NO_WORKLOADS = Unread("the plan places workloads of its network in fewer than two AZs")
ONLY_LATER = Unread("a plan does not say what runs now")
FIREWALL = {
    "arn": f"arn:aws:network-firewall:{HERE}:firewall/edge",
    "name": "edge",
    "vpc_id": "vpc-1",
    "subnet_mapping": [{"subnet_id": "subnet-a"}],
    "firewall_status": [
        {
            "sync_states": [
                {"availability_zone": "us-east-1a", "attachment": [{"endpoint_id": "vpce-9", "subnet_id": "subnet-a"}]}
            ]
        }
    ],
}
FRONT = "arn:aws:globalaccelerator::123456789012:accelerator/a"

CASES: tuple[Case, ...] = (
    (
        "an interface endpoint in one of two zones with workloads",
        PrivateEndpoint,
        (
            VPC,
            *SUBNETS,
            *MACHINES,
            (
                "aws_vpc_endpoint.kms",
                {
                    "vpc_id": "vpc-1",
                    "service_name": "com.amazonaws.us-east-1.kms",
                    "vpc_endpoint_type": "Interface",
                    "subnet_ids": ["subnet-a"],
                    "private_dns_enabled": True,
                },
            ),
        ),
        {
            "name": "kms",
            "target": "com.amazonaws.us-east-1.kms",
            "zones": ("us-east-1a",),
            "workload_zones": ZONES,
            "private_dns": True,
        },
    ),
    (
        "an interface endpoint with a subnet of its own resource, in a network without workloads",
        PrivateEndpoint,
        (
            VPC,
            *SUBNETS,
            ("aws_vpc_endpoint.sts", {"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface"}),
            ("aws_vpc_endpoint_subnet_association.b", {"vpc_endpoint_id": "vpce-1", "subnet_id": "subnet-b"}),
        ),
        {"zones": ("us-east-1b",), "workload_zones": NO_WORKLOADS, "private_dns": False},
    ),
    (
        "a Resolver endpoint in one of two zones with workloads",
        PrivateEndpoint,
        (
            VPC,
            *SUBNETS,
            *MACHINES,
            (
                "aws_route53_resolver_endpoint.out",
                {
                    "name": "out",
                    "region": "us-east-1",
                    "direction": "OUTBOUND",
                    "ip_address": [{"subnet_id": "subnet-a"}] * 2,
                },
            ),
        ),
        {
            "name": "out",
            "region": "us-east-1",
            "target": "outbound DNS",
            "zones": ("us-east-1a",),
            "workload_zones": ZONES,
        },
    ),
    (
        "a firewall in one zone",
        Firewall,
        (VPC, *SUBNETS, *MACHINES, ("aws_networkfirewall_firewall.edge", FIREWALL)),
        {"zones": ("us-east-1a",), "workload_zones": ZONES, "deletion_protection": False},
    ),
    (
        "a firewall at a transit gateway",
        Firewall,
        (
            (
                "aws_networkfirewall_firewall.edge",
                {
                    "name": "edge",
                    "availability_zone_mapping": [{"availability_zone_id": f"use1-az{at}"} for at in (2, 1)],
                    "delete_protection": True,
                },
            ),
        ),
        {"zones": ("use1-az1", "use1-az2"), "workload_zones": (), "deletion_protection": True},
    ),
    (
        "a network whose subnets are routed through one firewall endpoint",
        Network,
        (
            VPC,
            *SUBNETS,
            ("aws_networkfirewall_firewall.edge", FIREWALL),
            ("aws_route_table.all", {"id": "rtb-1", "vpc_id": "vpc-1"}),
            ("aws_route.out", {"route_table_id": "rtb-1", "vpc_endpoint_id": "vpce-9"}),
            *(
                (f"aws_route_table_association.{zone}", {"subnet_id": f"subnet-{zone}", "route_table_id": "rtb-1"})
                for zone in "ab"
            ),
        ),
        {"inspection_zones": ("us-east-1a",), "borrowed_inspection": (("b", "us-east-1b", "us-east-1a"),)},
    ),
    (
        "a network behind a gateway load balancer endpoint",
        Network,
        (
            VPC,
            *SUBNETS,
            (
                "aws_vpc_endpoint.gwlb",
                {
                    "id": "vpce-2",
                    "vpc_id": "vpc-1",
                    "vpc_endpoint_type": "GatewayLoadBalancer",
                    "subnet_ids": ["subnet-b"],
                },
            ),
            ("aws_route_table.b", {"id": "rtb-1", "vpc_id": "vpc-1", "route": [{"vpc_endpoint_id": "vpce-2"}]}),
            ("aws_route_table_association.b", {"subnet_id": "subnet-b", "route_table_id": "rtb-1"}),
        ),
        {"inspection_zones": ("us-east-1b",), "borrowed_inspection": ()},
    ),
    (
        "a transit attachment that misses a zone with workloads",
        TransitAttachment,
        (
            VPC,
            *SUBNETS,
            *MACHINES,
            ("aws_ec2_transit_gateway.hub", {"id": "tgw-1"}),
            (
                "aws_ec2_transit_gateway_vpc_attachment.main",
                {"transit_gateway_id": "tgw-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-a"]},
            ),
        ),
        {"gateway": "aws_ec2_transit_gateway.hub", "zones": ("us-east-1a",), "workload_zones": ZONES},
    ),
    (
        "a VPN with one tunnel up when the state was refreshed",
        VpnConnection,
        (
            ("aws_customer_gateway.office", {"id": "cgw-1"}),
            ("aws_vpn_gateway.edge", {"id": "vgw-1"}),
            (
                "aws_vpn_connection.office",
                {
                    "customer_gateway_id": "cgw-1",
                    "vpn_gateway_id": "vgw-1",
                    "vgw_telemetry": [{"status": "UP"}, {"status": "DOWN"}],
                },
            ),
        ),
        {"device": "aws_customer_gateway.office", "gateway": "aws_vpn_gateway.edge", "tunnels": 2, "tunnels_up": 1},
    ),
    (
        "a VPN that does not exist yet",
        VpnConnection,
        (("aws_vpn_connection.office", {"customer_gateway_id": "cgw-9", "transit_gateway_id": "tgw-9"}),),
        {"device": "cgw-9", "gateway": "tgw-9", "tunnels": 2, "tunnels_up": ONLY_LATER},
    ),
    (
        "a line with a virtual interface",
        DedicatedLine,
        (
            ("aws_dx_connection.a", {"id": "dxcon-1", "name": "a", "location": "EqDC2", "aws_device": "EqDC2-1"}),
            ("aws_dx_private_virtual_interface.a", {"connection_id": "dxcon-1"}),
        ),
        {"name": "a", "device": "EqDC2-1", "location": "EqDC2", "carries_traffic": True, "links": None},
    ),
    (
        "a bundle of two lines",
        DedicatedLine,
        (
            ("aws_dx_lag.both", {"id": "dxlag-1", "name": "both", "location": "EqDC2"}),
            *((f"aws_dx_connection.{at}", {"id": f"dxcon-{at}", "name": at, "location": "EqDC2"}) for at in "ab"),
            *(
                (f"aws_dx_connection_association.{at}", {"connection_id": f"dxcon-{at}", "lag_id": "dxlag-1"})
                for at in "ab"
            ),
        ),
        {"name": "both", "links": 2, "carries_traffic": Unread("no virtual interface of it is in the plan")},
    ),
    (
        "an accelerator with two regions, one of which takes no traffic",
        Accelerator,
        (
            ("aws_globalaccelerator_accelerator.front", {"arn": FRONT, "id": FRONT, "name": "front"}),
            ("aws_globalaccelerator_listener.tls", {"id": f"{FRONT}/listener/l", "accelerator_arn": FRONT}),
            *(
                (
                    f"aws_globalaccelerator_endpoint_group.{name}",
                    {
                        "listener_arn": f"{FRONT}/listener/l",
                        "endpoint_group_region": region,
                        "traffic_dial_percentage": dial,
                        "endpoint_configuration": [
                            {"endpoint_id": f"arn:aws:elasticloadbalancing:{region}:1:lb/{name}"}
                        ],
                    },
                )
                for name, region, dial in (("east", "us-east-1", 100), ("west", "us-west-2", 0))
            ),
        ),
        {
            "name": "front",
            "region": "global",
            "regions": ("us-east-1",),
            "healthy_regions": ONLY_LATER,
            "enabled": True,
        },
    ),
    (
        "a record in a private zone",
        DnsRecord,
        (
            ("aws_route53_zone.inner", {"zone_id": "Z2", "name": "inner.example", "vpc": [{"vpc_id": "vpc-1"}]}),
            ("aws_route53_record.db", {"zone_id": "Z2", "name": "db", "type": "CNAME", "ttl": 60, "records": ["x.y"]}),
        ),
        {"name": "db.inner.example", "private_zone": True},
    ),
)
