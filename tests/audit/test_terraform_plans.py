"""A plan as two moments: what exists now and after apply, where it is, what refers to what, and what stays unknown."""

from typing import Any

import pytest
from support.builders.plans import AWS, DATABASE, NOW, block, change, facts, plan, read, refers, state

from bot.audit.change import Plan, PlanChange, compare
from bot.audit.offline import OfflineRules, guessed_services
from checks import Datastore, Fact, Outcome, Unread

ADDRESS = "aws_db_instance.orders"
EXISTING = {**DATABASE, "arn": "arn:aws:rds:us-east-1:123456789012:db:orders", "availability_zone": "us-east-1a"}


def compared(body: dict[str, Any]) -> PlanChange:
    found = read(body)
    assert found.before is not None
    entries, _ = guessed_services([found.before, found.after])
    rules = OfflineRules(entries, NOW)
    return compare(rules.audit(found.before), rules.audit(found.after), Plan("plan.json", found.addresses))


def ids(findings: Any) -> set[str]:
    return {finding.check.id for finding in findings}


def test_an_unchanged_plan_changes_nothing() -> None:
    made = compared(plan(change(ADDRESS, EXISTING, EXISTING)))
    assert (made.added, made.removed, made.unknown, made.points) == ((), (), (), 0)
    assert ids(made.kept) >= {"ZN08", "AU01"}


def test_a_single_az_database_adds_findings_and_lowers_the_score() -> None:
    sound = {
        **EXISTING,
        "identifier": "ledger",
        "multi_az": True,
        "deletion_protection": True,
        "backup_retention_period": 14,
    }
    sound["arn"] = "arn:aws:rds:us-east-1:123456789012:db:ledger"
    made = compared(
        plan(change("aws_db_instance.ledger", sound, sound), change(ADDRESS, None, DATABASE, unknown=["arn", "id"]))
    )
    assert ids(made.added) >= {"ZN08", "AU01"}
    assert not made.removed
    assert made.points < 0


def test_a_replica_removes_findings_and_raises_the_score() -> None:
    providers = {
        **AWS,
        "aws.west": {"name": "aws", "alias": "west", "expressions": {"region": {"constant_value": "us-west-2"}}},
    }
    tier = {**EXISTING, "tags_all": {"service": "shop", "tier": "1"}}
    replica = {"identifier": "orders-west", "multi_az": False, "tags_all": {"service": "shop"}}
    made = compared(
        plan(
            change(ADDRESS, tier, tier),
            change("aws_db_instance.west", None, replica, unknown=["arn", "replicate_source_db"]),
            blocks=[
                block(ADDRESS),
                block(
                    "aws_db_instance.west", {"replicate_source_db": refers("aws_db_instance.orders.arn")}, "aws.west"
                ),
            ],
            providers=providers,
        )
    )
    assert ids(made.removed) >= {"RG01", "RG02"}, ids(made.removed)
    assert "RG02" not in ids(made.added)
    assert made.points > 0


def test_deleting_the_last_resource_leaves_no_score() -> None:
    made = compared(plan(change(ADDRESS, EXISTING, None)))
    assert made.empty
    assert ids(made.removed) >= {"ZN08"}
    assert not made.added


def test_a_replaced_resource_is_one_thing_before_and_after() -> None:
    after = {name: value for name, value in EXISTING.items() if name not in {"arn", "availability_zone"}}
    made = compared(
        plan(change(ADDRESS, EXISTING, after, unknown=["arn", "availability_zone"], actions=("delete", "create")))
    )
    assert not made.added
    assert not made.removed


def test_a_moved_resource_is_the_same_as_before() -> None:
    body = plan(change("aws_db_instance.main", EXISTING, EXISTING, previous_address=ADDRESS))
    body["prior_state"] = state((ADDRESS, EXISTING))
    made = compared(body)
    assert (made.added, made.removed) == ((), ())
    assert {made.address(finding) for finding in made.kept if finding.fact} == {"aws_db_instance.main"}


def test_a_deposed_object_is_no_resource() -> None:
    body = plan(change(ADDRESS, EXISTING, EXISTING), change(ADDRESS, EXISTING, None, deposed="8ab1"))
    assert len(facts(body, Fact)) == 1


def test_a_data_source_is_no_resource() -> None:
    assert facts(plan(change("data.aws_db_instance.other", None, EXISTING, actions=("read",))), Fact) == []


def test_what_a_targeted_plan_leaves_out_stays_as_it_is() -> None:
    other = {**EXISTING, "identifier": "users", "arn": "arn:aws:rds:us-east-1:123456789012:db:users"}
    body = plan(change(ADDRESS, None, DATABASE), complete=False)
    body["prior_state"] = state(("aws_db_instance.users", other))
    found = read(body)
    assert found.before is not None
    assert [fact.name for fact in found.before.facts] == ["users"]
    assert {fact.name for fact in found.after.facts} == {"users", "orders"}
    assert any("partial" in note for note in found.notes)


def test_a_forgotten_resource_still_exists() -> None:
    assert [fact.name for fact in facts(plan(change(ADDRESS, EXISTING, None, actions=("forget",))), Fact)] == ["orders"]


def test_a_state_has_one_moment() -> None:
    found = read(state((ADDRESS, EXISTING)))
    assert found.before is None
    assert [fact.resource for fact in found.after.facts] == ["arn:aws:rds:us-east-1:123456789012:db:orders"]


@pytest.mark.parametrize(
    "address",
    [
        'aws_db_instance.orders["eu.1"]',
        "aws_db_instance.orders[1]",
        'module.a["x.y"].module.b.aws_db_instance.orders[0]',
    ],
)
def test_instances_and_modules_keep_their_addresses(address: str) -> None:
    found = read(plan(change(address, None, DATABASE)))
    assert list(found.addresses.values()) == [address]
    assert len(found.after.facts) == 1


# Unknown after apply.


def test_a_field_that_waits_for_apply_is_unknown_and_no_pass() -> None:
    after = {name: value for name, value in DATABASE.items() if name != "multi_az"}
    body = plan(
        change(ADDRESS, None, after, unknown=["arn", "multi_az"]),
        blocks=[block(ADDRESS, {"multi_az": refers("data.aws_ssm_parameter.ha.value")})],
    )
    [fact] = facts(body, Datastore)
    assert isinstance(fact.zone_redundant, Unread)
    assert any("multi_az is known only after apply" in gap.reason for gap in read(body).after.gaps)
    [verdict] = [finding for finding in _findings(compared(body)) if finding.check.id == "ZN08"]
    assert verdict.outcome is Outcome.UNKNOWN


def test_a_field_that_nobody_sets_has_its_documented_default() -> None:
    after = {name: value for name, value in DATABASE.items() if name != "multi_az"}
    body = plan(change(ADDRESS, None, after, unknown=["arn", "multi_az"]), blocks=[block(ADDRESS)])
    [fact] = facts(body, Datastore)
    assert fact.zone_redundant is False


def test_what_no_plan_tells_is_unknown_at_both_moments() -> None:
    made = compared(plan(change(ADDRESS, EXISTING, EXISTING)))
    for audit in (made.before, made.after):
        reasons = {gap.reason for gap in audit.collected.gaps}
        assert "a plan does not say which backups were taken" in reasons
        assert "a plan does not say which drills were run" in reasons
        [backup] = [
            finding for scored in audit.scorecard.services for finding in scored.findings if finding.check.id == "BK01"
        ]
        assert backup.outcome is Outcome.UNKNOWN


def _findings(made: PlanChange) -> list[Any]:
    return [finding for scored in made.after.scorecard.services for finding in scored.findings]


def test_an_odd_resource_costs_no_other() -> None:
    body = plan(change(ADDRESS, None, DATABASE), change("aws_lb.odd", None, {"name": 3, "subnet_mapping": "no list"}))
    found = read(body)
    assert [fact.name for fact in found.after.facts if isinstance(fact, Datastore)] == ["orders"]
