"""Networks, lines and accelerators of a plan in which nothing exists yet: everything is named by references."""

from support.builders.plans import block, change, facts, plan, read, refers

from checks import (
    Accelerator,
    Datastore,
    DedicatedLine,
    Firewall,
    Network,
    PrivateEndpoint,
    TransitAttachment,
    Unread,
    VpnConnection,
    Workflow,
)

ZONES = {zone: f"us-east-1{zone}" for zone in "ab"}
SUBNETS = [refers(f"aws_subnet.{zone}.id") for zone in ZONES]
BOTH = refers("aws_subnet.a.id", "aws_subnet.b.id")
NEW = plan(
    change("aws_vpc.main", None, {}, unknown=["id"]),
    *(
        change(f"aws_subnet.{zone}", None, {"availability_zone": name}, unknown=["id", "vpc_id"])
        for zone, name in ZONES.items()
    ),
    change("aws_autoscaling_group.web", None, {"name": "web"}, unknown=["arn", "vpc_zone_identifier"]),
    change(
        "aws_vpc_endpoint.kms",
        None,
        {"service_name": "com.amazonaws.us-east-1.kms", "vpc_endpoint_type": "Interface", "private_dns_enabled": True},
        unknown=["id", "arn", "vpc_id", "subnet_ids"],
    ),
    change("aws_vpc_endpoint.s3", None, {"service_name": "s3"}, unknown=["id", "vpc_id", "subnet_ids"]),
    change(
        "aws_networkfirewall_firewall.edge",
        None,
        {"name": "edge", "delete_protection": None, "subnet_mapping": [{}]},
        unknown={"arn": True, "vpc_id": True, "firewall_status": True, "subnet_mapping": [{"subnet_id": True}]},
    ),
    change("aws_route_table.b", None, {"route": [{}]}, unknown={"id": True, "route": [{"vpc_endpoint_id": True}]}),
    change("aws_route_table_association.b", None, {}, unknown=["subnet_id", "route_table_id"]),
    change("aws_ec2_transit_gateway.hub", None, {}, unknown=["id"]),
    change(
        "aws_ec2_transit_gateway_vpc_attachment.main",
        None,
        {},
        unknown=["id", "subnet_ids", "transit_gateway_id", "vpc_id"],
    ),
    change("aws_customer_gateway.office", None, {"bgp_asn": "65000"}, unknown=["id"]),
    change(
        "aws_vpn_connection.office",
        None,
        {"type": "ipsec.1", "vpn_gateway_id": None},
        unknown=["id", "customer_gateway_id", "transit_gateway_id", "vgw_telemetry"],
    ),
    change("aws_vpn_connection.elsewhere", None, {"type": "ipsec.1"}, unknown=["id", "customer_gateway_id"]),
    change("aws_dx_connection.a", None, {"name": "a", "location": "EqDC2"}, unknown=["id", "aws_device"]),
    change("aws_dx_transit_virtual_interface.a", None, {"name": "a"}, unknown=["id", "connection_id"]),
    change("aws_globalaccelerator_accelerator.front", None, {"name": "front", "enabled": True}, unknown=["id", "arn"]),
    change("aws_globalaccelerator_listener.tls", None, {}, unknown=["id", "accelerator_arn"]),
    *(
        change(
            f"aws_globalaccelerator_endpoint_group.{name}",
            None,
            {**place, "traffic_dial_percentage": 100, "endpoint_configuration": [{"weight": 128}]},
            unknown={"listener_arn": True, "endpoint_configuration": [{"endpoint_id": True}]},
        )
        for name, place in (("here", {}), ("there", {"endpoint_group_region": "us-west-2"}))
    ),
    change("aws_lambda_function.pay", None, {"function_name": "pay"}, unknown=["arn"]),
    change("aws_sfn_state_machine.pay", None, {"name": "pay", "type": "EXPRESS"}, unknown=["arn", "definition"]),
    change("aws_redshiftserverless_namespace.bi", None, {"namespace_name": "bi"}, unknown=["id", "arn"]),
    change(
        "aws_redshiftserverless_workgroup.bi",
        None,
        {"namespace_name": "bi", "workgroup_name": "bi"},
        unknown=["id", "arn", "subnet_ids"],
    ),
    blocks=[
        block("aws_vpc.main"),
        *(block(f"aws_subnet.{zone}", {"vpc_id": refers("aws_vpc.main.id")}) for zone in ZONES),
        block("aws_autoscaling_group.web", {"vpc_zone_identifier": BOTH}),
        block("aws_vpc_endpoint.kms", {"vpc_id": refers("aws_vpc.main.id"), "subnet_ids": SUBNETS[0]}),
        block("aws_vpc_endpoint.s3", {"vpc_id": refers("aws_vpc.main.id")}),
        block(
            "aws_networkfirewall_firewall.edge",
            {"vpc_id": refers("aws_vpc.main.id"), "subnet_mapping": [{"subnet_id": SUBNETS[0]}]},
        ),
        block(
            "aws_route_table.b",
            {"route": [{"vpc_endpoint_id": refers("aws_networkfirewall_firewall.edge.firewall_status")}]},
        ),
        block(
            "aws_route_table_association.b",
            {"subnet_id": SUBNETS[1], "route_table_id": refers("aws_route_table.b.id")},
        ),
        block("aws_ec2_transit_gateway.hub"),
        block(
            "aws_ec2_transit_gateway_vpc_attachment.main",
            {
                "vpc_id": refers("aws_vpc.main.id"),
                "subnet_ids": SUBNETS[0],
                "transit_gateway_id": refers("aws_ec2_transit_gateway.hub.id"),
            },
        ),
        block("aws_customer_gateway.office"),
        block(
            "aws_vpn_connection.office",
            {
                "customer_gateway_id": refers("aws_customer_gateway.office.id"),
                "transit_gateway_id": refers("aws_ec2_transit_gateway.hub.id"),
            },
        ),
        block("aws_vpn_connection.elsewhere", {"customer_gateway_id": refers("data.external.gateway.result")}),
        block("aws_dx_connection.a"),
        block("aws_dx_transit_virtual_interface.a", {"connection_id": refers("aws_dx_connection.a.id")}),
        block("aws_globalaccelerator_accelerator.front"),
        block(
            "aws_globalaccelerator_listener.tls",
            {"accelerator_arn": refers("aws_globalaccelerator_accelerator.front.arn")},
        ),
        *(
            block(
                f"aws_globalaccelerator_endpoint_group.{name}",
                {"listener_arn": refers("aws_globalaccelerator_listener.tls.arn")},
            )
            for name in ("here", "there")
        ),
        block("aws_lambda_function.pay"),
        block("aws_sfn_state_machine.pay", {"definition": refers("aws_lambda_function.pay.arn")}),
        block("aws_redshiftserverless_namespace.bi"),
        block("aws_redshiftserverless_workgroup.bi", {"subnet_ids": BOTH}),
    ],
)
LATER = Unread("a plan does not say what runs now")
BOTH_ZONES = tuple(ZONES.values())


def test_endpoints_and_firewalls_find_their_subnets_and_the_workloads_of_their_network() -> None:
    [endpoint], [firewall] = facts(NEW, PrivateEndpoint), facts(NEW, Firewall)
    assert (endpoint.zones, endpoint.workload_zones) == (("us-east-1a",), BOTH_ZONES)
    assert (firewall.zones, firewall.workload_zones, firewall.deletion_protection) == (
        ("us-east-1a",),
        BOTH_ZONES,
        False,
    )


def test_a_route_to_a_firewall_of_one_zone_is_through_that_zone() -> None:
    [network] = facts(NEW, Network)
    assert network.inspection_zones == ("us-east-1a",)
    assert network.borrowed_inspection == (("b", "us-east-1b", "us-east-1a"),)


def test_an_attachment_and_a_vpn_name_the_gateway_that_does_not_exist_yet() -> None:
    [attachment], [vpn] = facts(NEW, TransitAttachment), facts(NEW, VpnConnection)
    assert (attachment.gateway, attachment.zones) == ("aws_ec2_transit_gateway.hub", ("us-east-1a",))
    assert (vpn.device, vpn.gateway) == ("aws_customer_gateway.office", "aws_ec2_transit_gateway.hub")
    assert (vpn.tunnels, vpn.tunnels_up) == (2, LATER)


def test_a_vpn_whose_far_end_only_apply_tells_is_a_gap() -> None:
    [gap] = [gap for gap in read(NEW).after.gaps if gap.resource == "aws_vpn_connection.elsewhere"]
    assert (gap.kinds, gap.reason) == ((VpnConnection,), "customer_gateway_id is known only after apply")


def test_a_line_carries_traffic_by_its_interface_and_its_device_is_not_known() -> None:
    [line] = facts(NEW, DedicatedLine)
    assert (line.carries_traffic, line.device, line.location) == (True, "", "EqDC2")


def test_an_endpoint_group_without_a_region_is_in_that_of_its_provider() -> None:
    [front] = facts(NEW, Accelerator)
    assert (front.regions, front.healthy_regions) == (("us-east-1", "us-west-2"), LATER)


def test_a_definition_that_waits_for_apply_still_names_what_it_calls() -> None:
    [flow] = facts(NEW, Workflow)
    assert flow.tasks == Unread("definition is known only after apply")
    assert (flow.calls, flow.keeps_history, flow.logs) == (("aws_lambda_function.pay",), False, False)


def test_a_namespace_has_the_zones_of_its_workgroup() -> None:
    [store] = facts(NEW, Datastore)
    assert (store.name, store.zones, store.zone_redundant) == ("bi", BOTH_ZONES, True)
