"""What is said where backstay has nothing to tell yet, and what would change that: silence would look like good news."""

from bot.cards.card import Button, Buttons, Card, Paragraph, Span, text

_KINDS = {
    "status": (
        "No status is watched",
        "backstay reads no provider's status here yet, so it cannot tell whether {what} is up.",
    ),
    "incidents": (
        "No incidents are watched",
        "backstay reads no provider's status here yet, so it would not know of an incident.",
    ),
}


def unwatched_card(kind: str, what: str = "") -> Card:
    """No feeds are read: `kind` is status or incidents, `what` the provider that was asked for."""
    title, summary = _KINDS[kind]
    said = text("This is no all-clear. What a loss would do is known: ", Span("whatif aws/us-east-1", "code"))
    buttons = Buttons((Button("How we stand", "scorecard"),))
    return Card(
        kind, title, summary.format(what=what or "anything"), (Paragraph(said), buttons), data={"watched": False}
    )


def undrilled_card() -> Card:
    """No drill can be run from here."""
    said = text("Rehearse it your own way, then let it count: ", Span("attest <service> game_day <link>", "code"))
    buttons = Buttons((Button("Attest a rehearsal", "attest", update=False, form=True),))
    return Card(
        "drill",
        "No drill to run",
        "backstay runs no drills from chat yet.",
        (Paragraph(said), buttons),
        data={"drills": 0},
    )
