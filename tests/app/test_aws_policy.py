"""The read-only policy, and what every source does where all is empty, denied or throttled."""

import json
import re
from fnmatch import fnmatchcase

import pytest
from support.fakes.aws import FakeAws, Fault, fake_aws

from bot.app.iam_policy import ENTRANCE, MANAGED_POLICY_LIMIT, actions, policy
from bot.audit.collectors.aws.source import Source, sources
from bot.net.aws.errors import ReadError
from bot.net.aws.iam_actions import iam_action
from checks import GLOBAL, Fact

READING = re.compile(r"[a-z0-9-]+:(Get|List|Describe|Lookup|BatchGet|GET$)")


def test_the_policy_reads_and_does_nothing_else() -> None:
    statement, *_ = policy()["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == sorted(set(statement["Action"]))
    assert [action for action in statement["Action"] if not READING.match(action)] == []


def test_an_action_that_reads_data_too_is_allowed_on_descriptions_alone() -> None:
    _, *limited = policy()["Statement"]
    assert [(row["Action"], row["Resource"]) for row in limited] == [
        ("cassandra:Select", "arn:*:cassandra:*:*:/keyspace/system*")
    ]


def test_the_policy_never_reads_what_customers_store() -> None:
    forbidden = {
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "dynamodb:GetItem",
        "kms:Decrypt",
        "sqs:ReceiveMessage",
    }
    assert forbidden.isdisjoint(actions())


def test_a_shortened_listing_grants_what_the_sources_need() -> None:
    granted = policy()["Statement"][0]["Action"]
    missing = [action for action in actions() if not any(fnmatchcase(action, pattern) for pattern in granted)]
    assert missing == ["cassandra:Select"]


def test_the_policy_fits_into_a_managed_one() -> None:
    assert len(json.dumps(policy(), separators=(",", ":"))) <= MANAGED_POLICY_LIMIT


def test_every_source_finds_its_permissions_in_the_policy() -> None:
    declared = {action for source in sources() for action in source.actions}
    assert declared | set(ENTRANCE) <= set(actions())


def run(aws: FakeAws, source: Source) -> tuple[list[Fact], ReadError | None]:
    reader = aws.reader(GLOBAL if source.where == "global" else "us-east-1", source=source.name)
    facts: list[Fact] = []
    try:
        facts.extend(source.read(reader))
    except ReadError as error:
        return facts, error
    return facts, None


def allowed(source: Source) -> set[str]:
    return {*source.actions, *ENTRANCE}


@pytest.mark.parametrize("source", sources(), ids=lambda entry: entry.name)
def test_an_empty_account_brings_no_facts_and_asks_only_what_is_declared(source: Source) -> None:
    with fake_aws() as aws:
        aws.on("cloudfront", "ListDistributions", {"DistributionList": {"IsTruncated": False}})
        facts, error = run(aws, source)
        asked = {iam_action(call.service, call.operation) for call in aws.calls}
        words = [
            (call.service, call.operation, call.region, json.dumps(call.params, default=str)) for call in aws.calls
        ]
    assert (facts, error) == ([], None)
    assert asked <= allowed(source)
    assert len(words) == len(set(words)), "a call was made twice"


@pytest.mark.parametrize("source", sources(), ids=lambda entry: entry.name)
def test_a_source_that_may_read_nothing_says_so_and_why(source: Source) -> None:
    with fake_aws() as aws:
        aws.otherwise = Fault("AccessDenied", 403)
        facts, error = run(aws, source)
    assert facts == []
    assert error is not None
    assert error.action in allowed(source)
    assert error.reason
