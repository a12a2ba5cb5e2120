"""Answers where nothing is watched or available: no answer would look like good news."""

from collections.abc import Sequence

from bot.cards.card import Button, Buttons, Card, Paragraph, Span, text
from bot.cards.messages.incident_parts import lead_title
from bot.cards.messages.open_incidents import incident_lines
from bot.model.incidents import Incident

_KINDS = {
    "status": (
        "Provider status is off",
        "No status feed is configured, so the state of {what} is unknown.",
    ),
    "incidents": (
        "Incident detection is off",
        "No feed, probe or alert source is configured, so incidents would go unnoticed.",
    ),
}


def unwatched_card(kind: str, what: str = "", incidents: Sequence[Incident] = ()) -> Card:
    """No feeds are read: `kind` is status or incidents, `what` the provider that was asked for.

    What probes and other monitoring found is open all the same: `incidents`, the worst first, lead.
    """
    title, summary = _KINDS[kind]
    said = text("This is not an all-clear. To see the impact of a loss: ", Span("whatif aws/us-east-1", "code"))
    buttons = Buttons((Button("Scorecard", "scorecard"),))
    open_now = [incident for incident in incidents if incident.open]
    return Card(
        kind,
        lead_title(open_now[0]) if open_now else title,
        summary.format(what=what or "providers"),
        (*incident_lines(open_now, every=True), Paragraph(said), buttons),
        "warning" if open_now else "neutral",
        data={"watched": False},
    )


def undrilled_card() -> Card:
    """No drill can be run from here."""
    said = text("Rehearse it yourself, then record it: ", Span("attest <service> game_day <link>", "code"))
    buttons = Buttons((Button("Attest a rehearsal", "attest", update=False, form=True),))
    return Card(
        "drill",
        "No drill available",
        "Drills cannot be started from chat yet.",
        (Paragraph(said), buttons),
        data={"drills": 0},
    )
