"""The remediation fits the product at hand, and nothing of it that concerns everyone is lost."""

import re

import pytest
from support.builders.scorecards import sample_score

from bot.cards.messages.remediation import failing_products, for_products
from checks import discover

REMEDIES = {check.id: check.remediation for check in discover()}


@pytest.mark.parametrize(
    ("id", "products", "told"),
    [
        (
            "BK01",
            {"dynamodb"},
            (
                "DynamoDB: `aws dynamodb update-continuous-backups --point-in-time-recovery-specification "
                "PointInTimeRecoveryEnabled=true`."
            ),
        ),
        ("BK01", {"rds"}, "RDS: `aws rds modify-db-instance --backup-retention-period 14`."),
        ("BK01", {"efs"}, "`aws backup create-backup-selection` in a daily plan."),
        ("AU01", {"dynamodb"}, "DynamoDB: `aws dynamodb update-table --deletion-protection-enabled`."),
        ("BK03", {"elasticache"}, "`aws elasticache modify-replication-group --snapshot-retention-limit 14`."),
        ("ZN01", {"eks"}, "EKS: a node group in each AZ."),
    ],
)
def test_what_is_said_of_other_products_is_left_out(id: str, products: set[str], told: str) -> None:
    assert for_products(REMEDIES[id], products) == told


@pytest.mark.parametrize("id", REMEDIES)
def test_all_is_told_where_no_product_is_known(id: str) -> None:
    assert for_products(REMEDIES[id], ()) == REMEDIES[id]


@pytest.mark.parametrize("id", REMEDIES)
@pytest.mark.parametrize("product", ["dynamodb", "rds", "ec2", "s3", "lambda", "never-heard-of"])
def test_something_whole_is_always_told(id: str, product: str) -> None:
    told = for_products(REMEDIES[id], {product})
    assert told.strip(". ;")
    assert told.count("`") % 2 == 0
    assert set(re.split(r"[.;\s]+", told)) <= set(re.split(r"[.;\s]+", REMEDIES[id]))


def test_two_products_are_both_told() -> None:
    told = for_products(REMEDIES["BK01"], {"dynamodb", "rds"})
    assert "DynamoDB: " in told
    assert "RDS: " in told
    assert "others" not in told


def test_the_products_are_those_of_the_resources_that_fail() -> None:
    assert failing_products([sample_score()]) == {
        ("checkout", "RG01"): frozenset({"rds"}),
        ("checkout", "RG03"): frozenset({"rds"}),
    }
