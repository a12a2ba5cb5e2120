"""Each cloud's remediations name the commands of that cloud, and no check has AWS's words for a resource elsewhere."""

import re

import pytest
from support.builders.facts import NOW, compute, datastore, seen, service

from checks import CLOUDS, Check, Outcome, discover, evaluate

CHECKS = {check.id: check for check in discover()}
AWS = re.compile(
    r"\baws\b|\bAWS\b|Route 53|Lambda|CodePipeline|\bRDS\b|DynamoDB|\bS3\b|\bECS\b|\bEKS\b|Auto Scaling|SNS|SQS|CloudWatch"
)
TOOLS = {"gcp": ("gcloud",), "azure": ("az",), "kubernetes": ("kubectl", "velero"), "": ()}
ALL_TOOLS = {"aws", *(tool for tools in TOOLS.values() for tool in tools)}
TEXTS = [(name, cloud, text) for name, check in CHECKS.items() for cloud, text in check.remedies.items()]
# What is read of AWS alone, and how chat platforms are hosted.
OF_AWS = {"CM02"}


@pytest.mark.parametrize(("id", "cloud", "text"), TEXTS)
def test_a_remediation_names_its_own_cloud_and_no_other(id: str, cloud: str, text: str) -> None:
    assert not AWS.search(text)
    commands = re.findall(r"`([a-z]+) [^`]*`", text)
    assert {command for command in commands if command in ALL_TOOLS} <= set(TOOLS[cloud])
    assert text.endswith(".")
    assert "  " not in text
    assert text.count("`") % 2 == 0
    assert len(text) <= 370, id


@pytest.mark.parametrize(
    "check", [check for check in CHECKS.values() if AWS.search(check.remediation)], ids=lambda check: check.id
)
def test_a_check_with_words_of_aws_has_neutral_ones(check: Check) -> None:
    assert check.id in OF_AWS or "" in check.remedies


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_finding_has_the_words_of_its_resource(cloud: str) -> None:
    store = datastore("orders", provider=cloud)
    for finding in evaluate([seen(store)], now=NOW):
        if finding.fact is store and cloud != "aws":
            assert not AWS.search(finding.remediation), finding.check.id


@pytest.mark.parametrize("clouds", [("gcp",), ("azure",), ("aws",), ("aws", "gcp")])
def test_a_finding_about_the_service_has_the_words_of_where_it_runs(clouds: tuple[str, ...]) -> None:
    groups = [compute(f"web-{cloud}", provider=cloud, region="region-1") for cloud in clouds]
    findings = list(evaluate([seen(*groups, of=service())], now=NOW))
    failing = [finding for finding in findings if finding.fact is None and finding.outcome is Outcome.FAIL]
    assert {"RH01", "RG01"} & {finding.check.id for finding in failing}
    for finding in failing:
        if finding.check.id not in OF_AWS:
            assert bool(AWS.search(finding.remediation)) <= ("aws" in clouds), finding.check.id
