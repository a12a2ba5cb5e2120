"""What every mapping of backstay.yaml has in common: no unknown keys, short forms, a schema of both."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from bot.catalogue.secrets import quote, refuse
from bot.catalogue.types import duration_text

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Text = Annotated[str, StringConstraints(max_length=4000)]


class Section(BaseModel):
    """A mapping of the file. Unknown keys are mistakes; `short` names the field that a bare word (or list) stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    short: ClassVar[str] = ""
    bare: ClassVar[type] = str

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, value: Any) -> Any:
        if cls.short and isinstance(value, cls.bare):
            return {cls.short: value}
        if value is None and not cls.short:
            return {}
        if not isinstance(value, Mapping | cls):
            alone = ("a list or " if cls.bare is list else "a word or ") if cls.short else ""
            expected = f"{alone}a mapping"
            raise refuse(f"expected {expected} with {', '.join(cls.model_fields)}, not {quote(value)}")
        # An empty value (`owner:`) is a key that was not filled in: the default holds.
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, Mapping) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Both forms: the mapping, and the bare word or list where there is one."""
        schema = handler(core)
        if not cls.short:
            return schema
        word = handler.resolve_ref_schema(schema)["properties"][cls.short]
        return {"anyOf": [{key: word[key] for key in word if key not in ("title", "default")}, schema]}


class SettingsSchema(GenerateJsonSchema):
    """A JSON Schema whose defaults are written as backstay.yaml takes them: `15m`, not `PT15M`."""

    def encode_default(self, dft: Any) -> Any:
        """The default as JSON."""
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)
