"""`backstay init` from an account: services that its resources show, as a file that loads again."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders.facts import (
    alarm,
    compute,
    datastore,
    dns_record,
    function,
    load_balancer,
    network,
    object_store,
    queue,
)

from bot.audit.attribution import attribute, services_from_resources
from bot.audit.bootstrap import catalogue_from_facts
from bot.catalogue import Catalogue, read
from checks import Dependency, Fact


def proposed(*facts: Fact) -> Catalogue:
    return read(catalogue_from_facts(facts))


def test_resources_are_grouped_by_tag_then_stack_then_name() -> None:
    found = proposed(
        datastore("orders", tags={"service": "billing", "app": "shop"}),
        compute("api", tags={"Application": "search"}),
        queue("jobs", stack="login-prod"),
        function("prod-mailer-send"),
        object_store("mailer-archive"),
        alarm("lonely", tags={"service": "nothing-runs-here"}),
        network("vpc"),
    )
    assert {entry.service.name: entry.selector.tags for entry in found.entries} == {
        "billing": {"service": ("billing",)},
        "login-prod": {},
        "mailer": {},
        "search": {"Application": ("search",)},
    }
    assert found.entries[1].selector.stacks == ("login-prod",)
    assert len(found.entries[2].selector.arns) == 2


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


def test_without_a_catalogue_the_account_is_one() -> None:
    facts = [datastore("a", tags={"service": "pay", "env": "prod"}), compute("b", tags={"service": "shop"})]
    entries, notes = services_from_resources(facts)
    assert [(entry.service.name, entry.service.tier.number) for entry in entries] == [("pay", 2), ("shop", 3)]
    assert [len(seen.facts) for seen in attribute(entries, facts, [])] == [1, 1]
    assert notes == (
        "pay: 1 resource with tag service=pay; tier 2 guessed: tag env=prod",
        "shop: 1 resource with tag service=shop; tier 3 guessed: no tag states a tier or a stage",
    )
