"""The remediation fits the product at hand, and nothing of it that concerns everyone is lost."""

import re

import pytest
from support.builders.scorecards import sample_score

from bot.cards.messages.remediation import docs_for, failing_in, for_products, remedy_for
from checks import discover

CHECKS = {check.id: check for check in discover()}
REMEDIES = {name: check.remediation for name, check in CHECKS.items()}


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
        ("BK03", {"memorydb"}, "`aws memorydb update-cluster --snapshot-retention-limit 14`."),
        ("AU01", {"docdb"}, "DocumentDB: `aws docdb modify-db-cluster --deletion-protection`."),
        (
            "AU01",
            {"rds"},
            (
                "RDS: `aws rds modify-db-instance --deletion-protection`; Aurora: `aws rds modify-db-cluster "
                "--deletion-protection`."
            ),
        ),
        ("ZN08", {"neptune"}, "DocumentDB and Neptune: add an instance in another AZ."),
        ("ZN08", {"redshift"}, "Redshift: `aws redshift modify-cluster --multi-az`."),
        ("ZN09", {"dax"}, "DAX: `aws dax increase-replication-factor`."),
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


def test_the_places_are_those_of_the_resources_that_fail() -> None:
    assert failing_in([sample_score()]) == {
        ("checkout", "RG01"): frozenset({("aws", "rds")}),
        ("checkout", "RG03"): frozenset({("aws", "rds")}),
    }


@pytest.mark.parametrize(
    ("id", "failing", "told"),
    [
        ("ZN08", {("gcp", "cloudsql")}, "Cloud SQL: `gcloud sql instances patch NAME --availability-type=REGIONAL`."),
        ("ZN08", {("azure", "sql")}, "SQL Database: `az sql db update --zone-redundant true`."),
        (
            "ZN08",
            {("aws", "rds")},
            (
                "RDS: `aws rds modify-db-instance --multi-az`; Aurora: add a reader in another AZ (`aws rds create-db-instance "
                "--availability-zone`)."
            ),
        ),
        ("ZN08", {("hetzner", "db")}, "Enable high availability over `zones`: a standby or replica in another AZ."),
        (
            "ZN08",
            {("azure", "mysql"), ("gcp", "spanner")},
            "Google Cloud: use its `regional` form. Azure: MySQL: the same with `az mysql flexible-server update`.",
        ),
        ("WL01", {("kubernetes", "deployment")}, REMEDIES["WL01"]),
        ("RG02", set(), "Add a `replica` in a second region."),
    ],
)
def test_the_words_are_those_of_the_cloud_that_the_resource_is_in(
    id: str, failing: set[tuple[str, str]], told: str
) -> None:
    assert remedy_for(CHECKS[id], frozenset(failing)) == told


def test_documentation_of_another_cloud_is_left_out() -> None:
    assert docs_for(CHECKS["ZN08"], {"aws", "gcp"}) == CHECKS["ZN08"].docs
    assert not docs_for(CHECKS["ZN08"], {"gcp"})
    assert docs_for(CHECKS["WL01"], {"kubernetes"}) == CHECKS["WL01"].docs
