"""A gap that hides other kinds of datastore or compute leaves a check alone."""

from datetime import timedelta
from typing import Any

import pytest
from support.builders.facts import NOW, compute, datastore, function, gap, service
from support.fakes.aws_script import ScriptedAws
from support.harness.tables import FAIL, NOT_APPLICABLE, UNKNOWN, case
from support.samples.aws_pairs import PAIRS

from bot.audit.collectors.aws.source import Source, sources
from bot.audit.facts_codec import pack, unpack
from checks import KINDS_JUDGED, ComputeGroup, ComputeKind, Datastore, Outcome, Seen, StoreKind, discover, evaluate

STRICT = service(rto=timedelta(minutes=15), rpo=timedelta(minutes=5))
RULES = {rule.id: rule for rule in discover()}
STORES, COMPUTE = tuple(map(str, StoreKind)), tuple(map(str, ComputeKind))


@pytest.mark.parametrize("check", KINDS_JUDGED)
def test_a_check_applies_to_no_other_kind(check: str) -> None:
    kind = RULES[check].each
    assert kind is not None
    shapes = STORES if kind.kind is Datastore else COMPUTE
    assert KINDS_JUDGED[check] < set(shapes)
    for shape in set(shapes) - KINDS_JUDGED[check]:
        fact: Any = datastore(kind=StoreKind(shape)) if shape in STORES else compute(kind=ComputeKind(shape))
        (finding,) = evaluate([Seen(STRICT, [fact])], now=NOW, rules=[RULES[check]])
        assert finding.outcome is NOT_APPLICABLE, (shape, finding.summary)


@pytest.mark.parametrize(
    ("check", "shapes", "right"),
    [
        ("ZN09", (StoreKind.STREAM,), NOT_APPLICABLE),
        ("ZN09", (StoreKind.CACHE,), UNKNOWN),
        ("ZN09", (), UNKNOWN),
        ("ZN10", (StoreKind.KEY_VALUE,), NOT_APPLICABLE),
        ("RG02", (StoreKind.SEARCH,), NOT_APPLICABLE),
        ("RG02", (StoreKind.RELATIONAL, StoreKind.DOCUMENT), UNKNOWN),
        ("BK01", (StoreKind.CACHE,), NOT_APPLICABLE),
        ("BK01", (StoreKind.FILE,), UNKNOWN),
    ],
)
def test_a_gap_of_stores_hides_its_own_kinds(check: str, shapes: tuple[str, ...], right: Outcome) -> None:
    case(check, right, gaps=(gap(Datastore, shapes=shapes),)).hold()


@pytest.mark.parametrize(
    ("check", "shapes", "right"),
    [
        ("CA10", (ComputeKind.KUBERNETES,), NOT_APPLICABLE),
        ("FO10", (ComputeKind.CONTAINERS,), NOT_APPLICABLE),
        ("ZN01", (ComputeKind.MACHINE,), NOT_APPLICABLE),
        ("ZN01", (ComputeKind.KUBERNETES,), UNKNOWN),
    ],
)
def test_a_gap_of_compute_hides_its_own_kinds(check: str, shapes: tuple[str, ...], right: Outcome) -> None:
    case(check, right, gaps=(gap(ComputeGroup, shapes=shapes),)).hold()


def test_what_is_judged_beside_such_a_gap_stands() -> None:
    found = case("CA10", FAIL, function(dead_letter=False), gaps=(gap(ComputeGroup, shapes=(ComputeKind.MACHINE,)),))
    assert [finding.outcome for finding in found.findings()] == [FAIL]
    says = "checkout has no datastore that this check applies to"
    case("ZN09", NOT_APPLICABLE, gaps=(gap(Datastore, shapes=(StoreKind.FILE,)),), says=says).hold()


def test_the_shapes_of_a_gap_are_stored() -> None:
    gaps = [gap(Datastore), gap(Datastore, shapes=("cache",))]
    assert unpack(pack([], gaps))[1] == gaps


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_every_source_names_the_kinds_that_it_yields(source: Source) -> None:
    found = source.read(ScriptedAws(PAIRS).reader(source.name, everywhere=source.where == "global"))
    kinds = {fact.kind for fact in found if isinstance(fact, Datastore | ComputeGroup)}
    assert kinds <= set(source.shapes)
    assert bool(source.shapes) == (not {Datastore, ComputeGroup}.isdisjoint(source.facts))
