"""Regions that the settings leave out were not read, so they are not empty."""

from datetime import timedelta

import pytest
from support.builders.facts import AWAY, HOME, NOW, alarm, compute, datastore, pipeline, service

from bot.app.cli.options import _overridden
from bot.app.settings import load
from bot.audit.attribution import attribute
from bot.audit.facts_codec import decode, encode
from bot.audit.runs import merge_collected, places_to_reread
from bot.catalogue import CatalogueEntry, Selector
from bot.model import Collected
from checks import Fact, Fate, Finding, Gap, Outcome, Scope, Seen, evaluate, impact

EUROPE = "eu-west-1"
LEFT_OUT = Gap("aws", "aws", "111122223333", "", f"only {HOME}, {EUROPE} were read", (), only_regions=(HOME, EUROPE))


def judged(*facts: Fact, gaps: tuple[Gap, ...] = (LEFT_OUT,)) -> dict[str, Finding]:
    return {finding.check.id: finding for finding in evaluate([Seen(service("payments"), facts, gaps)], now=NOW)}


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        ("RG01", (compute(),)),
        ("RG05", (compute(), compute(region=EUROPE), pipeline(regions=(HOME,)))),
        ("CP05", (compute(), compute(region=EUROPE), pipeline())),
        ("OB07", (compute(), alarm())),
    ],
)
def test_what_is_nowhere_in_the_regions_read_may_be_elsewhere(check: str, facts: tuple[Fact, ...]) -> None:
    assert judged(*facts, gaps=())[check].outcome is Outcome.FAIL
    finding = judged(*facts)[check]
    assert finding.outcome is Outcome.UNKNOWN
    assert f"{EUROPE}, {HOME}" in finding.summary


def test_what_is_found_in_the_regions_read_counts() -> None:
    found = judged(compute(), compute(region=EUROPE), datastore(replica_regions=()))
    assert found["RG01"].outcome is Outcome.PASS
    assert found["RG02"].outcome is Outcome.FAIL  # a store tells its replicas itself, wherever they are


def test_a_check_that_does_not_apply_says_which_regions_were_read() -> None:
    finding = judged(compute())["FO05"]
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.summary.endswith(f"(regions read: {EUROPE}, {HOME})")


def test_a_choice_hides_nothing_else() -> None:
    facts = (compute(), datastore(), alarm())
    before, after = judged(*facts, gaps=()), judged(*facts)
    changed = {key for key in before if before[key].outcome != after[key].outcome}
    assert changed == {"RG01", "OB07"} & changed
    assert "RG01" in changed


@pytest.mark.parametrize(
    ("lost", "fate"), [(f"aws/{HOME}", Fate.UNKNOWN), (f"aws/{AWAY}", Fate.UNKNOWN), (f"aws/{EUROPE}", Fate.UNAFFECTED)]
)
def test_a_what_if_answers_from_the_same_facts(lost: str, fate: Fate) -> None:
    seen = [Seen(service("payments"), (compute(),), (LEFT_OUT,))]
    answer = impact(Scope.parse(lost), seen, lasts=timedelta(hours=1), now=NOW)
    assert (answer.services[0].fate, answer.known_scope) == (fate, lost != f"aws/{EUROPE}")
    assert fate is Fate.UNAFFECTED or f"only {HOME}, {EUROPE} were read" in " ".join(answer.services[0].because)


def test_a_service_that_says_where_it_is_needs_no_other_region() -> None:
    inside = Selector(tags={"service": ("a",)}, regions=(HOME,))
    outside = Selector(tags={"service": ("a",)}, regions=(HOME, AWAY))
    entries = [CatalogueEntry(service("in"), inside), CatalogueEntry(service("out"), outside)]
    seen = attribute(entries, [], [LEFT_OUT])
    assert [LEFT_OUT in seen_service.gaps for seen_service in seen] == [False, True]


def test_an_earlier_run_of_more_regions_outweighs_a_later_choice() -> None:
    later, whole = Collected((), [], left_out=(LEFT_OUT,)), Collected((compute(region=AWAY),), [])
    assert merge_collected([later], whole).left_out == ()
    assert merge_collected([Collected((), [])], later).left_out == (LEFT_OUT,)
    assert merge_collected([later], None).left_out == (LEFT_OUT,)
    assert decode(encode(later)).left_out == (LEFT_OUT,)
    seen = Seen(service("payments"), (compute(),), (LEFT_OUT,))
    assert places_to_reread([seen], ("payments",)) == frozenset([("test", "111122223333", HOME)])


def test_the_command_line_takes_back_what_the_settings_state_only_where_it_names_less() -> None:
    settings = load(None, {"BACKSTAY_AWS__REGIONS": f"{HOME},{EUROPE}", "BACKSTAY_AWS__REGIONS_ARE_ALL": "true"})
    assert settings.aws.regions_are_all
    assert not _overridden(settings, "", [HOME]).aws.regions_are_all
    assert _overridden(settings, "", [HOME, EUROPE, AWAY]).aws.regions_are_all
