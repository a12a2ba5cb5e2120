"""Slack's modals and App Home as far as cards use them, with their limits, from the reference at docs.slack.dev."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from support.limits.slack_blocks import Actions, Context, Divider, Fields, Header, Literal_, Plain, RichText, Strict


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
        assert all(initial_option in self.options for initial_option in self.initial_options or ())
        return self


class UsersSelect(Element):
    type: Literal["users_select"]
    initial_user: Annotated[str | None, Field(pattern=r"^[UW][A-Z0-9]+$")] = None


class Input(Strict):
    type: Literal["input"]
    block_id: Annotated[str, Field(min_length=1, max_length=255)]
    label: Words
    element: Annotated[
        TextInput | NumberInput | DatePicker | Select | MultiSelect | UsersSelect, Field(discriminator="type")
    ]
    optional: bool
    hint: Words | None = None


# The reference lists messages alone as the place of tables and charts.
Block = Header | RichText | Fields | Context | Divider | Actions


class View(Strict):
    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    private_metadata: Annotated[str, Field(max_length=3000)] = ""


class Home(View):
    type: Literal["home"]
    blocks: Annotated[list[Annotated[Block, Field(discriminator="type")]], Field(min_length=1, max_length=100)]


class Modal(View):
    type: Literal["modal"]
    title: ViewWords
    submit: ViewWords | None = None
    close: ViewWords
    blocks: Annotated[list[Annotated[Input | Block, Field(discriminator="type")]], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def inputs_can_be_sent(self) -> "Modal":
        assert self.submit is not None or not any(isinstance(part, Input) for part in self.blocks), "no submit"
        return self

    @model_validator(mode="after")
    def ids_are_unique(self) -> "Modal":
        ids = [part.block_id for part in self.blocks if isinstance(part, Input)]
        assert len(ids) == len(set(ids)), "a block_id twice"
        return self
