"""What a plan knows only after apply decides nothing: taken away setting by setting from the one estate, no verdict turns over."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.builders.plans import NOW, block, change, plan, read
from support.samples.one_estate import in_terraform, more_in_terraform

from checks import DEFAULT_TIERS, Outcome, Seen, Service, evaluate

SHOP = Service("shop", DEFAULT_TIERS[1])
DECIDED = {Outcome.PASS, Outcome.FAIL}
# By these one resource names another. A plan of new resources names them by reference, which a value here would not be.
IDENTITIES = {"arn", "id", "name", "region", "bucket", "instance_group", "zone_id", "dns_name"}
WRITTEN = {"type"}  # of a record: every configuration has it as a text
DOORS: Mapping[str, Mapping[str, in_terraform.Resources]] = {
    "aws": {**in_terraform.AWS, **more_in_terraform.AWS},
    "google": {**in_terraform.GOOGLE, **more_in_terraform.GOOGLE},
    "azure": {**in_terraform.AZURE, **more_in_terraform.AZURE},
}


def settings() -> Iterator[Any]:
    for door, estate in DOORS.items():
        for case, resources in estate.items():
            for address, values in resources:
                for name in sorted(values.keys() - IDENTITIES - WRITTEN):
                    yield pytest.param(
                        door, case, address, name, id=f"{door}-{case}-{address}-{name}".replace(" ", "-")
                    )


def verdicts(door: str, case: str, hidden: tuple[str, str] = ("", "")) -> dict[tuple[str, str, str], Outcome]:
    """By kind, name and check; `hidden`: the address and the setting that are known only after apply."""
    changes, blocks = [change("random_pet.x", None, {}, unknown=["id"])], []
    for address, values in DOORS[door][case]:
        name = hidden[1] if hidden[0] == address else ""
        told = {key: value for key, value in values.items() if key != name}
        changes.append(change(address, None, told, unknown=[name] if name else []))
        waits = {name: {"references": ["random_pet.x.id", "random_pet.x"]}} if name else {}
        blocks.append(block(address, waits))
    after = read(plan(*changes, blocks=blocks), "us-east-1").after
    found: dict[tuple[str, str, str], Outcome] = {}
    for finding in evaluate([Seen(SHOP, after.facts, after.gaps)], now=NOW):
        if finding.fact is not None:
            found[type(finding.fact).__name__, finding.fact.name, finding.check.id] = finding.outcome
    return found


@pytest.mark.parametrize(("door", "case", "address", "name"), list(settings()))
def test_no_verdict_turns_over(door: str, case: str, address: str, name: str) -> None:
    known, unknown = verdicts(door, case), verdicts(door, case, (address, name))
    assert {
        key: (outcome, unknown[key])
        for key, outcome in known.items()
        if key in unknown and {outcome, unknown[key]} == DECIDED
    } == {}
