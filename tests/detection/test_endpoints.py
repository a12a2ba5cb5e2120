"""The endpoint table, checked against AWS's SDK and the product names of collectors and canaries."""

import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from bot.detection.probes import aws_endpoints as module
from bot.detection.probes.aws_canaries import CALLS
from bot.detection.probes.aws_endpoints import endpoints_for
from checks import GLOBAL, Scope

ROOT = Path(__file__).parents[2]
# Not in the list that the SDK ships, but in AWS's own: https://docs.aws.amazon.com/general/latest/gr/bedrock.html, .../gr/fis.html.
NOT_LISTED = {"bedrock-runtime", "fis"}
# What is read but has no endpoint that tells of it: places to declare, control planes that stand in five regions at once, and
# services whose endpoints the SDK lists for no region.
WITHOUT = {"arc", "resiliencehub", "docdbelastic", "dsql", "neptunegraph", "timestreaminfluxdb"}


def known() -> dict[str, Any]:
    loader = botocore.session.get_session().get_component("data_loader")
    services: dict[str, Any] = loader.load_data("endpoints")["partitions"][0]["services"]
    return services


def test_aws_knows_every_name_in_the_table() -> None:
    labels = set(module._AWS_LABELS.values()) - NOT_LISTED  # noqa: SLF001 - the table itself is what is tested
    assert labels - set(known()) == set()


def test_every_product_of_facts_and_canaries_has_an_endpoint() -> None:
    written = "".join(
        path.read_text() for path in (ROOT / "bot" / "audit" / "collectors" / "aws" / "sources").glob("*.py")
    )
    products = {*re.findall(r'product="([a-z0-9]+)"', written), *CALLS} - WITHOUT
    assert len(products) > 30
    lost = {
        product
        for product in products
        if not any(s.part == product for s, _ in endpoints_for(Scope("aws", "eu-west-1", product)))
    }
    assert lost == set()


@pytest.mark.parametrize(
    ("scope", "hosts"),
    [
        ("aws/eu-west-1/docdb", ["aws/eu-west-1/docdb rds.eu-west-1.amazonaws.com"]),
        ("aws/cn-north-1/s3", ["aws/cn-north-1/s3 s3.cn-north-1.amazonaws.com.cn"]),
        ("aws/global/route53", ["aws/global/route53 route53.amazonaws.com"]),
        ("gcp/us-central1/pubsub", ["gcp/us-central1/pubsub us-central1-pubsub.googleapis.com"]),
        ("gcp/us-central1/spanner", ["gcp/us-central1/spanner spanner.googleapis.com"]),
        ("gcp/global/pubsub", ["gcp/global/pubsub pubsub.googleapis.com"]),
        ("azure/westeurope/monitor", ["azure/westeurope/monitor westeurope.monitoring.azure.com"]),
        ("azure/global/entra", ["azure/global/entra login.microsoftonline.com"]),
        ("azure/westeurope/storage", []),
        ("unheard-of", []),
    ],
)
def test_where_things_answer(scope: str, hosts: list[str]) -> None:
    assert [f"{about} {host}" for about, host in endpoints_for(Scope.parse(scope))] == hosts


def test_a_region_without_a_product_is_probed_by_several() -> None:
    for place in ("aws/eu-west-1", "gcp/us-central1", "azure/westeurope"):
        found = list(endpoints_for(Scope.parse(place)))
        assert len(found) > 2
        assert {scope.region for scope, _ in found} <= {Scope.parse(place).region, GLOBAL}
