"""The labels of an alert become a scope: of ours, of a cloud's region, zone or product, or of nothing."""

import pytest

from bot.detection.alerts import PlacementNames, scope_of_labels

OURS = PlacementNames(frozenset(("checkout", "log in")), {"us-east-1a": ("us-east-1", "use1-az4")})
DYNAMO = "aws/us-east-1/dynamodb"


@pytest.mark.parametrize(
    ("labels", "scope"),
    [
        ({"cloud": "aws", "region": "us-east-1", "instance": "db-7"}, None),
        ({"namespace": "events", "region": "us-east-1"}, None),
        ({"namespace": "ContainerInsights", "region": "us-east-1"}, "aws/us-east-1/eks"),
        ({"topology_kubernetes_io_zone": "us-east-1a", "namespace": "shop"}, None),
        ({"region": "us-east-1", "service": "dynamodb"}, DYNAMO),
        ({"region": "us-east-1", "service": "payments-api"}, None),
        ({"provider": "google", "region": "europe-west1", "product": "Cloud Storage"}, "gcp/europe-west1/storage"),
        ({"provider": "gcp", "zone": "europe-west4-a"}, "gcp/europe-west4/europe-west4-a"),
        ({"provider": "gcp", "region": "europe-west4", "zone": "europe-west4-a"}, "gcp/europe-west4/europe-west4-a"),
        ({"provider": "gcp", "zone": "nowhere"}, None),
        ({"provider": "azure", "region": "westeurope", "zone": "1"}, "azure/westeurope/1"),
        ({"provider": "azure", "topology_kubernetes_io_zone": "westeurope-1"}, "azure/westeurope/1"),
        ({"provider": "azure", "zone": "1"}, None),
        ({"provider": "kubernetes", "region": "prod"}, "kubernetes/prod"),
        ({"aws_namespace": "AWS/CloudFront", "region": "us-east-1"}, "aws/global/cloudfront"),
        ({"aws_namespace": "AWS/DynamoDB", "region": "nowhere"}, None),
        ({"app": "checkout", "provider": "aws", "region": "us-east-1"}, "checkout"),
        ({"backstay_scope": "AWS/us-east-1"}, "aws/us-east-1"),
    ],
)
def test_labels_become_a_place(labels: dict[str, str], scope: str | None) -> None:
    found = scope_of_labels(labels, OURS)
    assert (str(found) if found else None) == scope
