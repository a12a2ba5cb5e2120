"""The accounts that an audit could not read at all, named on every scorecard of the estate: unknown, never silently absent."""

from collections.abc import Iterable, Sequence

from bot.cards.card import Block, Items, Paragraph, Span, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count
from checks import Gap

NAMED = 3
"""How many accounts are named with their reason; `doctor` and the JSON report name all."""


def unread_accounts(gaps: Iterable[Gap]) -> Sequence[Block]:
    """The unreadable accounts with the reason; nothing where there are none."""
    found = _found(gaps)
    if not found:
        return ()
    said = f"{count(len(found), 'account')} could not be read; their resources are unknown"
    named = [
        text(Span(cut(isolated(who), 60), "bold"), f": {cut(why, 200)}") for who, why in list(found.items())[:NAMED]
    ]
    more = [text(f"and {len(found) - NAMED:,} more")] if len(found) > NAMED else []
    return (Paragraph(text(Span(said, "unclear"))), Items((*named, *more)))


def unread_names(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """The names of the unreadable accounts."""
    return tuple(_found(gaps))


def _found(gaps: Iterable[Gap]) -> dict[str, str]:
    found: dict[str, str] = {}
    for gap in gaps:
        if gap.provider and not gap.region:
            found.setdefault(f"{gap.provider} {gap.account}".strip(), gap.reason)
    return found
