"""Readings and what we stand on -> the answer to `status`, in chat, over the hooks and on the command line alike."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Paragraph, Span, text
from bot.cards.messages.incident_parts import names
from bot.cards.messages.provider_status import label, provider_card, severity_of, status_card
from bot.cards.sanitise import cut, isolated
from bot.catalogue import AWS_REGIONS, KnownProvider
from bot.catalogue.exposure import relevant_readings
from bot.model import FeedReading
from bot.model.providers import Exposure


def status_answer(
    readings: Iterable[FeedReading], stand: Exposure, now: datetime, *, region: str = "", alone: bool = False
) -> Card:
    """What is wrong and touches us first, then the rest.

    Args:
        readings: the last one of each feed.
        stand: what we stand on.
        now: the present moment (UTC).
        region: only what is about this one; else about those of ours.
        alone: they are of one provider, which was asked for: it is told in full.
    """
    known = list(readings)
    parts = relevant_readings(known, stand, now, region)
    if alone and parts:
        needed = stand.needed_by.get(parts[0].provider, ())
        card = provider_card(parts[0], needed_by=needed, now=now, beside=parts[1:])
    else:
        card = status_card(parts, needed_by=stand.needed_by, now=now)
    if region and not _named(region, known, stand):
        note = text("No page names ", Span(cut(region, 40), "bold"), " just now: see that it is spelled as they do.")
        card = replace(card, blocks=(*card.blocks, Paragraph(note, quiet=True)))
    return card


def _named(region: str, readings: Iterable[FeedReading], stand: Exposure) -> bool:
    """Whether anybody knows a region of this name; a mistyped one would look like good news."""
    places = {place for one in readings for incident in one.incidents for place in incident.regions}
    places |= {place for ours in stand.regions.values() for place in ours} | AWS_REGIONS
    return region.lower().replace(" ", "") in {place.lower().replace(" ", "") for place in places}


def with_blind_spots(card: Card, readings: Iterable[FeedReading], stand: Exposure, now: datetime) -> Card:
    """The card, with a word on the pages that our services need and that say nothing fresh: no news is then no good news."""
    blind = [label(one) for one in readings if stand.needed_by.get(one.provider) and severity_of(one, now) is None]
    if not blind:
        return card
    note = Paragraph(text(f"This is no all-clear: nothing fresh is known of {names(blind)}, which we need."))
    return replace(card, blocks=(*card.blocks, note), tone="warning" if card.tone == "good" else card.tone)


def no_feed_card(provider: KnownProvider) -> Card:
    """A provider that is known, but no feed of it is: nothing can be said of how it is."""
    name = isolated(cut(provider.title, 80))
    where = (text("People read ", Span(provider.page, "code"), "."),) if provider.page else ()
    mend = text("Name its feed under ", Span("providers:", "code"), " in backstay.yaml to have it read.")
    blocks: tuple[Block, ...] = (
        *(Paragraph(one) for one in (*where, mend)),
        Buttons((Button("All providers", "status"),)),
    )
    said = "No status feed of it is known here, so nobody can say from here how it is."
    data = {"provider": provider.name, "severity": "unknown", "incidents": []}
    return Card("status", f"{name}: not read", said, blocks, "neutral", data)
