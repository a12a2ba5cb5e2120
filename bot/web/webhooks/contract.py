"""What goes back to whoever brings alerts."""

from pydantic import BaseModel, Field


class TakenOut(BaseModel):
    """What became of a body. `left_out`: alerts that are mere information; `problems`: alerts that could not be used."""

    accepted: int
    left_out: int = 0
    problems: list[str] = Field(default_factory=list)
    note: str = ""
