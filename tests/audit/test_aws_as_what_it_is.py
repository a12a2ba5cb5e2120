"""Parts and kinds of resources that the usual reading of an answer takes for something else."""

from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.builders.facts import service
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

Script = dict[Operation, Answer]
BOTH = ("ReadCapacityUnits", "WriteCapacityUnits")


ALL_METHODS = {"AllowedMethods": {"Items": ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"]}}


def front(*writes: str, **paths: str) -> Script:
    """A distribution; `paths`: the origin or group of each, `default` that of all others; `writes`: those that accept POST."""
    group = {"Id": "pair", "Members": {"Quantity": 2, "Items": [{"OriginId": "a"}, {"OriginId": "b"}]}}
    behaviours = {path: {"TargetOriginId": to, **(ALL_METHODS if path in writes else {})} for path, to in paths.items()}
    default = behaviours.pop("default")
    rules = [{"PathPattern": f"/{path}/*", **behaviour} for path, behaviour in behaviours.items()]
    row = {"ARN": arn("cloudfront", "distribution/c"), "DomainName": "c", "Enabled": True}
    told = {"DefaultCacheBehavior": default, "OriginGroups": {"Items": [group]}}
    listing = {"Items": [{**row, **told, "CacheBehaviors": {"Items": rules}}]}
    return {("cloudfront", "ListDistributions"): {"DistributionList": listing}}


def table(*scaled: str, indexes: tuple[str, ...] = ("by-day",)) -> Script:
    """A provisioned table. `scaled`: the table `c` and its indexes that autoscaling grows."""
    named = {"c": "table/c", **{name: f"table/c/index/{name}" for name in indexes}}
    targets = [
        {"ResourceId": named[name], "ScalableDimension": f"dynamodb:{'table' if name == 'c' else 'index'}:{unit}"}
        for name in scaled
        for unit in BOTH
    ]
    described = {"TableName": "c", "GlobalSecondaryIndexes": [{"IndexName": name} for name in indexes]}
    return {
        ("dynamodb", "ListTables"): {"TableNames": ["c"]},
        ("dynamodb", "DescribeTable"): {"Table": described},
        ("application-autoscaling", "DescribeScalableTargets"): {"ScalableTargets": targets},
    }


def network(*gateways: dict[str, Any], to: tuple[str, ...]) -> Script:
    """A VPC `c` with a private subnet in each of two zones, whose default routes lead `to` these gateways."""
    subnets = [
        {
            "VpcId": "c",
            "SubnetId": f"s-{zone}",
            "AvailabilityZone": f"us-east-1{zone}",
            "AvailabilityZoneId": f"az-{zone}",
        }
        for zone in "ab"
    ]
    tables = [
        {
            "VpcId": "c",
            "Associations": [{"SubnetId": f"s-{zone}"}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": gateway, "State": "active"}],
        }
        for zone, gateway in zip("ab", to, strict=True)
    ]
    rows = [{"VpcId": "c", "State": "available", **gateway} for gateway in gateways]
    return {
        ("ec2", "DescribeVpcs"): {"Vpcs": [{"VpcId": "c"}]},
        ("ec2", "DescribeSubnets"): {"Subnets": subnets},
        ("ec2", "DescribeNatGateways"): {"NatGateways": rows},
        ("ec2", "DescribeRouteTables"): {"RouteTables": tables},
    }


REGIONAL = {"NatGatewayId": "nat-r", "AvailabilityMode": "regional"}
ZONAL = {"NatGatewayId": "nat-a", "SubnetId": "s-a"}


def machine(*tags: str) -> Script:
    row = {"InstanceId": "i-1", "State": {"Name": "running"}, "Placement": {"AvailabilityZone": "us-east-1a"}}
    told = {**row, "Tags": [{"Key": tag, "Value": "x"} for tag in tags]}
    return {("ec2", "DescribeInstances"): {"Reservations": [{"Instances": [told]}]}}


def cluster(**told: Any) -> Script:
    row = {"name": "c", "arn": arn("eks", "cluster/c"), "status": "ACTIVE", **told}
    return {("eks", "ListClusters"): {"clusters": ["c"]}, ("eks", "DescribeCluster"): {"cluster": row}}


ELSEWHERE = {"connectorConfig": {"provider": "GKE"}}


def bucket(*to: str, access: Answer | None = None) -> Script:
    """A bucket `c` that is replicated to others: `away` is in another region, `foreign` in another account."""
    rules = [{"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{name}"}} for name in to]
    rows = [("c", "us-east-1"), ("away", "us-west-2")]
    own = {"ReplicationConfiguration": {"Role": "r", "Rules": rules}}
    return {
        ("s3", "ListBuckets"): {"Buckets": [{"Name": name, "BucketRegion": region} for name, region in rows]},
        ("s3", "GetBucketVersioning"): {"Status": "Enabled"},
        ("s3", "GetBucketReplication"): lambda params: own if params["Bucket"] == "c" else {},
        ("s3control", "ListMultiRegionAccessPoints"): access or {},
    }


def staging() -> Script:
    """A distribution that gets the test traffic of a continuous deployment."""
    rows = [{"Id": "E1", "ARN": "arn:aws:cloudfront::1:distribution/E1", "DomainName": "c", "Staging": True}]
    return {("cloudfront", "ListDistributions"): {"DistributionList": {"Items": rows}}}


def denied(_: Any) -> Any:
    return Fault("AccessDenied", 403, "no")


def each(source: str, check: str, *rows: tuple[str, Outcome, Script], on: str = "c") -> list[State]:
    return [State(title, check, outcome, answers, (source,), on) for title, outcome, answers in rows]


STATES = [
    *each(
        "aws_distributions",
        "FO08",
        ("every path to the group", PASS, front(default="pair", api="pair")),
        ("one path to an origin", FAIL, front(default="pair", api="a")),
        ("only other paths to the group", FAIL, front(default="a", api="pair")),
        ("no other path", PASS, front(default="pair")),
        ("the other path accepts POST", PASS, front("api", default="pair", api="a")),
        ("all of it accepts POST", NOT_APPLICABLE, front("default", default="a")),
        ("the rest accepts POST", FAIL, front("default", default="a", images="a")),
        ("reads alone to one origin", FAIL, front(default="a")),
    ),
    State(
        "staging distribution",
        "FO08",
        NOT_APPLICABLE,
        staging(),
        ("aws_distributions",),
        says="has no CDN distribution",
    ),
    *each(
        "aws_tables",
        "CA01",
        ("table and index grow", PASS, table("c", "by-day")),
        ("index is fixed", FAIL, table("c")),
        ("one of two indexes is fixed", FAIL, table("c", "by-day", indexes=("by-day", "by-name"))),
        ("only the index grows", FAIL, table("by-day")),
        ("no index", PASS, table("c", indexes=())),
    ),
    *each(
        "aws_networks",
        "ZN07",
        ("regional gateway", PASS, network(REGIONAL, to=("nat-r", "nat-r"))),
        ("regional gateway by its missing subnet", PASS, network({"NatGatewayId": "nat-r"}, to=("nat-r", "nat-r"))),
        ("both kinds", PASS, network(REGIONAL, ZONAL, to=("nat-a", "nat-r"))),
        ("zonal gateway of another zone", FAIL, network(REGIONAL, ZONAL, to=("nat-a", "nat-a"))),
        ("no gateway", NOT_APPLICABLE, network(to=("", ""))),
    ),
    *each(
        "aws_machines",
        "ZN02",
        ("alone", FAIL, machine("Name")),
        ("of Karpenter", NOT_APPLICABLE, machine("karpenter.sh/nodepool")),
        ("of an old Karpenter", NOT_APPLICABLE, machine("karpenter.sh/provisioner-name")),
        ("of a Spot Fleet", NOT_APPLICABLE, machine("aws:ec2spot:fleet-request-id")),
        ("of a node group", NOT_APPLICABLE, machine("eks:nodegroup-name")),
        ("of a group", NOT_APPLICABLE, machine("aws:autoscaling:groupName")),
        on="",
    ),
    *each("aws_clusters", "ZN01", ("registered", NOT_APPLICABLE, cluster(**ELSEWHERE)), on=""),
    *each("aws_clusters", "RG01", ("registered", NOT_APPLICABLE, cluster(**ELSEWHERE)), on=""),
    *each(
        "aws_buckets",
        "RG03",
        ("one copy in another account", PASS, bucket("foreign", "away")),
        ("all copies in another account", UNKNOWN, bucket("foreign")),
        ("copy, and access points denied", PASS, bucket("away", access=denied)),
        ("no copy, and access points denied", UNKNOWN, bucket(access=denied)),
    ),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_verdicts(state: State) -> None:
    state.hold(service())
