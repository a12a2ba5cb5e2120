"""Renders a form as a Slack modal: one input block for each field, within the limits of Block Kit."""

import re
from typing import Any

from bot.cards.card import Form, FormField
from bot.cards.render.slack_text import literal
from bot.cards.sanitise import cut

# The reference of Block Kit at docs.slack.dev.
LABEL, HINT, INPUT, NUMBERS = 2000, 2000, 3000, 150
OPTIONS, OPTION, OPTION_VALUE = 100, 75, 150
BLOCK = "field."
"""Begins the block_id of a field's input block; its name follows."""
ACTION = "value"
_USER = re.compile(r"[UW][A-Z0-9]+")
_NOTHING = "–"  # Slack refuses an empty text


def inputs(form: Form) -> list[dict[str, Any]]:
    """The form's input blocks. Choices beyond Slack's limit of 100 are left out; the hint counts them."""
    return [_input(field) for field in form.fields]


def _input(field: FormField) -> dict[str, Any]:
    left_out = len(_options(field, at_most=None)) - OPTIONS
    notes = (field.error, field.hint, f"{left_out:,} more do not fit: use the line as text." if left_out > 0 else "")
    hint = " ".join(note for note in notes if note)
    return {
        "type": "input",
        "block_id": f"{BLOCK}{field.name}",
        "label": _plain(field.label, LABEL),
        "element": {"action_id": ACTION, **_element(field)},
        "optional": not field.required,
        **({"hint": _plain(hint, HINT)} if hint else {}),
    }


def _element(field: FormField) -> dict[str, Any]:
    match field.kind:
        case "text" | "paragraph":
            return {
                "type": "plain_text_input",
                "multiline": field.kind == "paragraph",
                "max_length": min(field.max_length or INPUT, INPUT),
                **({"initial_value": field.value[: field.max_length or INPUT]} if field.value else {}),
            }
        case "number":
            return {
                "type": "number_input",
                "is_decimal_allowed": False,
                **({"initial_value": field.value} if field.value else {}),
            }
        case "date":
            return {"type": "datepicker", **({"initial_date": field.value} if field.value else {})}
        case "person":
            return {"type": "users_select", **({"initial_user": field.value} if _USER.fullmatch(field.value) else {})}
        case "choice":
            chosen = _chosen(field)
            initial = {"initial_option": chosen[0]} if chosen else {}
            return {"type": "static_select", "options": _options(field), **initial}
        case "choices":
            chosen = _chosen(field)
            several = {"initial_options": chosen} if chosen else {}
            return {"type": "multi_static_select", "options": _options(field), **several}


def _options(field: FormField, at_most: int | None = OPTIONS) -> list[dict[str, Any]]:
    # A value cut short would mean something else: such a choice is left out.
    fitting = [(value, label) for value, label in field.options if 0 < len(value) <= OPTION_VALUE]
    return [{"text": _plain(label, OPTION), "value": value} for value, label in fitting[:at_most]]


def _chosen(field: FormField) -> list[dict[str, Any]]:
    wanted = set(field.value.split(","))
    return [option for option in _options(field) if option["value"] in wanted]


def _plain(said: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(literal(said), limit) or _NOTHING, "emoji": True}
