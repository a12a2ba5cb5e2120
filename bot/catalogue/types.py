"""The words of backstay.yaml: durations, cron expressions, time zones, regions, references to secrets.

Each is an annotated type: it reads what a person writes, says what was expected otherwise, and describes itself in the
JSON Schema. Names (services, audiences, tiers) are looked up in the `Known` handed in as pydantic's context.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core.core_schema import ValidationInfo

from bot.catalogue.account_ids import FORMS, account_id, account_of_facts
from bot.catalogue.names import KnownNames, scope, target
from bot.catalogue.problems import did_you_mean, listed
from bot.catalogue.region_names import problem_in_any_cloud, region_name, region_problem
from bot.catalogue.secrets import REFERENCE, quote, refuse

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_MOST = 1_000_000  # of any unit: no outage is reckoned in more
# Also as cards print it for people: `1 h 30 min`, `2 days`.
_DURATION = re.compile(
    r"(?:(\d+)w(?:eeks?)?)?(?:(\d+)d(?:ays?)?)?(?:(\d+)h(?:ours?)?)?(?:(\d+)m(?:in(?:utes?)?)?)?(?:(\d+)s(?:ec(?:onds?)?)?)?"
)


def read_text(value: object, expected: str) -> str:
    """Text without blanks around it.

    Raises:
        PydanticCustomError: it is no text, or empty.
    """
    if not isinstance(value, str) or not value.strip():
        raise refuse(f"expected {expected}, not {quote(value)}")
    return value.strip()


def duration(text: str) -> timedelta:
    """`15m`, `4h`, `1h30m`, `2d` as a timedelta, also as cards print it (`1 h 30 min`).

    Raises:
        ValueError: it is none.
    """
    match = _DURATION.fullmatch(text.replace(" ", "").lower())
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration: write 15m, 4h, 1h30m or 2d")
    counts = {unit: int(n) for unit, n in zip(_UNITS.values(), match.groups(), strict=True) if n}
    if any(n > _MOST for n in counts.values()):
        raise ValueError(f"{text!r} is too long; write at most 1,000,000 of a unit")
    return timedelta(**counts)


def duration_text(value: timedelta) -> str:
    """A duration of whole seconds from 1 s as backstay.yaml writes it: `15m`, `1h30m`, `400d`."""
    rest, written = int(value.total_seconds()), ""
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        written += f"{count}{unit}" if count else ""
    return written


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return duration(read_text(value, "a duration such as 15m, 4h, 1h30m or 2d"))
    except ValueError:
        raise refuse(f"expected a duration such as 15m, 4h, 1h30m or 2d, not {quote(value)}") from None


def _cron(value: object) -> str:
    fields = read_text(value, "a cron expression such as '0 9 * * MON'").upper().split()
    text, expected = " ".join(fields), "expected minute hour day month weekday, such as '0 9 * * MON'"
    if len(fields) != 5:  # a sixth field would be seconds, and a post every second
        raise refuse(f"{quote(text)} has {len(fields)} fields; {expected}")
    try:
        CronSim(text, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise refuse(f"{quote(text)} is not a cron expression ({error}); {expected}") from None
    return text


@cache
def _zones() -> set[str]:
    return available_timezones()  # walks the whole zone database each time


def _timezone(value: object) -> str:
    text = read_text(value, "a time zone such as Europe/Berlin")
    names = _zones()
    if text not in names:
        raise refuse(f"unknown time zone {quote(text)}{did_you_mean(text, names)}")
    return text


def _secret(value: object) -> str:
    text = read_text(value, "env:NAME or file:PATH")
    if not REFERENCE.fullmatch(text):
        raise refuse("secrets do not belong in this file; write env:NAME or file:PATH")
    return text


def _region(value: object) -> str:
    text = read_text(value, "a region such as eu-west-1").lower()
    problem = region_problem("aws", text)
    if problem:
        raise refuse(problem)
    return text


def _any_region(value: object) -> str:
    text = region_name(read_text(value, "a region such as eu-west-1, europe-west4 or westeurope"))
    problem = problem_in_any_cloud(text)
    if problem:
        raise refuse(problem)
    return text


def _words(value: object) -> object:
    """`a, b` or `a` where a list is meant, as variables of the environment have no lists."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return [] if value is None else value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def read_day(value: object) -> date:
    """A day.

    Raises:
        PydanticCustomError: it is none from 1990 to 2199.
    """
    if isinstance(value, date):
        return value
    text = read_text(value, "a date such as 2026-03-31")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise refuse(f"expected a date such as 2026-03-31, not {quote(value)}") from None
    if not 1990 <= day.year <= 2199:
        raise refuse(f"{quote(value)} is out of range; expected a year from 1990 to 2199")
    return day


def _target(value: object, info: ValidationInfo) -> str:
    text = read_text(value, "a service, a scope such as aws/us-east-1 or a SaaS")
    if isinstance(info.context, KnownNames):
        target(text, info.context)
    return text


def _scope(value: object, info: ValidationInfo) -> str:
    text = read_text(value, "a scope such as aws/us-east-1")
    return str(scope(text, info.context)) if isinstance(info.context, KnownNames) else text


def _among(what: str, names: Callable[[KnownNames], frozenset[str]]) -> Callable[[object, ValidationInfo], str]:
    def look_up(value: object, info: ValidationInfo) -> str:
        text = read_text(value, f"the name of {'an' if what[0] in 'aeiou' else 'a'} {what}")
        if isinstance(info.context, KnownNames) and text not in names(info.context):
            valid = names(info.context)
            hint = did_you_mean(text, valid) or (f"; known: {listed(valid)}" if valid else "; none is defined")
            raise refuse(f"unknown {what} {quote(text)}{hint}")
        return text

    return look_up


def _account(value: object) -> str:
    return account_id(read_text(value, FORMS).strip())


def _account_of_facts(value: object) -> str:
    return account_of_facts(read_text(str(value), FORMS))


def _says(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(schema)


_DURATION_SCHEMA = {
    "type": "string",
    "pattern": r"^(\d+ ?w(eeks?)? ?)?(\d+ ?d(ays?)? ?)?(\d+ ?h(ours?)? ?)?(\d+ ?m(in(utes?)?)? ?)?(\d+ ?s(ec(onds?)?)?)?$",
    "minLength": 2,
    "examples": ["15m", "4h", "1h30m", "2d"],
}
_REFERENCE_SCHEMA = {"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$", "examples": ["env:NAME"]}
_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_LIST_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": _SCALAR_SCHEMA}]}
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration_text, return_type=str, when_used="json"),
    _says(_DURATION_SCHEMA),
]
Cron = Annotated[str, BeforeValidator(_cron), _says({"type": "string", "examples": ["0 9 * * MON"]})]
TimeZone = Annotated[str, BeforeValidator(_timezone), _says({"type": "string", "examples": ["Europe/Berlin"]})]
Day = Annotated[date, BeforeValidator(read_day), _says({"type": "string", "format": "date"})]
Reference = Annotated[str, BeforeValidator(_secret), _says(_REFERENCE_SCHEMA)]
Region = Annotated[str, BeforeValidator(_region), _says({"type": "string", "examples": ["eu-west-1"]})]
_REGIONS_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Regions = Annotated[tuple[Region, ...], BeforeValidator(_words), _says(_REGIONS_SCHEMA)]
AnyRegion = Annotated[
    str, BeforeValidator(_any_region), _says({"type": "string", "examples": ["eu-west-1", "europe-west4"]})
]
RegionsOfAnyCloud = Annotated[tuple[AnyRegion, ...], BeforeValidator(_words), _says(_REGIONS_SCHEMA)]
StringList = Annotated[tuple[str, ...], BeforeValidator(_words), _says(_LIST_SCHEMA)]
OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), _says(_LIST_SCHEMA)]
AccountId = Annotated[
    str,
    BeforeValidator(_account),
    _says({"type": ["string", "integer"], "examples": ["123456789012", "projects/shop-prod"]}),
]
AccountOfFacts = Annotated[str, BeforeValidator(_account_of_facts), _says({"type": ["string", "integer"]})]
AccountIds = Annotated[tuple[AccountOfFacts, ...], BeforeValidator(_words), _says(_LIST_SCHEMA)]
Target = Annotated[
    str, BeforeValidator(_target), _says({"type": "string", "examples": ["login", "stripe", "aws/us-east-1"]})
]
ScopeText = Annotated[str, BeforeValidator(_scope), _says({"type": "string", "examples": ["aws/us-east-1"]})]
AudienceName = Annotated[
    str, BeforeValidator(_among("audience", lambda known: known.audiences)), _says({"type": "string"})
]
TierNumber = Annotated[
    int, BeforeValidator(_among("tier", lambda known: known.tiers)), _says({"type": "integer", "minimum": 1})
]
ServiceName = Annotated[
    str, BeforeValidator(_among("service", lambda known: known.services)), _says({"type": "string"})
]
