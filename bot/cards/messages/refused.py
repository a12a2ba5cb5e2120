"""The answer to a command that a person may not use: the role it needs, and who has it."""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Items, Paragraph, Span, text
from bot.cards.sanitise import cut

_NAMES = 10


def refusal_card(word: str, *, needs: str, has: str, holders: Sequence[str]) -> Card:
    """A refused command.

    Args:
        word: the command.
        needs: the role that it takes.
        has: the role of the asking person.
        holders: ids of users and groups that have the role it takes.
    """
    blocks: list[Block] = []
    if holders:
        blocks.append(Paragraph(text("These have it:")))
        shown = tuple(text(Span(cut(holder, 80), "code")) for holder in holders[:_NAMES])
        blocks.append(Items(shown, left_out=max(0, len(holders) - _NAMES)))
    else:
        where = Span(f"roles.{needs}", "code")
        blocks.append(Paragraph(text("Nobody has that role yet. An operator of backstay sets ", where, ".")))
    blocks.append(Buttons((Button("Help", "help"),)))
    data = {"command": word, "needs": needs, "has": has, "holders": list(holders)}
    return Card(
        "refused",
        "Not allowed",
        f"{word} requires the role {needs}; your role is {has}.",
        tuple(blocks),
        "warning",
        data,
    )


def external_card(membership: str, platform: str) -> Card:
    """The refusal of somebody without any role: it names no command, no person and no service.

    Args:
        membership: how the person belongs to us: `stranger`, `guest`, or else it could not be checked.
        platform: `slack` or `teams`.
    """
    ours = "Slack workspace" if platform == "slack" else "Microsoft Teams organization"
    said, fix = {
        "stranger": (f"backstay answers members of its own {ours}. You belong to another one.", _ASK),
        "guest": (f"backstay answers members of its {ours}. You are a guest.", _ASK),
    }.get(membership, (f"backstay could not check whether you belong to its {ours}.", _AGAIN))
    return Card("refused", "Not allowed", said, (Paragraph(text(fix)),), "warning", {"membership": membership})


_ASK = "An operator of backstay can give you a role."
_AGAIN = "Try again in a minute, or ask an operator of backstay for a role."
