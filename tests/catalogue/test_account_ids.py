"""Ids of accounts as each cloud writes them."""

import pytest
from pydantic_core import PydanticCustomError

from bot.catalogue.account_ids import account_id, account_of_facts, cloud_of

UUID = "0B1F6471-1BF0-4DDA-AEC3-111122223333"


@pytest.mark.parametrize(
    ("typed", "kept", "cloud"),
    [
        ("123456789012", "123456789012", "aws"),
        ("projects/shop-prod", "projects/shop-prod", "gcp"),
        ("projects/acme.com:shop-prod", "projects/acme.com:shop-prod", "gcp"),
        ("Projects/123456789", "projects/123456789", "gcp"),
        ("folders/400500600", "folders/400500600", "gcp"),
        ("organizations/400500600", "organizations/400500600", "gcp"),
        (UUID, f"subscriptions/{UUID.lower()}", "azure"),
        (f"/subscriptions/{UUID}", f"subscriptions/{UUID.lower()}", "azure"),
        ("organisations/400500600", "organizations/400500600", "gcp"),
        ("managementGroups/acme-prod", "managementGroups/acme-prod", "azure"),
        ("/providers/Microsoft.Management/managementGroups/acme.prod", "managementGroups/acme.prod", "azure"),
        ("clusters/prod-eu", "clusters/prod-eu", "kubernetes"),
        ("contexts/prod-eu", "clusters/prod-eu", "kubernetes"),
        (
            "clusters/arn:aws:eks:eu-west-1:123456789012:cluster/prod",
            "clusters/arn:aws:eks:eu-west-1:123456789012:cluster/prod",
            "kubernetes",
        ),
    ],
)
def test_an_id_tells_its_cloud(typed: str, kept: str, cloud: str) -> None:
    assert account_id(typed) == kept
    assert cloud_of(kept) == cloud


@pytest.mark.parametrize(
    "typed",
    [
        "12345678901",
        "1234567890123",
        "shop-prod",
        "projects/",
        "projects/Shop",
        "project/shop-prod",
        "folders/eng",
        "subscriptions/prod",
        "managementGroups/acme prod",
        "managementGroups/acme.",
        "clusters/",
        "/",
    ],
)
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(PydanticCustomError):
        account_id(typed)


@pytest.mark.parametrize(
    ("typed", "account"),
    [
        ("123456789012", "123456789012"),
        ("shop-prod", "shop-prod"),
        ("projects/shop-prod", "shop-prod"),
        (f"subscriptions/{UUID}", UUID.lower()),
        (UUID, UUID.lower()),
        ("contexts/prod", "prod"),
        ("clusters/arn:aws:eks:eu-west-1:123456789012:cluster/prod", "arn:aws:eks:eu-west-1:123456789012:cluster/prod"),
        ("arn:aws:eks:eu-west-1:123456789012:cluster/prod", "arn:aws:eks:eu-west-1:123456789012:cluster/prod"),
    ],
)
def test_an_id_limits_resources_as_facts_write_it(typed: str, account: str) -> None:
    assert account_of_facts(typed) == account


@pytest.mark.parametrize("typed", ["folders/400500600", "organizations/400500600", "managementGroups/acme"])
def test_what_facts_do_not_name_limits_no_resources(typed: str) -> None:
    with pytest.raises(PydanticCustomError, match="projects, subscriptions and clusters"):
        account_of_facts(typed)
