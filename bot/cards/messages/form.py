"""Forms as cards: what a command asks for, with what was filled in before and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards.card import Card, Form, Paragraph, text

TITLE = 24
"""Slack cuts a longer title of a dialog."""


def form_card(  # noqa: PLR0913 - what may be on a form, by keyword
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
        form: its fields with their initial values.
        values: what was filled in before, by field.
        errors: what was wrong with it, by field.
        opens: the command line that answers with the same form again.
    """
    given, wrong = values or {}, errors or {}
    fields = tuple(
        replace(field, value=given.get(field.name, field.value), error=wrong.get(field.name, ""))
        for field in form.fields
    )
    note = (Paragraph(text("Nothing was changed. Please correct the marked fields.")),) if wrong else ()
    asked = replace(form, fields=fields, opens=opens or form.opens)
    data = {"command": form.command, "fields": {field.name: field.value for field in fields}, "errors": dict(wrong)}
    return Card("form", title, summary, (*note, asked), "warning" if wrong else "neutral", data)
