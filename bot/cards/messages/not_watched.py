"""Answers where nothing is watched or available: no answer would look like good news."""

from bot.cards.card import Button, Buttons, Card, Paragraph, Span, text

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


def unwatched_card(kind: str, what: str = "") -> Card:
    """No feeds are read: `kind` is status or incidents, `what` the provider that was asked for."""
    title, summary = _KINDS[kind]
    said = text("This is not an all-clear. To see the impact of a loss: ", Span("whatif aws/us-east-1", "code"))
    buttons = Buttons((Button("Scorecard", "scorecard"),))
    return Card(
        kind, title, summary.format(what=what or "providers"), (Paragraph(said), buttons), data={"watched": False}
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
