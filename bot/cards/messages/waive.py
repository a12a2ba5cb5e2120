"""Waiving a failed check: the form, and the confirmation with its end and its effect on the score."""

from collections.abc import Mapping, Sequence

from bot.cards.card import Button, Buttons, Card, Form, FormField, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.form import form_card
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated, secure
from bot.cards.wording import count, rounded_down
from bot.model.tickets import KeptTicket
from checks import Check, Waiver

_TICKETS = 3
USAGE = "waive <check>:<service> <days> <reason>"


def waive_form(
    *, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None, opens: str = ""
) -> Card:
    """Ask what is accepted, for how long and why. `opens`: the line that was typed."""
    finding = FormField(
        "finding",
        "Failed check",
        hint="A check (RG03), a check of a service (RG03:checkout) or of a resource (RG03:checkout:arn:aws:…).",
        max_length=600,
    )
    days = FormField("days", "Days", "number", "30", hint="At most 365; the check counts again afterwards.")
    reason = FormField("reason", "Reason", "paragraph", hint="Shown on the scorecard.", max_length=500)
    form = Form("waive", (finding, days, reason), USAGE, "waive", submit="Waive")
    summary = "The finding is shown as waived with your name and reason until it expires."
    return form_card("Waive a failed check", summary, form, values=values, errors=errors, opens=opens)


def _linked(tickets: Sequence[KeptTicket]) -> Text:
    """The numbers of tickets, each a link to it."""
    spans: list[str | Span] = []
    for ticket in tickets[:_TICKETS]:
        spans += [", " if spans else "", Span(cut(ticket.number or ticket.tracker, 60), link=secure(ticket.url))]
    more = len(tickets) - _TICKETS
    return text(*spans, f" and {more} more" if more > 0 else "")


def waived_card(  # noqa: PLR0913 - all by keyword but the waiver and its check
    waiver: Waiver,
    check: Check,
    *,
    failures: int,
    before: float | None,
    after: float | None,
    tickets: Sequence[KeptTicket] = (),
) -> Card:
    """A waiver that was kept.

    Args:
        waiver: what was accepted.
        check: the check it is about.
        failures: how many failures of the last audit it covers.
        before: the score without it, None where there is none.
        after: the score with it.
        tickets: of what it covers.
    """
    whose = f" for {isolated(waiver.service)}" if waiver.service else " for all services"
    pairs = [
        ("Accepted by", text(isolated(waiver.by))),
        ("Until", text(Span(at=waiver.until, day=True))),
        ("Reason", text(isolated(waiver.reason))),
    ]
    if waiver.resource:
        pairs.append(("Resource", text(Span(cut(waiver.resource, 300), "code"))))
    if before is not None and after is not None:
        changed = (
            f"{rounded_down(before)} → {rounded_down(after)}"
            if rounded_down(before) != rounded_down(after)
            else f"{rounded_down(after)}, unchanged"
        )
        pairs.append(("Score", text(changed)))
    if tickets:
        pairs.append(("Tickets" if len(tickets) > 1 else "Ticket", _linked(tickets)))
    covers = (
        f"It covers {count(failures, 'failure')} of the last audit." if failures else "It covers no current failure."
    )
    show = Button(
        "Scorecard", command(*("scorecard", waiver.service) if waiver.service else ("scorecard",)), update=False
    )
    data = {"check": waiver.check, "service": waiver.service, "resource": waiver.resource, "reason": waiver.reason}
    return Card(
        "waived",
        f"Waived: {check.id}{whose}",
        f"{check.title}: failed, accepted. {covers}",
        (Pairs(tuple(pairs)), Paragraph(text("The check counts again after that day."), quiet=True), Buttons((show,))),
        "neutral" if failures else "warning",
        data | {"by": waiver.by, "until": waiver.until.isoformat(), "failures": failures},
    )
