"""Which words of providers touch us: by region, by age, by what services need through each other."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.catalogue import read
from bot.catalogue.exposure import exposure_of, split_by_need
from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def incident(*regions: str, age: timedelta = timedelta(hours=1), known: bool = True) -> ProviderIncident:
    state, severity = (IncidentState.INVESTIGATING, IncidentSeverity.MAJOR) if known else (None, None)
    return ProviderIncident("aws", "i", "Errors", state, severity, regions=regions, updated_at=NOON - age)


def reading(one: ProviderIncident) -> FeedReading:
    return FeedReading("aws", "aws_currentevents", (one,), severity=IncidentSeverity.CRITICAL, read_at=NOON)


@pytest.mark.parametrize(
    ("one", "ours"),
    [
        (incident("us-east-1"), True),
        (incident("US-EAST-1", "eu-west-1"), True),
        (incident("global"), True),
        (incident(), True),
        (incident("me-central-1"), False),
        (incident("us-east-1", age=timedelta(days=8)), False),
        (incident("us-east-1", age=timedelta(days=2)), True),
        (incident("us-east-1", age=timedelta(days=2), known=False), False),
    ],
)
def test_elsewhere_and_long_open_are_set_apart_but_not_hidden(one: ProviderIncident, ours: bool) -> None:
    parts = split_by_need(reading(one), frozenset({"us-east-1"}), NOON)
    assert [part.provider == "aws" for part in parts] == ([True] if ours else [True, False])
    assert [kept for part in parts for kept in part.incidents] == [one]
    assert (parts[0].severity is IncidentSeverity.NONE) is not ours


def test_azure_writes_its_regions_in_two_ways() -> None:
    [part] = split_by_need(reading(incident("West US")), frozenset({"westus"}), NOON)
    assert part.incidents


def test_what_was_never_read_stays_unknown() -> None:
    [part] = split_by_need(FeedReading("aws", "", error="answers 500"), frozenset({"us-east-1"}), NOON)
    assert part.severity is None


def test_needs_reach_through_services_and_a_circle_ends() -> None:
    services = read(
        """
services:
  - {name: a, tier: 1, depends_on: [b, stripe]}
  - {name: b, tier: 1, depends_on: [a, aws/us-east-1/dynamodb]}
  - {name: c, tier: 2}
"""
    ).services
    stand = exposure_of(services, [("c", "aws", "eu-west-1"), ("c", "gcp", "")])
    assert stand.needed_by["aws"] == ("a", "b", "c")
    assert stand.needed_by["stripe"] == ("a", "b")
    assert stand.regions == {"aws": frozenset({"us-east-1", "eu-west-1"})}
