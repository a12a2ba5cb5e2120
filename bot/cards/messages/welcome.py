"""The greeting in a channel that backstay was added to: what it does, and the first commands."""

from bot.cards.card import Button, Buttons, Card, Items, Paragraph, Span, text


def welcome_card(*, prefix: str = "", organisation: str = "") -> Card:
    """A greeting. `prefix` is how people call the bot there (`@backstay`), empty where they need not."""
    whose = f"{organisation}'s services" if organisation else "your services"

    def line(words: str) -> Span:
        return Span(f"{prefix} {words}".strip(), "code")

    return Card(
        "welcome",
        "backstay is here",
        f"It shows how well {whose} would survive the loss of a zone, a region or a cloud, and what to fix next.",
        (
            Items(
                (
                    text(line("scorecard"), ": grades and the three next fixes"),
                    text(line("whatif aws/us-east-1 15h"), ": expected impact and cost"),
                    text(line("help"), ": all commands"),
                )
            ),
            Paragraph(text("It only reads your clouds and never changes them."), quiet=True),
            Buttons(
                (Button("Scorecard", "scorecard", update=False, primary=True), Button("Help", "help", update=False))
            ),
        ),
    )
