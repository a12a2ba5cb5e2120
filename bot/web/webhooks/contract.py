"""The answer to a webhook request."""

from pydantic import BaseModel, Field


class TakenOut(BaseModel):
    """What was accepted. `left_out` counts informational alerts; `problems` lists alerts that could not be used."""

    accepted: int
    left_out: int = 0
    problems: list[str] = Field(default_factory=list)
    note: str = ""
