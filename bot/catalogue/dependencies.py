"""What a service depends on, as a person writes it: a word, a mapping, or a provider with the parts of it that are needed."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bot.catalogue.names import KnownNames, target
from bot.catalogue.problems import nearest
from bot.catalogue.saas import AWS_REGIONS
from bot.catalogue.secrets import quote, refuse
from bot.catalogue.section import Section
from bot.catalogue.types import StringList, Target

_PARTS_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]
}
_BY_NAME_SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "not": {"required": ["on"]},
    "additionalProperties": {"anyOf": [*_PARTS_SCHEMA["anyOf"], {"type": ["object", "boolean"]}]},
    "examples": [{"stripe": ["API"]}],
}
_LONGEST = 200


class DependencySection(Section):
    """What a service needs: a service, a scope (aws/us-east-1/dynamodb) or a SaaS.

    A provider with its parts may be written as `stripe: [API, Webhooks]`.
    """

    short = "on"
    on: Target = Field(description="service, scope (provider/region/part) or SaaS")
    parts: StringList = Field(
        default=(),
        description="parts of the provider that are needed, as its status page calls them (API); default: all of it",
    )
    soft: bool = Field(default=False, description="losing it degrades the service but does not take it down")
    fallback: str = Field(default="", description="what takes over when it fails")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any, info: ValidationInfo) -> Any:
        """`stripe: [API]` as `on: stripe, parts: [API]`; further keys of the mapping stay as they are."""
        if not isinstance(value, Mapping) or "on" in value:
            return value
        names = [key for key in value if key not in cls.model_fields]
        if not names or any(_is_mistyped(str(key), list(cls.model_fields), info) for key in names):
            return value
        if len(names) > 1:
            raise refuse(f"names {len(names)} dependencies in one item; write an item for each: - {names[0]}: [part]")
        name, said = names[0], value[names[0]]
        rest = {key: item for key, item in value.items() if key != name}
        if isinstance(said, Mapping):
            return {"on": name, **rest, **said}
        return {"on": name, "parts": said, **rest}

    @field_validator("parts")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parts = tuple(dict.fromkeys(" ".join(part.split()) for part in value))
        if "" in parts:
            raise refuse("a part has no name; write it as the provider's status page does, such as API")
        if long := next((part for part in parts if len(part) > _LONGEST), None):
            raise refuse(f"{quote(long)} is too long for the name of a part; write at most {_LONGEST} characters")
        return parts

    @model_validator(mode="after")
    def _of_a_provider(self, info: ValidationInfo) -> "DependencySection":
        if not self.parts or not isinstance(info.context, KnownNames):
            return self
        kind, name = target(self.on, info.context)
        if kind == "service":
            raise refuse(f"only a provider has parts, and {quote(name)} is a service; write {name} alone")
        if name.count("/") > 1:
            raise refuse(f"{quote(name)} names a part already; write it without parts")
        if name == "aws" and (region := next((part for part in self.parts if part.lower() in AWS_REGIONS), "")):
            raise refuse(f"{quote(region)} is a region, not a part; write aws/{region.lower()}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """All three forms."""
        schema = super().__get_pydantic_json_schema__(core, handler)
        return {"anyOf": [*schema["anyOf"], _BY_NAME_SCHEMA]}


def spread(value: Any) -> Any:
    """`depends_on` as a list: a mapping has one dependency for each key, or is a single one in its long form."""
    if not isinstance(value, Mapping):
        return value
    return [value] if "on" in value else [{name: said} for name, said in value.items()]


def with_mapping(schema: dict[str, Any]) -> None:
    """Let the schema of `depends_on` be a mapping of names to parts too."""
    schema["anyOf"] = [{"type": schema.pop("type"), "items": schema.pop("items")}, _BY_NAME_SCHEMA]


def _is_mistyped(key: str, fields: list[str], info: ValidationInfo) -> bool:
    """Whether a key is rather a mistyped field (`sofd`) than the name of what is needed."""
    if not nearest(key, fields) or not isinstance(info.context, KnownNames):
        return False
    names = info.context
    return key not in names.services and key.lower() not in names.providers
