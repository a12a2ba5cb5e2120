"""The words of backstay.yaml: durations, cron expressions, time zones, regions, references to secrets.

Each is an annotated type: it reads what a person writes, says what was expected otherwise, and describes itself in the
JSON Schema. Names (services, audiences, tiers) are looked up in the `Known` handed in as pydantic's context.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from bot.catalogue._problems import did_you_mean, listed
from bot.catalogue._saas import AWS_REGION_SHAPE, AWS_REGIONS, CLOUDS, SAAS
from checks import Scope

Kind = Literal["service", "scope", "saas"]
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_MOST = 1_000_000  # of any unit: no outage is reckoned in more
_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_TOKENS = (
    ("a Slack token", re.compile(r"\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}")),
    ("a Slack webhook address", re.compile(r"hooks\.slack\.com/(services|workflows|triggers)/\w")),
    ("a signed address", re.compile(r"[?&](sig|token|key|api_?key|secret)=[^&\s]{6,}", re.IGNORECASE)),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,})")),
    ("a Stripe key", re.compile(r"\b[sr]k_(live|test)_\w{10,}")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")),
    ("a signed token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")),
    ("a password in an address", re.compile(r"\w+://[^/\s:@]+:[^/\s@]+@")),
)
_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w=-]{20,}")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*")


@dataclass(frozen=True, slots=True)
class Known:
    """Every name that the file defines, read before anything is judged, so that all mistakes show in one pass.

    `providers`: what a provider may be called, in small letters -> its own name.
    """

    services: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    providers: Mapping[str, str] = field(default_factory=dict)


def refuse(text: str) -> PydanticCustomError:
    """The error which a validator raises; `text` reaches the person as it is."""
    return PydanticCustomError("backstay", "{text}", {"text": text})


def secret_kind(text: str) -> str:
    """What kind of secret the text looks like, empty for none."""
    return next((kind for kind, shape in _TOKENS if shape.search(text)), "")


def quote(value: object) -> str:
    """A value for a message: cut, never a secret."""
    if not isinstance(value, str | int | float | bool):
        return {"dict": "a mapping", "list": "a list", "NoneType": "nothing"}.get(type(value).__name__, "this")
    text = str(value)
    if secret_kind(text):
        return "(hidden)"
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refuse(f"expected {expected}, not {quote(value)}")
    return value.strip()


def duration(text: str) -> timedelta:
    """`15m`, `4h`, `1h30m`, `2d` as a timedelta.

    Raises:
        ValueError: it is none.
    """
    match = _DURATION.fullmatch(text.replace(" ", "").lower())
    if not match or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration: write 15m, 4h, 1h30m or 2d")
    counts = {unit: int(n) for unit, n in zip(_UNITS.values(), match.groups(), strict=True) if n}
    if any(n > _MOST for n in counts.values()):
        raise ValueError(f"{text!r} is longer than can be meant")
    return timedelta(**counts)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return duration(_text(value, "a duration such as 15m, 4h, 1h30m or 2d"))
    except ValueError:
        raise refuse(f"expected a duration such as 15m, 4h, 1h30m or 2d, not {quote(value)}") from None


def _cron(value: object) -> str:
    fields = _text(value, "a cron expression such as '0 9 * * MON'").upper().split()
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
    text = _text(value, "a time zone such as Europe/Berlin")
    names = _zones()
    if text not in names:
        raise refuse(f"no time zone is called {quote(text)}{did_you_mean(text, names)}")
    return text


def _secret(value: object) -> str:
    text = _text(value, "env:NAME or file:PATH")
    if not _REFERENCE.fullmatch(text):
        raise refuse("a secret never stands in this file; write env:NAME or file:PATH")
    return text


def address(text: str) -> str:
    """Where a webhook posts to: a reference, or an address that anybody may read.

    Raises:
        PydanticCustomError: it is no http(s) address, or a piece of its path looks like a key.
    """
    if _REFERENCE.fullmatch(text):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refuse(f"expected env:NAME, file:PATH or an http(s) address, not {quote(text)}")
    if any(_KEY.fullmatch(piece) for piece in parts.path.split("/")):
        raise refuse("a piece of this address looks like a key; write env:NAME or file:PATH")
    return text


def region_problem(provider: str, region: str) -> str:
    """What is wrong with a region's name, empty when nothing is. Only AWS's names are known here."""
    if provider != "aws" or region in AWS_REGIONS or region == "global":
        return ""
    if AWS_REGION_SHAPE.fullmatch(region):
        return ""
    return f"AWS has no region {quote(region)}{did_you_mean(region, AWS_REGIONS)}"


def _region(value: object) -> str:
    text = _text(value, "a region such as eu-west-1").lower()
    problem = region_problem("aws", text)
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


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    text = _text(value, "a date such as 2026-03-31")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise refuse(f"expected a date such as 2026-03-31, not {quote(value)}") from None
    if not 1990 <= day.year <= 2199:
        raise refuse(f"{quote(value)} is too far away to be meant")
    return day


def scope(text: str, known: Known) -> Scope:
    """`aws/us-east-1/dynamodb` as a Scope.

    Raises:
        PydanticCustomError: no such provider or region.
    """
    try:
        made = Scope.parse(text)
    except ValueError:
        raise refuse(
            f"{quote(text)} is not a scope; write provider/region or provider/region/product-or-zone"
        ) from None
    if made.provider not in CLOUDS and made.provider not in known.providers:
        names = [*CLOUDS, *known.providers]
        raise refuse(f"no provider is called {quote(made.provider)}{did_you_mean(made.provider, names)}")
    problem = region_problem(made.provider, made.region) if made.region else ""
    if problem:
        raise refuse(problem)
    return made


def target(word: str, known: Known) -> tuple[Kind, str]:
    """What a word in `depends_on` names: a service, a scope or a SaaS, and how it is spelt.

    Raises:
        PydanticCustomError: nothing is called so; the nearest name is told.
    """
    if word in known.services:
        return "service", word
    low = word.lower()
    if "/" in word or low in CLOUDS:
        return "scope", str(scope(word, known))
    if low in known.providers:
        return "saas", known.providers[low]
    if low.replace(" ", "-") in SAAS:
        return "saas", low.replace(" ", "-")
    hint = did_you_mean(word, known.services) or did_you_mean(word, {*known.providers.values(), *SAAS, *CLOUDS})
    raise refuse(
        f"no service, provider or scope is called {quote(word)}"
        + (hint or "; a SaaS that is not known yet is named under providers:")
    )


def _target(value: object, info: ValidationInfo) -> str:
    text = _text(value, "a service, a scope such as aws/us-east-1 or a SaaS")
    if isinstance(info.context, Known):
        target(text, info.context)
    return text


def _scope(value: object, info: ValidationInfo) -> str:
    text = _text(value, "a scope such as aws/us-east-1")
    return str(scope(text, info.context)) if isinstance(info.context, Known) else text


def _among(what: str, names: Callable[[Known], frozenset[str]]) -> Callable[[object, ValidationInfo], str]:
    def look_up(value: object, info: ValidationInfo) -> str:
        text = _text(value, f"the name of one {what}")
        if isinstance(info.context, Known) and text not in names(info.context):
            valid = names(info.context)
            hint = did_you_mean(text, valid) or (f"; there are {listed(valid)}" if valid else "; none is defined")
            raise refuse(f"no {what} is called {quote(text)}{hint}")
        return text

    return look_up


def _account(value: object) -> str:
    text = _text(value, "an account id of 12 digits")
    if not re.fullmatch(r"\d{12}", text):
        raise refuse(f"expected an account id of 12 digits, not {quote(value)}")
    return text


def _says(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(schema)


_DURATION_SCHEMA = {
    "type": "string",
    "pattern": r"^(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$",
    "minLength": 2,
    "examples": ["15m", "4h", "1h30m", "2d"],
}
_REFERENCE_SCHEMA = {"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$", "examples": ["env:NAME"]}
_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_LIST_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": _SCALAR_SCHEMA}]}

Duration = Annotated[timedelta, BeforeValidator(_duration), _says(_DURATION_SCHEMA)]
Cron = Annotated[str, BeforeValidator(_cron), _says({"type": "string", "examples": ["0 9 * * MON"]})]
TimeZone = Annotated[str, BeforeValidator(_timezone), _says({"type": "string", "examples": ["Europe/Berlin"]})]
Day = Annotated[date, BeforeValidator(_day), _says({"type": "string", "format": "date"})]
Reference = Annotated[str, BeforeValidator(_secret), _says(_REFERENCE_SCHEMA)]
Region = Annotated[str, BeforeValidator(_region), _says({"type": "string", "examples": ["eu-west-1"]})]
Regions = Annotated[
    tuple[Region, ...],
    BeforeValidator(_words),
    _says({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Words = Annotated[tuple[str, ...], BeforeValidator(_words), _says(_LIST_SCHEMA)]
OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), _says(_LIST_SCHEMA)]
AccountId = Annotated[
    str,
    BeforeValidator(_account),
    _says({"type": ["string", "integer"], "examples": ["123456789012"]}),
]
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
