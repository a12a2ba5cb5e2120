"""Adaptive Cards 1.5 as far as cards use them, with Teams' limits, from the schema explorer and Teams' reference."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

BOT, WEBHOOK = 80_000, 28_000
_MOMENT = re.compile(
    r"\{\{(?:DATE\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, SHORT\)|TIME\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\))\}\}"
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def literal(written: str) -> str:
    """Nothing that would be filled in, no mention, nothing unseen."""
    assert "{{" not in written, written
    assert "${" not in written, written
    assert not re.search(r"</?at\b", written), written
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", written), written
    return written


def unmarked(written: str) -> str:
    """Nothing that formats or links, dates apart."""
    bare = _MOMENT.sub("", literal(_MOMENT.sub("", written)))
    assert not re.search(r"(?<!\w)[*_~]+\w|\w[*_~]+(?!\w)", bare), bare
    assert "](" not in bare, bare
    assert "`" not in bare, bare
    return written


Text = Annotated[str, Field(min_length=1, max_length=4100)]
Size = Literal["Small", "Default", "Medium", "Large", "ExtraLarge"]
Colour = Literal["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"]
Spacing = Literal["None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"]


class OpenUrl(Strict):
    type: Literal["Action.OpenUrl"]
    url: Annotated[str, Field(pattern=r"^https://")]
    title: Annotated[str | None, Field(min_length=1), AfterValidator(lambda text: text and literal(text))] = None


class Execute(Strict):
    type: Literal["Action.Execute"]
    title: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(literal)]
    verb: str
    data: dict[str, Any]
    style: Literal["default", "positive", "destructive"] | None = None
    mode: Literal["primary", "secondary"] = "primary"  # schema explorer, Action.Execute: since 1.5
    associatedInputs: Literal["auto", "none"] | None = None  # noqa: N815 - Teams spells it so


class Run(Strict):
    type: Literal["TextRun"]
    text: Annotated[Text, AfterValidator(literal)]
    weight: Literal["Lighter", "Default", "Bolder"] | None = None
    size: Size | None = None
    color: Colour | None = None
    fontType: Literal["Default", "Monospace"] | None = None  # noqa: N815
    isSubtle: bool = False  # noqa: N815
    selectAction: OpenUrl | None = None  # noqa: N815


class RichTextBlock(Strict):
    type: Literal["RichTextBlock"]
    inlines: Annotated[list[Run], Field(min_length=1)]
    spacing: Spacing | None = None


class TextBlock(Strict):
    type: Literal["TextBlock"]
    text: Annotated[Text, AfterValidator(unmarked)]
    wrap: Literal[True]
    weight: Literal["Lighter", "Default", "Bolder"] | None = None
    size: Size | None = None
    color: Colour | None = None
    style: Literal["default", "heading", "columnHeader"] | None = None
    isSubtle: bool = False  # noqa: N815
    spacing: Spacing | None = None


class Fact(Strict):
    title: Annotated[Text, AfterValidator(literal)]
    value: Annotated[Text, AfterValidator(unmarked)]


class FactSet(Strict):
    type: Literal["FactSet"]
    facts: Annotated[list[Fact], Field(min_length=1)]


class Column(Strict):
    type: Literal["Column"]
    width: Literal["auto", "stretch"]
    items: "list[Element]"
    verticalContentAlignment: Literal["Top", "Center", "Bottom"] | None = None  # noqa: N815


class ColumnSet(Strict):
    type: Literal["ColumnSet"]
    columns: Annotated[list[Column], Field(min_length=1)]
    spacing: Spacing | None = None


class Cell(Strict):
    type: Literal["TableCell"]
    items: "list[Element]"


class Row(Strict):
    type: Literal["TableRow"]
    cells: list[Cell]


class Width(Strict):
    width: int


class Table(Strict):
    type: Literal["Table"]
    columns: list[Width]
    firstRowAsHeader: Literal[True]  # noqa: N815
    firstRowAsHeaders: Literal[True]  # noqa: N815
    showGridLines: bool  # noqa: N815
    rows: Annotated[list[Row], Field(min_length=2)]


class Container(Strict):
    type: Literal["Container"]
    items: "list[Element]"
    style: Literal["default", "emphasis", "good", "attention", "warning", "accent"] | None = None
    bleed: bool = False
    separator: bool = False
    spacing: Spacing | None = None


class Pictured(Strict):
    """A chart, by the schema of Teams' own elements. A client that does not know it shows `fallback`."""

    title: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(literal)]
    color: Literal["categoricalblue"]
    fallback: "RichTextBlock | Container"


class Spot(Strict):
    x: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(literal)]
    y: float


class Series(Strict):
    legend: Annotated[str, Field(min_length=1)]
    color: Literal["categoricalblue"]
    values: Annotated[list[Spot], Field(min_length=2, max_length=60)]


class LineChart(Pictured):
    type: Literal["Chart.Line"]
    yMin: float  # noqa: N815
    yMax: float  # noqa: N815
    data: Annotated[list[Series], Field(min_length=1)]


class BarChart(Pictured):
    type: Literal["Chart.HorizontalBar"]
    displayMode: Literal["AbsoluteWithAxis", "AbsoluteNoAxis", "PartToWhole"]  # noqa: N815
    data: Annotated[list[Spot], Field(min_length=2, max_length=16)]


class Input(Strict):
    id: Annotated[str, Field(min_length=1)]
    label: Annotated[Text, AfterValidator(literal)]
    isRequired: bool = False  # noqa: N815
    errorMessage: Annotated[Text | None, AfterValidator(lambda text: text and literal(text))] = None  # noqa: N815


class InputText(Input):
    type: Literal["Input.Text"]
    isMultiline: bool = False  # noqa: N815
    maxLength: Annotated[int | None, Field(gt=0)] = None  # noqa: N815
    value: str | None = None


class InputNumber(Input):
    type: Literal["Input.Number"]
    value: int | None = None


class InputDate(Input):
    type: Literal["Input.Date"]
    value: Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = None


class Choice(Strict):
    title: Annotated[Text, AfterValidator(literal)]
    value: str


class InputChoiceSet(Input):
    type: Literal["Input.ChoiceSet"]
    isMultiSelect: bool  # noqa: N815
    style: Literal["compact", "expanded"]
    choices: Annotated[list[Choice], Field(min_length=1)]
    value: str | None = None


Element = Annotated[
    TextBlock
    | RichTextBlock
    | FactSet
    | ColumnSet
    | Table
    | Container
    | LineChart
    | BarChart
    | InputText
    | InputNumber
    | InputDate
    | InputChoiceSet,
    Field(discriminator="type"),
]


class AdaptiveCard(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["AdaptiveCard"]
    schema_: Annotated[str, Field(alias="$schema")]
    version: Literal["1.5"]
    fallbackText: Annotated[Text, AfterValidator(literal)]  # noqa: N815
    speak: Annotated[Text, AfterValidator(literal)]
    msteams: dict[Literal["width"], Literal["full"]]
    body: Annotated[list[Element], Field(min_length=1)]
    actions: Annotated[list[Annotated[OpenUrl | Execute, Field(discriminator="type")]], Field(max_length=6)] = []


def check_teams(card: dict[str, Any], *, interactive: bool) -> None:
    """Raise where Teams would refuse the card, or where outside text could act in it."""
    made = AdaptiveCard.model_validate(card)
    utf16 = len(json.dumps(card, ensure_ascii=False).encode("utf-16-le"))
    assert utf16 <= (BOT if interactive else WEBHOOK), f"{utf16} bytes"
    if not interactive:
        assert not any(isinstance(action, Execute) for action in made.actions)
