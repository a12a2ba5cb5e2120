"""Forms as cards: what a command asks for, with what was filled in before and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards.card import Card, Form, Paragraph, text

TITLE = 24
"""A longer title is cut in a dialog of Slack."""


def asking(  # noqa: PLR0913 - what may stand on a form, by keyword
    title: str,
    summary: str,
    form: Form,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    opens: str = "",
) -> Card:
    """A card that asks for a form's fields.

    Args:
        title: at most `TITLE` characters.
        summary: what submitting does.
        form: its fields with what stands there when nothing was filled in yet.
        values: what was filled in, by field.
        errors: what was wrong with it, by field.
        opens: the line that was typed, which answers with the same again.
    """
    given, wrong = values or {}, errors or {}
    fields = tuple(
        replace(one, value=given.get(one.name, one.value), error=wrong.get(one.name, "")) for one in form.fields
    )
    told = (Paragraph(text("Nothing was done yet: please look at what is marked.")),) if wrong else ()
    asked = replace(form, fields=fields, opens=opens or form.opens)
    data = {"command": form.command, "fields": {one.name: one.value for one in fields}, "errors": dict(wrong)}
    return Card("form", title, summary, (*told, asked), "warning" if wrong else "neutral", data)
