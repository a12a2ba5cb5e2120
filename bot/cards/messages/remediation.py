"""The remediation of a finding for the clouds and products at hand; commands of others are left to `explain`."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from checks import Check, Finding, Outcome, ServiceScore
from checks import joined_remedies as joined

# How remediations name a product before a colon -> the products of facts that it is about. A tool (Terraform,
# CodePipeline) is none of these: its clause concerns everyone.
_LABELS: Mapping[str, frozenset[str]] = {
    "DynamoDB": frozenset({"dynamodb"}),
    "RDS": frozenset({"rds"}),
    "Aurora": frozenset({"rds"}),
    "DAX": frozenset({"dax"}),
    "DocumentDB": frozenset({"docdb"}),
    "DocumentDB and Neptune": frozenset({"docdb", "neptune"}),
    "EFS": frozenset({"efs"}),
    "MemoryDB": frozenset({"memorydb"}),
    "Neptune": frozenset({"neptune"}),
    "Redshift": frozenset({"redshift"}),
    "ElastiCache": frozenset({"elasticache"}),
    "Kinesis": frozenset({"kinesis"}),
    "MongoDB": frozenset({"documentdb", "mongodb"}),
    "Auto Scaling": frozenset({"autoscaling", "ec2"}),
    "ECS and Lambda": frozenset({"ecs", "lambda"}),
    "EKS": frozenset({"eks"}),
    "Cloud SQL": frozenset({"cloudsql"}),
    "AlloyDB": frozenset({"alloydb"}),
    "Spanner": frozenset({"spanner"}),
    "Firestore": frozenset({"firestore"}),
    "Bigtable": frozenset({"bigtable"}),
    "Filestore": frozenset({"filestore"}),
    "Memorystore": frozenset({"redis", "valkey", "memcache"}),
    "Instance groups": frozenset({"compute"}),
    "GKE": frozenset({"gke"}),
    "Cosmos DB": frozenset({"cosmosdb"}),
    "SQL Database": frozenset({"sql"}),
    "Managed Instance": frozenset({"sqlmanagedinstance"}),
    "PostgreSQL": frozenset({"postgresql"}),
    "MySQL": frozenset({"mysql", "mariadb"}),
    "PostgreSQL and MySQL": frozenset({"postgresql", "mysql", "mariadb"}),
    "File shares": frozenset({"storage"}),
    "Event Hubs": frozenset({"eventhubs"}),
    "Scale sets": frozenset({"virtualmachinescalesets"}),
    "AKS": frozenset({"aks"}),
    "Container Apps": frozenset({"containerapps"}),
    "App Service": frozenset({"appservice", "functions"}),
    "Load Balancer": frozenset({"loadbalancer"}),
    "Application Gateway": frozenset({"applicationgateway"}),
    "Traffic Manager": frozenset({"trafficmanager"}),
}
Failing = frozenset[tuple[str, str]]
"""The providers and products on which a check fails; the product is empty where the check is about the whole service."""

_AWS_DOCS = "https://docs.aws.amazon.com/"
_OTHERS = "others"
_LABELLED = re.compile(r"([A-Za-z][A-Za-z ]*): ")
_CLAUSES = re.compile(r"; (?=(?:[^`]*`[^`]*`)*[^`]*$)")  # a semicolon that is not within a command
_LISTED = re.compile(r"`aws ([a-z0-9-]+) [^`]+`")
_CALLED = {"elbv2": "elasticloadbalancing", "s3api": "s3", "route53domains": "route53"}


def for_products(remediation: str, products: Collection[str]) -> str:
    """The remediation without clauses about other products; all of it where the products are unknown."""
    if not products:
        return remediation
    clauses = _CLAUSES.split(remediation.removesuffix("."))
    named = [clause for clause in clauses if _names(clause) & set(products)]
    kept = [
        _own_commands(clause, products)
        for clause in clauses
        if clause in named or not _names(clause) or (_label(clause) == _OTHERS and not named)
    ]
    remedy = "; ".join(kept).removeprefix(f"{_OTHERS}: ")
    return remedy + remediation[len(remediation.removesuffix(".")) :] if remedy else remediation


def failing_in(scores: Iterable[ServiceScore]) -> dict[tuple[str, str], Failing]:
    """(service, check id) -> where the check fails."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for score in scores:
        for finding in score.findings:
            if finding.outcome is Outcome.FAIL:
                product = finding.fact.product if finding.fact is not None else ""
                places = found.setdefault((score.service.name, finding.check.id), set())
                places.update((provider, product) for provider in finding.providers)
    return {key: frozenset(places) for key, places in found.items()}


@lru_cache(maxsize=4096)  # an estate has some 100,000 findings, on a few products for each check
def remedy_for(check: Check, failing: Failing) -> str:
    """What to do about a check that fails there, with the commands of these clouds and products alone."""
    remedies = check.remedies_for(provider for provider, _ in failing)
    return joined((cloud, for_products(remedy, _products(cloud, failing))) for cloud, remedy in remedies)


def remedy_of(finding: Finding) -> str:
    """What to do about one finding, with the commands of its cloud and product alone."""
    product = finding.fact.product if finding.fact is not None else ""
    return remedy_for(finding.check, frozenset((provider, product) for provider in finding.providers))


def providers_of(findings: Iterable[Finding]) -> frozenset[str]:
    """The providers that these findings are about."""
    return frozenset(provider for finding in findings for provider in finding.providers)


def docs_for(check: Check, providers: Iterable[str]) -> str:
    """The link of a check's documentation; empty where it documents another cloud than these."""
    asked = {provider.lower() for provider in providers}
    return "" if asked and "aws" not in asked and check.docs.startswith(_AWS_DOCS) else check.docs


def _products(cloud: str, failing: Failing) -> set[str]:
    return {product for provider, product in failing if product and cloud in ("", provider.lower())}


def _label(clause: str) -> str:
    match = _LABELLED.match(clause)
    return match[1] if match else ""


def _names(clause: str) -> frozenset[str]:
    """The products that a clause is for; none where it is for all."""
    label = _label(clause)
    return frozenset({_OTHERS}) if label == _OTHERS else _LABELS.get(label, frozenset())


def _own_commands(clause: str, products: Collection[str]) -> str:
    """A clause that does nothing but list a command for each product: those for these products."""
    listed = clause.split(", ")
    matches = [_LISTED.fullmatch(entry) for entry in listed]
    if len(listed) < 2 or not all(matches):
        return clause
    own = [listing for listing, match in zip(listed, matches, strict=True) if match and _product(match[1]) in products]
    return ", ".join(own or listed)


def _product(called: str) -> str:
    return _CALLED.get(called, called)
