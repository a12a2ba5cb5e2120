"""Warnings to the operators of backstay that its ledger takes nothing, sent without it, and their end."""

from datetime import datetime

from bot.cards.card import Card, Pairs, Paragraph, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count

_LONGEST = 400
_NOTHING_GOES = "Alerts, webhooks, broadcasts and most commands are refused; posts that wait are not sent."
_ALERTS_GO = "Webhooks, broadcasts and most commands are refused. Alerts are sent from memory; all other posts wait."


def ledger_trouble_card(  # noqa: PLR0913 - what is known of the trouble, by keyword
    problem: str, fix: str, *, host: str, since: datetime, pending: int | None, alerts_go: bool = False
) -> Card:
    """The ledger cannot be used since `since` (UTC). `pending`: messages in the outbox when it last worked, None: unknown.

    `alerts_go`: alerts are sent from memory.
    """
    waiting = "unknown" if pending is None else count(pending, "post")
    facts = (("Since", f"{since:%Y-%m-%d %H:%M} UTC"), ("Replica", cut(isolated(host), 80)), ("Waiting", waiting))
    blocks = (
        Paragraph(text(_ALERTS_GO if alerts_go else _NOTHING_GOES)),
        Pairs(tuple((name, text(value)) for name, value in facts)),
        *((Paragraph(text(cut(f"{fix}.", _LONGEST))),) if fix else ()),
    )
    data = {"problem": problem, "fix": fix, "host": host, "since": since.isoformat(), "pending": pending}
    return Card("ledger_trouble", "backstay cannot use its ledger", f"{cut(problem, _LONGEST)}.", blocks, "bad", data)


def ledger_works_card(*, host: str, since: datetime, now: datetime) -> Card:
    """The ledger works again after a trouble that began at `since` (UTC)."""
    minutes = max(1, round((now - since).total_seconds() / 60))
    said = f"It could not be used for {count(minutes, 'minute')}. Posts that waited are being sent."
    data = {"host": host, "since": since.isoformat(), "until": now.isoformat()}
    return Card("ledger_works", "The ledger of backstay works again", said, (), "good", data)
