"""Facts of many accounts are sifted one account at a time: what is let go would have changed nothing."""

import random

import pytest
from support.builders.facts import (
    alarm,
    compute,
    datastore,
    dns_record,
    dns_zone,
    encryption_key,
    gap,
    health_check,
    load_balancer,
    network,
    service,
    stack,
    traffic_shift,
    volume,
)

from bot.audit.attribution import RelevanceFilter, attribute
from bot.catalogue import CatalogueEntry, Selector
from checks import Alarm, ComputeGroup, Datastore, Fact, Gap, LoadBalancer, Network

ACCOUNTS, REGIONS = ("1" * 12, "2" * 12, "3" * 12), ("us-east-1", "eu-west-1")
ENTRIES = [
    CatalogueEntry(service("pay"), Selector(tags={"service": ("pay",)})),
    CatalogueEntry(service("ship"), Selector(stacks=("ship-*",), regions=("us-east-1",))),
    CatalogueEntry(service("login"), Selector(arns=("r-1*",), accounts=ACCOUNTS[:2])),
]


def estate(chance: random.Random, size: int) -> list[Fact]:
    """Resources that wear tags and stacks and name each other, across accounts too."""
    resources = [f"r-{number}" for number in range(size)]
    unread = [f"u-{number}" for number in range(4)]
    makers = (compute, datastore, alarm, volume, load_balancer, dns_record, dns_zone, health_check, stack, network)
    made: list[Fact] = []
    for name in resources:
        make = chance.choice((*makers, traffic_shift))
        more: dict[str, object] = {}
        if make is volume:
            more["attached_to"] = chance.choice(("", *resources, *unread))
        if make is load_balancer:
            more["targets"] = tuple(chance.sample((*resources, *unread), 2))
        if make is traffic_shift:
            more["protects"] = (chance.choice(resources),)
        if make is dns_record:
            more |= {"zone": chance.choice(resources), "health_check": chance.choice(("", *resources))}
        if make in (alarm, dns_record):
            more["about"] = tuple(chance.sample((*resources, *unread), chance.randrange(3)))
        tags = {"service": chance.choice(("pay", "nobody"))} if chance.random() < 0.3 else {}
        stacked = chance.choice(("ship-web", "other", "")) if chance.random() < 0.4 else ""
        place = {"account": chance.choice(ACCOUNTS), "region": chance.choice(REGIONS)}
        made.append(make(name, resource=name, tags=tags, stack=stacked, **place, **more))
    return made


def unread_resource(chance: random.Random, number: int) -> Gap:
    """A resource that could not be read, which others may name; its tags say whose it is, or nothing."""
    tags = {"service": chance.choice(("pay", "nobody"))} if chance.random() < 0.7 else {}
    name = chance.choice((f"r-{number}", f"u-{number}"))
    kind = chance.choice((Datastore, LoadBalancer, ComputeGroup, Network))
    place = {"account": chance.choice(ACCOUNTS), "region": chance.choice(REGIONS)}
    return gap(kind, resource=name, tags=tags, **place)


def judged(facts: list[Fact], gaps: list[Gap]) -> tuple[dict[str, list[str]], dict[str, set[type[Fact]]]]:
    """Names of each service's facts, and the kinds that are hidden from it."""
    seen = attribute(ENTRIES, facts, gaps)
    return (
        {seen_service.service.name: [fact.name for fact in seen_service.facts] for seen_service in seen},
        {
            seen_service.service.name: {kind for hidden in seen_service.gaps for kind in hidden.kinds}
            for seen_service in seen
        },
    )


@pytest.mark.parametrize("seed", range(150))
def test_what_was_let_go_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - estates, no secrets
    mixed = estate(chance, chance.randrange(5, 60))
    accounts = [[fact for fact in mixed if fact.account == account] for account in ACCOUNTS]
    gaps = [gap(Datastore, account=ACCOUNTS[0], region=REGIONS[0]), gap(Alarm, account=ACCOUNTS[2], region="")]
    gaps += [unread_resource(chance, number) for number in range(chance.randrange(8))]
    sift = RelevanceFilter(ENTRIES)
    owned, hidden = judged([fact for facts in accounts for fact in facts], gaps)
    owned_of_kept, hidden_of_kept = judged(
        [
            fact
            for facts, account in zip(accounts, ACCOUNTS, strict=True)
            for fact in sift(facts, [hole for hole in gaps if hole.account == account])
        ],
        gaps,
    )
    assert owned_of_kept == owned
    # What follows a stranger of another account counts as following nobody that was seen: more is unknown, never less.
    assert all(hidden_of_kept[name] >= hidden[name] for name in hidden)


def test_an_account_in_which_nothing_is_ours_weighs_nothing() -> None:
    strangers: list[Fact] = [datastore(f"db-{number}", tags={"service": "theirs"}) for number in range(100)]
    strangers += [alarm(f"alarm-{number}", about=(strangers[number].resource,)) for number in range(100)]
    strangers += [network("vpc")]
    assert RelevanceFilter(ENTRIES)(strangers) == []


def test_what_refers_to_an_unread_resource_of_ours_is_kept() -> None:
    facts = [
        datastore(resource="r-9"),
        alarm("of-ours", about=("r-9",)),
        alarm("of-theirs", about=("r-8",)),
        datastore(resource="r-8"),
    ]
    unread = gap(ComputeGroup, resource="r-9", tags={"service": "pay"})
    kept = RelevanceFilter(ENTRIES)(facts, [unread])
    assert [fact.name for fact in kept if isinstance(fact, Alarm)] == ["of-ours"]
    assert judged(kept, [unread])[0]["pay"] == judged(facts, [unread])[0]["pay"] == ["of-ours"]


def test_keys_are_kept_for_resources_of_other_accounts() -> None:
    key = encryption_key(account=ACCOUNTS[0])
    table = datastore(account=ACCOUNTS[1], encryption_key=key.resource, tags={"service": "pay"})
    sift = RelevanceFilter(ENTRIES)
    assert judged([*sift([key]), *sift([table])], [])[0]["pay"] == [key.name, table.name]
