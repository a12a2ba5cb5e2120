"""What a service depends on, in each form in which people write it; and which parts of a provider that makes ours."""

from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from bot.app.settings import schema
from bot.cards.wording import duration as printed
from bot.catalogue import ConfigError, duration, read
from bot.catalogue.exposure import exposure_of, relevant_readings
from bot.model import FeedComponent, FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.providers import Exposure
from checks import Dependency

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STRIPE = Dependency("stripe", "saas")
API = Dependency("stripe", "saas", parts=("API",))
SOFT = Dependency("stripe", "saas", hard=False, parts=("API",))


def catalogue(depends_on: str) -> str:
    return f"services:\n  - name: shop\n    depends_on: {depends_on}\n  - name: login\n"


def needs(depends_on: str) -> tuple[Dependency, ...]:
    return read(catalogue(depends_on), "b.yaml").services[0].depends_on


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[stripe]", (STRIPE,)),
        ("{stripe: [API]}", (API,)),
        ("{stripe: API}", (API,)),
        ("[{stripe: [API]}]", (API,)),
        ("{on: stripe, parts: [API]}", (API,)),
        ("[{on: stripe, parts: [API]}]", (API,)),
        ("[{on: stripe, parts: [API], soft: true}]", (SOFT,)),
        ("[{stripe: [API], soft: true}]", (SOFT,)),
        ("{stripe: {parts: [API], soft: true}}", (SOFT,)),
        ("{stripe: [], login: }", (STRIPE, Dependency("login", "service"))),
        ("[{stripe: [' API ', API, Payment  links]}]", (Dependency("stripe", "saas", parts=("API", "Payment links")),)),
        ("{aws/us-east-1/sqs: , stripe: [API]}", (Dependency("aws/us-east-1/sqs", "scope"), API)),
        ("{cloudflare: [CDN/Cache]}", (Dependency("cloudflare", "scope", parts=("CDN/Cache",)),)),
    ],
)
def test_each_form_of_a_dependency_means_the_same(written: str, expected: tuple[Dependency, ...]) -> None:
    assert needs(written) == expected


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("{strip: [API]}", "b.yaml:3:18: services[0].depends_on.strip: unknown service, provider or scope 'strip'"),
        (
            "[stripe, {strip: [API]}]",
            "b.yaml:3:26: services[0].depends_on[1]: unknown service, provider or scope 'strip'",
        ),
        ("[{login: [API]}]", "only a provider has parts, and 'login' is a service; write login alone"),
        ("{aws: [us-east-1]}", "'us-east-1' is a region, not a part; write aws/us-east-1"),
        ("{aws/us-east-1/sqs: [API]}", "'aws/us-east-1/sqs' names a part already; write it without parts"),
        ("{stripe: [{a: b}]}", "expected text, not a mapping"),
        ("{stripe: ['']}", "a part has no name; write it as the provider's status page does, such as API"),
        ("[{on: stripe, part: [API]}]", "unknown key 'part'; did you mean 'parts'?"),
        ("[{stripe: [API], login: []}]", "names 2 dependencies in one item; write an item for each: - stripe: [part]"),
    ],
)
def test_a_mistaken_dependency_is_told_with_its_place_and_a_fix(written: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(catalogue(written), "b.yaml")
    (problem,) = caught.value.problems
    assert line in str(problem)
    assert problem.line == 3


def test_a_mistake_in_a_mapping_over_several_lines_has_its_own_line() -> None:
    text = "services:\n  - name: shop\n    depends_on:\n      github: [Actions]\n      strip: [API]\n"
    with pytest.raises(ConfigError) as caught:
        read(text, "b.yaml")
    assert str(caught.value).startswith("b.yaml:5:7: services[0].depends_on.strip: ")


@pytest.mark.parametrize(
    ("depends_on", "valid"),
    [
        (["login", {"stripe": ["API"]}, {"on": "stripe", "parts": ["API"], "soft": True}], True),
        ({"stripe": ["API"], "github": None}, True),
        ([{"on": "stripe", "part": ["API"]}], False),
        (7, False),
    ],
)
def test_the_schema_has_each_form(depends_on: object, valid: bool) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid({"services": [{"name": "shop", "depends_on": depends_on}]}) is valid


def test_the_parts_that_services_need_together_are_ours_and_one_that_needs_all_makes_all_ours() -> None:
    text = """
services:
  - {name: shop, depends_on: {stripe: [API], github: [Actions]}}
  - {name: bills, depends_on: [{stripe: [Webhooks]}, shop]}
  - {name: docs, depends_on: [github]}
"""
    stand = exposure_of(read(text).services)
    assert stand.parts == {"stripe": ("API", "Webhooks")}
    assert stand.needed_by["stripe"] == ("shop", "bills")


def incident(*parts: str) -> ProviderIncident:
    return ProviderIncident(
        "stripe", f"i-{parts}", "Errors", IncidentState.INVESTIGATING, IncidentSeverity.MAJOR, parts, updated_at=NOON
    )


def test_what_fails_in_parts_that_nobody_needs_is_set_apart() -> None:
    stand = Exposure({"stripe": ("shop",)}, parts={"stripe": ("API",)})
    red = FeedComponent("Dashboard", IncidentSeverity.MAJOR)
    reading = FeedReading(
        "stripe", "statuspage", (incident("Dashboard"), incident("Payments API")), (red,), IncidentSeverity.MAJOR, NOON
    )
    near, far = relevant_readings([reading], stand, NOON)
    assert [found.services for found in near.incidents] == [("Payments API",)]
    assert (near.severity, near.components) == (IncidentSeverity.MAJOR, ())
    assert (far.provider, far.components) == ("stripe (Dashboard)", (red,))
    alone, _ = relevant_readings([FeedReading("stripe", "", (), (red,), IncidentSeverity.MAJOR, NOON)], stand, NOON)
    assert alone.severity is IncidentSeverity.NONE


@pytest.mark.parametrize("seconds", [1, 45, 60, 900, 5400, 54000, 172_800, 183_600, 3_456_000])
def test_a_duration_that_a_card_prints_can_be_typed_again(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert duration(printed(length)) == length
