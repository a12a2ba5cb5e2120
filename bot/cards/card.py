"""The content of a message, independent of any platform: a closed set of blocks, which each renderer matches in full.

Lead with the answer, then what to do, then detail behind a button. Text is plain: renderers escape it, cut it to the
platform's limits and say how much is left out. `dump` and `load` carry a card through the outbox.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

Tone = Literal["good", "warning", "bad", "neutral"]
Mark = Literal["plain", "bold", "code", "quiet", "good", "warning", "bad", "unclear"]
FieldKind = Literal["text", "paragraph", "choice", "choices", "date", "number", "person"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. With `link` it is a link: https, or `#place` on an HTML page; other platforms show a place as plain text.

    With `at` (UTC) it is that moment, or `day`, in the reader's time zone.

    The last four marks rate a state (`bad` `down`): each renderer adds its own symbol, so that the state is clear without
    colours. With `at`, `text` is shown where a platform cannot show moments.
    """

    text: str = ""
    mark: Mark = "plain"
    link: str = ""
    at: datetime | None = None
    day: bool = False


Text = tuple[Span, ...]


def text(*parts: str | Span) -> Text:
    """Text from plain strings and spans."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more sentences. `quiet`: small print."""

    text: Text
    quiet: bool = False
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a part of the card."""

    text: str
    type: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Short facts with their names: `Coverage` `94 %`."""

    pairs: tuple[tuple[str, Text], ...]
    type: Literal["pairs"] = "pairs"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; numbered where the order is the message. `left_out`: how many more there are behind the button."""

    items: tuple[Text, ...]
    numbered: bool = False
    left_out: int = 0
    type: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. `left_out`: rows not shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    left_out: int = 0
    type: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of a score is certain. `score`, `low`, `high` 0 to 100, `coverage` 0 to 1. `grade` empty: coverage too low."""

    score: float
    low: float
    high: float
    grade: str
    coverage: float
    type: Literal["gauge"] = "gauge"


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time or bars by name, `alt` describes it in a sentence. `points`: (label, value), values 0 to `top`.

    `moments` (UTC): when each point of a line was. `instead`: the same as a table, where no chart is drawn.
    """

    title: str
    points: tuple[tuple[str, float], ...]
    alt: str
    kind: Literal["line", "bars"] = "line"
    top: float = 100
    moments: tuple[datetime, ...] = ()
    instead: Table | None = None
    type: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Button:
    """Runs a command (`scorecard billing page=2`) as the clicking person, or opens `link`. `update`: the answer replaces this card.

    `form`: the command answers with a form; a platform that has dialogs opens one. `menu`: it is in the menu behind the others.
    """

    label: str
    command: str = ""
    link: str = ""
    update: bool = True
    primary: bool = False
    form: bool = False
    menu: bool = False


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons."""

    buttons: tuple[Button, ...]
    type: Literal["buttons"] = "buttons"


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between parts."""

    type: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True)
class FormField:
    """Something to fill in. What is filled in is a string: of `choices` the values with commas between, of `date` YYYY-MM-DD.

    `options`: (value, label) of `choice` and `choices`; no value has a comma. `value`: the initial value. Of
    `person` a name is filled in; `value` is the id of the proposed person, `options` has their (id, name).
    `max_length` 0: as long as the platform lets it be. `error`: what was wrong with what somebody filled in.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    hint: str = ""
    max_length: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Asks for fields, at most one on a card. Submitting runs `command` with what was filled in.

    Where there is no place for a form, `usage` says the same as one line to type, and a button runs `opens`, the command
    that answers with this card. `update`: the answer replaces the card from which the form was opened.
    """

    command: str
    fields: tuple[FormField, ...]
    usage: str
    opens: str
    submit: str = "Send"
    update: bool = False
    type: Literal["form"] = "form"

    def spelled_out(self) -> "tuple[Paragraph, Buttons]":
        """The form where it cannot be drawn: the line to type, and a button to the form itself."""
        typed = Paragraph(text("Or type: ", Span(self.usage, "code")))
        return typed, Buttons((Button("Fill in the form", self.opens, primary=True, form=True),))


Block = Paragraph | Heading | Pairs | Items | Table | Gauge | Chart | Buttons | Rule | Form


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `title` is one line; `summary` is the answer in one or two sentences, also the notification's text.

    `data` is the machine-readable form of what the card says, sent along by webhooks.
    """

    kind: str
    title: str
    summary: str
    blocks: tuple[Block, ...] = ()
    tone: Tone = "neutral"
    data: dict[str, Any] | None = None

    @property
    def form(self) -> Form | None:
        """The form that it asks to be filled in, if any."""
        return next((part for part in self.blocks if isinstance(part, Form)), None)

    def dump(self) -> dict[str, Any]:
        """Plain JSON data, for the outbox."""
        dumped: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return dumped


def load(data: Any) -> Card:
    """The card that `dump` wrote.

    Raises:
        pydantic.ValidationError: it is not one.
    """
    return _ADAPTER.validate_python(data)


_ADAPTER: TypeAdapter[Card] = TypeAdapter(Card)
