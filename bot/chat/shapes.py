"""What the shapes of both platforms' payloads are made of: they are checked before any part of a payload is used."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

Filled = Annotated[str, Field(min_length=1)]
Anything = Mapping[str, Any]


def fits(shape: type[BaseModel], part: Anything) -> bool:
    """Whether a part of a payload has what the shape requires, each of the right type: a number is no text."""
    try:
        shape.model_validate(part, strict=True)
    except ValidationError:
        return False
    return True
