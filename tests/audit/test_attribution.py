"""Which facts belong to which service: by tags, stacks, ARNs, limits, links and shared places."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders.facts import (
    ACCOUNT,
    AWAY,
    alarm,
    backup,
    compute,
    datastore,
    dns_record,
    dns_zone,
    gap,
    health_check,
    load_balancer,
    network,
    route,
    runbook,
    service,
    stack,
    traffic_shift,
    volume,
)
from support.builders.networks import user_directory, workflow
from support.harness.counting import counted_calls

from bot.audit.attribution import SERVICE_TAG, attribute, group_resources
from bot.catalogue import CatalogueEntry, Selector
from checks import Datastore, Fact, Gap


def owned(facts: Sequence[Fact], gaps: Sequence[Gap] = (), /, **selectors: Selector) -> dict[str, list[str]]:
    """Names of each service's facts."""
    entries = [CatalogueEntry(service(name, audience=f"team-{name}"), selector) for name, selector in selectors.items()]
    return {seen.service.name: [fact.name for fact in seen.facts] for seen in attribute(entries, facts, gaps)}


def tagged(**tags: str | tuple[str, ...]) -> Selector:
    return Selector(tags={key: (value,) if isinstance(value, str) else value for key, value in tags.items()})


def test_all_tags_of_a_selector_must_match_one_of_their_values() -> None:
    facts = [
        datastore("both", tags={"service": "pay", "env": "prod"}),
        datastore("live", tags={"service": "pay", "env": "live"}),
        datastore("dev", tags={"service": "pay", "env": "dev"}),
        datastore("one", tags={"service": "pay"}),
        datastore("case", tags={"service": "Pay", "env": "prod"}),
        datastore("none"),
    ]
    assert owned(facts, pay=tagged(service="pay", env=("prod", "live"))) == {"pay": ["both", "live"]}


def test_a_fact_may_belong_to_two_services_and_comes_once_to_each() -> None:
    facts = [datastore("db", tags={"a": "1", "b": "2"}, stack="s")]
    both = {"one": Selector(tags={"a": ("1",)}, stacks=("s", "*")), "two": tagged(b="2")}
    assert owned(facts, **both) == {"one": ["db"], "two": ["db"]}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("arn:aws:rds:us-east-1:1:db:pay-1", True),
        ("arn:aws:rds:us-east-1:1:db:pay", False),
        ("arn:aws:rds:*:*:db:pay-*", True),
        ("arn:*pay-1", True),
        ("*pay*", True),
        ("*", True),
        ("arn:aws:rds:*:2:*", False),
        ("arn:aws:rds:us-east-1:1:db:pay-?", False),
        ("arn:aws:rds:us-east-1:1:db:pa[y]-*", False),
    ],
)
def test_an_arn_pattern(pattern: str, fits: bool) -> None:
    facts = [datastore("db", resource="arn:aws:rds:us-east-1:1:db:pay-1")]
    assert owned(facts, pay=Selector(arns=(pattern,))) == {"pay": ["db"] if fits else []}


def test_a_stack_by_name_and_by_pattern() -> None:
    facts = [datastore("a", stack="pay-prod"), datastore("b", stack="pay"), datastore("c", stack="search")]
    assert owned(facts, x=Selector(stacks=("pay-*",)), y=Selector(stacks=("pay", "search"))) == {
        "x": ["a"],
        "y": ["b", "c"],
    }


def test_limits_of_account_and_region() -> None:
    tags = {"service": "pay"}
    facts = [
        datastore("here", tags=tags),
        datastore("away", tags=tags, region=AWAY),
        datastore("other", tags=tags, account="2"),
        datastore("world", tags=tags, region="global"),
    ]
    pair = {"service": ("pay",)}
    assert owned(facts, pay=Selector(tags=pair, accounts=(ACCOUNT,), regions=(AWAY,))) == {"pay": ["away", "world"]}
    assert owned(facts, pay=Selector(accounts=("2",))) == {"pay": ["other"]}


def test_facts_about_a_resource_belong_to_its_owner() -> None:
    db, lb = datastore("db", tags={"service": "pay"}), load_balancer("lb")
    machine = compute("web", tags={"service": "shop"})
    lb = load_balancer("lb", targets=(machine.resource,))
    facts = [
        alarm("watch", about=(db.resource,)),
        backup("kept", about=(db.resource,)),
        volume("disk", attached_to=machine.resource),
        dns_record("www", about=(lb.resource,), zone="acme.example", health_check="hc-1"),
        dns_zone("acme.example"),
        health_check("hc", resource="arn:aws:route53:::healthcheck/hc-1"),
        alarm("alone", about=("arn:nobody",)),
        lb,
        db,
        machine,
    ]
    assert owned(facts, pay=tagged(service="pay"), shop=tagged(service="shop")) == {
        "pay": ["watch", "kept", "db"],
        "shop": ["disk", "www", "acme.example", "hc", "lb", "web"],
    }


def test_what_is_about_a_record_belongs_to_the_records_owner() -> None:
    record = dns_record("www", tags={"service": "web"}, about=("arn:somewhere-else",))
    facts = [traffic_shift("switch", about=(record.resource,), protects=()), record]
    assert owned(facts, web=tagged(service="web")) == {"web": ["switch", "www"]}


def test_an_alarm_lends_its_owner_to_nobody() -> None:
    db = datastore("db")
    facts = [db, alarm("mine", about=(db.resource,), tags={"service": "pay"})]
    assert owned(facts, pay=tagged(service="pay")) == {"pay": ["mine"]}


def test_a_stack_belongs_to_whom_its_resources_belong() -> None:
    facts = [stack("pay-prod"), datastore("db", stack="pay-prod", tags={"service": "pay"}), stack("other")]
    assert owned(facts, pay=tagged(service="pay")) == {"pay": ["pay-prod", "db"]}


def test_shared_facts_go_to_all_at_home_there() -> None:
    facts = [
        network("here"),
        network("away", region=AWAY),
        datastore("db", tags={"service": "pay"}),
        datastore("far", tags={"service": "shop"}, region=AWAY),
    ]
    assert owned(facts, pay=tagged(service="pay"), shop=tagged(service="shop"), idle=tagged(service="idle")) == {
        "pay": ["db", "here"],
        "shop": ["far", "away"],
        "idle": [],
    }


def test_declared_facts_go_to_the_service_they_name_and_make_no_home() -> None:
    facts = [runbook("book", tags={SERVICE_TAG: "pay"}), runbook("lost", tags={SERVICE_TAG: "gone"}), network("n")]
    assert owned(facts, pay=Selector(), shop=Selector()) == {"pay": ["book"], "shop": []}


def test_routes_go_to_the_services_that_report_to_their_audience() -> None:
    facts = [route("slack:#a", audience="team-pay"), route("slack:#b", audience="team-shop")]
    assert owned(facts, pay=Selector(), shop=Selector()) == {"pay": ["slack:#a"], "shop": ["slack:#b"]}


@pytest.mark.parametrize(
    ("orphan", "hides"),
    [
        (alarm("on-orders", about=("arn:orders",)), True),
        (backup("of-orders", about=("arn:orders",)), True),
        (stack("shop"), True),
        (dns_record("shop.example", region="global"), True),
        (alarm("on-index", about=("arn:index",)), False),
        (alarm("elsewhere", about=("arn:orders",), region=AWAY), False),
    ],
    ids=["alarm", "backup", "stack", "record", "on what was seen", "in another region"],
)
def test_what_nobody_owns_may_belong_behind_a_gap(orphan: Fact, hides: bool) -> None:
    denied = gap(Datastore)
    facts = [orphan, datastore("index", resource="arn:index")]
    [seen] = attribute([CatalogueEntry(service("shop"), tagged(service="shop"))], facts, [denied])
    widened = next(gap for gap in seen.gaps if gap.provider)
    assert (type(orphan) in widened.kinds) == hides
    assert Datastore in widened.kinds


def test_gaps_go_to_every_service_that_may_have_resources_there() -> None:
    here, away, world = gap(Datastore), gap(Datastore, region=AWAY), gap(Datastore, region="global")
    nowhere = gap(Datastore, account="", region="")
    entries = [
        CatalogueEntry(service("anywhere"), tagged(service="a")),
        CatalogueEntry(service("away"), Selector(tags={"service": ("b",)}, regions=(AWAY,))),
        CatalogueEntry(service("else"), Selector(stacks=("c",), accounts=("2",))),
        CatalogueEntry(service("nothing")),
    ]
    seen = attribute(entries, [], [here, away, world, nowhere])
    hidden = [tuple(gap for gap in seen_service.gaps if gap.provider) for seen_service in seen]
    assert hidden == [(here, away, world, nowhere), (away, world, nowhere), (nowhere,), ()]


WORDS = st.sampled_from(["a", "b", "ab", "abc"])
STARRED = st.sampled_from(["a", "b", "a*", "*b", "a*c", "*", "x:*/a", "x:a*/*b", "*/ab", "y*:a/b"])
PLACES = st.sets(st.sampled_from(["1", "2"]), max_size=1).map(tuple)
SELECTORS = st.builds(
    Selector,
    tags=st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=2).map(tuple), max_size=2),
    stacks=st.lists(STARRED, max_size=2).map(tuple),
    arns=st.lists(STARRED, max_size=2).map(tuple),
    accounts=PLACES,
    regions=PLACES,
)
FACTS = st.builds(
    lambda arn, stack, group, tags, account, region: datastore(
        "db", resource=arn, stack=stack, group=group, tags=tags, account=account, region=region
    ),
    st.builds("{}:{}/{}".format, st.sampled_from("xy"), WORDS, WORDS),
    st.just("") | WORDS,
    st.just("") | WORDS,
    st.dictionaries(WORDS, WORDS, max_size=3),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["1", "2", "global"]),
)


def chosen(selector: Selector, fact: Fact) -> bool:
    """What a selector means, said as plainly as can be."""
    ways = [
        bool(selector.tags) and all(fact.tags.get(key) in values for key, values in selector.tags.items()),
        any(fnmatchcase(name, stack) for name in (fact.stack, fact.group) if name for stack in selector.stacks),
        any(fnmatchcase(fact.resource, arn) for arn in selector.arns),
        not (selector.tags or selector.stacks or selector.arns) and bool(selector.accounts or selector.regions),
    ]
    here = not selector.accounts or fact.account in selector.accounts
    near = not selector.regions or fact.region in (*selector.regions, "global")
    return any(ways) and here and near


@given(st.lists(SELECTORS, max_size=6), st.lists(FACTS, max_size=8))
def test_the_index_finds_what_the_selectors_mean(selectors: list[Selector], facts: list[Fact]) -> None:
    entries = [CatalogueEntry(service(f"s{at}"), selector) for at, selector in enumerate(selectors)]
    for seen, selector in zip(attribute(entries, facts, []), selectors, strict=True):
        assert list(seen.facts) == [fact for fact in facts if chosen(selector, fact)]


@pytest.mark.parametrize(
    "select",
    [
        lambda n: Selector(tags={"env": ("prod",), "service": (f"s{n}",)}),
        lambda n: Selector(stacks=(f"s{n}-*",)),
        lambda n: Selector(arns=(f"arn:aws:*:*:*:*/s{n}-*",)),
    ],
    ids=["tags", "stacks", "arns"],
)
def test_work_grows_with_the_facts_not_with_the_services(select: Callable[[int], Selector]) -> None:
    def calls(services: int, facts: int) -> int:
        entries = [CatalogueEntry(service(f"s{n}"), select(n)) for n in range(services)]
        found = [
            datastore(
                f"s{n % services}-{n}", tags={"service": f"s{n % services}", "env": "prod"}, stack=f"s{n % services}-x"
            )
            for n in range(facts)
        ]
        with counted_calls() as counted:
            seen = attribute(entries, found, [gap(Datastore)] * 50)
        assert sum(len(seen_service.facts) for seen_service in seen) == facts
        return counted[0]

    assert calls(2000, 10_000) < 4 * calls(20, 10_000)


def test_a_workflow_or_directory_that_nothing_claims_belongs_to_what_it_calls() -> None:
    charge = compute("charge", tags={"service": "pay"})
    stray = workflow("refund", calls=(charge.resource,))
    pool = user_directory("people", calls=(charge.resource,))
    own = workflow("report", calls=(charge.resource,), tags={"service": "bi"})
    found = owned([charge, stray, pool, own], pay=tagged(service="pay"), bi=tagged(service="bi"))
    assert found == {"pay": ["charge", "refund", "people"], "bi": ["report"]}


def test_a_workflow_or_user_pool_makes_a_service_of_its_own() -> None:
    found = group_resources([workflow("refund", stack="refunds"), user_directory("people", tags={"service": "login"})])
    assert [group.name for group in found.groups] == ["login", "refunds"]
