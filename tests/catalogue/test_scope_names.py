"""The scopes that people mean, in an estate on two clouds."""

from dataclasses import replace

import pytest
from support.builders.resources import compute, datastore, load_balancer
from support.builders.scorecards import sample_service

from bot.catalogue.aws_zones import region_of_zone
from bot.catalogue.scope_names import ScopeNames, UnknownScopeError
from checks import Dependency

NEEDS = (Dependency("stripe", "saas"), Dependency("newrelic", "saas"), Dependency("aws/us-east-1/sqs", "scope"))
SERVICES = (replace(sample_service("checkout"), depends_on=NEEDS), sample_service("payment api"))
FACTS = (
    datastore("orders", region="us-east-1", zones=("use1-az4", "use1-az6")),
    datastore("ledger", region="eu-west-1", zones=("euw1-az1",)),
    datastore("carts", region="us-east-1", product="dynamodb", zones=()),
    compute("web", region="us-east-1", product="autoscaling", zones=("use1-az4",)),
    load_balancer("front", region="us-east-1", product="elasticloadbalancing"),
    datastore("docs", provider="gcp", region="us-central1", product="firestore", zones=("us-central1-a",)),
)
NAMES = ScopeNames.of(FACTS, SERVICES)


@pytest.mark.parametrize(
    ("typed", "scope"),
    [
        ("aws/us-east-1", "aws/us-east-1"),
        ("us-east-1", "aws/us-east-1"),
        ("US-East-1", "aws/us-east-1"),
        ("us east 1", "aws/us-east-1"),
        ("useast1", "aws/us-east-1"),
        ("region us-east-1", "aws/us-east-1"),
        ("AWS us-east-1", "aws/us-east-1"),
        ("amazon/us-east-1/", "aws/us-east-1"),
        ("aws / us-east-1", "aws/us-east-1"),
        ("ap-southeast-2", "aws/ap-southeast-2"),  # not ours, and a region all the same
        ("us-central1", "gcp/us-central1"),
        ("google cloud/us-central1", "gcp/us-central1"),
        ("aws", "aws"),
        ("Amazon Web Services", "aws"),
        ("Google Cloud", "gcp"),
        ("aws/us-east-1a", "aws/us-east-1/us-east-1a"),
        ("us-east-1a", "aws/us-east-1/us-east-1a"),
        ("us-east-1/us-east-1a", "aws/us-east-1/us-east-1a"),
        ("zone us-east-1a", "aws/us-east-1/us-east-1a"),
        ("use1-az4", "aws/us-east-1/use1-az4"),
        ("aws/USE1-AZ4", "aws/us-east-1/use1-az4"),
        ("us-central1-a", "gcp/us-central1/us-central1-a"),
        ("gcp/us-central1-a", "gcp/us-central1/us-central1-a"),
        ("dynamodb", "aws/us-east-1/dynamodb"),
        ("DynamoDB", "aws/us-east-1/dynamodb"),
        ("Amazon DynamoDB", "aws/us-east-1/dynamodb"),
        ("aws/dynamodb", "aws/us-east-1/dynamodb"),
        ("us-east-1/dynamodb", "aws/us-east-1/dynamodb"),
        ("dynamodb in us-east-1", "aws/us-east-1/dynamodb"),
        ("us-east-1 dynamodb", "aws/us-east-1/dynamodb"),
        ("sqs", "aws/us-east-1/sqs"),
        ("ec2", "aws/us-east-1/ec2"),
        ("alb", "aws/us-east-1/alb"),
        ("load balancer", "aws/us-east-1/elasticloadbalancing"),
        ("rds in eu-west-1", "aws/eu-west-1/rds"),
        ("Aurora in eu-west-1", "aws/eu-west-1/rds"),
        ("dynamo", "aws/us-east-1/dynamodb"),
        ("firestore", "gcp/us-central1/firestore"),
        ("stripe", "stripe"),
        ("Stripe", "stripe"),
        ("New Relic", "newrelic"),
        ("new-relic", "newrelic"),
        ("twilio", "twilio"),  # known, although nothing of ours needs it
    ],
)
def test_a_scope_is_found_by_what_people_call_it(typed: str, scope: str) -> None:
    assert str(NAMES.find(typed)) == scope


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("us-esat-1", "aws/us-east-1"),
        ("aws/us-esat-1", "aws/us-east-1"),
        ("asw/us-east-1", "aws/us-east-1"),
        ("aws/us-east-1 fo", "aws/us-east-1"),
        ("aws/us-east-1/dynamdb", "aws/us-east-1/dynamodb"),
        ("dynamodbb", "aws/us-east-1/dynamodb"),
        ("strpe", "stripe"),
        ("stripe/api", "stripe"),
        ("aws/us-east-9x", "aws/us-east-1"),
        ("us-central1-z", "gcp/us-central1/us-central1-a"),
        ("newrelik", "newrelic"),
    ],
)
def test_an_unknown_scope_is_refused_with_the_nearest(typed: str, nearest: str) -> None:
    with pytest.raises(UnknownScopeError) as refused:
        NAMES.find(typed)
    assert refused.value.tries[0] == nearest, refused.value.tries


@pytest.mark.parametrize("typed", ["", "/", "a//b", "a/b/c/d", "zzzzqqq", "checkout", "kinesis", "lambda", "???"])
def test_what_is_no_scope_of_ours_is_refused(typed: str) -> None:
    with pytest.raises(UnknownScopeError):
        NAMES.find(typed)


def test_a_product_in_several_regions_asks_which() -> None:
    with pytest.raises(UnknownScopeError) as refused:
        NAMES.find("rds")
    assert set(refused.value.tries) == {"aws/eu-west-1/rds", "aws/us-east-1/rds"}
    assert "2 places" in refused.value.problem


def test_a_service_is_told_apart_from_a_scope() -> None:
    with pytest.raises(UnknownScopeError, match="payment api is a service of yours"):
        NAMES.find("Payment API")


def test_nothing_is_known_of_an_empty_estate() -> None:
    names = ScopeNames.of((), ())
    assert str(names.find("us-east-1")) == "aws/us-east-1"
    with pytest.raises(UnknownScopeError, match="known to use DynamoDB"):
        names.find("dynamodb")
    with pytest.raises(UnknownScopeError) as refused:
        names.find("us-esat-1")
    assert refused.value.tries[0] == "aws/us-east-1"


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-east-1a", "us-east-1"),
        ("use1-az4", "us-east-1"),
        ("apse2-az1", "ap-southeast-2"),
        ("apne1-az4", "ap-northeast-1"),
        ("usgw1-az1", "us-gov-west-1"),
        ("eu-central-1b", "eu-central-1"),
        ("us-esat-1a", ""),
        ("us-east-1", ""),
        ("xyz1-az1", ""),
    ],
)
def test_the_region_of_an_aws_zone(zone: str, region: str) -> None:
    assert region_of_zone(zone) == region
