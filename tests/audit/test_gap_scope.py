"""A gap hides what its source can yield, for the services that this can belong to, and nothing else."""

from typing import Any

import pytest
from support.builders.facts import AWAY, HOME, alarm, compute, datastore, dns_record, gap, service, stack
from support.builders.moment import NOW
from support.fakes.aws_script import ScriptedAws
from support.samples.aws_pairs import PAIRS

from bot.audit.attribution import attribute, services_from_resources
from bot.audit.collectors.aws.source import sources
from bot.audit.export.json import scorecard
from bot.audit.export.markdown import scorecard as markdown
from bot.catalogue import CatalogueEntry, Selector
from bot.model import Audit, Collected
from checks import Alarm, Datastore, Fact, Gap, Outcome, Quota, Seen, evaluate, score


def tagged(name: str) -> CatalogueEntry:
    return CatalogueEntry(service(name), Selector(tags={"service": (name,)}))


def gaps_of(facts: list[Fact], gaps: list[Gap], *names: str) -> dict[str, list[Gap]]:
    seen = attribute([tagged(name) for name in names], facts, gaps)
    return {found.service.name: [gap for gap in found.gaps if gap.provider] for found in seen}


ORPHANS: list[Fact] = [alarm("a", about=("arn:aws:rds:x:1:db:lost",)), stack("s"), dns_record("r", region="global")]


def test_denied_quotas_hide_quotas_alone_and_only_where_a_service_runs() -> None:
    denied = [gap(Quota, action="servicequotas:ListServiceQuotas", region=region) for region in (HOME, AWAY)]
    facts = [compute("web", tags={"service": "shop"}), *ORPHANS]
    assert gaps_of(facts, denied, "shop", "idle") == {"shop": denied[:1], "idle": []}


def test_denied_quotas_also_concern_who_may_run_where_another_list_is_unread() -> None:
    quotas, tables = gap(Quota, region=AWAY), gap(Datastore, action="dynamodb:ListTables", region=AWAY)
    assert gaps_of([], [quotas, tables], "shop") == {"shop": [tables, quotas]}


@pytest.mark.parametrize(("action", "hidden"), [("rds:DescribeDBInstances", True), ("dynamodb:ListTables", False)])
def test_an_alarm_is_hidden_by_the_list_of_what_it_watches(action: str, hidden: bool) -> None:
    found = gaps_of(ORPHANS, [gap(Datastore, action=action)], "shop")
    assert (Alarm in found["shop"][0].kinds) == hidden


def table_gap(**fields: Any) -> Gap:
    return gap(Datastore, action="dynamodb:DescribeTable", resource="arn:aws:dynamodb:x:1:table/users", **fields)


def test_one_unread_resource_concerns_its_owner_who_keeps_its_alarms() -> None:
    lost = table_gap(tags={"service": "shop"})
    watching = alarm("on-users", about=(lost.resource,))
    shop, other = attribute([tagged("shop"), tagged("other")], [watching], [lost])
    assert watching in shop.facts
    assert lost in shop.gaps
    assert (lost in other.gaps, watching in other.facts) == (False, False)


def test_one_unread_resource_without_a_tag_concerns_what_no_service_claims() -> None:
    stores, lost = (
        [datastore("users-db", tags={"service": "users"}), datastore("orders-db", tags={})],
        table_gap(tags={}),
    )
    entries, _ = services_from_resources(stores, [lost])
    found = {seen.service.name: lost in seen.gaps for seen in attribute(entries, stores, [lost])}
    assert found == {"shared": True, "users": False}


def test_one_unread_resource_is_one_unknown_among_those_judged() -> None:
    stores = [datastore(f"t{number}", tags={"service": "shop"}) for number in range(3)]
    seen = Seen(service("shop"), stores, (table_gap(),))
    found = [finding for finding in evaluate([seen], now=NOW) if finding.check.id == "AU01"]
    assert [finding.outcome for finding in found] == [Outcome.PASS] * 3 + [Outcome.UNKNOWN]
    assert found[-1].place[0] == table_gap().resource
    points = next(points for points in score(found, services=[service("shop")], now=NOW).services[0].points)
    assert (points.low, points.high) == (0.75, 1.0)


def test_one_unread_resource_is_named_in_every_report() -> None:
    card = score([], services=[service("shop")], now=NOW)
    audit = Audit(card, Collected((), [table_gap(reason="access denied to dynamodb:DescribeTable")]), 0, 0.0)
    for text in (scorecard(audit), markdown(audit)):
        assert "table/users" in text
        assert "dynamodb:DescribeTable" in text


@pytest.mark.parametrize(
    ("partition", "region"), [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1"), ("aws-iso", "us-iso-east-1")]
)
def test_every_name_that_is_made_has_the_partition_of_the_account(partition: str, region: str) -> None:
    scripted = ScriptedAws(PAIRS, region=region)
    made: dict[str, list[str]] = {}
    for source in sources():
        reader = scripted.reader(source.name, everywhere=source.where == "global", partition=partition)
        made[source.name] = [fact.resource for fact in source.read(reader) if fact.resource.startswith("arn:")]
    for name in ("aws_volumes", "aws_networks", "aws_queues", "aws_health_checks", "aws_redshift", "aws_machines"):
        assert made[name], name
        assert all(arn.startswith(f"arn:{partition}:") for arn in made[name] if "us-east-1" not in arn), name


def test_a_bucket_of_another_partition_is_owned_by_its_tag() -> None:
    arn = "arn:aws-us-gov:s3:::alpha"
    rows = {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [{"Key": "service", "Value": "shop"}]}]}
    located = {("s3", "GetBucketLocation"): {"LocationConstraint": "us-gov-west-1"}}
    script = PAIRS | located | {("resourcegroupstaggingapi", "GetResources"): rows}
    source = next(source for source in sources() if source.name == "aws_buckets")
    reader = ScriptedAws(script, region="us-gov-west-1").reader("aws_buckets", everywhere=True, partition="aws-us-gov")
    facts = list(source.read(reader))
    [seen] = attribute([tagged("shop")], facts, [])
    assert [fact.resource for fact in seen.facts] == [arn]
