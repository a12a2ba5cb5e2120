"""KMS keys: one that is disabled or about to be deleted matters where something uses it."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from checks import Outcome

Script = Mapping[Operation, Answer]
KEY = arn("kms", "key/k-1")
GRANT = {"GrantId": "1", "KeyId": KEY, "GranteePrincipal": "rds.us-east-1.amazonaws.com"}


def keys(state: str, *grants: dict[str, Any]) -> Script:
    described = {"KeyId": "k-1", "Arn": KEY, "KeyManager": "CUSTOMER", "KeyState": state, "Enabled": state == "Enabled"}
    return {
        ("kms", "ListKeys"): {"Keys": [{"KeyId": "k-1", "KeyArn": KEY}]},
        ("kms", "ListAliases"): {"Aliases": [{"AliasName": "alias/data", "TargetKeyId": "k-1"}]},
        ("kms", "DescribeKey"): {"KeyMetadata": described},
        ("kms", "ListGrants"): {"Grants": list(grants)},
    }


def database(key: str) -> Script:
    row = {"DBInstanceIdentifier": "db", "DBInstanceArn": arn("rds", "db:db"), "Engine": "postgres", "KmsKeyId": key}
    return {("rds", "DescribeDBInstances"): {"DBInstances": [row]}}


def state(title: str, outcome: Outcome, answers: Script, says: str = "") -> State:
    return State(title, "AU10", outcome, answers, ("aws_keys", "aws_databases"), "alias/data", says)


DENIED: Script = {("kms", "ListGrants"): lambda _: Fault("AccessDeniedException", 403)}
STATES = [
    state("enabled", PASS, keys("Enabled")),
    state("disabled, nothing uses it", NOT_APPLICABLE, keys("Disabled")),
    state("disabled, a service holds a grant", FAIL, keys("Disabled", GRANT), "disabled and in use"),
    state("disabled, grants denied", UNKNOWN, {**keys("Disabled"), **DENIED}, "kms:ListGrants"),
    state("disabled, encrypts a database", FAIL, {**keys("Disabled"), **database(KEY)}, "RDS instance db"),
    state("disabled, encrypts a database by alias", FAIL, {**keys("Disabled"), **database("alias/data")}),
    state(
        "disabled, encrypts a database by the ARN of its alias",
        FAIL,
        {**keys("Disabled"), **database(arn("kms", "alias/data"))},
    ),
    state("disabled, encrypts a database, grants denied", FAIL, {**keys("Disabled"), **DENIED, **database(KEY)}, "db"),
    state("disabled, another key encrypts", NOT_APPLICABLE, {**keys("Disabled"), **database(arn("kms", "key/k-2"))}),
    state("pending deletion, nothing uses it", NOT_APPLICABLE, keys("PendingDeletion"), "scheduled for deletion"),
    state("pending deletion, a service holds a grant", FAIL, keys("PendingDeletion", GRANT), "scheduled for deletion"),
    state("pending deletion, grants denied", UNKNOWN, {**keys("PendingDeletion"), **DENIED}, "kms:ListGrants"),
    state(
        "pending deletion, encrypts a database", FAIL, {**keys("PendingDeletion"), **database(KEY)}, "RDS instance db"
    ),
    state("pending import, nothing uses it", NOT_APPLICABLE, keys("PendingImport")),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_keys(state: State) -> None:
    state.hold()
