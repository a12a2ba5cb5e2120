"""How verdicts name resources: by product where it is known, else by a noun that every cloud shares."""

from typing import Any

import pytest
from support.builders.facts import NOW, compute, datastore, dns_zone, gap, load_balancer, object_store, queue, seen

from checks import ComputeKind, Fact, Outcome, StoreKind, discover, evaluate

RULES = {rule.id: rule for rule in discover()}


def summary(check: str, *facts: Fact) -> str:
    """The sentence of a check on the first fact."""
    return next(iter(evaluate([seen(*facts)], now=NOW, rules=[RULES[check]]))).summary


@pytest.mark.parametrize(
    ("product", "fields", "noun"),
    [
        ("rds", {}, "RDS instance"),
        ("rds", {"engine": "aurora-postgresql"}, "Aurora cluster"),
        ("rds", {"resource": "arn:aws:rds:us-east-1:1:cluster:orders"}, "RDS cluster"),
        ("dynamodb", {"kind": StoreKind.KEY_VALUE}, "DynamoDB table"),
        ("cloudsql", {}, "Cloud SQL instance"),
        ("never-heard-of", {}, "Database"),
        ("never-heard-of", {"kind": StoreKind.KEY_VALUE}, "Table"),
        ("never-heard-of", {"kind": StoreKind.WAREHOUSE}, "Data warehouse"),
    ],
)
def test_a_datastore_is_named_by_its_product_or_its_kind(product: str, fields: dict[str, Any], noun: str) -> None:
    store = datastore(product=product, deletion_protection=False, **fields)
    expected = f"{noun} orders can be deleted by a single API call (no deletion protection)"
    assert summary("AU01", store) == expected


@pytest.mark.parametrize(
    ("product", "kind", "noun"),
    [
        ("ecs", ComputeKind.CONTAINERS, "ECS service"),
        ("eks", ComputeKind.KUBERNETES, "EKS cluster"),
        ("gke", ComputeKind.KUBERNETES, "Kubernetes cluster"),
        ("run", ComputeKind.CONTAINERS, "Container service"),
        ("compute", ComputeKind.MACHINE_GROUP, "Instance group"),
    ],
)
def test_compute_is_named_by_its_product_or_its_kind(product: str, kind: ComputeKind, noun: str) -> None:
    group = compute(product=product, kind=kind, zones=("z1",), zone_redundant=False)
    assert summary("ZN01", group).startswith(f"{noun} web can run only in z1")


def test_other_resources_are_named_by_what_they_are() -> None:
    assert summary("BK07", object_store()) == "S3 bucket receipts has versioning enabled"
    assert summary("BK07", object_store(product="gcs")) == "Bucket receipts has versioning enabled"
    assert summary("CA09", queue(product="sqs")).startswith("SQS queue ")
    assert summary("ZN04", load_balancer()).startswith("Load balancer front spans ")
    assert summary("DN03", dns_zone(product="clouddns")).startswith("DNS zone example.com ")
    assert summary("DN03") == "checkout has no DNS zone"
    assert summary("CP01") == "checkout has no recorded endpoint call"


def test_a_resource_list_that_is_incomplete_is_named_with_its_place_and_reason() -> None:
    hole = gap(type(datastore()), source="aws_rds", reason="access denied to rds:DescribeDBInstances")
    finding = next(iter(evaluate([seen(gaps=(hole,))], now=NOW, rules=[RULES["AU01"]])))
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.summary == (
        "Resource list incomplete: could not read aws_rds in aws/us-east-1, account 111122223333: "
        "access denied to rds:DescribeDBInstances"
    )
