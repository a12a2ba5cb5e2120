"""Forms of an alert: who is to look after it, and whom else to tell."""

from collections.abc import Mapping, Sequence

from bot.cards.card import Button, Buttons, Card, Form, FormField
from bot.cards.messages.form import asking
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.model.incidents import Incident

PERSON, AUDIENCE = "person", "audience"
_LONGEST = 120


def assign_form(incident: Incident, me: tuple[str, str], *, audience: str = "", wrong: str = "") -> Card:
    """Ask who is to look after it.

    Args:
        incident: as it is now.
        me: id and name of whoever asks: who is proposed.
        audience: whose alert it stands on.
        wrong: what was wrong with what was filled in.
    """
    hint = "You are proposed. Whoever it is stands on every alert of it."
    person = FormField(PERSON, "Who looks after it", "person", me[0], (me,), hint=hint, max_length=_LONGEST)
    return _asked("Assign", "Who looks after", "assign", incident, person, audience, {PERSON: wrong} if wrong else {})


def escalate_form(incident: Incident, audiences: Sequence[str], *, audience: str = "", wrong: str = "") -> Card:
    """Ask which audience is told now. `audiences`: all there are; those that were told by hand before say so."""
    told = incident.handling.escalated_to
    options = tuple((name, f"{name} (told before)" if name in told else name) for name in audiences if "," not in name)
    field = FormField(
        AUDIENCE,
        "Whom to tell now",
        "choice" if options else "text",
        options=options,
        hint="They get the alert at once.",
    )
    return _asked(
        "Escalate",
        "Tell another audience of",
        "escalate",
        incident,
        field,
        audience,
        {AUDIENCE: wrong} if wrong else {},
    )


def _asked(  # noqa: PLR0913, PLR0917 - the two forms differ in these
    title: str, what: str, word: str, incident: Incident, field: FormField, audience: str, errors: Mapping[str, str]
) -> Card:
    told = (f"for={audience}",) if audience else ()
    line = command(word, incident.id, *told)
    usage = f"{word} {incident.id} <{field.name}>"
    form = Form(line, (field,), usage, line, submit=title, update=True)
    made = asking(title, f"{what} {isolated(cut(incident.title, 110))}", form, errors=errors)
    # Where the form takes the place of the alert there must be a way back to it.
    back = Buttons((Button("Back", command("incidents", incident.id, "view=alert", *told)),))
    return Card(made.kind, made.title, made.summary, (*made.blocks, back), made.tone, made.data)
