"""`backstay init` from an account: services that its resources show, as a file that loads again."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import (
    alarm,
    certificate,
    compute,
    datastore,
    distribution,
    dns_record,
    encryption_key,
    function,
    load_balancer,
    network,
    object_store,
    queue,
    stack,
    topic,
)

from bot.app.settings import load
from bot.audit.attribution import attribute, services_from_resources
from bot.audit.bootstrap import ContactError, catalogue_from_facts, contacts
from bot.catalogue import Catalogue, read
from checks import Dependency, Fact, Gap


def proposed(*facts: Fact) -> Catalogue:
    return read(catalogue_from_facts(facts))


def test_resources_are_grouped_by_tag_then_application_then_stack_then_cluster() -> None:
    group = "arn:aws:resource-groups:us-east-1:123456789012:group/reports/0abc"
    web = compute("web", resource="arn:aws:ecs:us-east-1:123456789012:service/prod/web")
    found = proposed(
        datastore("orders", tags={"service": "billing", "app": "shop"}),
        compute("api", tags={"Application": "search"}),
        queue("jobs", stack="login-prod"),
        object_store("figures", tags={"awsApplication": group}, stack="CDKToolkit"),
        compute("nodes", tags={"eks:cluster-name": "platform"}),
        web,
        function("prod-mailer-send"),
        object_store("mailer-archive"),
        alarm("lonely", tags={"service": "nothing-runs-here"}),
        network("vpc"),
    )
    assert {entry.service.name: entry.selector.tags for entry in found.entries} == {
        "billing": {"service": ("billing",)},
        "login-prod": {},
        "platform": {"eks:cluster-name": ("platform",)},
        "reports": {"awsApplication": (group,)},
        "search": {"Application": ("search",)},
        "web": {},
    }
    assert found.entries[1].selector.stacks == ("login-prod",)
    assert found.entries[-1].selector.arns == (web.resource,)


def test_what_the_first_tag_misses_is_named_one_by_one() -> None:
    first, second, odd = (
        datastore("a", tags={"service": "pay"}),
        datastore("b", tags={"service": "pay"}),
        compute("c", tags={"app": "Pay"}),
    )
    (entry,) = proposed(first, second, odd).entries
    assert (entry.selector.tags, entry.selector.arns) == ({"service": ("pay",)}, (odd.resource,))
    assert len(attribute([entry], [first, second, odd], [])[0].facts) == 3


def test_every_guess_is_marked() -> None:
    text = catalogue_from_facts(
        [datastore("a", tags={"service": "pay", "env": "production", "team": "till"})], organisation="Acme"
    )
    assert "organisation: Acme" in text
    assert "tier: 2  # guess: tag env=production" in text
    assert "owner: till  # guess: tag team=till" in text
    assert "resources:  # guess: 1 resource with tag service=pay" in text


def test_how_important_it_is() -> None:
    def tier_of(**tags: str) -> int:
        return proposed(datastore("a", tags={"service": "pay", **tags})).services[0].tier.number

    assert tier_of(tier="1", env="dev") == 1
    assert tier_of(criticality="Mission-Critical") == 1
    assert tier_of(Environment="prod") == 2
    assert tier_of() == 3
    assert tier_of(stage="staging") == 4
    assert tier_of(tier="purple") == 3


def test_dependencies_are_what_resources_point_to() -> None:
    db = datastore("orders", tags={"service": "billing"})
    copy = datastore("orders-copy", tags={"service": "reports", "depends-on": "login, nobody"}, replica_of=db.resource)
    door = load_balancer("door", tags={"service": "login"})
    record = dns_record("www", tags={"service": "web"}, about=(door.resource,))
    site = object_store("site", tags={"service": "web"})
    found = {service.name: service.depends_on for service in proposed(db, copy, door, record, site).services}
    assert found == {
        "billing": (),
        "login": (),
        "reports": (Dependency("login", "service"), Dependency("billing", "service")),
        "web": (Dependency("login", "service"),),
    }


def test_an_empty_account_gives_a_file_that_loads() -> None:
    assert proposed().entries == ()


def test_what_looks_like_a_secret_is_not_written() -> None:
    text = catalogue_from_facts(
        [
            datastore("a", tags={"service": "xoxb-1234567890-abcdef"}),
            datastore("b", tags={"service": "pay", "owner": "AKIAIOSFODNN7EXAMPLE"}),
        ]
    )
    assert [entry.service.name for entry in read(text).entries] == ["pay"]
    assert "xoxb" not in text
    assert "AKIA" not in text
    assert "1 service whose name looks like a secret" in text


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300) | st.sampled_from(
    [
        "true",
        "null",
        "~",
        "0123",
        "1e3",
        "- a",
        "a: b",
        "#x",
        "'",
        '"',
        "\\",
        "{a}",
        "*x",
        "&x",
        "!x",
        "%",
        "@",
        "`",
        "on",
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=4))
def test_whatever_tags_hold_the_file_loads_and_finds_the_resources(tags: list[tuple[str, str, str]]) -> None:
    facts = [
        datastore(
            f"d{at}",
            resource=f"arn:aws:rds:::{at}",
            tags={"service": service, "owner": owner, "depends-on": dependencies},
        )
        for at, (service, owner, dependencies) in enumerate(tags)
    ]
    text = catalogue_from_facts(facts)
    made = read(text)
    owned = {fact.resource for seen in attribute(made.entries, facts, []) for fact in seen.facts}
    named = {fact.resource for fact in facts if fact.tags["service"].strip()}
    assert owned >= named if "looks like a secret" not in text else made.entries is not None
    assert all(re.fullmatch(r"[^\x00-\x08\x0b-\x1f\x7f]*", line) for line in text.split("\n"))


MESSY = [
    distribution("E1ABCDEFGHIJKL"),
    distribution("d111111abcdef8.cloudfront.net"),
    load_balancer("clb-1", product="elasticloadbalancing"),
    load_balancer("clb-2", product="elasticloadbalancing"),
    datastore("dax-0017", product="dax"),
    datastore("dax-0018", product="dax"),
    datastore("fs-0a1b2c3d", product="efs"),
    queue("q-0001"),
    queue("q-0002"),
    datastore("rg-1"),
    compute("i-0a1b2c3d4e5f"),
    object_store("logs-2024"),
]


def test_what_nothing_claims_is_listed_and_makes_no_service() -> None:
    text = catalogue_from_facts([*MESSY, topic("news"), encryption_key("k1"), queue("jobs", tags={"service": "pay"})])
    assert [entry.service.name for entry in read(text).entries] == ["pay"]
    assert "# unclaimed: 12 resources that no tag, application, stack or cluster claims" in text
    assert all(fact.name in text for fact in MESSY)
    assert "- name: clb" not in text
    assert "also unclaimed (encryption key: 1, topic: 1)" in text


def test_a_word_that_several_names_share_is_proposed_and_loads_when_it_is_turned_on() -> None:
    found = [
        queue("prod-billing-jobs", resource="arn:aws:sqs:us-east-1:123456789012:prod-billing-jobs"),
        object_store("billing-archive", resource="arn:aws:s3:::billing-archive"),
        datastore("db-invoices-1", resource="arn:aws:rds:us-east-1:123456789012:db:db-invoices-1"),
    ]
    text = catalogue_from_facts([*found, queue("x", tags={"service": "pay"})])
    assert "proposal: 2 resources with billing in the name: billing-archive, prod-billing-jobs" in text
    start = text.index("#   - name: billing")
    lines = text[start:].split("\n#\n")[0].splitlines()
    made = read(text[: text.index("# unclaimed")] + "\n".join(line.removeprefix("# ") for line in lines) + "\n")
    seen = {seen.service.name: [fact.name for fact in seen.facts] for seen in attribute(made.entries, found, [])}
    assert seen == {"pay": [], "billing": ["prod-billing-jobs", "billing-archive"]}


def test_a_resource_that_a_claimed_one_leads_to_is_claimed() -> None:
    web = compute("web", tags={"service": "shop"})
    text = catalogue_from_facts(
        [web, load_balancer("door", targets=(web.resource,)), alarm("cpu", about=(web.resource,))]
    )
    assert "unclaimed" not in text


def test_groups_that_point_to_each_other_are_one_doubt_for_each_resource_in_between() -> None:
    names = ["edge", "login", "pay", "search", "shop"]
    door = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/door/1"
    webs = [compute(name, tags={"service": name}, about=(door,)) for name in names[1:]]
    balancer = load_balancer(
        "door", resource=door, tags={"service": "edge"}, targets=tuple(fact.resource for fact in webs)
    )
    text = catalogue_from_facts([balancer, *webs])
    assert all(service.depends_on == () for service in read(text).services)
    said = " ".join(text.replace("\n#", "").split())
    assert said.count("doubt:") == 1
    assert f"doubt: edge, login, pay, search and shop point to each other through {door}" in said


def test_a_tag_decides_which_way_a_dependency_goes() -> None:
    door = load_balancer("door", tags={"service": "edge"}, targets=("arn:web",))
    web = compute("web", resource="arn:web", tags={"service": "shop", "depends-on": "edge"}, about=(door.resource,))
    text = catalogue_from_facts([door, web])
    assert {service.name: service.depends_on for service in read(text).services} == {
        "edge": (),
        "shop": (Dependency("edge", "service"),),
    }
    assert "doubt" not in text


def test_what_was_not_read_is_listed_by_action() -> None:
    denied = [
        Gap("aws_sql", "aws", "1", region, "access denied to rds:DescribeDBInstances", (), "rds:DescribeDBInstances")
        for region in ("eu-west-1", "us-east-1", "us-west-2")
    ]
    assert "# not read: rds:DescribeDBInstances: access denied in 3 regions" in catalogue_from_facts([], denied)


WHO = contacts("", "ops-Alerts", "", ("U0123ABCD", "slack:S0123GROUP", "U0123ABCD"))


def test_the_first_audience_and_the_responders_load(tmp_path: Path) -> None:
    (tmp_path / "backstay.yaml").write_text(catalogue_from_facts([], organisation="Acme: 1", who=WHO), encoding="utf-8")
    found = load(tmp_path / "backstay.yaml", {})
    assert [route.name for route in found.catalogue.audiences["platform"].routes] == ["slack:#ops-alerts"]
    assert found.roles.responder == ("slack:U0123ABCD", "slack:S0123GROUP")
    assert found.catalogue.organisation == "Acme: 1"


@pytest.mark.parametrize(
    ("audience", "slack", "teams", "responders", "said"),
    [
        ("ops", "", "", (), "audience ops has no route"),
        ("", "two words", "", (), "is no Slack channel"),
        ("", "@jane", "", (), "is no Slack channel"),
        ("", "#ops", "", ("@jane",), "is no id of a person or group"),
        ("", "", "Ops / General", ("U0123ABCD",), "is no id of a person or group"),
        ("", "", "", ("jane@acme.example",), "is no id of a person or group"),
        ("", "xoxb-1234567890-abcdef", "", (), "looks like a secret"),
    ],
)
def test_contacts_that_cannot_be_used(
    audience: str, slack: str, teams: str, responders: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ContactError, match=said):
        contacts(audience, slack, teams, responders)


def test_what_belongs_to_no_guessed_service_is_checked_as_shared() -> None:
    web = compute("web", tags={"service": "pay"})
    own = [web, alarm("cpu", about=(web.resource,))]
    rest = [
        alarm("lonely"),
        encryption_key("k1"),
        certificate("c1"),
        stack("CDKToolkit"),
        topic("news"),
        queue("q-0001"),
    ]
    entries, notes = services_from_resources([*own, *rest])
    seen = {seen.service.name: seen.facts for seen in attribute(entries, [*own, *rest], [])}
    assert seen == {"pay": own, "shared": rest}
    assert "shared: 6 items that no tag, application, stack or cluster claims for a service" in notes


def test_a_guessed_service_called_shared_keeps_its_own_resources() -> None:
    facts = [queue("jobs", tags={"service": "Shared"}), queue("q-0001")]
    (entry,), _ = services_from_resources(facts)
    assert attribute([entry], facts, [])[0].facts == facts


def test_without_a_catalogue_the_account_is_one() -> None:
    facts = [datastore("a", tags={"service": "pay", "env": "prod"}), compute("b", tags={"service": "shop"})]
    entries, notes = services_from_resources(facts)
    assert [(entry.service.name, entry.service.tier.number) for entry in entries] == [("pay", 2), ("shop", 3)]
    assert [len(seen.facts) for seen in attribute(entries, facts, [])] == [1, 1]
    assert notes == (
        "pay: 1 resource with tag service=pay; tier 2 guessed: tag env=prod",
        "shop: 1 resource with tag service=shop; tier 3 guessed: no tag states a tier or a stage",
    )
