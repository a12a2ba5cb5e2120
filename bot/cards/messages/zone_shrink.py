"""The alarm that record sets of one's own DNS zones are gone, empty or smaller than in the audit before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.card import Block, Card, Items, Paragraph, Span, Text, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed

_SHOWN, _NAMES, _NAME = 20, 3, 100
_FIXES: Mapping[str, str] = {
    "aws": "aws route53 change-resource-record-sets",
    "azure": "az network dns record-set",
    "gcp": "gcloud dns record-sets create",
}
"""By provider, the command that restores a record."""


@dataclass(frozen=True, slots=True)
class ShrunkName:
    """One line of the alarm: the name (or the zone) and what became of it, as a clause."""

    name: str
    said: str
    severe: bool


def zone_shrink_card(
    zones: Sequence[str], lines: Sequence[ShrunkName], *, providers: Sequence[str], since: datetime, at: datetime
) -> Card:
    """The alarm. `since` and `at`: the times of the two audits that are compared (UTC)."""
    severe = [line for line in lines if line.severe]
    first = severe or list(lines)
    named = listed([isolated(cut(line.name, _NAME)) for line in first], _NAMES)
    said = f"{named} {'has' if len(first) == 1 else 'have'} no record any more" if severe else f"{named} lost records"
    title = f"DNS records lost in {listed([isolated(cut(zone, _NAME)) for zone in zones], _NAMES)}"
    shown = tuple(_line(line) for line in [*severe, *(line for line in lines if not line.severe)][:_SHOWN])
    commands = [Span(_FIXES[name], "code") for name in dict.fromkeys(providers) if name in _FIXES]
    blocks: list[Block] = [
        Items(shown, left_out=max(0, len(lines) - _SHOWN)),
        Paragraph(text("Compared: the audits of ", Span(at=since), " and ", Span(at=at), ".")),
    ]
    if commands:
        spans = [part for span in commands for part in (span, " or ")][:-1]
        blocks.append(Paragraph(text("If nobody planned this, restore the records: ", *spans, ".")))
    summary = f"{said}. {count(len(lines), 'change')} since the last audit."
    data = {"zones": list(zones)[:50], "names": [line.name for line in lines[:50]], "empty": len(severe)}
    return Card("zone_shrink", title, summary, tuple(blocks), "bad" if severe else "warning", data)


def _line(line: ShrunkName) -> Text:
    return text(Span(isolated(cut(line.name, _NAME)), "bold"), f" {line.said}")
