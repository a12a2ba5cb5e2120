"""Forms of an alert: whom to assign it to, and which other audience to notify."""

from collections.abc import Mapping, Sequence

from bot.cards.card import Button, Buttons, Card, Form, FormField
from bot.cards.messages.form import form_card
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.model.incidents import Incident

PERSON, AUDIENCE = "person", "audience"
_LONGEST = 120


def assign_form(incident: Incident, me: tuple[str, str], *, audience: str = "", wrong: str = "") -> Card:
    """Ask whom to assign an incident to.

    Args:
        incident: its current state.
        me: id and name of the asking person, who is preselected.
        audience: the audience of the alert from which the form was opened.
        wrong: what was wrong with what was filled in.
    """
    hint = "You are preselected. Every alert of this incident shows the name."
    person = FormField(PERSON, "Assign to", "person", me[0], (me,), hint=hint, max_length=_LONGEST)
    return _incident_form("Assign", "Assign", "assign", incident, person, audience, {PERSON: wrong} if wrong else {})


def escalate_form(incident: Incident, audiences: Sequence[str], *, audience: str = "", wrong: str = "") -> Card:
    """Ask which audience to notify now. `audiences`: all there are; those it was escalated to before are marked."""
    before = incident.handling.escalated_to
    options = tuple(
        (name, f"{name} (escalated before)" if name in before else name) for name in audiences if "," not in name
    )
    field = FormField(
        AUDIENCE,
        "Notify now",
        "choice" if options else "text",
        options=options,
        hint="They get the alert at once.",
    )
    return _incident_form(
        "Escalate",
        "Notify another audience of",
        "escalate",
        incident,
        field,
        audience,
        {AUDIENCE: wrong} if wrong else {},
    )


def _incident_form(  # noqa: PLR0913, PLR0917 - the two forms differ in these
    title: str, what: str, word: str, incident: Incident, field: FormField, audience: str, errors: Mapping[str, str]
) -> Card:
    view = (f"for={audience}",) if audience else ()
    line = command(word, incident.id, *view)
    usage = f"{word} {incident.id} <{field.name}>"
    form = Form(line, (field,), usage, line, submit=title, update=True)
    card = form_card(title, f"{what}: {isolated(cut(incident.title, 110))}", form, errors=errors)
    # Where the form takes the place of the alert there must be a way back to it.
    back = Buttons((Button("Back", command("incidents", incident.id, "view=alert", *view)),))
    return Card(card.kind, card.title, card.summary, (*card.blocks, back), card.tone, card.data)
