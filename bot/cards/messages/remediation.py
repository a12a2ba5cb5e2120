"""The remediation of a finding for the products at hand; commands of other products are left to `explain`."""

import re
from collections.abc import Collection, Iterable, Mapping

from checks import Outcome, ServiceScore

# How remediations name a product before a colon -> the products of facts that it is about. A tool (Terraform,
# CodePipeline) is none of these: its clause concerns everyone.
_LABELS: Mapping[str, frozenset[str]] = {
    "DynamoDB": frozenset({"dynamodb"}),
    "RDS": frozenset({"rds"}),
    "Aurora": frozenset({"rds"}),
    "EFS": frozenset({"efs"}),
    "ElastiCache": frozenset({"elasticache"}),
    "Kinesis": frozenset({"kinesis"}),
    "MongoDB": frozenset({"documentdb", "mongodb"}),
    "Auto Scaling": frozenset({"autoscaling", "ec2"}),
    "ECS and Lambda": frozenset({"ecs", "lambda"}),
    "EKS": frozenset({"eks"}),
    "Cloud SQL": frozenset({"cloudsql"}),
    "Cosmos DB": frozenset({"cosmosdb"}),
}
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
    return f"{remedy}." if remedy else remediation


def failing_products(scores: Iterable[ServiceScore]) -> dict[tuple[str, str], frozenset[str]]:
    """(service, check id) -> the products of the resources on which the check fails."""
    found: dict[tuple[str, str], set[str]] = {}
    for score in scores:
        for finding in score.findings:
            if finding.outcome is Outcome.FAIL and finding.fact is not None:
                found.setdefault((score.service.name, finding.check.id), set()).add(finding.fact.product)
    return {key: frozenset(products) for key, products in found.items()}


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
