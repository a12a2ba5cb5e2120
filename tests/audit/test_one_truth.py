"""One truth: the same estate, described in AWS, Google Cloud, Azure, Kubernetes and Terraform, gets the same verdicts."""

from collections.abc import Mapping
from functools import cache

import pytest
from support.builders.facts import NOW, deployment, service
from support.harness.doors import DOORS
from support.samples.one_estate import CASES
from support.samples.one_estate.differences import ABSENT, DIFFERENCES, Difference

from checks import (
    Alarm,
    Certificate,
    DnsRecord,
    DnsZone,
    EncryptionKey,
    Fact,
    LoadBalancer,
    Outcome,
    Queue,
    Secret,
    Seen,
    evaluate,
)

NAMES = {
    "database": "orders",
    "bucket": "receipts",
    "cache": "sessions",
    "machines": "web",
    "containers": "api",
    "balancer": "front",
    "queue": "jobs",
    "domain": "example.com",
    "record": "www.example.com",
    "key": "vault",
    "alarm": "errors",
    "secret": "password",
    "certificate": "shop.example.com",
}
REGIONS = {
    "aws": ("us-east-1", "us-west-2"),
    "gcp": ("europe-west4", "europe-north1"),
    "azure": ("westeurope", "northeurope"),
}
"""By provider, two regions in which a service needs its secret."""
KINDS: Mapping[str, type[Fact]] = {
    "balancer": LoadBalancer,
    "queue": Queue,
    "domain": DnsZone,
    "record": DnsRecord,
    "key": EncryptionKey,
    "alarm": Alarm,
    "secret": Secret,
    "certificate": Certificate,
}
"""By thing, the kind of fact that is judged, where a world describes it together with others."""
WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
PAIRS = [(case, door) for case in CASES for door in DOORS]
CORE = {
    "database": {"AU01", "BK01", "CA02", "RG02", "ZN08"},
    "bucket": {"BK07", "RG03"},
    "cache": {"ZN09"},
    "machines": {"ZN01"},
    "containers": {"ZN01"},
    "balancer": {"AU02", "ZN04"},
    "queue": {"CA09", "CA11"},
    "domain": {"DN03", "DN04", "DN05"},
    "record": {"DN06"},
    "key": {"AU10"},
    "alarm": {"OB05"},
    "secret": {"RG04"},
    "certificate": {"DN07"},
}
"""By thing, checks that fail it where it is bare, and pass it where it is sound."""


@cache
def verdicts(case: str, door: str) -> Mapping[str, str]:
    """By check, the worst outcome on the described thing, or on the service as a whole."""
    thing = case.split()[1]
    name, found = NAMES[thing], dict[str, Outcome]()
    facts = [fact for fact in DOORS[door](case) if isinstance(fact, KINDS.get(thing, Fact))]
    assert facts, "the world describes the thing"
    if thing == "secret":
        regions = REGIONS[facts[0].provider]
        facts += [deployment(region, provider=facts[0].provider, region=region) for region in regions]
    for finding in evaluate([Seen(service(), facts)], now=NOW):
        if finding.fact is None or finding.fact.name == name:
            known = found.get(finding.check.id, Outcome.NOT_APPLICABLE)
            found[finding.check.id] = min(known, finding.outcome, key=WORST.index)
    return {check: outcome.value for check, outcome in found.items()}


@pytest.mark.parametrize(("case", "door"), PAIRS)
def test_every_door_gives_the_verdict_of_aws_or_is_known_to_differ(case: str, door: str) -> None:
    if (door, case) in ABSENT:
        assert not DOORS[door](case)
        return
    truth, told = verdicts(case, "aws"), verdicts(case, door)
    different = {
        (check, truth.get(check, ""), outcome)
        for check, outcome in told.items()
        if truth.get(check) != outcome and not any(row.allows(case, check, door, outcome) for row in DIFFERENCES)
    }
    assert different == set()


@pytest.mark.parametrize("thing", CORE)
def test_what_is_bare_fails_and_what_is_sound_passes(thing: str) -> None:
    assert {check: verdicts(f"bare {thing}", "aws")[check] for check in CORE[thing]} == dict.fromkeys(
        CORE[thing], "fail"
    )
    assert {check: verdicts(f"sound {thing}", "aws")[check] for check in CORE[thing]} == dict.fromkeys(
        CORE[thing], "pass"
    )


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: f"{row.checks.split()[0]}-{row.doors[0]}")
def test_every_known_difference_is_about_a_verdict_of_today(row: Difference) -> None:
    """A row that no door needs any more is a difference that nobody would notice."""
    assert any(
        row.allows(case, check, door, outcome)
        for case, door in PAIRS
        if (door, case) not in ABSENT
        for check, outcome in verdicts(case, door).items()
    )
