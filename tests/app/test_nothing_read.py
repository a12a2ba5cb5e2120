"""Why an audit says little: credentials, an empty account, no service or missing permissions, each told as what it is."""

from dataclasses import replace

from support.builders.facts import attestation, datastore, gap, service
from support.builders.findings import findings, rule, scored

from bot.app.cli.nothing_read import why_little
from bot.audit.attribution.selectors import SERVICE_TAG
from bot.model import Audit, Collected
from checks import Datastore, Fact, Gap, Scorecard

READ = tuple(("aws_databases", "111122223333", region) for region in ("us-east-1", "eu-west-1", "global"))
LITTLE = scored(findings(rule("ZZ01"), "U"), service())


def told(card: Scorecard = LITTLE, facts: tuple[Fact, ...] = (), gaps: tuple[Gap, ...] = ()) -> str:
    collected = Collected(facts, gaps, READ, ("111122223333",))
    return why_little(Audit(card, collected, 0, 0.0))[0]


def test_a_grade_needs_no_words() -> None:
    assert why_little(Audit(scored(findings(rule("ZZ01"), "P"), service()), Collected((), (), READ), 0, 0.0)) == (
        "",
        "",
    )


def test_an_empty_account_is_no_missing_permission() -> None:
    declared = attestation(tags={SERVICE_TAG: "checkout"})
    assert told(facts=(declared,)) == "nothing found in 2 regions of account 111122223333"
    assert told(scored([])) == "nothing found in 2 regions of account 111122223333"


def test_credentials_that_do_not_work_are_told_as_such() -> None:
    expired = replace(gap(Datastore), reason="the AWS token has expired")
    assert told(gaps=(expired,)) == "nothing was read: the AWS token has expired"


def test_missing_permissions_are_told_where_something_was_not_read() -> None:
    denied = replace(gap(Datastore), reason="access denied to rds:DescribeDBInstances")
    assert told(gaps=(denied,)) == "no grade: only 0 % of the applicable checks have facts"
    assert told(facts=(datastore(),)) == "no grade: only 0 % of the applicable checks have facts"
