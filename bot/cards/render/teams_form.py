"""Renders a form for Teams: one input of Adaptive Cards 1.5 for each field, inside the card itself."""

from typing import Any

from bot.cards.card import Form, FormField, Span
from bot.cards.render.teams_text import NOTHING, block, literal
from bot.cards.sanitise import cut

LABEL, HINT, OPTIONS = 200, 400, 200
ID = "field."
"""Begins the id of a field's input; its name follows. What was filled in comes under it with the data of the action."""


def inputs(form: Form) -> list[dict[str, Any]]:
    """The form's inputs, each with its hint, and with what was wrong with it, under it."""
    made: list[dict[str, Any]] = []
    for field in form.fields:
        made.append(_input(field))
        if field.error:
            made.append(block((Span(field.error, "bad"),), HINT) | {"spacing": "Small"})
        if field.hint:
            made.append(block((Span(field.hint),), HINT, isSubtle=True, size="Small") | {"spacing": "Small"})
    return made


def _input(field: FormField) -> dict[str, Any]:
    label = cut(literal(field.label), LABEL) or NOTHING
    required = {"isRequired": True, "errorMessage": f"{label}: this is needed"} if field.required else {}
    return {"id": f"{ID}{field.name}", "label": label, **required, **_element(field)}


def _element(field: FormField) -> dict[str, Any]:
    value = {"value": field.value} if field.value else {}
    match field.kind:
        case "text" | "paragraph":
            length = {"maxLength": field.max_length} if field.max_length else {}
            return {"type": "Input.Text", "isMultiline": field.kind == "paragraph", **length, **value}
        case "person":
            # Teams' own picker gives an id that only a call for the members turns into a name.
            name = dict(field.options).get(field.value, field.value)
            length = {"maxLength": field.max_length} if field.max_length else {}
            return {"type": "Input.Text", "isMultiline": False, **length, **({"value": name} if name else {})}
        case "number":
            return {"type": "Input.Number", **({"value": int(field.value)} if field.value.isdecimal() else {})}
        case "date":
            return {"type": "Input.Date", **value}
        case "choice" | "choices":
            choices = [{"title": cut(literal(said), LABEL) or NOTHING, "value": kept} for kept, said in field.options]
            several = field.kind == "choices"
            style = "expanded" if several or len(choices) <= 3 else "compact"
            return {
                "type": "Input.ChoiceSet",
                "isMultiSelect": several,
                "style": style,
                "choices": choices[:OPTIONS],
                **value,
            }
