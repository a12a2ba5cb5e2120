"""What a check tells people to do makes it pass: every alternative that a remediation names goes through its check."""

import re

import pytest
from support.builders.facts import NOW, seen
from support.samples.remedies_of_operations import OPERATIONS
from support.samples.remedies_of_resources import RESOURCES
from support.samples.remedies_of_stores import STORES
from support.samples.remedies_of_traffic import TRAFFIC
from support.samples.remedy import Remedy

from checks import Check, Fact, Outcome, Service, discover, evaluate

REMEDIES = (*RESOURCES, *STORES, *TRAFFIC, *OPERATIONS)
CHECKS = {check.id: check for check in discover()}


def outcome(check: Check, of: Service, facts: tuple[Fact, ...]) -> tuple[Outcome, str]:
    finding = next(iter(evaluate([seen(*facts, of=of)], now=NOW, rules=[check])))
    return finding.outcome, finding.summary


@pytest.mark.parametrize("remedy", REMEDIES, ids=str)
def test_the_remedy_turns_a_failure_into_a_pass(remedy: Remedy) -> None:
    check = CHECKS[remedy.check]
    said = " ".join((check.remediation, *check.remedies.values()))
    assert not [words for words in remedy.words if words not in said]
    found, summary = outcome(check, remedy.of, remedy.before)
    assert found is Outcome.FAIL, summary
    found, summary = outcome(check, remedy.of_after, remedy.after)
    assert found is (Outcome.NOT_APPLICABLE if remedy.gone else Outcome.PASS), summary


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.id)
def test_every_remedy_of_a_check_is_tried(check: Check) -> None:
    tried = [words for remedy in REMEDIES if remedy.check == check.id for words in remedy.words]
    assert tried, "name its remedies in support/samples/remedies_of_*.py"
    commands = re.findall(r"`([^`]+)`", check.remediation)
    assert not [command for command in commands if not any(words in command or command in words for words in tried)]
