"""A service without any resources never gets a good score, and the reason is given."""

import pytest
from support.builders.facts import NOW, alarm, attestation, datastore, deployment, rehearsal, route, runbook, service

from bot.audit.attribution import SERVICE_TAG, attribute
from bot.cards.messages.scorecard import estate_card
from bot.cards.render import text as to_text
from bot.catalogue import CatalogueEntry, Selector
from checks import Fact, Fate, Outcome, RehearsalKind, Scope, Seen, evaluate, impact, score

TAGGED = Selector(tags={"service": ("shop",)})
OURS = {SERVICE_TAG: "shop"}


def seen_of(selector: Selector, *facts: Fact) -> Seen:
    [seen] = attribute([CatalogueEntry(service("shop", audience="team"), selector)], facts, ())
    return seen


def exemplary() -> list[Fact]:
    """Everything that people can promise of a service, and nothing that a cloud shows."""
    practices = ("kill_switch", "load_shedding", "training", "exit_plan", "degradation")
    told = [attestation(practice=word, tags=OURS) for word in practices]
    drills = [rehearsal(kind=kind, tags=OURS, attested_by="ana") for kind in RehearsalKind]
    ways = [route(order=order, audience="team") for order in (0, 1)]
    return [*told, *drills, *ways, runbook(tags=OURS)]


def test_promises_alone_make_no_grade() -> None:
    seen = seen_of(TAGGED, *exemplary())
    card = score(evaluate([seen], now=NOW), services=[seen.service], now=NOW)
    assert card.grade == ""
    assert card.coverage < 0.5
    told = [finding for finding in card.services[0].findings if finding.check.id == "RG02"]
    assert [finding.outcome for finding in told] == [Outcome.UNKNOWN]
    assert "No resources found for shop: no resource matches tags service=shop" in told[0].summary


def test_the_first_fix_is_to_find_the_resources_and_none_of_its_paper() -> None:
    bare = seen_of(TAGGED, route(order=0, audience="team"))
    card = score(evaluate([bare], now=NOW), services=[bare.service], now=NOW)
    assert [finding.check.id for finding in card.services[0].findings if finding.outcome is Outcome.FAIL]
    assert (card.fixes, card.services[0].fixes) == ((), ())
    [first] = card.read_first
    assert first.reason == "no resources found for shop: no resource matches tags service=shop"
    words = to_text.render(estate_card(card, organisation="Acme", now=NOW, whole_list=True))
    assert "1. Correct its `resources`: no resources found for shop" in words


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (Selector(), "shop has neither `resources` nor `deployments` in the catalogue"),
        (Selector(tags={"app": ("a", "b"), "env": ("prod",)}), "no resource matches tags app=a|b, env=prod"),
        (Selector(stacks=("shop-*",), regions=("eu-west-1",)), "no resource matches stack shop-* in eu-west-1"),
        (Selector(arns=tuple(f"arn:{n}" for n in range(5))), "ARN arn:0 or ARN arn:1 or ARN arn:2 or ..."),
        (Selector(accounts=("1234",)), "no resource in 1234"),
    ],
)
def test_the_reason_names_what_was_looked_for(selector: Selector, words: str) -> None:
    [gap] = seen_of(selector).gaps
    assert words in str(gap)


@pytest.mark.parametrize(
    "found",
    [datastore(tags={"service": "shop"}), alarm(tags={"service": "shop"}), deployment(tags=OURS)],
    ids=["a resource", "an alarm", "a declared deployment"],
)
def test_whatever_is_found_or_declared_to_run_counts_as_found(found: Fact) -> None:
    assert not seen_of(TAGGED, found).gaps


def test_a_whatif_does_not_call_it_unaffected() -> None:
    elsewhere = datastore("orders", tags={"service": "other"})
    seen = attribute(
        [
            CatalogueEntry(service("shop"), TAGGED),
            CatalogueEntry(service("other"), Selector(tags={"service": ("other",)})),
        ],
        [elsewhere],
        (),
    )
    lost = impact(Scope.parse(f"aws/{elsewhere.region}"), seen, lasts=NOW - NOW.replace(hour=0), now=NOW)
    [shop] = [impact_on for impact_on in lost.services if impact_on.service.name == "shop"]
    assert shop.fate is Fate.UNKNOWN
    assert "no resource matches tags service=shop" in shop.because[0]
