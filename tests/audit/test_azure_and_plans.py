"""The same resource from both doors: as Azure lists it, and as a plan or state of Terraform describes it.

Shapes: the REST reference of each resource provider, and hashicorp/azurerm provider 3 and 4.
"""

from dataclasses import fields

import pytest
from support.builders.plans import facts as planned_facts
from support.builders.plans import state
from support.samples.azure_pairs_of_compute import COMPUTE
from support.samples.azure_pairs_of_stores import STORES, Planned, Rows
from support.samples.azure_resources import facts

from checks import Fact, Maybe, Unread

OF_THE_DOOR = frozenset({"resource", "account", "source", "observed_at", "status", "stack", "tags", "phase"})
"""What tells the doors apart, and not the resource."""
PAIRS = (*STORES, *COMPUTE)


def equal(one: Maybe[object], other: Maybe[object]) -> bool:
    """Whether two fields say the same. A field that one door could not read says nothing."""
    return one == other or isinstance(one, Unread) or isinstance(other, Unread)


@pytest.mark.parametrize(
    ("kind", "rows", "planned", "more"), PAIRS, ids=[planned[-1][0].partition(".")[0] for _, _, planned, _ in PAIRS]
)
def test_both_doors_give_equal_facts(kind: type[Fact], rows: Rows, planned: Planned, more: tuple[str, ...]) -> None:
    [listed] = [fact for fact in facts(rows).values() if isinstance(fact, kind)]
    grouped = ((address, {"resource_group_name": "Shop", **values}) for address, values in planned)
    [described] = planned_facts(state(*grouped), kind)
    pairs = {
        field.name: (getattr(listed, field.name), getattr(described, field.name))
        for field in fields(kind)
        if field.name not in OF_THE_DOOR
    }
    assert {name: pair for name, pair in pairs.items() if not equal(*pair) and name not in more} == {}
