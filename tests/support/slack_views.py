"""Slack's modals as far as forms use them, with their limits, from the reference at docs.slack.dev."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from support.slack_blocks import Block, Literal_, Plain, Strict


class ViewWords(Plain):
    text: Annotated[str, Field(min_length=1, max_length=24), Literal_]


class Words(Plain):
    text: Annotated[str, Field(min_length=1, max_length=2000), Literal_]


class OptionWords(Plain):
    text: Annotated[str, Field(min_length=1, max_length=75), Literal_]


class Option(Strict):
    text: OptionWords
    value: Annotated[str, Field(min_length=1, max_length=150)]


class Element(Strict):
    action_id: Annotated[str, Field(min_length=1, max_length=255)]


class TextInput(Element):
    type: Literal["plain_text_input"]
    multiline: bool
    max_length: Annotated[int, Field(ge=1, le=3000)]
    initial_value: Annotated[str | None, Field(max_length=3000)] = None


class NumberInput(Element):
    type: Literal["number_input"]
    is_decimal_allowed: bool
    initial_value: Annotated[str | None, Field(min_length=1)] = None


class DatePicker(Element):
    type: Literal["datepicker"]
    initial_date: Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = None


Options = Annotated[list[Option], Field(min_length=1, max_length=100)]


class Select(Element):
    type: Literal["static_select"]
    options: Options
    initial_option: Option | None = None

    @model_validator(mode="after")
    def first_is_one_of_them(self) -> "Select":
        assert self.initial_option is None or self.initial_option in self.options
        return self


class MultiSelect(Element):
    type: Literal["multi_static_select"]
    options: Options
    initial_options: Options | None = None

    @model_validator(mode="after")
    def first_are_some_of_them(self) -> "MultiSelect":
        assert all(one in self.options for one in self.initial_options or ())
        return self


class Input(Strict):
    type: Literal["input"]
    block_id: Annotated[str, Field(min_length=1, max_length=255)]
    label: Words
    element: Annotated[TextInput | NumberInput | DatePicker | Select | MultiSelect, Field(discriminator="type")]
    optional: bool
    hint: Words | None = None


class Modal(Strict):
    type: Literal["modal"]
    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    title: ViewWords
    submit: ViewWords
    close: ViewWords
    private_metadata: Annotated[str, Field(max_length=3000)]
    blocks: Annotated[
        list[Annotated[Input | Block, Field(union_mode="left_to_right")]], Field(min_length=1, max_length=100)
    ]

    @model_validator(mode="after")
    def ids_are_unique(self) -> "Modal":
        ids = [part.block_id for part in self.blocks if isinstance(part, Input)]
        assert len(ids) == len(set(ids)), "a block_id twice"
        return self
