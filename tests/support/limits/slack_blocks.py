"""Slack's Block Kit as far as cards use it, with its limits, from the reference at docs.slack.dev."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_ENTITY = re.compile(r"<!date\^\d+\^[^|<>]+\|[^<>|]*>|<https://[^<>|\s]+\|[^<>|]+>")


def inert(written: str) -> str:
    """Only dates and https links are left between angle brackets, every & begins an entity."""
    bare = _ENTITY.sub("", written)
    assert "<" not in bare, bare
    assert ">" not in bare, bare
    assert not re.search(r"&(?!amp;|lt;|gt;)", bare), bare
    return written


def literal(written: str) -> str:
    """A place that is not parsed: still nothing that looks like a broadcast or a mention."""
    assert not re.search(r"<[!@#]", written), written
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", written), written
    return written


Literal_ = AfterValidator(literal)
Mrkdwn = AfterValidator(inert)


class Plain(Strict):
    type: Literal["plain_text"]
    text: Annotated[str, Field(min_length=1, max_length=150), Literal_]
    emoji: bool = True


class Label(Plain):
    text: Annotated[str, Field(min_length=1, max_length=75), Literal_]


class Marked(Strict):
    type: Literal["mrkdwn"]
    text: Annotated[str, Field(min_length=1, max_length=3000), Mrkdwn]
    verbatim: Literal[True]


class MarkedField(Marked):
    text: Annotated[str, Field(min_length=1, max_length=2000), Mrkdwn]


class Run(Strict):
    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=3000), Literal_]
    style: dict[Literal["bold", "italic", "strike", "code"], bool] = Field(default_factory=dict)


class Link(Strict):
    type: Literal["link"]
    url: Annotated[str, Field(pattern=r"^https://", max_length=3000)]
    text: Annotated[str, Field(min_length=1), Literal_]


class Date(Strict):
    type: Literal["date"]
    timestamp: int
    format: str
    fallback: Annotated[str, Field(min_length=1)]


class Section(Strict):
    type: Literal["rich_text_section"]
    elements: Annotated[list[Annotated[Run | Link | Date, Field(discriminator="type")]], Field(min_length=1)]


class Listing(Strict):
    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: Annotated[list[Section], Field(min_length=1)]


class RichText(Strict):
    type: Literal["rich_text"]
    elements: Annotated[list[Annotated[Section | Listing, Field(discriminator="type")]], Field(min_length=1)]


class Header(Strict):
    type: Literal["header"]
    text: Plain


class Fields(Strict):
    type: Literal["section"]
    fields: Annotated[list[MarkedField], Field(min_length=1, max_length=10)]


class Context(Strict):
    type: Literal["context"]
    elements: Annotated[list[Marked], Field(min_length=1, max_length=10)]


class Divider(Strict):
    type: Literal["divider"]


class Button(Strict):
    type: Literal["button"]
    action_id: Annotated[str, Field(min_length=1, max_length=255)]
    text: Label
    value: Annotated[str | None, Field(max_length=2000)] = None
    url: Annotated[str | None, Field(pattern=r"^https://", max_length=3000)] = None
    style: Literal["primary", "danger"] | None = None


class MenuOption(Strict):
    """An option object (docs.slack.dev, composition objects): 75 letters of text, 150 of value."""

    text: Label
    value: Annotated[str, Field(min_length=1, max_length=150)]


class Overflow(Strict):
    type: Literal["overflow"]
    action_id: Annotated[str, Field(min_length=1, max_length=255)]
    options: Annotated[list[MenuOption], Field(min_length=2, max_length=5)]


class Actions(Strict):
    type: Literal["actions"]
    elements: Annotated[
        list[Annotated[Button | Overflow, Field(discriminator="type")]], Field(min_length=1, max_length=25)
    ]


class RawCell(Strict):
    type: Literal["raw_text"]
    text: Annotated[str, Field(min_length=1), Literal_]


class Column(Strict):
    align: Literal["left", "center", "right"] = "left"
    is_wrapped: bool = False


Row = Annotated[list[Annotated[RawCell | RichText, Field(discriminator="type")]], Field(min_length=1, max_length=20)]


class Table(Strict):
    type: Literal["table"]
    column_settings: Annotated[list[Column], Field(max_length=20)]
    rows: Annotated[list[Row], Field(min_length=2, max_length=100)]

    @model_validator(mode="after")
    def even_and_small(self) -> "Table":
        assert len({len(row) for row in self.rows}) == 1, "rows of unequal length"
        letters = sum(len(run) for run in _strings(self.model_dump(), {"text", "fallback"}))
        assert letters <= 10_000, f"{letters} characters in a table"
        return self


class Point(Strict):
    label: Annotated[str, Field(min_length=1, max_length=20), Literal_]
    value: float


class Series(Strict):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    data: Annotated[list[Point], Field(min_length=1, max_length=20)]


class Axis(Strict):
    categories: list[Annotated[str, Field(min_length=1, max_length=20)]]


class Plot(Strict):
    type: Literal["line", "bar"]
    series: Annotated[list[Series], Field(min_length=1, max_length=6)]
    axis_config: Axis

    @model_validator(mode="after")
    def labels_are_the_categories(self) -> "Plot":
        labels = self.axis_config.categories
        assert len(labels) == len(set(labels))
        assert all([point.label for point in series.data] == labels for series in self.series)
        return self


class DataVisualization(Strict):
    type: Literal["data_visualization"]
    title: Annotated[str, Field(min_length=1, max_length=50), Literal_]
    chart: Plot


Block = Annotated[
    DataVisualization | Header | RichText | Fields | Context | Divider | Actions | Table,
    Field(discriminator="type"),
]


class Message(Strict):
    text: Annotated[str, Field(min_length=1, max_length=4000), Mrkdwn]
    blocks: Annotated[list[Block], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def unique_and_small(self) -> "Message":
        ids = [element.action_id for block in self.blocks if isinstance(block, Actions) for element in block.elements]
        assert len(ids) == len(set(ids)), "an action_id twice"
        assert sum(isinstance(block, Table) for block in self.blocks) <= 1, "two tables"
        charts = sum(isinstance(block, DataVisualization) for block in self.blocks)
        assert charts <= 2, f"{charts} charts"
        return self


def _strings(part: Any, keys: set[str]) -> list[str]:
    if isinstance(part, list):
        return [text for item in part for text in _strings(item, keys)]
    if isinstance(part, dict):
        own = [value for key, value in part.items() if key in keys and isinstance(value, str)]
        return own + [text for value in part.values() if not isinstance(value, str) for text in _strings(value, keys)]
    return []
