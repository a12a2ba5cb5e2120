"""The words of backstay.yaml about evidence: practices that people attest, ids of checks, and days that have passed."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import ValidationInfo

from bot.catalogue.names import KnownNames
from bot.catalogue.problems import did_you_mean, listed
from bot.catalogue.secrets import quote, refuse
from bot.catalogue.types import read_day, read_text
from checks import DEFAULT_TIERS, RehearsalKind, Service, discover, vouchable


@cache
def practices() -> Mapping[str, str]:
    """The practices that `attestations:` may name -> what each is. Rehearsals are `drills:`."""
    promises = vouchable(Service("any", DEFAULT_TIERS[3]))
    return {name: promise.what for name, promise in promises.items() if name not in set(RehearsalKind)}


@cache
def check_ids() -> frozenset[str]:
    """The ids of all checks."""
    return frozenset(check.id for check in discover())


def _practice(value: object) -> str:
    text = read_text(value, "the name of a practice such as kill_switch")
    name = text.lower().replace("-", "_").replace(" ", "_")
    if name in set(RehearsalKind):
        raise refuse(f"{quote(text)} is a rehearsal; write it under drills: as {{kind: {name}, ...}}")
    if name not in practices():
        hint = did_you_mean(name, practices()) or f"; known: {listed(practices())}"
        raise refuse(f"unknown practice {quote(text)}{hint}")
    return name


def _check_id(value: object) -> str:
    text = read_text(value, "the id of a check such as RG01")
    if text not in check_ids():
        hint = did_you_mean(text, check_ids()) or "; `backstay checks` lists them"
        raise refuse(f"unknown check {quote(text)}{hint}")
    return text


class _CheckIdSchema:
    """Lists the ids in the JSON Schema: only then are all checks imported."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), "enum": sorted(check_ids())}


def _past_day(value: object, info: ValidationInfo) -> date:
    day = read_day(value)
    if isinstance(info.context, KnownNames) and day > info.context.today:
        raise refuse(f"{day} is in the future; write the day on which it happened")
    return day


Practice = Annotated[str, BeforeValidator(_practice), WithJsonSchema({"type": "string", "enum": sorted(practices())})]
CheckId = Annotated[str, BeforeValidator(_check_id), _CheckIdSchema()]
PastDay = Annotated[date, BeforeValidator(_past_day), WithJsonSchema({"type": "string", "format": "date"})]
